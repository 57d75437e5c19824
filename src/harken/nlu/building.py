"""Trains one skill: its head and its tagger, in seconds, without torch and without touching other skills."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harken.languages.locale import Locale
from harken.nlu.augment import disturbed
from harken.nlu.features import Encoder, Ids, ngram_ids
from harken.nlu.heads import UNKNOWN_INTENT, fit_head
from harken.nlu.interpreter import Interpreter, best_reading, word_hints
from harken.nlu.lists import ListIndex, SpanFinder
from harken.nlu.skill_file import Example, Skill, read_skill
from harken.nlu.skill_model import SkillModel
from harken.nlu.tagger import Tagger
from harken.nlu.tagger_training import fit_tagger
from harken.nlu.templates import Sample, sample_sentences

BACKGROUND = "background.yaml"
"""A language's file of sentences for no skill."""
SEED = 20_260_101


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How much is sampled."""

    per_intent: int = 150
    """Sentences of each intent."""
    disturbed: int = 2
    """Distorted copies of each: words dropped or misheard, polite words added."""
    background: int = 3_000
    others: int = 60
    """Sentences of each intent of the other skills."""
    tagged: int = 900
    """At most this many sentences for the tagger."""
    checked: int = 20
    """Fresh sentences of each intent for the report; fifteen times as many of the background."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A real sentence for a skill; `intent` is '' when only the skill is known."""

    words: tuple[str, ...]
    intent: str = ""


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The result of `train_skill`."""

    model: SkillModel
    report: Mapping[str, Any]
    """Measured on fresh samples of the skill (dev) and of the background."""


def train_skill(
    skill: Skill,
    others: Iterable[Skill],
    encoder: Encoder,
    *,
    amounts: Amounts | None = None,
    positives: Sequence[Labelled] = (),
    negatives: Sequence[tuple[str, ...]] = (),
    seed: int = SEED,
) -> Trained:
    """Fit the head and the tagger of one skill.

    Args:
        skill: the skill.
        others: skills whose sentences it must not take.
        encoder: the frozen embedding.
        amounts: how much to sample.
        positives: real sentences for it, if any.
        negatives: real sentences that are not for it, if any.
        seed: seed of all randomness; the skill's own stream does not depend on the other skills.
    """
    began = time.perf_counter()
    much = amounts or Amounts()
    rng = np.random.default_rng([seed, *skill.name.encode()])
    samples = sample_sentences(skill, much.per_intent, rng)
    intents = tuple(skill.intents)
    own = _own(samples, positives, intents, much, rng, skill.locale)
    rest = _rest(skill, others, much, rng) + [ngram_ids(words) for words in negatives]
    head = fit_head(intents, own, rest, encoder, rng)
    tagger = _tagger(skill, samples, much, rng)
    model = SkillModel(head, tagger)
    report = evaluate_skill(skill, model, encoder, np.random.default_rng(seed + 1), checked=much.checked)
    return Trained(model=model, report={**report, "seconds": round(time.perf_counter() - began, 2)})


def evaluate_skill(
    skill: Skill, model: SkillModel, encoder: Encoder, rng: np.random.Generator, *, checked: int = 20
) -> dict[str, Any]:
    """Dev accuracy by the trained parts alone, on freshly drawn, disturbed sentences, and false alarms on background.

    Returns:
        {"sentences", "intent_accuracy", "slot_accuracy", "examples", "examples_right", "background", "false_alarms"}:
        `slot_accuracy` is the share of sentences all of whose slots are right; the examples run through both readers.
    """
    trained = Interpreter({skill.name: skill}, {skill.name: model}, encoder, locale=skill.locale)
    samples = sample_sentences(skill, checked, rng)
    right = slots_right = 0
    for sample in samples:
        words = disturbed(sample, rng, skill.locale).words
        (_, intent), score = best_reading(trained.judge(words))
        right += intent == sample.intent and score >= model.threshold
        slots_right += _slots_right(trained, skill, sample)
    examples_right = sum(_example_right(trained, skill, example) for example in skill.examples)
    strangers = [sample.words for sample in sample_sentences(read_background(skill.locale), 15 * checked, rng)]
    alarms = sum(best_reading(trained.judge(words))[1] >= model.threshold for words in strangers)
    return {
        "sentences": len(samples), "intent_accuracy": round(right / len(samples), 4),
        "slot_accuracy": round(slots_right / len(samples), 4), "examples": len(skill.examples),
        "examples_right": examples_right, "background": len(strangers),
        "false_alarms": round(alarms / len(strangers), 4),
    }  # fmt: skip


def _own(
    samples: Sequence[Sample], positives: Sequence[Labelled], intents: tuple[str, ...], much: Amounts,
    rng: np.random.Generator, locale: Locale,
) -> list[tuple[Ids, int]]:  # fmt: skip
    number = {intent: i for i, intent in enumerate(intents)}
    own = [(ngram_ids(sample.words), number[sample.intent]) for sample in samples]
    for _ in range(much.disturbed):
        own += [(ngram_ids(disturbed(sample, rng, locale).words), number[sample.intent]) for sample in samples]
    requests = [(ngram_ids(real.words), number.get(real.intent, UNKNOWN_INTENT)) for real in positives]
    return own + requests * 2


def _rest(skill: Skill, others: Iterable[Skill], much: Amounts, rng: np.random.Generator) -> list[Ids]:
    rest = [ngram_ids(sample.words) for sample in sample_sentences(read_background(skill.locale), much.background, rng)]
    for other in sorted(others, key=lambda skill: skill.name):
        if other.name != skill.name:
            for sample in sample_sentences(other, much.others, rng):
                rest += [ngram_ids(sample.words), ngram_ids(disturbed(sample, rng, other.locale).words)]
    return rest


def read_background(locale: Locale) -> Skill:
    """Sentences for no skill, as if they were one.

    Raises:
        SkillError: the language has none.
    """
    return read_skill(locale.folder / BACKGROUND)


def _tagger(skill: Skill, samples: Sequence[Sample], much: Amounts, rng: np.random.Generator) -> Tagger | None:
    """Learns from clean and disturbed sentences; None when the skill has no slot to tag."""
    with_slots = [sample for sample in samples if sample.spans]
    if not with_slots:
        return None
    index = ListIndex({skill.name: skill})
    picked = rng.permutation(len(samples))[: much.tagged // 2]
    lessons = []
    for sample in (samples[i] for i in picked):
        for version in (sample, disturbed(sample, rng, skill.locale)):
            finder = SpanFinder(version.words, index, skill.locale)
            lessons.append((version.words, word_hints(skill, finder), version.spans))
    return fit_tagger(lessons, rng)


def _slots_right(trained: Interpreter, skill: Skill, sample: Sample) -> bool:
    slots = trained.tagged(skill.name, sample.intent, sample.words)
    wanted = {slot: " ".join(sample.words[first:last]) for slot, first, last in sample.spans}
    return {slot.name: slot.text for slot in slots} == wanted


def _example_right(trained: Interpreter, skill: Skill, example: Example) -> bool:
    meaning = trained.understand(example.text)
    return (meaning.skill, meaning.intent, meaning.values) == (skill.name, example.intent, dict(example.slots))
