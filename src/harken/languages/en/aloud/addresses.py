"""Addresses, file names, paths, hashtags and names of programs, sign by sign."""

from __future__ import annotations

import re
from re import Match

from harken.languages.en.aloud.context import letters, rules
from harken.languages.en.numbers import spell_digits, spell_number
from harken.languages.en.readings import IN_ADDRESSES
from harken.languages.locale import Reading

_FILES = (
    "pdf txt md py js ts jsx tsx json html htm css csv tsv xml yaml yml toml exe zip tar gz bz xz doc docx xls xlsx "
    "ppt pptx jpg jpeg png gif svg webp mp3 mp4 wav ogg opus flac avi mov mkv ini cfg conf log sh bat c h cpp hpp cc "
    "rs go java rb php sql db iso dmg apk bak tmp ico epub rtf odt ods psd dll jar onnx wasm ipynb tex bib lock env"
).split()
_DOMAINS = (
    "co com org net io edu gov eu ai dev app info de uk co fr nl es ch us ca jp cn ru br au se pl tv nz ie dk fi cz kr "
    "mx za biz mil int xyz shop tech cloud online site page blog news museum local lan"
).split()
_ENDINGS = "|".join(sorted({*_FILES, *_DOMAINS}, key=len, reverse=True))
_AS_WORDS = frozenset(
    "co com org net gov info app dev zip tar log bat doc wav java go jar json yaml toml conf biz mil int shop "
    "tech cloud online site page blog news museum local lan opus flac lock env bin docx jpeg tex site edu".split()
)  # fmt: skip
"""Endings that are said as words; all others are spelled."""
_ENDING_WORDS = {"docx": "doc x", "jpeg": "J peg", "edu": "E D U", "toml": "tom L", "tex": "tech",
                 "flac": "flack", "json": "jason"}  # fmt: skip
_ADDRESS = rules(
    (r"(?<![\w.@/])(?:(?:https?|ftp)://|www\.)[^\s<>\"]+", lambda m: _address(m)),
    (r"(?<![\w.@/])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", lambda m: _address(m)),
    (rf"(?<![\w.@/-])(?:[a-z0-9][a-z0-9_-]*\.)+(?:{_ENDINGS})\b(?!\.?[\w@])(?:/[^\s<>\"]*)?", lambda m: _address(m)),
)
_PATH = re.compile(r"(?<![\w/.])(?:~|\.\.?)?(?:/[\w.@+-]+)+/?(?<=[\w/])|(?<![\w])[A-Z]:\\[\w.\\ -]*\w")
_HASHTAG = re.compile(r"(?<![\w&])#([A-Za-z]\w*)")
_PARTS = re.compile(r"[A-Za-z]+|\d+|[^\W\d_]+|\S")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST = 256
_PROGRAMS = {
    "c#": "C sharp", "f#": "F sharp", "j#": "J sharp", "c++": "C plus plus", "g++": "G plus plus", "notepad++":
    "notepad plus plus", "at&t": "A T and T", "r&d": "R and D", "q&a": "Q and A", "b&b":
    "B and B", "i/o": "I O", "ci/cd": "C I C D", "tcp/ip": "T C P I P", "ac/dc": "A C D C", "w/o": "without",
    "n/a": "not applicable", "b/c": "because", "c/o": "care of", "a/c": "A C", "24h": "twenty four hours",
    "b2b": "B to B", "b2c": "B to C",
    "p2p": "P to P", "r&b": "R and B", "m&a": "M and A", "p&l": "P and L", "s&p": "S and P", "h&m": "H and M",
    "k-pop": "K pop",
}  # fmt: skip
_PROGRAM = re.compile(
    rf"(?<![\w.@/])(?:{'|'.join(re.escape(name) for name in sorted(_PROGRAMS, key=len, reverse=True))})(?![\w+#])",
    re.IGNORECASE,
)
_DOTTED_NAME = re.compile(r"(?<![\w.])\.(NET|[a-z]{2,10})(?![\w.])")
_LABELS = ".!?,;:)'\"-"


