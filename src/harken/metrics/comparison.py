"""A method against its baseline: several seeds, groups and their mean, relative change, paired bootstrap over units.

A unit is drawn as a whole because its contents are not independent: a speaker, a dialogue, a voice. Units are drawn
afresh for every group (dialect, domain), the same ones for both systems and all seeds: what is hard for one system is
hard for the other, and pairing removes that from the interval (B. Efron, R. Tibshirani, "An Introduction to
the Bootstrap", 1993; M. Bisani, H. Ney, "Bootstrap estimates for confidence intervals in ASR performance evaluation",
ICASSP 2004). The interval covers the choice of units, not that of seeds.

    runs = [
        Run(system="pm", group="us", seed=0, units=by_unit((u.speaker, errors, words) for u in ...)),
        ...
    ]
    change = relative_change(runs, "pm", "ds", statistic=ratio, rng=np.random.default_rng(0))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from harken.errors import DataError
from harken.metrics.intervals import draw_groups, percentile

T = TypeVar("T")
Sums = tuple[float, float]
Statistic = Callable[[Sequence[T]], float]
"""Figure of some units, such as `ratio`; a unit that was drawn twice is passed twice."""


class Estimate(NamedTuple):
    """A figure with its interval, low <= value <= high."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class SystemRun(Generic[T]):
    """What one training of a system achieved in one group."""

    system: str
    """'pm', 'ds', ...: a method or a baseline."""
    group: str
    """Dialect, domain, corpus; always the same name if there are no groups."""
    seed: int
    units: Mapping[str, T]
    """Speaker, dialogue, ... -> what `statistic` reads, for example (errors, words)."""


def by_unit(rows: Iterable[tuple[str, float, float]]) -> dict[str, Sums]:
    """Sums (numerator, denominator) of each unit from (unit, numerator, denominator) of each recording or sentence."""
    sums: dict[str, Sums] = {}
    for unit, above, below in rows:
        old = sums.get(unit, (0.0, 0.0))
        sums[unit] = old[0] + above, old[1] + below
    return sums


def ratio(parts: Sequence[Sums]) -> float:
    """Sum of numerators over sum of denominators: word error rate from (errors, words), accuracy from (right, all)."""
    return sum(above for above, _ in parts) / sum(below for _, below in parts)


def mean_figure(
    runs: Sequence[SystemRun[T]], system: str, *, statistic: Statistic[T], rng: np.random.Generator, rounds: int = 1000
) -> Estimate:
    """A system's figure: mean over the groups of the mean over the seeds, with a 95 % bootstrap over units.

    Raises:
        DataError: no run of the system, a group of fewer than two units, seeds of one group with different units.
    """
    tables = _tables(runs, system)
    return _estimated(
        tables, lambda group, chosen: _mean(tables[group], chosen, statistic), rng=rng, rounds=rounds
    )  # fmt: skip


def relative_change(
    runs: Sequence[SystemRun[T]],
    method: str,
    baseline: str,
    *,
    statistic: Statistic[T],
    rng: np.random.Generator,
    rounds: int = 1000,
) -> Estimate:
    """Mean over the groups of figure(method) / figure(baseline) - 1, each the mean over the seeds; paired.

    -0.14 means that the method's figure is 14 % lower. A draw in which the baseline's figure is 0 is repeated.

    Raises:
        DataError: as `mean_figure`; the two systems have different groups or units, or the baseline's figure is 0.
    """
    ours, theirs = _paired(runs, method, baseline)
    for group, table in theirs.items():
        if not _mean(table, _all(table), statistic):
            raise DataError(f"{baseline} has the figure 0 in '{group}'; nothing can be relative to that")

    def change(group: str, chosen: NDArray[np.int64]) -> float:
        return _mean(ours[group], chosen, statistic) / _mean(theirs[group], chosen, statistic) - 1

    return _estimated(
        theirs, change, rng=rng, rounds=rounds,
        usable=lambda group, chosen: _mean(theirs[group], chosen, statistic) != 0,
    )  # fmt: skip


