"""Fits the tagger of a skill in seconds, in numpy: a CRF whose word states are frozen.

The loss is the negative log likelihood of the right taggings; its gradient is the expected counts minus the right
ones. Mini-batch Adagrad (Duchi et al. 2011), as in `heads`. Values of open lists are now and then replaced by words
that the skill does not know, so that the words around a value decide as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harken.nlu.crf import OUTSIDE, Crf, Floats, Labelled, allowed_steps, tags_of
from harken.nlu.tagger import Hints, Tagger, possible_tags, word_features
from harken.nlu.token_encoder import TokenEncoder

_EPOCHS, _BATCH, _LEAST_STEPS = 10, 24, 300
_RATE = 0.15
_DECAY = 1e-4
_SILENCED = 0.3
"""Share of the features of a batch that are ignored: the others must do without them."""
_EXCHANGED = 0.3
"""Share of the values of open lists that become unknown words in a further copy of the lessons."""
_MOST_FEATURES = 2_000
"""The strongest features are kept; of the home skill's 14,000 this many find its slots as well, in 90 KB less."""
_CHECKED = 0.12
"""Share of the lessons kept back to calibrate the probabilities."""


@dataclass(frozen=True)
class Lesson:
    """A sentence to learn from."""

    words: Sequence[str]
    hints: Hints
    spans: Sequence[Labelled]
    slots: frozenset[str] | None = None
    """Only these are possible, as when the intent is known; all when None."""


def fit_tagger(
    lessons: Sequence[Lesson],
    rng: np.random.Generator,
    *,
    encoder: TokenEncoder | None = None,
    open_slots: Collection[str] = (),
    names: Sequence[str] = (),
) -> Tagger:
    """Fit on sentences whose slots are known.

    Args:
        lessons: what to learn from.
        rng: source of randomness.
        encoder: the frozen token encoder; without one, only words and lists count.
        open_slots: slots that may hold words the skill does not know: names, free text.
        names: words that stand in for such values.
    """
    copies = [_exchanged(lesson, open_slots, names, rng) for lesson in lessons] if open_slots and names else []
    picked = [*lessons, *(copy for copy in copies if copy is not None)]
    picked = [lesson for lesson in picked if lesson.words]
    kept_back = rng.random(len(picked)) < _CHECKED
    slots = sorted({slot for lesson in picked for slot, _, _ in lesson.spans})
    tags = [OUTSIDE, *(f"{mark}-{slot}" for slot in slots for mark in ("B", "I"))]
    fit = _Fit(tags, [lesson for lesson, out in zip(picked, kept_back, strict=True) if not out], encoder)
    fit.learn(rng)
    return _calibrated(fit.tagger(), [lesson for lesson, out in zip(picked, kept_back, strict=True) if out])


@dataclass(frozen=True)
class _Group:
    """Sentences of one length: B sentences of T words with K tags."""

    states_BTH: Floats
    features: list[list[NDArray[np.int64]]]
    """Feature rows of each word of each sentence."""
    tags_BT: NDArray[np.int64]
    possible_BK: Floats
    """0, or -inf for tags that the sentence cannot have."""

    def part(self, chosen: NDArray[np.int64]) -> _Group:
        features = [self.features[i] for i in chosen]
        return _Group(self.states_BTH[chosen], features, self.tags_BT[chosen], self.possible_BK[chosen])