def read_address(text: str, place: int) -> Reading | None:
    """An address, a file, a path, a hashtag or a program's name that begins at a place."""
    first = max(0, place - 1)
    reading = _read(text[first : place + _LONGEST], place - first)
    return None if reading is None else Reading(reading.words, reading.end + first)


def _read(text: str, place: int) -> Reading | None:
    letter = text[place]
    if letter == "#":
        return _hashtag(text, place)
    if letter in "/~.":
        dotted = _DOTTED_NAME.match(text, place)
        if dotted:
            return Reading(f"dot {_ending(dotted[1]) if dotted[1] != 'NET' else 'net'}", dotted.end())
        return _path(text, place)
    if not letter.isalnum():
        return None
    program = _PROGRAM.match(text, place)
    if program:
        possessive = text.startswith("'s", program.end())
        return Reading(_PROGRAMS[program[0].lower()] + "'s" * possessive, program.end() + 2 * possessive)
    if letter.isupper() and text[place + 1 : place + 3] == ":\\":
        return _path(text, place)
    return _trimmed(text, place)


def _trimmed(text: str, place: int) -> Reading | None:
    found = _ADDRESS(text, place)
    if found is None or not {".", "/"} & set(text[place : found.end]):
        return None
    end = place + len(text[place : found.end].rstrip(_LABELS))
    if all(len(label) < 2 for label in text[place:end].split(".")):  # 'D.C'
        return None
    return Reading(_spelled(text[place:end]), end)


def _address(match: Match[str]) -> str:
    return match[0]


def _spelled(address: str) -> str:
    said = re.sub(r"^(?:https?|ftp)://", "", address, flags=re.IGNORECASE)
    head, slash, tail = said.partition("/")
    labels = head.split(".")
    # Everything behind the first label that is an ending is one, too: 'co.uk', 'tar.gz'.
    names = [_name(label) for label in labels[:-1]]
    for place in range(len(labels) - 2, 0, -1):
        if labels[place].lower() not in _DOMAINS and labels[place].lower() not in _FILES:
            break
        names[place] = _ending(labels[place])
    words = " dot ".join([*names, _ending(labels[-1]) if _is_ending(labels[-1]) else _name(labels[-1])])
    return f"{words} {_name(slash + tail)}".strip()


def _is_ending(label: str) -> bool:
    return label.lower() in _FILES or label.lower() in _DOMAINS


def _name(text: str) -> str:
    if text.lower() == "www":
        return "w w w"
    return " ".join(_part(part) for part in _PARTS.findall(text))


def _part(part: str) -> str:
    if part.isdigit():
        return spell_number(int(part)) if len(part) < 3 and part[0] != "0" else spell_digits(part)
    if part.isupper() and 2 <= len(part) <= 4:
        return letters(part)
    return part if part.isalpha() else {**IN_ADDRESSES, "\\": "backslash"}.get(part, "")


def _ending(ending: str) -> str:
    low = ending.lower()
    if low in _ENDING_WORDS:
        return _ENDING_WORDS[low]
    if low in _AS_WORDS or (len(low) > 4 and low.isalpha()):
        return low
    return " ".join(letters(part) if part.isalpha() else _part(part) for part in _PARTS.findall(low))


def _path(text: str, place: int) -> Reading | None:
    match = _PATH.match(text, place)
    if match is None or (match[0].count("/") < 2 and "\\" not in match[0] and match[0][0] not in "~."):
        return None
    parts = [
        _ending(part) if number and match[0][found.start() - 1] == "." and _is_ending(part) else _part(part)
        for number, found in enumerate(_PARTS.finditer(match[0]))
        for part in [found[0]]
    ]
    return Reading(" ".join(filter(None, parts)), match.end())


def _hashtag(text: str, place: int) -> Reading | None:
    match = _HASHTAG.match(text, place)
    if match is None:
        return None
    parts = [_part(part) for word in match[1].split("_") for part in _HUMPS.findall(word)]
    return Reading(f"hashtag {' '.join(parts)}", match.end())
