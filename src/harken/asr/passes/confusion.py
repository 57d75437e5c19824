"""Confusion networks: the words of the best sentence and their competitors.

Posteriors come from the whole lattice (sums over all its paths). A word that ends in the lattice belongs to the word of
the best sentence with which it shares most time, or, if it lies in a pause, to the gap there. A bin whose words sum to
less than 1 gives the rest to '' (no word); where several words of one path fall into a bin and the sum exceeds 1, it is
scaled down to 1: the only approximation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from harken.asr.search.heard import HeardBin, HeardWord
from harken.asr.search.lattice import WordEvents

LEAST_SHARE = 0.01
"""Competing words below this posterior are left out (their share goes to '')."""
GAP = 0.1
"""A gap becomes a bin when words have at least this share in it."""


def confusion_network(events: WordEvents, best: Sequence[HeardWord], names: Sequence[str]) -> list[HeardBin]:
    """Bins in time order: one per word of `best`, and gaps where words compete with a pause.

    Args:
        events: of the lattice.
        best: words of its likeliest sentence.
        names: of the word ids.
    """
    shares: dict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    spans: dict[int, tuple[int, int]] = {2 * n + 1: (word.first, word.last) for n, word in enumerate(best)}
    for place, event in zip(_places(events, best).tolist(), range(len(events.word)), strict=True):
        shares[place][int(events.word[event])] += float(events.posterior[event])
        first, last = int(events.first[event]), int(events.last[event])
        if place % 2 == 0:
            old = spans.get(place, (first, last))
            spans[place] = (min(old[0], first), max(old[1], last))
    bins = []
    for place in sorted(spans):
        pivot = place // 2 if place % 2 else None
        words = _normalised(shares[place])
        if pivot is not None or 1 - dict(words).get(0, 0.0) >= GAP:
            first, last = spans[place]
            named = tuple((names[word], share) for word, share in words)
            bins.append(HeardBin(first=first, last=last, words=named, pivot=pivot))
    return bins


def word_confidences(bins: Sequence[HeardBin], best: Sequence[HeardWord]) -> list[float]:
    """Posterior of each word of the best sentence."""
    by_pivot = {bin_.pivot: dict(bin_.words) for bin_ in bins if bin_.pivot is not None}
    return [by_pivot[n].get(word.text, 0.0) for n, word in enumerate(best)]


def _places(events: WordEvents, best: Sequence[HeardWord]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """2 n + 1 for the n-th word of the best sentence, 2 n for the gap before it."""
    if not best:
        return np.zeros(len(events.word), np.int64)
    first = np.array([word.first for word in best])
    last = np.array([word.last for word in best])
    overlap = np.minimum(events.last[:, None], last) - np.maximum(events.first[:, None], first)
    nearest = overlap.argmax(axis=1)
    middle = (events.first + events.last) / 2
    gap = 2 * np.searchsorted((first + last) / 2, middle)
    return np.where(overlap.max(axis=1) > 0, 2 * nearest + 1, gap)


def _normalised(shares: dict[int, float]) -> tuple[tuple[int, float], ...]:
    total = sum(shares.values())
    scale = 1 / total if total > 1 else 1.0
    words = {word: share * scale for word, share in shares.items() if share * scale >= LEAST_SHARE}
    rest = 1 - sum(words.values())
    if total > 1 - 1e-9 and words:  # what was left out as too small goes to the words, not to silence
        words = {word: share / (1 - rest) for word, share in words.items()}
        rest = 0.0
    ranked = sorted({**words, 0: rest}.items() if rest > 0 or not words else words.items(), key=lambda w: -w[1])
    return tuple(ranked)
