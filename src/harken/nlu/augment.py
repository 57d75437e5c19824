"""Sentences as people and recognisers disturb them: what heads and taggers learn to bear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from harken.nlu.templates import Sample

_BEFORE = (
    "please", "hey", "okay", "um", "so", "well", "can you", "could you", "would you", "could you please",
    "can you please", "i want you to", "i'd like you to", "i need you to", "hi can you", "quickly", "just",
    "go ahead and",     "do me a favor and", "would you mind", "now",
)  # fmt: skip
_AFTER = ("please", "thanks", "thank you", "now", "for me", "right away", "if you can", "will you", "okay")
_DROPPABLE = frozenset(
    "a an the my our please in on at of to for me is are it do i you some any that this now up".split()
)
"""Little words that people leave out and recognisers miss."""
_SWAPS = {
    "a": "the", "the": "a", "my": "the", "in": "and", "and": "in", "for": "four", "four": "for", "to": "two",
    "two": "to", "what's": "what",
    "is": "as", "on": "own", "of": "off", "off": "of", "i'd": "i", "set": "said", "add": "and",
    "an": "and", "are": "or", "turn": "term", "light": "like", "lights": "light", "list": "less", "time": "times",
}  # fmt: skip


def disturbed(sample: Sample, rng: np.random.Generator) -> Sample:
    """A copy with polite words around it, a little word less, or a word misheard; spans move along."""
    words: list[str] = []
    owner: list[int] = []
    for place, word in enumerate(sample.words):
        inside = any(first <= place < last for _, first, last in sample.spans)
        if not inside and word in _DROPPABLE and rng.random() < 0.2 and len(sample.words) > 3:
            continue
        if not inside and rng.random() < 0.05:
            word = _SWAPS.get(word, word)
        words.append(word)
        owner.append(place)
    if rng.random() < 0.35:
        extra = _BEFORE[int(rng.integers(len(_BEFORE)))].split()
        words, owner = extra + words, [-1] * len(extra) + owner
    if rng.random() < 0.2:
        extra = _AFTER[int(rng.integers(len(_AFTER)))].split()
        words, owner = words + extra, owner + [-1] * len(extra)
    spans = tuple((slot, owner.index(first), owner.index(last - 1) + 1) for slot, first, last in sample.spans)
    return replace(sample, words=tuple(words), spans=spans)
