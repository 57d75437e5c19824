"""Intervals of measured figures: Wilson for rates, exact counting errors for rare events, bootstrap over groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from statistics import NormalDist
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from harken.errors import DataError

T = TypeVar("T")
Numbers = NDArray[np.int64]


class Interval(NamedTuple):
    """Lower and upper end."""

    low: float
    high: float


def wilson(hits: int, n: int, *, level: float = 0.95) -> Interval:
    """Interval of a rate of `hits` in `n` independent trials, both ends in 0..1.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.

    Raises:
        DataError: not 0 <= hits <= n with n >= 1.
    """
    if not 0 <= hits <= n or n < 1:
        raise DataError(f"got {hits} hits in {n} trials; expected 0 <= hits <= n and n >= 1")
    z, p = _normal(level), hits / n
    centre = p + z * z / (2 * n)
    spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # Rounding must not push the ends past the rate itself or outside 0..1.
    return Interval(
        min(p, max(0.0, (centre - spread) / (1 + z * z / n))), max(p, min(1.0, (centre + spread) / (1 + z * z / n)))
    )


def counting_rate(count: int, exposure: float, *, level: float = 0.95) -> Interval:
    """Interval of a rate of rare events, `count` of them in `exposure` (hours, say), exact for Poisson counts.

    F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28, 1936; solved by bisection.

    Raises:
        DataError: a negative count or no exposure.
    """
    if count < 0 or not exposure > 0:
        raise DataError(f"got {count} events in an exposure of {exposure}; expected count >= 0 and exposure > 0")
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else _solve(lambda mean: 1 - _at_most(count - 1, mean), tail, count)
    high = _solve(lambda mean: 1 - _at_most(count, mean), 1 - tail, count)
    return Interval(low / exposure, high / exposure)


def bootstrap(
    statistic: Callable[[Sequence[T]], float],
    groups: Sequence[T],
    *,
    rng: np.random.Generator,
    rounds: int = 1000,
    level: float = 0.95,
) -> Interval:
    """Percentile interval of `statistic` over groups (speakers, dialogues, voices) drawn with replacement.

    Args:
        statistic: figure of a list of groups; called `rounds` times.
        groups: one entry per independent unit, e.g. (errors, words) of each speaker.
        rng: source of randomness.
        rounds: resamples.
        level: share of the resamples inside.

    Raises:
        DataError: fewer than two groups, for which an interval would be meaningless.
    """
    drawn = draw_groups([len(groups)], rng=rng, rounds=rounds)
    return percentile([statistic([groups[i] for i in chosen]) for (chosen,) in drawn], level=level)


def bootstrap_ratio(
    parts: Sequence[tuple[float, float]], *, rng: np.random.Generator, rounds: int = 1000, level: float = 0.95
) -> Interval:
    """`bootstrap` of sum(numerators) / sum(denominators), e.g. of (errors, words) per speaker; vectorised.

    Raises:
        DataError: fewer than two groups, or a denominator that is not positive.
    """
    table = np.asarray(parts, np.float64).reshape(-1, 2)
    if not (table[:, 1] > 0).all():
        raise DataError(f"got a group whose denominator is {table[:, 1].min()}; expected more than 0")
    sums = np.stack([table[chosen].sum(axis=0) for (chosen,) in draw_groups([len(table)], rng=rng, rounds=rounds)])
    return percentile(sums[:, 0] / sums[:, 1], level=level)


def draw_groups(
    sizes: Sequence[int],
    *,
    rng: np.random.Generator,
    rounds: int,
    usable: Callable[[int, Numbers], bool] = lambda stratum, chosen: True,
) -> Iterator[list[Numbers]]:
    """The draws of every bootstrap: in each round, for each stratum, as many of its groups as it has, with replacement.

    Args:
        sizes: groups of each stratum; one stratum for a plain bootstrap.
        rng: source of randomness.
        rounds: how many.
        usable: (stratum, numbers of its groups) -> whether they have a figure; if not, they are drawn again.

    Raises:
        DataError: a stratum of fewer than two groups, for which an interval would be meaningless.
    """
    if not sizes or min(sizes) < 2:
        raise DataError(f"a bootstrap over {min(sizes, default=0)} group means nothing; give two or more")

    def draw(stratum: int, size: int) -> Numbers:
        while True:
            chosen: Numbers = rng.integers(size, size=size)
            if usable(stratum, chosen):
                return chosen

    for _ in range(rounds):
        yield [draw(stratum, size) for stratum, size in enumerate(sizes)]


def percentile(values: Sequence[float] | NDArray[np.float64], *, level: float = 0.95) -> Interval:
    """The ends of the middle `level` of the values."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def _normal(level: float) -> float:
    if not 0 < level < 1:
        raise DataError(f"level is {level}; expected a share between 0 and 1, such as 0.95")
    return NormalDist().inv_cdf((1 + level) / 2)


def _at_most(count: int, mean: float) -> float:
    """Probability of `count` or fewer events when `mean` are expected."""
    if mean <= 0:
        return 1.0
    logs = [n * math.log(mean) - mean - math.lgamma(n + 1) for n in range(count + 1)]
    return math.fsum(math.exp(value) for value in logs)


def _solve(rising: Callable[[float], float], wanted: float, near: int) -> float:
    low, high = 0.0, near + 10 * math.sqrt(near + 1) + 20
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2
