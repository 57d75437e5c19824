"""One-vs-all heads of a skill: binary models, each with its own probability, on the frozen encoder.

There is a model for the skill (is this sentence for it?), one for each intent (is it this request?), and one for each
value that templates fix (does "put the blinds down" say `position: 0`?). P = sigmoid(a z + b) with z = w . x + c, where
x joins the sentence's embedding and the n-grams that tell this skill's sentences from others; a and b are Platt's
calibration on sentences that the model did not learn from (Padhy et al. 2020, "Revisiting One-vs-All Classifiers for
Predictive Uncertainty and Out-of-Distribution Detection in Neural Networks"; Platt 1999). No model sees another one, so
"none of them" is an answer, and a skill can be fitted or removed without touching the others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.nlu.features import BUCKETS, Features, Floats, Ids
from harken.nlu.logistic import fit_calibration, fit_logistic, sigmoid

STRANGER = "-"
"""Intent of a sentence that is not for the skill."""
UNKNOWN_INTENT = ""
"""Intent of a sentence that is for the skill but whose intent is not known."""
NGRAM_SCALE = np.float32(1.0)
"""How much n-grams weigh beside the embedding."""
MOST_NGRAMS = 800
_FOLDS, _FOLD_STEPS = 3, 20
_FEWEST = 20
"""Real sentences that a public label needs for a model of its own."""
_DECAY = 2e-4
_REST = 3.0
"""Weight of all that a model must refuse, relative to what it must take."""


@dataclass(frozen=True)
class Judged:
    """What the heads of one skill make of a sentence."""

    skill: float
    """P(for this skill)."""
    intents: Mapping[str, float]
    """Intent -> P(this request), the geometric mean of what the skill's and the intent's model say; they need not sum
    to 1."""
    fixed: Mapping[tuple[str, str], tuple[Any, float]]
    """(intent, slot) -> the likeliest of the values that templates fix, and its probability; None for none of them."""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A sentence to learn from."""

    features: Features
    intent: str = STRANGER
    fixed: Mapping[str, Any] | None = None
    """What the sentence's template fixes; None when that is not known."""
    label: str = ""
    """The public label of a real sentence; '' for sampled ones and strangers."""
    weight: float = 1.0
    group: int = 0
    """Sentences of the same group are held out together."""


