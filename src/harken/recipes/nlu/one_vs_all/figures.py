"""From the recipe's JSON files to figures with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.metrics.comparison import SystemRun, ratio, relative_change
from harken.metrics.intervals import percentile
from harken.metrics.result import Result
from harken.nlu.divergence import LossCurve
from harken.recipes.nlu.one_vs_all.stream import Point
from harken.recipes.nlu.one_vs_all.study import KINDS, Cell, Effects, effects, fit_curve, losses

Row = Mapping[str, Any]
ALLOWED = 1.0
"""Accuracy points: the release gate warns when it expects to lose more."""
_ROUNDS = 400
_TITLES = {"clinc150": "CLINC150 test", "hwu64": "HWU64 test", "toy": "toy test"}


def point_of(row: Row) -> Point:
    """A simulated state from its JSON row."""
    return Point(**{field.name: row[field.name] for field in fields(Point)})


def summary(cells: Sequence[Cell], points: Sequence[tuple[int, int, Point]]) -> dict[str, Any]:
    """What people want to see after a run."""
    found = effects(cells)
    return {"partial": found.partial, "slopes": found.slopes, "correlations": found.correlations,
            "curve": vars(found.curve), "gate": gate(cells, points)}  # fmt: skip


def gate(cells: Sequence[Cell], points: Sequence[tuple[int, int, Point]]) -> dict[str, float]:
    """Back-test of the release gate: the curve of the study predicts the losses of the simulation.

    Returns:
        {"error", "correlation", "warned", "right", "missed"}: mean distance of predicted and true loss in points, their
        correlation, the share of states with a warning, and the shares of warnings that were right and of true losses
        above `ALLOWED` that had no warning.
    """
    curve = fit_curve(losses(cells))
    pairs = np.array([(curve.predict(p.staleness, p.distance), lost) for p, lost in _lost(points)])
    predicted, true = pairs[:, 0], pairs[:, 1]
    warned, costly = predicted > ALLOWED, true > ALLOWED
    return {
        "error": float(np.abs(predicted - true).mean()), "correlation": float(np.corrcoef(predicted, true)[0, 1]),
        "warned": float(warned.mean()), "right": float((warned & costly).sum() / max(warned.sum(), 1)),
        "missed": float((costly & ~warned).sum() / max(costly.sum(), 1)),
    }  # fmt: skip


def _lost(points: Sequence[tuple[int, int, Point]]) -> list[tuple[Point, float]]:
    """Every state with what it loses, in points, against the most often refreshed synchronous system on that day."""
    often = min(every for _, every, _ in points)
    best = {(seed, p.day): p.accuracy for seed, every, p in points if every == often}
    return [(p, 100 * (best[seed, p.day] - p.accuracy)) for seed, _, p in points]


def results_of(
    compared: Sequence[Row], studied: Sequence[Row], streamed: Sequence[Row], *, recipe: str, command: str,
    bundles: Mapping[str, str], seeds: Sequence[int],
) -> Iterator[Result]:  # fmt: skip
    """Every figure of a run."""

    def line(
        metric: str, unit: str, values: tuple[float, float, float], n: int, where: str, condition: str, peer: str
    ) -> Result:
        value, low, high = (round(number, 4) for number in values)
        return Result(
            recipe=recipe, metric=metric, unit=unit, value=value, low=min(low, value), high=max(high, value), n=n,
            set=where, condition=condition, command=command, seeds=tuple(seeds), system=peer or "harken",
            bundles={} if peer else dict(bundles),
        )  # fmt: skip

    yield from _comparison_lines(compared, line)
    if not (studied and streamed):
        return
    where = next(iter(dict.fromkeys(_TITLES[row["source"]] for row in compared)))
    for result in (
        *_study_lines([Cell(**row) for row in studied], where, line),
        *_stream_lines([Cell(**row) for row in studied], streamed, where, line),
    ):
        yield replace(result, bundles={}, note="on the vectors of MiniLM, which has not learnt these labels")


def _comparison_lines(compared: Sequence[Row], line: Callable[..., Result]) -> Iterator[Result]:
    keys = dict.fromkeys((row["source"], row["encoder"], row["taught"], row["system"]) for row in compared)
    for source, encoder, taught, system in keys:
        own = [
            row for row in compared
            if (row["source"], row["encoder"], row["taught"], row["system"]) == (source, encoder, taught, system)
        ]  # fmt: skip
        where, peer = _TITLES[source], f"{encoder} and linear models" if encoder.startswith("MiniLM") else ""
        condition = f"{system}, {taught} taught" + encoder.removeprefix("harken") * (not peer)
        for metric, name in (("accuracy", "right"), ("in scope kept", "kept"), ("out of scope accepted", "accepted")):
            if own[0][name]:
                yield line(
                    metric, "%", 100 * _rates([row[name] for row in own]), len(own[0][name]), where, condition, peer
                )
        for metric, name, unit in (
            ("macro F1", "f1", ""), ("calibration error before calibration", "raw_error", ""),
            ("calibration error", "error", ""), ("out of scope AUROC", "auroc", ""),
            ("greatest share of answers of a class over its share of sentences", "most_wins", ""),
            ("processor time of training all classes", "seconds", "s"),
            ("processor time of an update", "update_seconds", "s"), ("bytes of an update", "update_bytes", "B"),
        ):  # fmt: skip
            values = np.array([row[name] for row in own], dtype=float)
            if np.isfinite(values).all():
                spread = (float(values.mean()), float(values.min()), float(values.max()))
                yield line(metric, unit, spread, len(own[0]["right"]), where, condition, peer)
    for source in dict.fromkeys(row["source"] for row in compared):
        runs = [
            SystemRun(
                system=row["system"], group=row["taught"], seed=row["seed"],
                units={str(place): (float(right), 1.0) for place, right in enumerate(row["right"])},
            )
            for row in compared if row["source"] == source and row["encoder"] == "harken"
        ]  # fmt: skip
        for group in ("", *dict.fromkeys(run.group for run in runs)):
            rng, own_runs = np.random.default_rng(0), [run for run in runs if group in ("", run.group)]
            if own_runs:
                change = relative_change(own_runs, "one-vs-all", "multiclass", statistic=ratio, rng=rng, rounds=_ROUNDS)
                yield line("relative change of accuracy", "%", tuple(100 * value for value in change), len(own_runs),
                           _TITLES[source], "one-vs-all against multiclass" + (f", {group} taught" if group else ""),
                           "")  # fmt: skip


def _rates(hits: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Mean over the seeds of a share, and its bootstrap over the sentences."""
    table = np.array(hits, dtype=float)
    rng = np.random.default_rng(0)
    means = [table[:, rng.integers(table.shape[1], size=table.shape[1])].mean() for _ in range(_ROUNDS)]
    low, high = percentile(means)
    return np.array([table.mean(), low, high])


