"""Spelled letters and digits as text: 'b as in bravo r a u n' -> 'Braun', 'four seven double one' -> '4711'."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from harken.languages.en.numbers import ONES, TENS

DIGITS = {word: str(value) for value, word in enumerate(ONES[:10])}
"""Word -> digit."""
ZEROS = ("nought", "naught")
"""Further words for zero, which cannot be letters."""
OH = ("o", "oh")
"""The letter o, or zero."""
LETTER_WORDS = {"zed": "z", "zee": "z", "aitch": "h", "haitch": "h"}
"""Names of letters that people type as words."""
ALPHABET = {
    "a": ("alpha", "alfa"), "b": ("bravo",), "c": ("charlie",), "d": ("delta",), "e": ("echo",), "f": ("foxtrot",),
    "g": ("golf",), "h": ("hotel",), "i": ("india",), "j": ("juliet", "juliett"), "k": ("kilo",), "l": ("lima",),
    "m": ("mike",), "n": ("november",), "o": ("oscar",), "p": ("papa",), "q": ("quebec",), "r": ("romeo",),
    "s": ("sierra",), "t": ("tango",), "u": ("uniform",), "v": ("victor",), "w": ("whiskey", "whisky"),
    "x": ("x ray",), "y": ("yankee",), "z": ("zulu",),
}  # fmt: skip
"""Letter -> its words in the alphabet of pilots and radio operators."""
EXAMPLES = {
    "a": ("apple", "adam"), "b": ("boy", "bob"), "c": ("cat", "cup"), "d": ("dog", "david"), "e": ("elephant", "easy"),
    "f": ("fox", "frank"), "g": ("george", "good"), "h": ("house", "henry"), "i": ("ice", "ida"),
    "j": ("john", "jack"), "k": ("king", "kate"), "l": ("lion", "london"), "m": ("mary", "mother"),
    "n": ("nancy", "night"), "o": ("orange", "ocean"), "p": ("peter", "paris"), "q": ("queen",),
    "r": ("robert", "river"), "s": ("sam", "sugar"), "t": ("tom", "table"), "u": ("umbrella", "uncle"),
    "v": ("victory", "van"), "w": ("william", "water"), "x": ("xylophone",), "y": ("yellow", "york"),
    "z": ("zebra", "zero"),
}  # fmt: skip
"""Letter -> further words by which people tell it from those that sound alike, after `LIKE`."""
LIKE = (("as", "in"), ("for",), ("like",), ("as",))
"""What stands between a letter and such a word: 'b as in bravo'."""
TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
"""What says that the next letter or digit comes several times."""
SIGNS = {
    "dash": "-", "hyphen": "-", "dot": ".", "at": "@", "underscore": "_", "slash": "/", "space": " ", "apostrophe": "'",
    "plus": "+",
}  # fmt: skip
"""Word -> sign between spelled letters."""
CASES: Mapping[str, Callable[[str], str]] = {"capital": str.upper, "uppercase": str.upper, "lowercase": str.lower}
"""What says how the next letter is written."""

_LARGE = {word: str(value) for value, word in enumerate(ONES) if value >= 10}
_TENS = {word: str(place) for place, word in enumerate(TENS) if place > 1}
_ZEROS_BEHIND = {"hundred": "00", "thousand": "000"}
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_MEANT = {word: letter for letter, words in ALPHABET.items() for word in words if " " not in word} | {"oh": "o"}
_LIKENED = {letter: {*ALPHABET[letter], *EXAMPLES[letter]} for letter in ALPHABET}
_DOUBLE_U = (("double", "u"), ("double", "you"))
_ADDRESS = frozenset("@._/")
"""Signs with which letters stay small."""
_JOINTS = _ADDRESS | frozenset("-' ")
"""Signs after which something must follow."""
_OH_AMONG_DIGITS = re.compile(r"(?<![A-Za-z])o+(?=\d)|(?<=\d)o+(?![A-Za-z])")

DIGIT_WORDS = frozenset([*DIGITS, *ZEROS, *OH, *TIMES, *_LARGE, *_TENS, *_ZEROS_BEHIND, "plus", "dash", "hyphen"])
"""Every word that digits can be said with."""
SPELLED_WORDS = frozenset([
    *DIGIT_WORDS, *_LETTERS, *LETTER_WORDS, *SIGNS, *CASES, "you", "ray", "upper", "lower", "case",
    *(word for words in LIKE for word in words), *(word for words in _LIKENED.values() for word in words),
])  # fmt: skip
"""Every word that letters can be spelled with."""

_Words: TypeAlias = tuple[str, ...]
_Read: TypeAlias = tuple[str, int] | None
"""What the words at a place say, and how many they are."""


def read_digits(words: Sequence[str]) -> str | None:
    """Digits one by one or in pairs, perhaps after 'plus'; None when some word is not part of one.

    'oh four double seven' -> '0477', 'sixty two eleven' -> '6211', 'plus four nine' -> '+49'.
    """
    said, place, words = "", 0, tuple(words)
    if len(words) > 1 and words[0] == "plus":
        said, place = "+", 1
    while place < len(words):
        if said and words[place] in ("dash", "hyphen"):
            place += 1
        read = _times(words, place, _digit) or _several(words, place)
        if read is None:
            return None
        said, place = said + read[0], place + read[1]
    return said or None


def read_spelled(words: Sequence[str]) -> str | None:
    """Letters, digits and signs, at least two; None when some word is none of these.

    A name begins with a capital ('b r a u n' -> 'Braun'); with digits, all letters are capitals ('a b one two' ->
    'AB12'); in addresses all are small ('a at b dot c' -> 'a@b.c'), and so are all others where a 'capital' was said.
    """
    said, place, marked, words = "", 0, False, tuple(words)
    while place < len(words):
        case, place = _case(words, place)
        read = _times(words, place, _character) or _character(words, place)
        if read is None and case is None and said:
            read = _sign(words, place)
        if read is None:
            return None
        marked |= case is not None
        said, place = said + (case(read[0]) if case else read[0]), place + read[1]
    if len(said) < 2 or said[-1] in _JOINTS:
        return None
    said = _OH_AMONG_DIGITS.sub(lambda match: "0" * len(match[0]), said)
    return said if marked else _cased(said)


def _digit(words: _Words, place: int) -> _Read:
    word = words[place] if place < len(words) else ""
    return (DIGITS[word], 1) if word in DIGITS else ("0", 1) if word in ZEROS or word in OH else None


def _several(words: _Words, place: int) -> _Read:
    """A digit, or several said as one number: 'eleven', 'sixty two', 'eight hundred'."""
    word, rest = words[place] if place < len(words) else "", words[place + 1 :]
    if word in _LARGE:
        return _LARGE[word], 1
    if word in _TENS:
        ones = DIGITS.get(rest[0], "0") if rest else "0"
        return _TENS[word] + ones, 1 + (ones != "0")
    read = _digit(words, place)
    if read is None or not rest or rest[0] not in _ZEROS_BEHIND:
        return read
    # 'eight hundred five' is a number, 'eight hundred five five' are digits.
    alone = len(rest) == 1 or (len(rest) > 2 and all(_digit(rest, behind) for behind in (1, 2)))
    return (read[0] + _ZEROS_BEHIND[rest[0]], 2) if alone and read[0] != "0" else None


def _times(words: _Words, place: int, one: Callable[[_Words, int], _Read]) -> _Read:
    """'double four' -> '44'; 'double u' is a letter."""
    times = TIMES.get(words[place], 0) if place < len(words) else 0
    read = one(words, place + 1) if times and words[place : place + 2] not in _DOUBLE_U else None
    return (read[0] * times, 1 + read[1]) if read else None


def _character(words: _Words, place: int) -> _Read:
    """A letter or a digit, however it is told from others."""
    here = words[place : place + 2]
    word = here[0] if here else ""
    if here in _DOUBLE_U:
        return "w", 2
    if here == ("x", "ray"):
        return "x", 2
    if word in _LETTERS or word in LETTER_WORDS:
        letter = LETTER_WORDS.get(word, word)
        return letter, 1 + _likened(words, place + 1, letter)
    return (_MEANT[word], 1) if word in _MEANT else _digit(words, place)


def _likened(words: _Words, place: int, letter: str) -> int:
    """How many words say what a letter is like: 'as in bravo'."""
    for like in LIKE:
        end = place + len(like)
        if words[place:end] == like and end < len(words) and words[end] in _LIKENED[letter]:
            return len(like) + 1
    return 0


def _case(words: _Words, place: int) -> tuple[Callable[[str], str] | None, int]:
    """How the next letter is to be written, if that is said; and its place."""
    if words[place : place + 2] in (("upper", "case"), ("lower", "case")):
        return CASES[words[place] + "case"], place + 2
    case = CASES.get(words[place])
    return case, place + (case is not None)


def _sign(words: _Words, place: int) -> _Read:
    sign = SIGNS.get(words[place]) if place < len(words) else None
    return (sign, 1) if sign else None


def _cased(text: str) -> str:
    if _ADDRESS & set(text):
        return text
    return text.upper() if any(letter.isdigit() for letter in text) else text.title()
