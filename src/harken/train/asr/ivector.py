"""Learning the i-vector extractor: expectation maximisation over the statistics of many utterances. numpy only.

    heard = [utterance_statistics(features, posteriors) for ...]       # not scaled
    extractor, likelihoods = train_extractor(heard, rank=64, rng=rng)

The model and its letters are those of `harken.asr.acoustic.ivector`; U utterances (or speakers: one w each).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic.ivector import Extractor, SpeakerStatistics
from harken.asr.arrays import Floats
from harken.errors import DataError

INITIAL_VARIANCE = 0.1
"""Of the values of T before the first iteration."""
VARIANCE_FLOOR = 0.05
"""Least variance of a class, as a part of the mean variance of that feature over the classes."""
_BLOCK = 256
"""Utterances whose R x R matrices are held at once (8 MB each table at R = 64)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class UtteranceStatistics:
    """Sums over the steps of one utterance. They may be kept in 32 bits."""

    count: NDArray[np.floating[Any]]
    """sum gamma(c), [C]"""
    first: NDArray[np.floating[Any]]
    """sum gamma(c) y, [C, D]; not centred"""
    second: NDArray[np.floating[Any]]
    """sum gamma(c) y^2, [C, D]"""

    def __add__(self, other: UtteranceStatistics) -> UtteranceStatistics:
        return UtteranceStatistics(
            count=self.count + other.count, first=self.first + other.first, second=self.second + other.second
        )


def utterance_statistics(features: NDArray[Any], posteriors: NDArray[Any]) -> UtteranceStatistics:
    """Of features [T, D] and posteriors or an alignment's zeros and ones [T, C]."""
    weights, values = posteriors.astype(np.float64).T, features.astype(np.float64)
    return UtteranceStatistics(
        count=weights.sum(1).astype(np.float32), first=(weights @ values).astype(np.float32),
        second=(weights @ values**2).astype(np.float32),
    )  # fmt: skip


def train_extractor(
    statistics: Sequence[UtteranceStatistics],
    *,
    rank: int,
    rng: np.random.Generator,
    iterations: int = 10,
    scale: float = 0.1,
    least_count: float = 100.0,
    report: Callable[[int, float], None] | None = None,
) -> tuple[Extractor, list[float]]:
    """Means and variances of the classes, then T by expectation maximisation with a minimum-divergence step.

    The likelihood never falls: T and the spread of w are both re-estimated from the same expectations (a step of
    parameter-expanded EM; Liu, Rubin and Wu 1998), and the spread is then moved into T.

    Args:
        statistics: of the utterances, not scaled. Class 0 is silence and is left out.
        rank: R.
        rng: for the first T.
        iterations: of EM.
        scale: weight of a posterior, as the extractor will use it.
        least_count: steps that a class needs over all utterances; the rarer ones say nothing about w.
        report: called with each iteration's number and log-likelihood.

    Returns:
        the extractor, and the log-likelihood of the scaled statistics per utterance, before each iteration and after
        the last one: [iterations + 1]. It leaves out the terms that T does not change.

    Raises:
        DataError: there are no statistics, or their shapes differ.
    """
    counts, first, means, variances = _pooled(statistics, least_count)
    counts, centred = scale * counts, first
    centred *= scale
    centred -= counts[..., None] * means
    loading = rng.normal(scale=np.sqrt(INITIAL_VARIANCE), size=(*means.shape, rank))
    loading[counts.sum(0) == 0] = 0
    likelihoods: list[float] = []
    for iteration in range(iterations + 1):
        extractor = Extractor(means=means, variances=variances, loading=loading, scale=scale)
        expected = _expect(extractor, counts, centred)
        likelihoods.append(expected.likelihood / len(counts))
        if report is not None:
            report(iteration, likelihoods[-1])
        if iteration < iterations:
            loading = _maximise(expected, len(counts))
    return extractor, likelihoods


