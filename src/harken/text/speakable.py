"""Written text -> what is said: numbers, times, dates, money, units, abbreviations, addresses and signs in words.

    [token.text for token in expand_text("It's 7:30, 20°C.")]
    ["It's", 'seven', 'thirty', ',', 'twenty', 'degrees', 'celsius', '.']

One scan from left to right; at each place the first rule that matches says how its characters are read. Whatever has
no reading (emoji, ornaments) is left out; a digit always has one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from harken.text.letters import fold
from harken.text.readings import ABBREVIATIONS, BEFORE_NUMBERS, BETWEEN_NUMBERS, DOTTED, SIGNS, TITLES
from harken.text.written import read_address, read_month, read_number_at

PAUSES = frozenset(',;:.!?…–()"')
"""Every punctuation mark that can be a token."""

_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
_INITIALS = re.compile(r"[A-Za-z](?:\.[A-Za-z])+(?:\.|\b)(?![A-Za-z])")
_ABBREVIATION = re.compile(r"[A-Za-z]+\.")
_DOTTED = re.compile("|".join(re.escape(form) for form in DOTTED), re.IGNORECASE)
_NOTHING_MORE = re.compile(r"[ \"')]*$")
_MARKS = {"[": "(", "]": ")", "{": "(", "}": ")", "—": "–"}


class Token(NamedTuple):
    """A word or a punctuation mark, and the characters of the given text that it stands for."""

    text: str
    """A word (letters and apostrophes, in the given case), or one of PAUSES."""
    start: int
    end: int
    """Half-open span of characters."""

    @property
    def is_word(self) -> bool:
        """Whether it is said, not only heard as a pause or tone."""
        return self.text not in PAUSES


class Reading(NamedTuple):
    """How a piece of text is said."""

    words: str
    """Words and PAUSES with spaces between; empty when nothing is said."""
    end: int
    """Where the piece ends in the folded text."""


def expand_text(text: str) -> list[Token]:
    """Words and punctuation of any text, ready for pronunciation and prosody.

    Args:
        text: anything; other scripts stay as letters, unreadable signs are left out.
    """
    folded, places = fold(text)
    tokens: list[Token] = []
    place = 0
    while place < len(folded):
        if folded[place] == " ":
            place += 1
            continue
        reading = _read(folded, place)
        start, end = places[place], places[reading.end - 1] + 1
        tokens += [Token(word, start, end) for word in reading.words.split()]
        place = reading.end
    return tokens


def _read(text: str, place: int) -> Reading:
    letter = text[place]
    if letter.isascii() and letter.isalpha():
        return _read_letters(text, place)
    found = read_number_at(text, place)
    if found is not None:
        return Reading(*found)
    if letter.isalpha():
        return _read_other_script(text, place)
    return _read_sign(text, place)


def _read_letters(text: str, place: int) -> Reading:
    for rule in (read_address, _read_dotted, read_month, _read_abbreviation):
        found = rule(text, place)
        if found is not None:
            return Reading(*found)
    match = _WORD.match(text, place)
    assert match is not None
    word, end = match[0], match.end()
    if word in ("x", "X") and _between_numbers(text, place, end):
        return Reading("times", end)
    if end < len(text) and text[end].isalpha():  # Latin letters glued to another script make one word
        return _read_other_script(text, place)
    return Reading(TITLES.get(word.lower(), word), end)


def _read_dotted(text: str, place: int) -> tuple[str, int] | None:
    if text[place + 1 : place + 2] != ".":
        return None
    match = _DOTTED.match(text, place)
    if match:
        return DOTTED[match[0].lower()], match.end()
    match = _INITIALS.match(text, place)
    if match is None:
        return None
    return " ".join(match[0].replace(".", "")) + _full_stop(text, match), match.end()


def _read_abbreviation(text: str, place: int) -> tuple[str, int] | None:
    match = _ABBREVIATION.match(text, place)
    if match is None or (match.end() < len(text) and text[match.end()].isalpha()):
        return None
    short = match[0][:-1].lower()
    if short in BEFORE_NUMBERS and re.match(r" ?\d", text[match.end() : match.end() + 2]):
        return BEFORE_NUMBERS[short], match.end()
    following = text[match.end() : match.end() + 4].lstrip()[:1]
    if short == "st" and following.isupper():
        return "saint", match.end()
    if short in TITLES:
        return TITLES[short] + (_full_stop(text, match) if short == "etc" else ""), match.end()
    if short in ABBREVIATIONS and (short not in ("sec", "sun", "min", "max", "mar", "mon", "wed", "sat", "dec", "col",
                                                 "inc", "gen", "temp", "ext", "art") or match[0][0].isupper()
                                   or following.islower()):  # fmt: skip
        return ABBREVIATIONS[short] + _full_stop(text, match), match.end()
    return None


def _full_stop(text: str, match: re.Match[str]) -> str:
    """' .' when the abbreviation's own point also ends the text."""
    return " ." if match[0].endswith(".") and _NOTHING_MORE.match(text, match.end()) else ""


def _read_other_script(text: str, place: int) -> Reading:
    end = place
    while end < len(text) and (text[end].isalpha() or unicodedata.category(text[end])[0] == "M"):
        end += 1
    return Reading(text[place:end], end)


def _between_numbers(text: str, start: int, end: int) -> bool:
    """Whether digits (or brackets around them) stand on both sides."""
    return bool(
        re.search(r"[\d)] ?$", text[max(0, start - 2) : start]) and re.match(r" ?[-+.(]?\d", text[end : end + 3])
    )


def _read_sign(text: str, place: int) -> Reading:
    letter, end = text[place], place + 1
    before, after = text[place - 1 : place] if place else "", text[end : end + 1]
    if letter in "-–—":
        return _read_dash(text, place)
    if letter in BETWEEN_NUMBERS and _between_numbers(text, place, end):
        return Reading(BETWEEN_NUMBERS[letter], end)
    if letter == "." and after == ".":
        while text[end : end + 1] == ".":
            end += 1
        return Reading("…", end)
    if letter in "#~" and after.isdigit():
        return Reading("number" if letter == "#" else "about", end)
    if letter in "²³" and before.isalnum():
        return Reading("squared" if letter == "²" else "cubed", end)
    if letter in PAUSES or letter in _MARKS:
        return Reading(_MARKS.get(letter, letter), end)
    return Reading(SIGNS.get(letter, ""), end)


def _read_dash(text: str, place: int) -> Reading:
    end = place + 1
    while end < len(text) and text[end] in "-–—":
        end += 1
    before, after = text[place - 1 : place] if place else "", text[end : end + 1]
    single = end == place + 1
    if single and text[place] in "-–" and before == " " and after == " " and _between_numbers(text, place, end):
        return Reading("minus", end)
    if single and text[place] in "-–" and re.match(r"\.?\d", text[end : end + 2]) and not before.isalnum():
        return Reading("minus", end)
    if single and before.isdigit() and re.match(r"\d{1,2}:\d\d", text[end : end + 5]):
        return Reading("to", end)
    hyphen = single and text[place] == "-" and (before.isalnum() or after.isalnum()) and not (before == after == " ")
    return Reading("" if hyphen and before != " " and after != " " else "–", end)
