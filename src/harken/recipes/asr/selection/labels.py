"""How right the chosen labels are, against what was really said: cheap, and already most of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.metrics.edits import align
from harken.metrics.intervals import Interval, bootstrap_ratio
from harken.metrics.wer import WordErrors, word_errors
from harken.recipes.asr.selection.arms import Choosing, Selection
from harken.text.words import normalize_words
from harken.train.asr.selection.decoding import Decoded
from harken.train.asr.selection.slots import Slots


@dataclass(frozen=True, kw_only=True)
class LabelQuality:
    """Of an arm's chosen recordings."""

    arm: str
    errors: WordErrors
    """Of the labels of whole stretches, before anything is cut out."""
    interval: Interval | None
    learned: int
    """Words that are learned from, after cutting."""
    right: int
    """Of them, words that were said at their place."""
    confidence: float
    """Mean confidence of the seed, weighted by length: low means that there is something to learn."""
    hours: float
    stretches: int

    def __str__(self) -> str:
        return (
            f"{self.arm:13} {self.stretches:6} stretches {self.hours:5.2f} h"
            f"  label errors {100 * self.errors.rate:5.1f} %"
            f"  words learned {self.learned:6}, right {100 * self.right / max(1, self.learned):5.1f} %"
            f"  confidence {self.confidence:.3f}"
        )


def label_quality(choosing: Choosing, selection: Selection, said: Mapping[str, Sequence[str]]) -> LabelQuality:
    """Compare an arm's labels with the references; stretches without a reference are left out of the counts.

    Args:
        choosing: the pool.
        selection: the arm's.
        said: words by name of the recording.
    """
    decoded = choosing.decoded
    rows = [n for n in selection.recordings if said.get(decoded[n].name)]
    counts = [word_errors(said[decoded[n].name], decoded[n].words) for n in rows]
    parts = [(float(errors.errors), float(errors.words)) for errors in counts]
    learned = right = 0
    for n in rows:
        words = [word for part in selection.parts[n] for word in part.words]
        learned += len(words)
        right += sum(one is not None and one == other for one, other in align(said[decoded[n].name], words))
    steps = np.array([decoded[n].steps for n in rows] or [0])
    confidences = np.array([decoded[n].confidence for n in rows] or [0.0])
    return LabelQuality(
        arm=selection.arm, errors=sum(counts, WordErrors()), learned=learned, right=right,
        interval=bootstrap_ratio(parts, rng=np.random.default_rng(0)) if len(parts) > 1 else None,
        confidence=float(steps @ confidences / max(1, steps.sum())), hours=selection.hours(decoded),
        stretches=len(selection.recordings),
    )  # fmt: skip


def reference_words(references: Mapping[str, str]) -> dict[str, list[str]]:
    """Words of each recording; those whose reference has digits are left out: nobody knows how they were said."""
    return {
        name: normalize_words(text) for name, text in references.items()
        if text and not any(letter.isdigit() for letter in text)
    }  # fmt: skip


def slot_truth(decoded: Sequence[Decoded], said: Mapping[str, Sequence[str]]) -> NDArray[np.int8]:
    """Of every slot of the pool: 1 where its word was said, 0 where not, -1 where nobody knows.

    A slot whose likeliest candidate is no word counts as unknown: an alignment of words cannot place it.
    """
    truth = []
    for row in decoded:
        reference = said.get(row.name)
        if not reference:
            truth += [-1] * len(row.slots)
            continue
        pairs = [one == other for one, other in align(reference, row.words) if other is not None]
        judged = iter(pairs)
        truth += [int(next(judged)) if slot.word else -1 for slot in row.slots]
    return np.asarray(truth, np.int8)


def embedding_check(slots: Slots, truth: NDArray[np.int8], *, rng: np.random.Generator, draws: int = 20000) -> float:
    """Whether similar sounds mean the same word: probability that of two slots with the same two candidates, one in
    which the same and one in which the other word was said, the former sounds more similar to a third.

    0.5: the vectors carry nothing, and evidence cannot help. Only slots whose word was said are compared.

    Args:
        slots: of the pool.
        truth: of each, from `slot_truth`.
        rng: of the draws.
        draws: triples.
    """
    known = np.flatnonzero((truth == 1) & (slots.rival > 0))
    low, high = np.minimum(slots.word, slots.rival)[known], np.maximum(slots.word, slots.rival)[known]
    keys = low * len(slots.names) + high
    order = np.argsort(keys, kind="stable")
    groups = np.split(known[order], np.flatnonzero(np.diff(keys[order])) + 1)
    mixed = [group for group in groups if len(group) > 2 and len(set(slots.word[group].tolist())) == 2]
    wins = total = 0.0
    for group in mixed:
        for _ in range(max(1, draws * len(group) // sum(map(len, mixed)))):
            third = int(rng.choice(group))
            same = group[(slots.word[group] == slots.word[third]) & (slots.recording[group] != slots.recording[third])]
            other = group[(slots.word[group] != slots.word[third]) & (slots.recording[group] != slots.recording[third])]
            if len(same) and len(other):
                near, far = slots.vectors[rng.choice(same)], slots.vectors[rng.choice(other)]
                wins += float(slots.vectors[third] @ near > slots.vectors[third] @ far)
                total += 1
    return wins / max(1.0, total)