def past_ivectors(
    extractor: Extractor,
    features: NDArray[Any],
    posteriors: NDArray[Any],
    *,
    every: int = 10,
    lag: int = 0,
    before: SpeakerStatistics | None = None,
) -> Floats:
    """What a stream would have used at each step of a recording: only the past, as at run time.

    Row k is for steps `every` * k to `every` * (k + 1) - 1 and knows the steps before `every` * k - `lag`.

    Args:
        extractor: the model.
        features: [T, D].
        posteriors: [T, C].
        every: steps that share an estimate.
        lag: steps by which posteriors come late (at least the acoustic model's look-ahead).
        before: what is already known of the speaker (`Extractor.handed_on`).

    Returns:
        [ceil(T / every), R].

    Raises:
        AudioError: features and posteriors have unexpected shapes.
    """
    heard, known = extractor.nothing() if before is None else before, 0
    w, rows = extractor.mean(heard), np.empty((-(-len(features) // every), extractor.rank))
    for number in range(len(rows)):
        end = max(0, every * number - lag)
        if end > known:
            heard += extractor.statistics(features[known:end], posteriors[known:end])
            w, known = extractor.mean(heard), end
        rows[number] = w
    return rows


def _pooled(statistics: Sequence[UtteranceStatistics], least_count: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Counts [U, C], first sums [U, C, D], means and variances [C, D]; dropped classes have counts and sums of 0."""
    shapes = {(utterance.count.shape, utterance.first.shape, utterance.second.shape) for utterance in statistics}
    if len(shapes) != 1:
        raise DataError(f"{len(statistics)} utterances have {len(shapes)} shapes of statistics; expected one")
    counts = np.array([utterance.count for utterance in statistics], np.float64)
    first = np.array([utterance.first for utterance in statistics], np.float64)
    second = np.zeros(first.shape[1:])
    for utterance in statistics:
        second += utterance.second
    dropped = counts.sum(0) < least_count
    dropped[0] = True
    total = np.where(dropped, 1.0, counts.sum(0))[:, None]
    means = np.where(dropped[:, None], 0.0, first.sum(0) / total)
    spread = np.maximum(second / total - means**2, 0)
    floor = VARIANCE_FLOOR * spread[~dropped].mean(0) if not dropped.all() else np.zeros(means.shape[1])
    variances = np.where(dropped[:, None], 1.0, np.maximum(spread, np.maximum(floor, 1e-6)))
    counts[:, dropped], first[:, dropped] = 0, 0
    return counts, first, means, variances


@dataclass(frozen=True, kw_only=True, eq=False)
class _Expected:
    """Sums over the utterances that the next T needs."""

    likelihood: float
    outer: Floats
    """sum_u N_c,u E[w w'], [C, R, R]"""
    cross: Floats
    """sum_u F_c,u E[w]', [C, D, R]"""
    moment: Floats
    """sum_u E[w w'], [R, R]"""


def _expect(extractor: Extractor, counts: Floats, centred: Floats) -> _Expected:
    classes, size = extractor.means.shape
    rank, likelihood = extractor.rank, 0.0
    outer, moment = np.zeros((classes, rank * rank)), np.zeros(rank * rank)
    cross = np.zeros((classes * size, rank))
    for start in range(0, len(counts), _BLOCK):
        block = slice(start, start + _BLOCK)
        sums = centred[block].reshape(-1, classes * size)
        w, moments, value = _posteriors(extractor, counts[block], sums)
        likelihood += value
        outer += counts[block].T @ moments
        cross += sums.T @ w
        moment += moments.sum(0)
    return _Expected(
        likelihood=likelihood, outer=outer.reshape(classes, rank, rank), cross=cross.reshape(classes, size, rank),
        moment=moment.reshape(rank, rank),
    )  # fmt: skip


def _posteriors(extractor: Extractor, counts: Floats, sums: Floats) -> tuple[Floats, Floats, float]:
    """E[w] [u, R], E[w w'] [u, R R] and the log-likelihood sum_u (b' L^-1 b - log |L|) / 2 of a block.

    Args:
        extractor: the present model.
        counts: [u, C].
        sums: F, [u, C D].
    """
    rank = extractor.rank
    linear = sums @ extractor.projections.reshape(-1, rank)
    precision = np.eye(rank) + extractor.unpack(counts @ extractor.precisions)
    covariance = np.linalg.inv(precision)
    w = (covariance @ linear[..., None])[..., 0]
    value = (linear * w).sum() - np.linalg.slogdet(precision)[1].sum()
    moments = covariance + w[:, :, None] * w[:, None, :]
    return w, moments.reshape(len(w), rank * rank), 0.5 * float(value)


def _maximise(expected: _Expected, utterances: int) -> Floats:
    """T_c = (sum_u F_c,u w_u') (sum_u N_c,u E[w w'])^-1, then times a root of the mean E[w w'] so that w ~ N(0, I)."""
    used = np.flatnonzero(np.trace(expected.outer, axis1=1, axis2=2) > 0)
    loading = np.zeros(expected.cross.shape)
    loading[used] = np.linalg.solve(expected.outer[used], expected.cross[used].transpose(0, 2, 1)).transpose(0, 2, 1)
    return loading @ np.linalg.cholesky(expected.moment / utterances)
