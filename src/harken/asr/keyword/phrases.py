"""Phrases as one small network of phones, from their spelling.

    phrases = Phrases.of(["computer", "view glass"], labels=model.labels, pronunciation=Pronunciation.load())

Each word has all its pronunciations and their casual variants; between two words there may be silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.errors import VocabularyError
from harken.phones.pronunciation import Pronunciation
from harken.phones.sets import SILENCE
from harken.phones.variants import Alternatives, casual
from harken.text.words import normalize_words

_WAYS = 4
"""Guesses of the pronunciation of a word that neither lexicon nor rule knows."""

Places = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Phrases:
    """States of all phrases; a state is a phone at its place in a phrase."""

    texts: tuple[str, ...]
    """W phrases, as they were given."""
    sizes: NDArray[np.float64]
    """Phones of the shortest pronunciation of each, [W]; margins are judged per phone."""
    phones: Places
    """Label of each state, [S]."""
    before: Places
    """States that may precede each, [S, K]; S stands for whatever was said before, S + 1 for none."""
    last: Places
    """States in which a phrase ends, in the order of the phrases."""
    first_last: Places
    """Place in `last` where those of each phrase begin, [W]."""

    @classmethod
    def of(cls, texts: Sequence[str], *, labels: Sequence[str], pronunciation: Pronunciation) -> Phrases:
        """The network of some phrases.

        Args:
            texts: as they are written; at least one.
            labels: phones of the acoustic model.
            pronunciation: of their words.

        Raises:
            VocabularyError: a phrase cannot be pronounced, or has a phone that the acoustic model lacks.
        """
        network = _Network(labels)
        for text in texts:
            network.add(text, spoken_ways(text, pronunciation))
        return network.finish()


def spoken_ways(text: str, pronunciation: Pronunciation) -> list[list[Alternatives]]:
    """Word by word the ways to say a phrase.

    Raises:
        VocabularyError: a word cannot be pronounced, or there is none.
    """
    words = normalize_words(text, pronunciation.locale)
    spoken = [[casual(way.phones) for way in pronunciation.ways(word, nbest=_WAYS)] for word in words]
    if not spoken or not all(spoken):
        raise VocabularyError(f"'{text}' cannot be pronounced, so it cannot be listened for; write it as it is said")
    return spoken


class _Network:
    """Collects states; `None` among the predecessors stands for whatever was said before."""

    def __init__(self, labels: Sequence[str]):
        self._labels = {phone: place for place, phone in enumerate(labels)}
        self._texts: list[str] = []
        self._sizes: list[int] = []
        self._phones: list[int] = []
        self._before: list[list[int | None]] = []
        self._last: list[list[int]] = []

    def add(self, text: str, spoken: Sequence[Sequence[Alternatives]]) -> None:
        size = sum(min(len(way) for way in ways) for ways in spoken)
        ends: list[int | None] = [None]
        for number, ways in enumerate(spoken):
            if number:
                ends = [*ends, self._state(text, SILENCE, ends)]
            ends = [end for way in ways for end in self._way(text, way, ends)]
        self._texts.append(text)
        self._sizes.append(size)
        self._last.append([end for end in ends if end is not None])

    def finish(self) -> Phrases:
        count, most = len(self._phones), max(len(states) for states in self._before)
        before = np.full((count, most), count + 1)
        for row, states in zip(before, self._before, strict=True):
            row[: len(states)] = [count if state is None else state for state in states]
        return Phrases(
            texts=tuple(self._texts), sizes=np.array(self._sizes, np.float64), phones=np.array(self._phones),
            before=before, last=np.array([state for states in self._last for state in states]),
            first_last=np.cumsum([0, *(len(states) for states in self._last[:-1])]),
        )  # fmt: skip

    def _way(self, text: str, way: Alternatives, ends: Sequence[int | None]) -> Iterator[int | None]:
        before = list(ends)
        for phones in way:
            before = [self._state(text, phone, before) for phone in phones]
        yield from before

    def _state(self, text: str, phone: str, before: Sequence[int | None]) -> int:
        if phone not in self._labels:
            raise VocabularyError(f"'{text}' has the phone {phone}, which the acoustic model does not know")
        self._phones.append(self._labels[phone])
        self._before.append(list(before))
        return len(self._phones) - 1
