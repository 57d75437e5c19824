"""Words that sound nearly alike, as a recogniser confuses them: one phone more, less or different."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from harken.languages.locale import Phones
from harken.phones.pronunciation import Pronunciation
from harken.phones.sets import PHONES, strip_stress


class Neighbours:
    """Words of the lexicon within one phone of a word; stress does not count.

    Args:
        pronunciation: of any word, and the lexicon.
    """

    def __init__(self, pronunciation: Pronunciation):
        self._pronunciation = pronunciation
        self._found: dict[str, tuple[str, ...]] = {}

    def of(self, word: str) -> tuple[str, ...]:
        """The other words, homophones among them, in alphabetical order; none for a word that cannot be said."""
        found = self._found.get(word)
        if found is None:
            phones = strip_stress(self._pronunciation.usual(word))
            ways = {phones, *_one_off(phones)} if phones else set()
            close = {other for way in ways for other in self._spelled.get(way, ())} - {word.lower()}
            found = self._found[word] = tuple(sorted(close))
        return found

    def misheard(self, words: Sequence[str], share: float, rng: np.random.Generator) -> tuple[str, ...]:
        """A copy in which about this share (0..1) of the words are replaced by a neighbour, if they have one."""
        return tuple(self._other(word, rng) if rng.random() < share else word for word in words)

    def _other(self, word: str, rng: np.random.Generator) -> str:
        close = self.of(word)
        return close[int(rng.integers(len(close)))] if close else word

    @cached_property
    def _spelled(self) -> dict[Phones, list[str]]:
        spelled: dict[Phones, list[str]] = {}
        for word, phones in self._pronunciation.lexicon.usual():
            spelled.setdefault(strip_stress(phones), []).append(word)
        return spelled


def _one_off(phones: Phones) -> Iterator[Phones]:
    for place in range(len(phones) + 1):
        for phone in PHONES:
            yield (*phones[:place], phone, *phones[place:])
            if place < len(phones):
                yield (*phones[:place], phone, *phones[place + 1 :])
        if place < len(phones) and len(phones) > 1:
            yield (*phones[:place], *phones[place + 1 :])
