"""What a skill's tagger learns from: sampled sentences, clean, disturbed and misheard, with the lists they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from harken.nlu.augment import disturbed
from harken.nlu.guess import word_hints
from harken.nlu.lists import ListIndex, SpanFinder
from harken.nlu.skill_file import Skill
from harken.nlu.tagger import Tagger
from harken.nlu.tagger_training import Lesson, fit_tagger
from harken.nlu.templates import Sample
from harken.nlu.token_encoder import TokenEncoder
from harken.phones.neighbours import Neighbours
from harken.phones.pronunciation import Pronunciation

OPEN_KINDS = ("values", "text", "items")
"""Kinds of lists whose values may be names that the skill does not know."""
MISHEARD = 0.15
"""Share of the words of a misheard copy that are exchanged for close ones."""
_NAMES = 3_000


def train_tagger(
    skill: Skill, samples: Sequence[Sample], rng: np.random.Generator, *, most: int, encoder: TokenEncoder | None
) -> Tagger | None:
    """The tagger of a skill; None when no sentence has a slot to tag.

    Args:
        skill: the skill.
        samples: of its sentences.
        rng: source of randomness.
        most: at most this many sentences, before they are disturbed.
        encoder: the frozen token encoder; without one, only words and lists count.
    """
    if not any(sample.spans for sample in samples):
        return None
    pronunciation = Pronunciation.load(skill.locale) if encoder is None else encoder.pronunciation
    picked = [samples[i] for i in rng.permutation(len(samples))[:most]]
    neighbours = Neighbours(pronunciation) if encoder is None else encoder.neighbours
    lessons = list(_lessons(skill, picked, neighbours, rng))
    names = [word for word in pronunciation.lexicon if word.isalpha() and len(word) > 2]
    names = [names[i] for i in rng.choice(len(names), size=min(_NAMES, len(names)), replace=False)]
    return fit_tagger(lessons, rng, encoder=encoder, open_slots=open_slots(skill), names=names)


def open_slots(skill: Skill) -> frozenset[str]:
    """Slots that may hold words which the skill does not know."""
    named = (pair for intent in skill.intents.values() for pair in intent.slots.items())
    return frozenset(slot for slot, name in named if name and skill.lists[name].kind in OPEN_KINDS)


def _lessons(
    skill: Skill, samples: Sequence[Sample], neighbours: Neighbours, rng: np.random.Generator
) -> Iterator[Lesson]:
    index = ListIndex({skill.name: skill})
    for sample in samples:
        spoiled = disturbed(sample, rng, skill.locale)
        misheard = replace(sample, words=neighbours.misheard(sample.words, MISHEARD, rng))
        for version in (sample, spoiled, misheard):
            finder = SpanFinder(version.words, index, skill.locale)
            slots = frozenset(skill.intents[sample.intent].slots)
            yield Lesson(version.words, word_hints(skill, finder), version.spans, slots)