class _Fit:
    """Weights while they are fitted."""

    def __init__(self, tags: Sequence[str], lessons: Sequence[Lesson], encoder: TokenEncoder | None):
        self.tags, self._encoder = tuple(tags), encoder
        self.features: dict[str, int] = {}
        self._groups = [self._group(same) for same in _by_length(lessons)]
        count, width = len(tags), self._groups[0].states_BTH.shape[2] if self._groups else 0
        self.sparse = np.zeros((len(self.features), count), dtype=np.float32)
        self.dense = np.zeros((width, count), dtype=np.float32)
        self.steps = np.zeros((count, count), dtype=np.float32)
        self.ends = np.zeros((2, count), dtype=np.float32)
        self._allowed, self._first = allowed_steps(tags)
        self._sums = [np.full_like(w, 1e-2) for w in (self.sparse, self.dense, self.steps, self.ends)]

    def learn(self, rng: np.random.Generator) -> None:
        """Pass over all sentences, several times."""
        batches = sum(-(-len(group.tags_BT) // _BATCH) for group in self._groups)
        for _ in range(max(_EPOCHS, _LEAST_STEPS // max(batches, 1))):
            parts = [part for group in self._groups for part in _batches(group, rng)]
            for number in rng.permutation(len(parts)):
                self._step(parts[number], rng)

    def tagger(self) -> Tagger:
        """As far as it has learnt, without the features that hardly matter."""
        weight = np.abs(self.sparse).max(axis=1, initial=0.0)
        strongest = np.argsort(-weight, kind="stable")[:_MOST_FEATURES]
        rows = np.sort(strongest[weight[strongest] > 0.02 * weight.max(initial=0.0)])
        every = list(self.features)
        names = [every[row] for row in rows]
        crf = Crf(self.tags, self.steps + self._allowed, self.ends[0] + self._first, self.ends[1])
        encoder = self._encoder if len(self.dense) else None
        return Tagger(crf, self.dense, {name: i for i, name in enumerate(names)}, self.sparse[rows], encoder)

    def _group(self, lessons: Sequence[Lesson]) -> _Group:
        states, features, tags = [], [], []
        number = {tag: i for i, tag in enumerate(self.tags)}
        for lesson in lessons:
            words = lesson.words
            named = [word_features(words, lesson.hints, place) for place in range(len(words))]
            features.append([np.array([self._row(name) for name in names]) for names in named])
            tags.append([number[tag] for tag in tags_of(len(words), lesson.spans)])
            empty = np.zeros((len(words), 0), dtype=np.float32)
            states.append(empty if self._encoder is None else self._encoder.states(words))
        possible = np.stack([possible_tags(self.tags, lesson.slots) for lesson in lessons])
        return _Group(np.stack(states), features, np.array(tags), possible)

    def _row(self, name: str) -> int:
        return self.features.setdefault(name, len(self.features))

    def _step(self, group: _Group, rng: np.random.Generator) -> None:
        size, length = group.tags_BT.shape
        lens = [len(rows) for sentence in group.features for rows in sentence]
        rows = np.concatenate([rows for sentence in group.features for rows in sentence])
        owner = np.repeat(np.arange(size * length), lens)
        kept = rng.random(len(self.features))[rows] >= _SILENCED
        rows, owner = rows[kept], owner[kept]
        emissions = np.zeros((size * length, len(self.tags)), dtype=np.float32)
        np.add.at(emissions, owner, self.sparse[rows])
        emissions = emissions.reshape(size, length, -1) + group.states_BTH @ self.dense + group.possible_BK[:, None]
        error, steps, ends = self._errors(emissions, group.tags_BT)
        touched, places = np.unique(rows, return_inverse=True)
        slope = np.zeros((len(touched), len(self.tags)), dtype=np.float32)
        np.add.at(slope, places, error.reshape(size * length, -1)[owner])
        slope += _DECAY * self.sparse[touched]
        self._sums[0][touched] += slope * slope
        self.sparse[touched] -= _RATE * slope / np.sqrt(self._sums[0][touched])
        flat = group.states_BTH.reshape(size * length, -1)
        down = flat.T @ error.reshape(size * length, -1) + _DECAY * self.dense
        for weights, gradient, own in zip(
            (self.dense, self.steps, self.ends), (down, steps, ends), self._sums[1:], strict=True
        ):
            own += gradient * gradient
            weights -= 0.5 * _RATE * gradient / np.sqrt(own)

    def _errors(self, emissions: Floats, tags: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
        """Expected minus right counts per sentence: emissions [B, T, K], steps [K, K], ends [2, K]."""
        size, length, count = emissions.shape
        factors = np.exp(self.steps + self._allowed)
        shifted = np.exp(emissions - emissions.max(axis=2, keepdims=True))
        ahead, behind = np.empty_like(shifted), np.empty_like(shifted)
        ahead[:, 0] = _scaled(np.exp(self.ends[0] + self._first) * shifted[:, 0])
        for place in range(1, length):
            ahead[:, place] = _scaled(ahead[:, place - 1] @ factors * shifted[:, place])
        behind[:, -1] = _scaled(np.broadcast_to(np.exp(self.ends[1]), (size, count)))
        for place in range(length - 2, -1, -1):
            behind[:, place] = _scaled((shifted[:, place + 1] * behind[:, place + 1]) @ factors.T)
        error = ahead * behind
        error /= error.sum(axis=2, keepdims=True)
        ends = np.stack([error[:, 0].sum(axis=0), error[:, -1].sum(axis=0)])
        steps = np.zeros_like(self.steps)
        for place in range(1, length):
            pairs = ahead[:, place - 1, :, None] * factors * (shifted[:, place] * behind[:, place])[:, None, :]
            steps += (pairs / pairs.sum(axis=(1, 2), keepdims=True)).sum(axis=0)
        sentences, places = np.indices((size, length))
        error[sentences, places, tags] -= 1.0
        np.subtract.at(steps, (tags[:, :-1], tags[:, 1:]), 1.0)
        np.subtract.at(ends, (np.array([[0], [1]]), np.stack([tags[:, 0], tags[:, -1]])), 1.0)
        return error / size, steps / size, ends / size


def _exchanged(
    lesson: Lesson, open_slots: Collection[str], names: Sequence[str], rng: np.random.Generator
) -> Lesson | None:
    """A copy in which some values are one to three words unknown to the lists; None if no value was replaced."""
    words, hints = lesson.words, lesson.hints
    new_words: list[str] = []
    new_hints: list[Sequence[str]] = []
    new_spans: list[Labelled] = []
    place, changed = 0, False
    for slot, first, last in sorted(lesson.spans, key=lambda span: span[1]):
        new_words += words[place:first]
        new_hints += hints[place:first]
        value, known = list(words[first:last]), list(hints[first:last])
        if slot in open_slots and rng.random() < _EXCHANGED:
            value = [names[int(i)] for i in rng.integers(len(names), size=int(rng.integers(1, 4)))]
            known, changed = [[] for _ in value], True
        new_spans.append((slot, len(new_words), len(new_words) + len(value)))
        new_words += value
        new_hints += known
        place = last
    if not changed:
        return None
    return Lesson([*new_words, *words[place:]], [*new_hints, *hints[place:]], new_spans, lesson.slots)


def _calibrated(tagger: Tagger, lessons: Sequence[Lesson]) -> Tagger:
    """With all weights divided by the temperature under which the kept-back taggings are likeliest."""
    number = {tag: i for i, tag in enumerate(tagger.crf.tags)}
    pairs = [
        (
            tagger.emissions(lesson.words, lesson.hints, lesson.slots),
            [number[tag] for tag in tags_of(len(lesson.words), lesson.spans)],
        )
        for lesson in lessons
    ]

    def loss(temperature: float) -> float:
        crf = _divided(tagger, temperature).crf
        return sum(crf.log_partition(rows / temperature) - crf.score(rows / temperature, path) for rows, path in pairs)

    return _divided(tagger, min((0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 3.0), key=loss)) if pairs else tagger


def _divided(tagger: Tagger, by: float) -> Tagger:
    crf = tagger.crf
    cooled = Crf(crf.tags, crf.transitions / by, crf.start / by, crf.stop / by)
    return replace(tagger, crf=cooled, dense=tagger.dense / by, weights=tagger.weights / by)


def _by_length(lessons: Sequence[Lesson]) -> Iterator[list[Lesson]]:
    groups: dict[int, list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        groups[len(lesson.words)].append(lesson)
    yield from (groups[length] for length in sorted(groups))


def _batches(group: _Group, rng: np.random.Generator) -> Iterator[_Group]:
    order = rng.permutation(len(group.tags_BT))
    for start in range(0, len(order), _BATCH):
        yield group.part(order[start : start + _BATCH])


def _scaled(rows: Floats) -> Floats:
    """Each row divided by its sum; scores of a row matter only relative to each other."""
    return np.asarray(rows / rows.sum(axis=-1, keepdims=True), dtype=np.float32)