@dataclass(frozen=True)
class Head:
    """Weights of one skill. Output 0 is the skill, then come the intents, the fixed values and the public labels.

    A public label ("goodbye" of a corpus) has a model of its own, learnt from real requests alone, because people say
    it otherwise than templates do. Its probability counts for the skill, and for its intent when that is known.
    """

    intents: tuple[str, ...]
    values: tuple[tuple[str, str, Any], ...]
    """(intent, slot, value), in the order of the outputs."""
    labels: tuple[str, ...]
    """Intents of the public labels, in the order of the outputs; '' where a label covers several."""
    ngrams: Ids
    """int32 [g], the buckets that have weights, in ascending order."""
    weights: Floats
    """[embedding size + g, outputs], calibration included."""
    bias: Floats
    """[outputs]"""

    def judge(self, features: Features) -> Judged:
        """Probabilities of the skill, its intents and the fixed values."""
        raw = self.raw(features)
        skill, chances = self.chances(raw)
        intents = dict(zip(self.intents, map(float, chances), strict=True))
        fixed: dict[tuple[str, str], tuple[Any, float]] = {}
        scored: dict[tuple[str, str], list[tuple[Any, float]]] = {}
        for (intent, slot, value), score in zip(self.values, raw[1 + len(self.intents) :], strict=False):
            scored.setdefault((intent, slot), []).append((value, float(score)))
        for key, options in scored.items():
            value, best = max(options, key=lambda option: option[1])
            fixed[key] = value, 1.0 / sum(float(np.exp(score - best)) for _, score in options)
        return Judged(float(skill), intents, fixed)

    def chances(self, raw: Floats) -> tuple[Floats, Floats]:
        """P(skill) [...] and P of each request [..., intents] from the log odds [..., outputs].

        A request is as likely as the geometric mean of the skill and the intent, or as a public label that means it.
        """
        known = 1 + len(self.intents)
        skill, intents = sigmoid(raw[..., 0]), sigmoid(raw[..., 1:known])
        asked = sigmoid(raw[..., known + len(self.values) :])
        if asked.shape[-1]:
            skill = np.maximum(skill, asked.max(axis=-1))
        requests = np.sqrt(skill[..., None] * intents)
        for number, intent in enumerate(self.labels):
            if intent:
                column = self.intents.index(intent)
                requests[..., column] = np.maximum(requests[..., column], asked[..., number])
        return skill, requests

    def raw(self, features: Features) -> Floats:
        """Calibrated log odds of every output, float32 [outputs]."""
        size = len(features.embedding)
        raw = features.embedding @ self.weights[:size] + self.bias
        known = np.flatnonzero(np.isin(self.ngrams, features.ids, assume_unique=True))
        if len(known):
            raw = raw + self.weights[size + known].sum(axis=0) * (NGRAM_SCALE / np.sqrt(np.float32(len(features.ids))))
        return np.asarray(raw, dtype=np.float32)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """For an .npz file."""
        return {
            "intents": np.array(self.intents), "values": np.array(json.dumps(self.values)),
            "labels": np.array(self.labels, dtype=np.str_), "ngrams": self.ngrams,
            "weights": _shortened(self.weights), "bias": self.bias,
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Head:
        """The inverse of `arrays`."""
        values = tuple((intent, slot, value) for intent, slot, value in json.loads(str(arrays["values"])))
        return cls(
            tuple(str(name) for name in arrays["intents"]), values, tuple(str(name) for name in arrays["labels"]),
            arrays["ngrams"],
            arrays["weights"].astype(np.float32), arrays["bias"].astype(np.float32),
        )  # fmt: skip


def _shortened(weights: Floats) -> NDArray[np.float16]:
    """16-bit numbers whose last three bits are 0 (0.4 % off at most), which makes their file a fifth smaller."""
    bits = weights.astype(np.float16).view(np.uint16)
    return ((bits + np.uint16(4)) & np.uint16(0xFFF8)).view(np.float16)


@dataclass(frozen=True)
class Fitted:
    """A head, and what it said of the lessons while they were held out."""

    head: Head
    held_out: Floats
    """Calibrated log odds [lessons, outputs]."""


def fit_head(
    intents: Sequence[str], values: Sequence[tuple[str, str, Any]], lessons: Sequence[Lesson], *, folds: int = _FOLDS
) -> Fitted:
    """Fit and calibrate the binary models of a skill.

    Args:
        intents: their names.
        values: (intent, slot, value) of everything that templates fix.
        lessons: sentences for the skill and strangers.
        folds: parts of the lessons, by group, that are held out in turn for the calibration.
    """
    labels = _labels(lessons, intents)
    answers, counts = _answers(intents, values, list(labels), lessons)
    ngrams = _telling(lessons, answers)
    x = _matrix(lessons, ngrams)
    raw = np.zeros(answers.shape, dtype=np.float32)
    part = np.array([lesson.group for lesson in lessons]) % folds
    for fold in range(folds):
        taught, held = part != fold, part == fold
        weights, bias = fit_logistic(x[taught], answers[taught], counts[taught], decay=_DECAY, steps=_FOLD_STEPS)
        raw[held] = x[held] @ weights + bias
    weights, bias = fit_logistic(x, answers, counts, decay=_DECAY)
    for column in range(answers.shape[1]):
        seen = counts[:, column] > 0
        if column > len(intents) and not (answers[seen, column].any() and (~answers[seen, column]).any()):
            continue
        slope, offset = fit_calibration(raw[seen, column], answers[seen, column], counts[seen, column])
        weights[:, column] *= slope
        bias[column] = slope * bias[column] + offset
        raw[:, column] = slope * raw[:, column] + offset
    return Fitted(Head(tuple(intents), tuple(values), tuple(labels.values()), ngrams, weights, bias), raw)


def _labels(lessons: Sequence[Lesson], known: Sequence[str]) -> dict[str, str]:
    """Public labels with enough sentences -> their intent, '' for an unknown one."""
    counts = Counter(lesson.label for lesson in lessons if lesson.label)
    intents = {each.label: each.intent if each.intent in known else "" for each in lessons if each.label}
    return {label: intents[label] for label in sorted(counts) if counts[label] >= _FEWEST}


def _answers(
    intents: Sequence[str], values: Sequence[tuple[str, str, Any]], labels: Sequence[str], lessons: Sequence[Lesson]
) -> tuple[NDArray[np.bool_], Floats]:
    """What each model should say of each lesson, and how much that counts."""
    names = np.array([lesson.intent for lesson in lessons])
    own = names != STRANGER
    answers = np.stack([own, *(names == intent for intent in intents)], axis=1)
    weight = np.array([lesson.weight for lesson in lessons], dtype=np.float32)
    counts = np.repeat(weight[:, None], answers.shape[1], axis=1)
    counts[names == UNKNOWN_INTENT, 1:] = 0.0
    for intent, slot, value in values:
        known = [lesson.intent == intent and lesson.fixed is not None for lesson in lessons]
        said = [ok and (lesson.fixed or {}).get(slot) == value for lesson, ok in zip(lessons, known, strict=True)]
        answers = np.concatenate([answers, np.array(said)[:, None]], axis=1)
        counts = np.concatenate([counts, (weight * np.array(known))[:, None]], axis=1)
    public = np.array([lesson.label for lesson in lessons])
    sampled = own & (public == "")
    for label in labels:
        answers = np.concatenate([answers, (public == label)[:, None]], axis=1)
        counts = np.concatenate([counts, np.where(sampled, 0.0, weight)[:, None]], axis=1)
    first = 1 + len(intents) + len(values)
    for column in (*range(1 + len(intents)), *range(first, first + len(labels))):
        yes, no = counts[answers[:, column], column].sum(), counts[~answers[:, column], column].sum()
        counts[~answers[:, column], column] *= _REST * yes / no if no else 1.0
    return answers, counts.astype(np.float32)


def _telling(lessons: Sequence[Lesson], answers: NDArray[np.bool_]) -> Ids:
    """The n-grams that differ most in frequency between what some model must take and what it must refuse."""
    score = np.zeros(BUCKETS, dtype=np.float32)
    for column in range(answers.shape[1]):
        took, refused = (_frequencies(lessons, answers[:, column] == side) for side in (True, False))
        gap = (took - refused) ** 2 / np.maximum(took + refused, 1e-6)
        score = np.maximum(score, np.where(took + refused > 0.002, gap, 0.0))
    return np.sort(np.argsort(-score, kind="stable")[: min(MOST_NGRAMS, int((score > 0.0).sum()))]).astype(np.int32)


def _frequencies(lessons: Sequence[Lesson], chosen: NDArray[np.bool_]) -> Floats:
    picked = [lesson.features.ids for lesson, ok in zip(lessons, chosen.tolist(), strict=True) if ok]
    counts = np.bincount(np.concatenate(picked), minlength=BUCKETS) if picked else np.zeros(BUCKETS)
    return (counts / max(len(picked), 1)).astype(np.float32)


def _matrix(lessons: Sequence[Lesson], ngrams: Ids) -> Floats:
    """float32 [lessons, embedding size + n-grams]"""
    size = len(lessons[0].features.embedding)
    x = np.zeros((len(lessons), size + len(ngrams)), dtype=np.float32)
    place = np.full(BUCKETS, -1)
    place[ngrams] = np.arange(len(ngrams)) + size
    for row, lesson in enumerate(lessons):
        x[row, :size] = lesson.features.embedding
        columns = place[lesson.features.ids]
        x[row, columns[columns >= 0]] = NGRAM_SCALE / np.sqrt(np.float32(max(len(lesson.features.ids), 1)))
    return x
