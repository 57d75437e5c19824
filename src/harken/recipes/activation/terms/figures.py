"""From the finished networks to figures with intervals, and the rule that picks the sub-band network of a task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from harken.metrics.comparison import Estimate, SystemRun, by_unit, difference, mean_figure, ratio
from harken.metrics.result import Result
from harken.recipes.activation.terms.arms import ARMS, EQUAL_COST, FULL, MODERN_FULL
from harken.recipes.activation.terms.exported import STREAM_BLOCKS, Cost, Measured
from harken.recipes.activation.terms.material import measured_on
from harken.recipes.activation.terms.study import Cell

AGAINST = "sub-band against full-band"
_ROUNDS = 1000


def choose(cells: Sequence[Cell]) -> str:
    """The sub-band network of the paper's kind that stands against the full-band one in the claims.

    Of those that are at least as accurate on the recordings that choose (mean of the seeds), the one with the fewest
    multiplications; if none is, the most accurate one. Nothing of what is measured on is looked at.

    Args:
        cells: of one task.

    Returns:
        Its name, or nothing if it or the full-band network is not trained.
    """
    banded = {arm.name for arm in ARMS if arm.net.bands > 1 and arm.net.body == "plain"}
    accuracy = {cell.arm: float(np.mean([one.chosen_by for one in cells if one.arm == cell.arm])) for cell in cells}
    cost = {cell.arm: cell.multiplies for cell in cells if cell.arm in banded}
    if FULL not in accuracy or not cost:
        return ""
    as_good = [name for name in cost if accuracy[name] >= accuracy[FULL]]
    return min(as_good, key=lambda name: cost[name]) if as_good else max(cost, key=lambda name: accuracy[name])


def results_of(cells: Sequence[Cell], *, recipe: str, command: str) -> Iterator[Result]:
    """Every figure of the finished networks."""
    for task in dict.fromkeys(cell.task for cell in cells):
        own = [cell for cell in cells if cell.task == task]
        lines = _Lines(own, recipe, command, measured_on(task))
        for arm in dict.fromkeys(cell.arm for cell in own):
            yield from lines.of_arm(arm)
        chosen = choose(own)
        for method, baseline, condition in _compared(own, chosen):
            yield from lines.of_pair(method, baseline, condition)


def _compared(cells: Sequence[Cell], chosen: str) -> Iterator[tuple[str, str, str]]:
    trained = {cell.arm for cell in cells}
    if chosen:
        yield chosen, FULL, AGAINST
    rivals = [
        (arm.name, FULL if arm.net.body == "plain" else MODERN_FULL)
        for arm in ARMS
        if arm.net.bands > 1 or arm.net.normalised > 1
    ]
    for method, baseline in dict.fromkeys([*rivals, *EQUAL_COST]):
        if {method, baseline} <= trained:
            yield method, baseline, f"{method} against {baseline}"


class _Lines:
    def __init__(self, cells: Sequence[Cell], recipe: str, command: str, measured: str):
        self.cells, self.recipe, self.command, self.measured = cells, recipe, command, measured
        self.runs = [
            SystemRun(
                system=cell.arm, group=cell.task, seed=cell.seed,
                units=by_unit((unit, float(right), 1.0) for unit, right in zip(cell.units, cell.right, strict=True)),
            )
            for cell in cells
        ]  # fmt: skip

    def of_arm(self, arm: str) -> Iterator[Result]:
        own = [cell for cell in self.cells if cell.arm == arm]
        accuracy = mean_figure(self.runs, arm, statistic=ratio, rng=np.random.default_rng(0), rounds=_ROUNDS)
        yield self._line("accuracy", "%", _percent(accuracy), arm)
        yield self._line("multiplies of a window", "", (own[0].multiplies, None, None), arm)
        yield self._line("weights", "", (own[0].weights, None, None), arm)

    def of_pair(self, method: str, baseline: str, condition: str) -> Iterator[Result]:
        cost = {cell.arm: cell.multiplies for cell in self.cells}
        note = f"{method} against {baseline}" if condition == AGAINST else ""
        saved = 100 * (cost[method] / cost[baseline] - 1)
        yield self._line("relative change of multiplies", "%", (saved, None, None), condition, note)
        change = difference(self.runs, method, baseline, statistic=ratio, rng=np.random.default_rng(0), rounds=_ROUNDS)
        yield self._line("difference of accuracy", "points", _percent(change), condition, note)

    def _line(
        self, metric: str, unit: str, value: tuple[float, float | None, float | None], condition: str, note: str = ""
    ) -> Result:  # fmt: skip
        figure, low, high = (None if number is None else round(number, 3) for number in value)
        assert figure is not None
        return Result(
            recipe=self.recipe, metric=metric, unit=unit, value=figure, low=low, high=high, set=self.measured,
            n=len(self.cells[0].right), condition=condition, command=self.command, note=note,
            seeds=tuple(sorted({cell.seed for cell in self.cells})),
        )  # fmt: skip


def of_exported(
    task: str, names: Mapping[str, str], measured: Mapping[str, Measured], costs: Mapping[str, Cost], *, recipe: str,
    command: str, seed: int, runs: int,
) -> list[Result]:  # fmt: skip
    """Figures of the exported full-band and sub-band networks.

    Args:
        task: what they tell apart.
        names: 'full-band' and 'sub-band' -> the network's name.
        measured: the same -> how it did on recordings; empty for made-up words.
        costs: the same -> what it costs.
        recipe, command: of the results.
        seed: of the training that was exported.
        runs: windows behind the wall time.
    """

    def line(kind: str, metric: str, unit: str, value: Estimate, n: int) -> Result:
        low, high = (None, None) if value.low == value.high else (value.low, value.high)
        return Result(
            recipe=recipe, metric=metric, unit=unit, value=round(value.value, 4), low=low, high=high, n=n,
            set=measured_on(task), condition=f"{kind}, exported with eight bits", command=command, seeds=(seed,),
            note=names[kind],
        )  # fmt: skip

    found = []
    for kind, cost in costs.items():
        for metric, unit, number, n in (
            ("wall time of a window on one core", "ms", cost.milliseconds, runs),
            ("processor time of a stream", "RTF", cost.factor, STREAM_BLOCKS), ("size", "kB", cost.size / 1000, 1),
        ):  # fmt: skip
            found.append(line(kind, metric, unit, Estimate(number, number, number), n))
        if kind in measured:
            rows = zip(measured[kind].units, measured[kind].right, strict=True)
            runs_of = [
                SystemRun(system=kind, group=task, seed=seed, units=by_unit((u, float(r), 1.0) for u, r in rows))
            ]
            rng = np.random.default_rng(0)
            accuracy = mean_figure(runs_of, kind, statistic=ratio, rng=rng, rounds=_ROUNDS)
            found.append(line(kind, "accuracy", "%", Estimate(*_percent(accuracy)), len(measured[kind].right)))
    return found


def _percent(value: Estimate) -> tuple[float, float, float]:
    low, middle, high = (round(100 * number, 4) for number in (value.low, value.value, value.high))
    return middle, low, high
