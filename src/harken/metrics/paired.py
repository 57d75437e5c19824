"""Two systems on the same items: relative score, paired t-test, and Holm's correction for several tests at once.

As in J. Lorenzo-Trueba et al., "Towards achieving robust universal neural vocoding", Interspeech 2019, section 4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harken.errors import DataError

_ROUNDS, _TINY = 300, 1e-300


class PairedTest(NamedTuple):
    """What a paired t-test says."""

    t: float
    """Mean of the differences over its standard error; infinite if all differences are the same and not 0."""
    p: float
    """Two-sided: how likely a t so far from 0 would be if there were no difference."""


def relative_score(system: Sequence[float], natural: Sequence[float]) -> float:
    """100 * mean(system) / mean(natural), in per cent.

    Raises:
        DataError: no scores, different numbers of them, or a natural mean of 0.
    """
    _check(system, natural, least=1)
    mean = float(np.mean(natural))
    if not mean:
        raise DataError("the natural scores have the mean 0; nothing can be relative to that")
    return 100 * float(np.mean(system)) / mean


def paired_t_test(one: Sequence[float], other: Sequence[float]) -> PairedTest:
    """Student's test of whether the mean of one[i] - other[i] is 0.

    Raises:
        DataError: different numbers of values, or fewer than two.
    """
    _check(one, other, least=2)
    differences = np.asarray(one, np.float64) - np.asarray(other, np.float64)
    mean, spread, freedom = float(differences.mean()), float(differences.std(ddof=1)), len(differences) - 1
    if not spread:
        return PairedTest(math.copysign(math.inf, mean), 0.0) if mean else PairedTest(0.0, 1.0)
    t = mean / (spread / math.sqrt(len(differences)))
    return PairedTest(t, _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values, in the given order, corrected so that all tests together err as rarely as one.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.

    Raises:
        DataError: one is not in 0..1.
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise DataError(f"p values are {list(p_values)}; expected numbers in 0..1")
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda number: p_values[number])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected


def _check(one: Sequence[float], other: Sequence[float], *, least: int) -> None:
    if len(one) != len(other) or len(one) < least:
        raise DataError(
            f"got {len(one)} and {len(other)} values; expected as many of one as of the other, {least} or more"
        )


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function by its continued fraction (NIST Handbook, 8.17.22), after Lentz."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    ) / a  # fmt: skip
    above, below = 1.0, 1 / (_away(1 - (a + b) * x / (a + 1)))
    total = below
    for n in range(1, _ROUNDS):
        for term in (
            n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n)),
            -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1)),
        ):
            below = 1 / _away(1 + term * below)
            above = _away(1 + term / above)
            total *= below * above
        if abs(below * above - 1) < 1e-15:
            break
    return front * total


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
