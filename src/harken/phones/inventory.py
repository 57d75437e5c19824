"""What the rows and outputs of the multilingual pronouncer's network stand for: letters, phones, languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.errors import VocabularyError, nearest
from harken.text.letters import fold_letter

PADDING, UNKNOWN = 0, 1
"""Rows of the letter table that are not letters."""
NEXT = 0
"""Output that moves to the next letter; as a past phone: none yet."""
MOST_AT_A_LETTER = 7
"""Phones that a letter can have, at most."""
CAPITALS = "⇧"
"""Stands before the letters of a word that is written in capitals."""
MOST_LETTERS = 60
"""Letters of a word that count, at most: a run of thousands of letters must not cost time."""


@dataclass(frozen=True)
class Inventory:
    """What the rows and outputs of a network stand for.

    Attributes:
        letters: from row 2 of the letter table on.
        phones: from output 1 on.
        languages: names, in the order of their rows.
        spoken: language -> the phones that it has.
        written: language -> the letters that it has; one without an entry has all.
    """

    letters: tuple[str, ...]
    phones: tuple[str, ...]
    languages: tuple[str, ...]
    spoken: Mapping[str, frozenset[str]] = field(default_factory=dict)
    written: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Inventory:
        """As `to_json` wrote it."""
        sets = [
            {language: frozenset(values[name][language]) for language in values["languages"]}
            for name in ("spoken", "written")
        ]
        return cls(tuple(values["letters"]), tuple(values["phones"]), tuple(values["languages"]), *sets)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        lists = {"letters": list(self.letters), "phones": list(self.phones), "languages": list(self.languages)}
        sets = {"spoken": self.spoken, "written": self.written}
        return lists | {name: {key: sorted(own) for key, own in table.items()} for name, table in sets.items()}

    def language(self, name: str) -> int:
        """Row of a language.

        Raises:
            VocabularyError: the network does not speak it.
        """
        if name not in self.languages:
            raise VocabularyError(f"the model does not speak '{name}'; {nearest(name, self.languages)}")
        return self.languages.index(name)

    def rows(self, word: str, language: str = "") -> list[int]:
        """Rows of the letters of a word; those that no training saw are UNKNOWN.

        Args:
            word: any spelling.
            language: letters that it lacks are read in their plain form ('é' as 'e') or left out; by default all stay.
        """
        letters = spelling(word)
        own = self.written.get(language)
        if own is not None:
            letters = [part for letter in letters for part in _plain(letter, own)]
        return [self._rows.get(letter, UNKNOWN) for letter in letters]

    @cached_property
    def allowed(self) -> NDArray[np.bool_]:
        """[languages, outputs]: NEXT and the language's own phones."""
        table = np.zeros((len(self.languages), len(self.phones) + 1), bool)
        table[:, NEXT] = True
        for row, language in enumerate(self.languages):
            own = self.spoken.get(language, frozenset(self.phones))
            table[row, 1:] = [phone in own for phone in self.phones]
        return table

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {letter: row for row, letter in enumerate(self.letters, UNKNOWN + 1)}


def find_language(wanted: str, known: Sequence[str]) -> str:
    """The language of `known` that is meant: itself, without its region, or the first with the same name; else ''."""
    name = wanted.replace("_", "-").lower()
    exact = [language for language in known if language.lower() == name]
    plain = [language for language in known if language.lower() == name.split("-")[0]]
    alike = [language for language in known if language.lower().split("-")[0] == name]
    return next(iter([*exact, *plain, *alike]), "")


def normal_word(word: str) -> str:
    """The spelling by which words of different lists are the same: NFC, lower case."""
    return unicodedata.normalize("NFC", word).lower()


def spelling(word: str) -> list[str]:
    """A word as the network reads it: lower case, accents and the parts of a Korean syllable as letters of their own.

    A word of capitals is marked, so that 'US' can be spelled where 'us' is read.
    """
    plain = unicodedata.normalize("NFC", word.strip().replace("’", "'"))
    letters = list(unicodedata.normalize("NFD", plain.lower()))[:MOST_LETTERS]
    capitals = len(plain) > 1 and plain.isupper()
    return [CAPITALS, *letters] if capitals else letters


def _plain(letter: str, known: frozenset[str]) -> list[str]:
    if letter in known:
        return [letter]
    return [part for part in fold_letter(letter).lower() if part in known]
