"""Written text -> what is said: numbers, times, dates, money, units, abbreviations, addresses and signs in words.

    [token.text for token in expand_text("It's 7:30, 20°C.", load_locale("en-US"))]
    ["It's", 'seven', 'thirty', ',', 'twenty', 'degrees', 'celsius', '.']

One scan from left to right; at each place the first rule that matches says how its characters are read. Whatever has
no reading (emoji, ornaments) is left out. The rules and short forms belong to the language
(`harken.languages.locale.Writing`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from harken.languages.loading import load_locale
from harken.languages.locale import Locale, Reading, no_reading
from harken.text.letters import fold

PAUSES = frozenset(',;:.!?…–()"')
"""Every punctuation mark that can be a token."""

_INITIALS = re.compile(r"[A-Za-z](?:\.[A-Za-z])+(?:\.|\b)(?![A-Za-z])")
_ABBREVIATION = re.compile(r"[A-Za-z]+\.")
_NOTHING_MORE = re.compile(r"[ \"')]*$")
_MARKS = {"[": "(", "]": ")", "{": "(", "}": ")", "—": "–"}


class Token(NamedTuple):
    """A word or a punctuation mark, and the characters of the text that it comes from."""

    text: str
    """A word (letters and apostrophes, in the given case), or one of PAUSES."""
    start: int
    end: int
    """Half-open span of characters."""
    is_word: bool
    """Whether it is said, and not just heard as a pause or a change of tone."""
    is_letter: bool = False
    """Whether it is certainly the name of a letter, even if the letter is also a word."""


def expand_text(text: str, locale: Locale | None = None, *, aloud: bool = True) -> list[Token]:
    """Words and punctuation of any text, ready for pronunciation and prosody.

    Args:
        text: anything; signs that have no name are left out.
        locale: its language; English when None.
        aloud: as the voice reads it: '1920' may be a year, and emoji have names. False: as it is understood, where a
            number is a number, other scripts stay as letters and signs without a reading are left out.
    """
    return _scanner(locale or load_locale(), aloud).scan(text)


@lru_cache(maxsize=32)
def _scanner(locale: Locale, aloud: bool) -> _Scanner:
    return _Scanner(locale, aloud)


class _Scanner:
    """Reads text in one language."""

    def __init__(self, locale: Locale, aloud: bool):
        self._writing, self._own = locale.writing, locale.letters + locale.letters.upper()
        self._first = locale.writing.aloud if aloud else no_reading
        self._kept = self._own + (locale.writing.aloud_keeps if aloud else "")
        self._kept_alone = locale.writing.aloud_keeps_alone if aloud else ""
        letter = f"[A-Za-z{self._own}]"
        self._word = re.compile(rf"{letter}+(?:'{letter}+)*")
        forms = "|".join(re.escape(form) for form in self._writing.dotted)
        self._dotted = re.compile(forms or r"(?!)", re.IGNORECASE)

    def scan(self, text: str) -> list[Token]:
        folded, places = fold(text, keep=self._kept, alone=self._kept_alone)
        tokens: list[Token] = []
        place = 0
        while place < len(folded):
            if folded[place] == " ":
                place += 1
                continue
            reading = self._read(folded, place)
            start, end = places[place], places[reading.end - 1] + 1
            tokens += [Token(word, start, end, word not in PAUSES) for word in reading.words.split()]
            place = reading.end
        return tokens

    def _read(self, text: str, place: int) -> Reading:
        letter = text[place]
        reading = self._first(text, place)
        if reading is not None:
            return reading
        if (letter.isascii() and letter.isalpha()) or letter in self._own:
            return self._read_letters(text, place)
        number = self._writing.number(text, place)
        if number is not None:
            return number
        if letter.isalpha():
            return _read_other_script(text, place)
        return self._read_sign(text, place)

    def _read_letters(self, text: str, place: int) -> Reading:
        for rule in (self._writing.address, self._read_dotted, self._writing.date, self._read_abbreviation):
            reading = rule(text, place)
            if reading is not None:
                return reading
        match = self._word.match(text, place)
        assert match is not None
        word, end = match[0], match.end()
        if word.lower() in self._writing.between_numbers and _between_numbers(text, place, end):
            return Reading(self._writing.between_numbers[word.lower()], end)
        if end < len(text) and text[end].isalpha():  # Latin letters joined to another script are one word
            return _read_other_script(text, place)
        return Reading(self._writing.titles.get(word.lower(), word), end)

    def _read_dotted(self, text: str, place: int) -> Reading | None:
        if text[place + 1 : place + 2] != ".":
            return None
        match = self._dotted.match(text, place)
        if match:
            return Reading(self._writing.dotted[match[0].lower()], match.end())
        match = _INITIALS.match(text, place)
        if match is None:
            return None
        return Reading(" ".join(match[0].replace(".", "")) + _full_stop(text, match), match.end())

    def _read_abbreviation(self, text: str, place: int) -> Reading | None:
        match, writing = _ABBREVIATION.match(text, place), self._writing
        if match is None or (match.end() < len(text) and text[match.end()].isalpha()):
            return None
        short = match[0][:-1].lower()
        if short in writing.before_numbers and re.match(r" ?\d", text[match.end() : match.end() + 2]):
            return Reading(writing.before_numbers[short], match.end())
        following = text[match.end() : match.end() + 4].lstrip()[:1]
        if short in writing.before_names and following.isupper():
            return Reading(writing.before_names[short], match.end())
        if short in writing.titles:
            stop = _full_stop(text, match) if short in writing.may_end else ""
            return Reading(writing.titles[short] + stop, match.end())
        plain = short not in writing.ambiguous or match[0][0].isupper() or following.islower()
        if short in writing.abbreviations and plain:
            return Reading(writing.abbreviations[short] + _full_stop(text, match), match.end())
        return None

    def _read_sign(self, text: str, place: int) -> Reading:
        letter, end, writing = text[place], place + 1, self._writing
        before, after = text[place - 1 : place] if place else "", text[end : end + 1]
        if letter in "-–—":
            return self._read_dash(text, place)
        if letter in writing.between_numbers and _between_numbers(text, place, end):
            return Reading(writing.between_numbers[letter], end)
        if letter == "." and after == ".":
            while text[end : end + 1] == ".":
                end += 1
            return Reading("…", end)
        if letter in writing.before_digits and after.isdigit():
            return Reading(writing.before_digits[letter], end)
        if letter in writing.after_words and before.isalnum():
            return Reading(writing.after_words[letter], end)
        if letter in PAUSES or letter in _MARKS:
            return Reading(_MARKS.get(letter, letter), end)
        return Reading(writing.signs.get(letter, ""), end)

    def _read_dash(self, text: str, place: int) -> Reading:
        end = place + 1
        while end < len(text) and text[end] in "-–—":
            end += 1
        before, after = text[place - 1 : place] if place else "", text[end : end + 1]
        single = end == place + 1
        if single and text[place] in "-–" and before == " " and after == " " and _between_numbers(text, place, end):
            return Reading(self._writing.minus, end)
        if single and text[place] in "-–" and re.match(r"\.?\d", text[end : end + 2]) and not before.isalnum():
            return Reading(self._writing.minus, end)
        if single and before.isdigit() and re.match(r"\d{1,2}:\d\d", text[end : end + 5]):
            return Reading(self._writing.until, end)
        beside = before.isalnum() or after.isalnum()
        hyphen = single and text[place] == "-" and beside and not (before == after == " ")
        return Reading("" if hyphen and before != " " and after != " " else "–", end)


def _full_stop(text: str, match: re.Match[str]) -> str:
    """' .' when the abbreviation's full stop also ends the text."""
    return " ." if match[0].endswith(".") and _NOTHING_MORE.match(text, match.end()) else ""


def _read_other_script(text: str, place: int) -> Reading:
    end = place
    while end < len(text) and (text[end].isalpha() or unicodedata.category(text[end])[0] == "M"):
        end += 1
    return Reading(text[place:end], end)


def _between_numbers(text: str, start: int, end: int) -> bool:
    """Whether there are digits (or brackets around them) on both sides."""
    return bool(
        re.search(r"[\d)] ?$", text[max(0, start - 2) : start]) and re.match(r" ?[-+.(]?\d", text[end : end + 3])
    )