def _study_lines(cells: Sequence[Cell], where: str, line: Callable[..., Result]) -> Iterator[Result]:
    rng = np.random.default_rng(0)
    groups = sorted({(cell.classes, cell.examples, cell.seed) for cell in cells})
    members = {key: [c for c in cells if (c.classes, c.examples, c.seed) == key] for key in groups}
    found = effects(cells)
    draws = []
    for _ in range(100):
        picked = [groups[i] for i in rng.integers(len(groups), size=len(groups))]
        draws.append(effects([cell for key in dict.fromkeys(picked) for cell in members[key]]))

    def lined(metric: str, condition: str, read: Callable[[Any], float], unit: str = "") -> Result:
        low, high = percentile([read(draw) for draw in draws])
        return line(metric, unit, (read(found), low, high), len(cells), where, condition, "")

    yield lined("correlation", "divergence and accuracy", partial(_read, "correlations", "stale distance"))
    for kind in KINDS:
        for measure in ("distance", "coverage", "staleness", "disagreement", "shift"):
            name = f"{kind} {measure}"
            yield lined("correlation", f"{measure} and accuracy, {kind}", partial(_read, "correlations", name))
    for factor in found.partial:
        yield lined("partial correlation", f"{factor} and accuracy", partial(_read, "partial", factor))
        yield lined("accuracy per standard deviation", factor, partial(_read, "slopes", factor), "points")


def _read(kind: str, name: str, effects_: Effects) -> float:
    return float(getattr(effects_, kind)[name])


def _stream_lines(
    cells: Sequence[Cell], streamed: Sequence[Row], where: str, line: Callable[..., Result]
) -> Iterator[Result]:
    points = [(row["seed"], row["every"], point_of(row)) for row in streamed]
    for policy, every in dict.fromkeys((p.policy, every) for _, every, p in points):
        own = [(p, lost) for (p, lost), (_, e, _) in zip(_lost(points), points, strict=True)
               if (p.policy, e) == (policy, every)]  # fmt: skip
        condition = f"simulation, {policy}" + ("" if policy == "trigger" else f", every {every} days")
        for metric, values in (
            ("accuracy", [100 * p.accuracy for p, _ in own]), ("accuracy lost", [lost for _, lost in own]),
            ("distance", [p.distance for p, _ in own]), ("staleness", [p.staleness for p, _ in own]),
        ):  # fmt: skip
            unit = {"accuracy": "%", "accuracy lost": "points"}.get(metric, "")
            yield line(metric, unit, _spread(values), len(own), where, condition, "")
        last = [p.refreshes for p, _ in own if p.day == max(point.day for point, _ in own)]
        yield line("class models trained", "", (float(np.mean(last)), min(last), max(last)), len(last), where,
                   condition, "")  # fmt: skip
    yield line("relative change of accuracy", "%", _asynchronous(points), len(points), where,
               "asynchronous against synchronous", "")  # fmt: skip
    tested = gate(cells, points)
    for name, unit in (("error", "points"), ("correlation", ""), ("warned", ""), ("right", ""), ("missed", "")):
        value = tested[name]
        yield line(f"release gate, {name}", unit, (value, value, value), len(points), where, "simulation", "")


def _asynchronous(points: Sequence[tuple[int, int, Point]]) -> tuple[float, float, float]:
    """Relative change of accuracy of round-robin against synchronous refreshes at the same interval, in percent."""
    both: dict[tuple[int, int, int], dict[str, float]] = {}
    for seed, every, point in points:
        both.setdefault((seed, every, point.day), {})[point.policy] = point.accuracy
    changes = [100 * (row["round robin"] / row["synchronous"] - 1) for row in both.values() if "round robin" in row]
    return _spread(changes)


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean, and its bootstrap."""
    table, rng = np.array(values), np.random.default_rng(0)
    low, high = percentile([float(table[rng.integers(len(table), size=len(table))].mean()) for _ in range(_ROUNDS)])
    return float(table.mean()), low, high


def curve_of(cells: Sequence[Cell]) -> LossCurve:
    """The curve that `harken skill status` uses."""
    return fit_curve(losses(cells))
