"""Pronunciations of training transcripts: a dictionary in CMUdict's form, and harken's own for every other word.

A sentence is never dropped because of an unknown word: it is learned with the pronunciations that the recogniser would
use (`harken.phones.pronunciation`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from harken.errors import DataError
from harken.phones.dictionary import Phones
from harken.phones.pronunciation import Unstressed
from harken.phones.sets import PHONES, SILENCE

LABELS = (SILENCE, *PHONES)
"""Output labels: silence, then the 39 phones of CMUdict without stress."""

_MOST = 4  # pronunciations of one word
_NOTHING: tuple[Phones, ...] = (("AH",),)
"""Pronunciation of a word that cannot be said (an apostrophe alone)."""


class TrainingLexicon:
    """Words to pronunciations.

    Args:
        known: pronunciations of known words.
    """

    def __init__(self, known: Mapping[str, Sequence[Phones]]):
        self._known, self._others = dict(known), Unstressed()

    @classmethod
    def read(cls, path: Path, extra: Mapping[str, Sequence[str]] | None = None) -> TrainingLexicon:
        """Read a dictionary: a word, then its phones; `word(2)` is a second pronunciation; stress digits are dropped.

        Args:
            path: the dictionary.
            extra: further words: phones separated by spaces.

        Raises:
            DataError: naming a line with an unknown phone.
        """
        known: dict[str, list[Phones]] = {}
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                word, *phones = re.sub(r"\d\b", "", line.split("#")[0]).split() or [""]
                wrong = set(phones) - set(PHONES)
                if wrong:
                    raise DataError(
                        f"{path}:{number}: unknown phones {sorted(wrong)}; expected ARPAbet as CMUdict has it"
                    )
                if phones:
                    _add(known, re.sub(r"\(\d?\)$", "", word.lower()), tuple(phones))
        for word, ways in (extra or {}).items():
            for way in ways:
                _add(known, word, tuple(way.split()))
        return cls({word: ways[:_MOST] for word, ways in known.items()})

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def pronounce(self, word: str) -> tuple[Phones, ...]:
        """Pronunciations of a word of a-z and apostrophes."""
        return tuple(self._known.get(word, ())) or self._others(word) or _NOTHING


def _add(known: dict[str, list[Phones]], word: str, phones: Phones) -> None:
    ways = known.setdefault(word, [])
    if phones not in ways:
        ways.append(phones)


def phone_ids(ways: Iterable[Phones]) -> list[list[int]]:
    """Pronunciations as label ids."""
    return [[LABELS.index(phone) for phone in way] for way in ways]