def difference(
    runs: Sequence[SystemRun[T]],
    method: str,
    baseline: str,
    *,
    statistic: Statistic[T],
    rng: np.random.Generator,
    rounds: int = 1000,
) -> Estimate:
    """Mean over the groups of figure(method) - figure(baseline), each the mean over the seeds; paired.

    Raises:
        DataError: as `relative_change`, except for a figure of 0.
    """
    ours, theirs = _paired(runs, method, baseline)

    def change(group: str, chosen: NDArray[np.int64]) -> float:
        return _mean(ours[group], chosen, statistic) - _mean(theirs[group], chosen, statistic)

    return _estimated(theirs, change, rng=rng, rounds=rounds)


def of_group(runs: Iterable[SystemRun[T]], group: str) -> list[SystemRun[T]]:
    """The runs of one group."""
    return [run for run in runs if run.group == group]


_Table = list[list[T]]
"""[seeds][units]"""


def _runs_of(runs: Iterable[SystemRun[T]], system: str) -> list[SystemRun[T]]:
    runs = list(runs)
    own = [run for run in runs if run.system == system]
    if not own:
        there = ", ".join(dict.fromkeys(run.system for run in runs)) or "none"
        raise DataError(f"there is no run of '{system}' to compare; there are runs of: {there}")
    return own


def _tables(runs: Sequence[SystemRun[T]], system: str) -> dict[str, _Table[T]]:
    """Group -> its units by name, for each seed."""
    tables: dict[str, _Table[T]] = {}
    names: dict[str, list[str]] = {}
    for run in _runs_of(runs, system):
        units = sorted(run.units)
        if names.setdefault(run.group, units) != units:
            raise DataError(
                f"the runs of {system} in '{run.group}' have different units: {_unlike(names[run.group], units)}"
            )
        tables.setdefault(run.group, []).append([run.units[unit] for unit in units])
    return tables


def _paired(
    runs: Sequence[SystemRun[T]], method: str, baseline: str
) -> tuple[dict[str, _Table[T]], dict[str, _Table[T]]]:
    ours, theirs = _tables(runs, method), _tables(runs, baseline)
    if ours.keys() != theirs.keys():
        raise DataError(f"{method} and {baseline} have different groups: {_unlike(list(ours), list(theirs))}")
    units = {(run.system, run.group): set(run.units) for run in runs}
    for group in ours:
        if units[method, group] != units[baseline, group]:
            raise DataError(
                f"{method} and {baseline} have different units in '{group}': "
                f"{_unlike(units[method, group], units[baseline, group])}; measure both on the same"
            )
    return {group: ours[group] for group in ours}, {group: theirs[group] for group in ours}


def _unlike(one: Iterable[str], other: Iterable[str]) -> str:
    return ", ".join(sorted(set(one) ^ set(other))[:5])


def _all(table: _Table[T]) -> NDArray[np.int64]:
    return np.arange(len(table[0]))


def _mean(table: _Table[T], chosen: NDArray[np.int64], statistic: Statistic[T]) -> float:
    """Mean over the seeds of the figure of some units."""
    return float(np.mean([statistic([units[number] for number in chosen]) for units in table]))


def _estimated(
    tables: Mapping[str, _Table[T]],
    figure: Callable[[str, NDArray[np.int64]], float],
    *,
    rng: np.random.Generator,
    rounds: int,
    usable: Callable[[str, NDArray[np.int64]], bool] = lambda group, chosen: True,
) -> Estimate:
    """Mean over the groups of a figure, and its interval by drawing units in every group."""
    groups = list(tables)
    value = float(np.mean([figure(group, _all(tables[group])) for group in groups]))
    sizes = [len(tables[group][0]) for group in groups]
    draws = draw_groups(sizes, rng=rng, rounds=rounds, usable=lambda number, chosen: usable(groups[number], chosen))
    low, high = percentile(
        [
            float(np.mean([figure(group, chosen) for group, chosen in zip(groups, drawn, strict=True)]))
            for drawn in draws
        ]
    )
    return Estimate(value, min(low, value), max(high, value))
