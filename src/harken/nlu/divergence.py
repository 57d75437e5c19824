"""How different the training sets of models are that were trained at different times, and what that costs.

A training set is the 64-bit hashes of its examples (`example_hashes`). The measures are our own (those of Gupta et al.
2019 could not be read): J, C, R and H compare the models' sets with each other, A compares them with the newest data.
Distance alone does no harm (models that saw different samples are an ensemble); staleness does, so both are reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
"""uint64 [n], ascending, each once."""
Signature = NDArray[np.uint64]
"""uint64 [hashes], the least hash of a set under each of many permutations (Broder 1997)."""
_MULTIPLIERS = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, kw_only=True)
class Divergence:
    """Measures of a set of models; 0 when all were trained on the newest data."""

    distance: float
    """J: mean Jaccard distance of two models' sets, 0..1."""
    coverage: float
    """C: one minus the share of all examples that every model saw, 0..1."""
    staleness: float
    """A: mean share of the newest data that a model did not see, 0..1."""
    disagreement: float
    """R: chance that of two models drawn at random just one saw an example, mean over all examples, 0..0.5."""
    shift: float
    """H: mean Jensen-Shannon divergence of two models' labels, 0..ln 2."""


@dataclass(frozen=True, kw_only=True)
class LossCurve:
    """Accuracy that divergence is expected to cost: staleness * A + bend * A^2 + distance * J."""

    staleness: float
    bend: float
    distance: float

    def predict(self, staleness: float, distance: float) -> float:
        """Expected loss of accuracy, in points (percent), at least 0."""
        return max(0.0, self.staleness * staleness + self.bend * staleness**2 + self.distance * distance)


CURVE = LossCurve(staleness=0.0, bend=19.7, distance=0.0)
"""Fitted by the recipe nlu/one_vs_all on CLINC150; its results hold the back-test."""
LARGEST_LOSS = 1.0
"""Expected loss, in points, from which on training again pays."""


def example_hashes(examples: Iterable[str]) -> Hashes:
    """The hashes of examples (a sentence with its label, a template with its intent)."""
    found = {int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") for text in examples}
    return np.array(sorted(found), dtype=np.uint64)


def divergence(
    sets: Sequence[Hashes], newest: Hashes, label_counts: Sequence[Sequence[float]] | None = None
) -> Divergence:
    """Measure models by the sets that they were trained on.

    Args:
        sets: the examples of each model.
        newest: all examples that there are now.
        label_counts: for each model, how many examples of each label it saw; for `shift`.
    """
    union = np.unique(np.concatenate([*sets, newest[:0]])) if sets else newest[:0]
    seen = np.stack([np.isin(union, own, assume_unique=True) for own in sets]).astype(np.float32)
    common = seen @ seen.T
    sizes = seen.sum(axis=1)
    either = sizes[:, None] + sizes[None, :] - common
    pairs = np.triu_indices(len(sets), 1)
    apart = 1.0 - common[pairs] / np.maximum(either[pairs], 1.0)
    share = seen.mean(axis=0)
    missed = [1.0 - np.isin(newest, own, assume_unique=True).mean() for own in sets] if len(newest) else [0.0]
    return Divergence(
        distance=_mean(apart), coverage=1.0 - _mean(share == 1.0, empty=1.0), staleness=_mean(missed),
        disagreement=_mean(2.0 * share * (1.0 - share)),
        shift=_mean(_label_divergences(np.asarray(label_counts, dtype=np.float64))) if label_counts else 0.0,
    )  # fmt: skip


def signature(examples: Hashes, hashes: int = 256) -> Signature:
    """A fixed-size sketch of a set."""
    steps = np.arange(1, hashes + 1, dtype=np.uint64)[:, None]
    mixed = examples[None, :] + steps * _MULTIPLIERS[0]
    for shift, multiplier in ((30, _MULTIPLIERS[1]), (27, _MULTIPLIERS[2])):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * multiplier
    return np.asarray((mixed ^ (mixed >> np.uint64(31))).min(axis=1, initial=np.iinfo(np.uint64).max), dtype=np.uint64)


def signature_distance(one: Signature, other: Signature) -> float:
    """Jaccard distance of two sets, within about 3 / sqrt(hashes), from their signatures."""
    return 1.0 - float((one == other).mean())


def _label_divergences(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)
    left, right = np.triu_indices(len(shares), 1)
    mean = (shares[left] + shares[right]) / 2
    return (_information(shares[left], mean) + _information(shares[right], mean)) / 2


def _information(share: NDArray[np.float64], of: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.where(share > 0, share * np.log(np.maximum(share, 1e-300) / np.maximum(of, 1e-300)), 0).sum(1))


def _mean(values: Sequence[float] | NDArray[np.generic], *, empty: float = 0.0) -> float:
    return float(np.mean(np.asarray(values, dtype=np.float64))) if len(values) else empty
