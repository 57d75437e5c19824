"""Sentences as people and recognisers distort them, so that heads and taggers learn to cope with that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from harken.languages.locale import Locale
from harken.nlu.templates import Sample


def disturbed(sample: Sample, rng: np.random.Generator, locale: Locale) -> Sample:
    """A copy with polite words around it, short words dropped or words misheard; spans are adjusted."""
    how = locale.understanding.disturbances
    words: list[str] = []
    owner: list[int] = []
    for place, word in enumerate(sample.words):
        inside = any(first <= place < last for _, first, last in sample.spans)
        if not inside and word in how.droppable and rng.random() < 0.2 and len(sample.words) > 3:
            continue
        if not inside and rng.random() < 0.05:
            word = how.swaps.get(word, word)
        words.append(word)
        owner.append(place)
    if rng.random() < 0.35 and how.before:
        extra = how.before[int(rng.integers(len(how.before)))].split()
        words, owner = extra + words, [-1] * len(extra) + owner
    if rng.random() < 0.2 and how.behind:
        extra = how.behind[int(rng.integers(len(how.behind)))].split()
        words, owner = words + extra, owner + [-1] * len(extra)
    spans = tuple((slot, owner.index(first), owner.index(last - 1) + 1) for slot, first, last in sample.spans)
    return replace(sample, words=tuple(words), spans=spans)
