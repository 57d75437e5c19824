"""Trains one skill: its heads and its tagger, in seconds, without torch and without touching other skills."""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harken.languages.locale import Locale
from harken.nlu.augment import disturbed
from harken.nlu.automaton import Automaton
from harken.nlu.counterexamples import Counterexamples
from harken.nlu.features import Encoder, Features, Floats
from harken.nlu.heads import UNKNOWN_INTENT, Fitted, Lesson, fit_head
from harken.nlu.interpreter import Interpreter
from harken.nlu.lists import ListIndex, SpanFinder
from harken.nlu.sentence import Sentence
from harken.nlu.skill_file import Example, Skill, read_skill
from harken.nlu.skill_model import Manifest, SkillModel
from harken.nlu.tagger_lessons import train_tagger
from harken.nlu.templates import Sample, sample_sentences
from harken.nlu.token_encoder import TokenEncoder

BACKGROUND = "background.yaml"
"""A language's file of sentences for no skill."""
SEED = 20_260_101
_SHARES = 1.0, 0.5, 0.5
"""Weight of the counter-examples, of other skills' sentences and background, and of strangers; 1 is that of its own."""
_REAL = 2.0
"""Weight of the real sentences of a skill, if there are any; that of its sampled sentences is 1."""
_HEAVIEST = 10.0
"""Most that a single real sentence weighs."""
LEAST_USES = 2
"""Real requests that must contain a word for it to be a usual one."""


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How much is sampled."""

    per_intent: int = 150
    """Sentences of each intent."""
    disturbed: int = 1
    """Distorted copies of each: words dropped or misheard, polite words added."""
    counter: int = 300
    """Counter-examples of each kind (`counterexamples`); four times as many that are chat."""
    background: int = 1_500
    others: int = 15
    """Sentences of each intent of the other skills."""
    tagged: int = 900
    """At most this many sentences for the tagger, before they are disturbed."""
    checked: int = 20
    """Fresh sentences of each intent for the report; fifteen times as many of the background."""


@dataclass(frozen=True, kw_only=True)
class Rates:
    """How often a head may be wrong on sentences that it did not learn from."""

    act: float = 0.03
    """Share of strangers that the skill may act on; each of its intents has an equal part of it."""
    act_counter: float = 0.03
    """Share of counter-examples that one intent may act on."""
    ask: float = 0.04
    """Share of strangers that the skill may ask about."""
    least: float = 0.42
    """Nothing is done at a lower probability."""
    asked: float = 0.3
    """Nothing is asked at a lower probability."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A real sentence for a skill; `intent` is '' when only the skill is known."""

    words: tuple[str, ...]
    intent: str = ""
    label: str = ""
    """Its public label; '' without one."""
    fixed: Mapping[str, Any] | None = None
    """What it says of the slots that templates fix; None when that is not known."""


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
    rates: Rates | None = None,
    positives: Sequence[Labelled] = (),
    strangers: Sequence[Features] = (),
    tokens: TokenEncoder | None = None,
    seed: int = SEED,
) -> Trained:
    """Fit the heads and the tagger of one skill.

    Args:
        skill: the skill.
        others: skills whose sentences it must not take.
        encoder: the frozen embedding.
        amounts: how much to sample.
        rates: how often it may be wrong, which sets its thresholds.
        positives: real sentences for it, if any.
        strangers: real sentences that are not for it, if any.
        tokens: the frozen encoder of words, for the tagger.
        seed: seed of all randomness; the skill's own stream does not depend on the other skills.
    """
    began = time.perf_counter()
    much, others = amounts or Amounts(), list(others)
    rng = np.random.default_rng([seed, *skill.name.encode()])
    samples = sample_sentences(skill, much.per_intent, rng)
    lessons = _own(skill, samples, positives, encoder, much, rng)
    counter, rest = _counter(skill, samples, encoder, much, rng), _rest(skill, others, encoder, much, rng)
    together = sum(lesson.weight for lesson in lessons)
    negatives = [
        lesson
        for share, sentences in zip(_SHARES, (counter, rest, strangers), strict=True)
        for lesson in _weighted(sentences, share * together)
    ]
    intents = tuple(name for name, intent in skill.intents.items() if not intent.follows)
    fitted = fit_head(intents, fixed_values(skill), [*lessons, *negatives])
    counted = slice(len(lessons), len(lessons) + len(counter))
    act, ask = _limits(fitted, counted, slice(counted.stop, None), rates or Rates())
    model = SkillModel(
        fitted.head, train_tagger(skill, samples, rng, most=much.tagged // 2, encoder=tokens), act, ask,
        Manifest.of(skill, others), _carriers(positives, skill.locale),
    )  # fmt: skip
    report = evaluate_skill(skill, model, encoder, np.random.default_rng(seed + 1), checked=much.checked)
    return Trained(model=model, report={**report, "seconds": round(time.perf_counter() - began, 2)})


def _carriers(positives: Sequence[Labelled], locale: Locale) -> frozenset[str]:
    """Words of several real requests; words that turn the meaning are never taken for granted."""
    counts = Counter(word for real in positives for word in set(real.words))
    often = {word for word, count in counts.items() if count >= LEAST_USES}
    return frozenset(often - locale.understanding.turning)


def fixed_values(skill: Skill) -> list[tuple[str, str, Any]]:
    """(intent, slot, value) of what templates fix; the value None where some other template leaves the slot open."""
    values: dict[tuple[str, str, Any], None] = {}
    for intent in skill.intents.values():
        for slot in dict.fromkeys(slot for template in intent.templates for slot in template.constants):
            for template in intent.templates:
                if not intent.follows:
                    values.setdefault((intent.name, slot, template.constants.get(slot)))
    return list(values)


def evaluate_skill(
    skill: Skill, model: SkillModel, encoder: Encoder, rng: np.random.Generator, *, checked: int = 20
) -> dict[str, Any]:
    """Dev accuracy by the trained parts alone, on freshly drawn, disturbed sentences, and false alarms on background.

    Returns:
        {"sentences", "intent_accuracy", "slot_accuracy", "examples", "examples_right", "background", "false_alarms"}:
        `slot_accuracy` is the share of sentences all of whose slots are right; the examples run through both readers.
    """
    trained = Interpreter({skill.name: skill}, {skill.name: model}, encoder, locale=skill.locale)
    samples = [s for s in sample_sentences(skill, checked, rng) if s.intent in model.act]
    right = slots_right = 0
    for sample in samples:
        words = disturbed(sample, rng, skill.locale).words
        right += _acted(model, encoder.features(words)) == sample.intent
        slots_right += _slots_right(trained, skill, sample)
    examples_right = sum(_example_right(trained, skill, example) for example in skill.examples)
    strangers = [sample.words for sample in sample_sentences(read_background(skill.locale), 15 * checked, rng)]
    alarms = sum(_acted(model, encoder.features(words)) != "" for words in strangers)
    return {
        "sentences": len(samples), "intent_accuracy": round(right / max(len(samples), 1), 4),
        "slot_accuracy": round(slots_right / max(len(samples), 1), 4), "examples": len(skill.examples),
        "examples_right": examples_right, "background": len(strangers),
        "false_alarms": round(alarms / len(strangers), 4),
    }  # fmt: skip


def _acted(model: SkillModel, features: Features) -> str:
    """The likeliest intent that the model would act on; '' for none."""
    intents = model.judge(features).intents
    passed = {intent: chance for intent, chance in intents.items() if chance >= model.act[intent]}
    return max(passed, key=lambda intent: passed[intent]) if passed else ""


def _own(
    skill: Skill, samples: Sequence[Sample], positives: Sequence[Labelled], encoder: Encoder, much: Amounts,
    rng: np.random.Generator,
) -> list[Lesson]:  # fmt: skip
    """Sampled and real sentences of the skill; what is only understood after another request is no sentence of it."""
    alone = [sample for sample in samples if not skill.intents[sample.intent].follows]
    versions = [
        (sample, version)
        for sample in alone
        for version in (sample, *(disturbed(sample, rng, skill.locale) for _ in range(much.disturbed)))
    ]
    known = [real for real in positives if real.intent in skill.intents or real.intent == UNKNOWN_INTENT]
    features = encoder.all_features([version.words for _, version in versions] + [real.words for real in known])
    weight = min(_REAL * len(versions) / max(len(known), 1), _HEAVIEST)
    lessons = [
        Lesson(features=each, intent=sample.intent, fixed=sample.constants, group=_group(skill, sample))
        for (sample, _), each in zip(versions, features, strict=False)
    ]
    return lessons + [
        Lesson(features=each, intent=real.intent, fixed=real.fixed, label=real.label, weight=weight, group=number)
        for number, (real, each) in enumerate(zip(known, features[len(versions) :], strict=True))
    ]


def _group(skill: Skill, sample: Sample) -> int:
    """What is held out together: sentences of a template, so that held-out ones are as new as a paraphrase."""
    few = len(skill.intents[sample.intent].templates) <= 3
    return zlib.crc32(sample.text.encode()) if few else sample.template


def _counter(
    skill: Skill, samples: Sequence[Sample], encoder: Encoder, much: Amounts, rng: np.random.Generator
) -> list[Features]:
    """Counter-examples that are not by chance sentences of the skill."""
    background = sample_sentences(read_background(skill.locale), 300, rng)
    makes = Counterexamples(skill, samples, [word for sample in background for word in sample.words])
    covered = Covered(skill)
    kept: dict[tuple[str, ...], None] = {}
    for kind in makes.kinds:
        for _ in range(much.counter * (4 if kind == "chat" else 1)):
            words = makes.draw(kind, rng)
            if words and words not in kept and words not in covered:
                kept.setdefault(words)
    return encoder.all_features(list(kept))


def _rest(
    skill: Skill, others: Iterable[Skill], encoder: Encoder, much: Amounts, rng: np.random.Generator
) -> list[Features]:
    """Background, and sentences of the other skills; none that this skill's own templates cover."""
    covered = Covered(skill)
    rest = [sample.words for sample in sample_sentences(read_background(skill.locale), much.background, rng)]
    for other in sorted(others, key=lambda skill: skill.name):
        if other.name != skill.name:
            for sample in sample_sentences(other, much.others, rng):
                rest += [sample.words, disturbed(sample, rng, other.locale).words]
    return encoder.all_features([words for words in rest if words not in covered])


def _weighted(sentences: Sequence[Features], together: float) -> list[Lesson]:
    """Strangers that together weigh so much."""
    weight = together / max(len(sentences), 1)
    return [Lesson(features=each, weight=weight, group=number) for number, each in enumerate(sentences)]


def _limits(
    fitted: Fitted, counter: slice, strangers: slice, rates: Rates
) -> tuple[dict[str, float], dict[str, float]]:
    """(intent -> probability for acting, intent -> probability for asking back), from held-out sentences."""
    _, chances = fitted.head.chances(fitted.held_out)
    among, against = chances[strangers], chances[counter]
    share = 1.0 / max(len(fitted.head.intents), 1)
    act, ask = {}, {}
    for column, intent in enumerate(fitted.head.intents):
        allowed, asked = (_passed_by(among[:, column], share * rate) for rate in (rates.act, rates.ask))
        tricked = _passed_by(against[:, column], rates.act_counter)
        act[intent] = round(max(rates.least, allowed, tricked), 4)
        ask[intent] = round(min(act[intent], max(rates.asked, asked)), 4)
    return act, ask


def _passed_by(chances: Floats, share: float) -> float:
    """The probability that this share of the sentences reaches; 0 without sentences."""
    return float(np.quantile(chances, 1 - share)) if len(chances) else 0.0


class Covered:
    """The sentences that some template of a skill covers word for word, for `in`; not what only follows a request."""

    def __init__(self, skill: Skill):
        alone = {name: intent for name, intent in skill.intents.items() if not intent.follows}
        self._automaton = Automaton([replace(skill, intents=alone)])
        self._index, self._locale = ListIndex({skill.name: skill}), skill.locale

    def __contains__(self, words: tuple[str, ...]) -> bool:
        return bool(self._automaton.match(SpanFinder(words, self._index, self._locale)))


def read_background(locale: Locale) -> Skill:
    """Sentences for no skill, as if they were one.

    Raises:
        SkillError: the language has none.
    """
    return read_skill(locale.folder / BACKGROUND)


def _slots_right(trained: Interpreter, skill: Skill, sample: Sample) -> bool:
    slots = trained.guesser.slots(skill.name, sample.intent, Sentence.of(sample.words))
    wanted = {slot: " ".join(sample.words[first:last]) for slot, first, last in sample.spans}
    return {slot.name: slot.text for slot in slots if slot.text} == wanted


def _example_right(trained: Interpreter, skill: Skill, example: Example) -> bool:
    meaning = trained.understand(example.text)
    return (meaning.skill, meaning.intent, meaning.values) == (skill.name, example.intent, dict(example.slots))
