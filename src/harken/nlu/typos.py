"""Slips of the keyboard: a word that no sentence knows, one letter away from a word that they know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, product

from harken.nlu.sentence import Sentence

SHORTEST = 4
"""Letters of the shortest word that is mended; in shorter ones only two letters swapped."""
MOST = 2
"""Most slips in a sentence."""
MOST_WAYS = 6
"""Most ways to mend a sentence that are tried."""


class Typos:
    """Mends words by what can be said.

    Args:
        known: every word that can be said.
    """

    def __init__(self, known: Iterable[str]):
        self._known = frozenset(known)
        self._shorter: dict[str, set[str]] = {}
        """A word, or what is left of it without one letter -> the words that leave it."""
        for word in self._known:
            for rest in (word, *_without_one(word)) if len(word) > 2 else ():
                self._shorter.setdefault(rest, set()).add(word)

    def mended(self, sentence: Sentence) -> Iterator[tuple[Sentence, tuple[str, ...]]]:
        """Ways to mend the slips of a sentence, and the words as they were; none if there are none or too many.

        A word that is near none stays: it may be a name.
        """
        slips = {
            place: sorted(meant) for place, word in enumerate(sentence.words)
            if word not in self._known and (meant := self._meant(word))
        }  # fmt: skip
        if not 0 < len(slips) <= MOST:
            return
        were = tuple(sentence.words[place] for place in slips)
        for picked in islice(product(*slips.values()), MOST_WAYS):
            way = sentence
            for place, word in zip(slips, picked, strict=True):
                way = way.with_word(place, word)
            yield way, were

    def _meant(self, word: str) -> set[str]:
        """The known words that differ by a letter that is missing, added or exchanged, or by two letters swapped."""
        rests = (word, *_without_one(word))
        near = {other for rest in rests for other in self._shorter.get(rest, ()) if _near(word, other)}
        if len(word) < SHORTEST:
            return {other for other in near if sorted(other) == sorted(word)}
        return near


def _without_one(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1 :] for i in range(len(word)))


def _near(word: str, other: str) -> bool:
    """Whether two words with a common rest are one slip apart: 'abdc' is near 'abcd', 'bcda' is not."""
    if len(word) != len(other):
        return True
    differing = [i for i, (one, two) in enumerate(zip(word, other, strict=True)) if one != two]
    if len(differing) == 1:
        return True
    swapped = len(differing) == 2 and differing[1] == differing[0] + 1
    return swapped and word[differing[0]] == other[differing[1]] and word[differing[1]] == other[differing[0]]
