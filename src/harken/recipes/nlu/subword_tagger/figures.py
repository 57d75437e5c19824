"""The trials as results: F1 of every set and input, sizes, and the paper's claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from harken.metrics.comparison import Estimate, SystemRun, difference, mean_figure
from harken.metrics.result import Result
from harken.recipes.nlu.subword_tagger.sets import SETS

RECIPE, COMMAND = "nlu/subword_tagger", "harken score nlu/subword_tagger method"
Report = Mapping[str, Any]
Counts = tuple[int, int, int]
"""(right, wanted, found)."""
_CLAIMS = (("units", "words"), ("words and units", "words"), ("all units", "best unit"))
"""As papers.toml names what it compares."""
_INPUTS = {"units": "subword", "words": "word", "words and units": "all", "all units": "subword"}
_SINGLE = ("char", "phone", "byte")
_ROUNDS = 500
_ENOUGH = 2
"""Seeds of a set that counts for a claim."""


def figures_of(reports: Sequence[Report]) -> list[Result]:
    """Results of the trials that are there; a comparison needs the same seeds of both systems."""
    return [*_table(reports), *_spoiled(reports), *_sizes(reports), *_claims(reports)]


def f1(parts: Sequence[Counts]) -> float:
    """Span F1 in per cent of some sentences; 0 without spans."""
    right, wanted, found = np.asarray(parts, dtype=np.int64).sum(axis=0)
    return float(200 * right / max(1, wanted + found))


def condition_of(report: Report) -> str:
    """What the network saw and learnt from, e.g. 'subword, 5 % of train'."""
    share = "" if report["share"] == 100 else f", {report['share']} % of train"
    return f"{report['inputs']}{'' if report['crf'] else ' without CRF'}{share}"


def _table(reports: Sequence[Report]) -> Iterator[Result]:
    for (name, condition), own in _grouped(reports).items():
        for metric, key in (("span F1", "counts"), ("span F1, spans with an unseen word", "unseen")):
            estimate = _estimate([_run(report, "x", report["test"][key]) for report in own])
            wanted = sum(row[1] for row in own[0]["test"][key])
            if wanted:
                yield _result(metric, f"{name} test", condition, estimate, own, n=wanted)


def _spoiled(reports: Sequence[Report]) -> Iterator[Result]:
    for (name, condition), own in _grouped(reports).items():
        for key in (key for key in own[0] if key.startswith("test ")):
            estimate = _estimate([_run(report, "x", report[key]["counts"]) for report in own])
            wanted = sum(row[1] for row in own[0][key]["counts"])
            share = key.removeprefix("test ").removesuffix(" close words")
            spoiled = f"{condition}; {share.replace('%', ' %')} of the words misheard"
            yield _result("span F1", f"{name} test", spoiled, estimate, own, n=wanted)


def _sizes(reports: Sequence[Report]) -> Iterator[Result]:
    for (name, condition), own in _grouped(reports).items():
        if own[0]["share"] != 100 or not own[0]["crf"]:
            continue
        for metric, value, unit in (
            ("embedding rows", own[0]["rows"], ""), ("parameters", own[0]["parameters"], ""),
            ("size in eight bits", own[0]["parameters"] / 1e6, "MB"),
        ):  # fmt: skip
            yield Result(
                recipe=RECIPE, metric=metric, unit=unit, value=value, n=1, set=name, condition=condition,
                command=COMMAND, seeds=tuple(report["seed"] for report in own),
            )  # fmt: skip


def _claims(reports: Sequence[Report]) -> Iterator[Result]:
    whole = [report for report in reports if report["share"] == 100 and report["crf"]]
    for method, baseline in _CLAIMS:
        runs = [*_of(whole, method), *_of(whole, baseline)]
        runs = _complete(runs, method, baseline)
        if not runs:
            continue
        estimate = difference(
            runs, method, baseline, statistic=f1, rng=np.random.default_rng(0), rounds=_ROUNDS
        )  # fmt: skip
        sets = sorted({run.group for run in runs})
        of_set = [{run.seed for run in runs if run.group == name} for name in sets]
        seeds = tuple(sorted(set.intersection(*of_set)))
        yield Result(
            recipe=RECIPE, metric="difference of slot F1", unit="points", value=round(estimate.value, 2),
            low=round(estimate.low, 2), high=round(estimate.high, 2), n=sum(len(run.units) for run in runs if
            run.system == method and run.seed == seeds[0]), set="mean of the tests",
            condition=f"{method} against {baseline}", command=COMMAND, seeds=seeds, note=", ".join(sets),
        )  # fmt: skip


def _of(reports: Sequence[Report], system: str) -> Iterator[SystemRun[Counts]]:
    for name in {report["set"] for report in reports}:
        inputs = _INPUTS.get(system) or _best_single(reports, name)
        for report in reports:
            if report["set"] == name and report["inputs"] == inputs:
                yield _run(report, system, report["test"]["counts"])


def _best_single(reports: Sequence[Report], name: str) -> str:
    """The kind of unit with the highest mean F1 on dev."""
    own = {kind: [r["dev"]["f1"] for r in reports if r["set"] == name and r["inputs"] == kind] for kind in _SINGLE}
    return max(own, key=lambda kind: float(np.mean(own[kind])) if own[kind] else 0.0)


def _complete(runs: Sequence[SystemRun[Counts]], method: str, baseline: str) -> list[SystemRun[Counts]]:
    """Only sets and seeds that both systems have; sets with one seed count only while no set has more."""
    there = {(run.system, run.group, run.seed) for run in runs}
    both = [
        run for run in runs
        if {(method, run.group, run.seed), (baseline, run.group, run.seed)} <= there
    ]  # fmt: skip
    seeds = {group: {run.seed for run in both if run.group == group} for group in SETS}
    least = min(_ENOUGH, max((len(found) for found in seeds.values()), default=0))
    return [run for run in both if len(seeds[run.group]) >= least]


def _run(report: Report, system: str, counts: Sequence[Sequence[int]]) -> SystemRun[Counts]:
    units = {f"{place:05d}": (row[0], row[1], row[2]) for place, row in enumerate(counts)}
    return SystemRun(system=system, group=report["set"], seed=report["seed"], units=units)


def _estimate(runs: Sequence[SystemRun[Counts]]) -> Estimate:
    return mean_figure(runs, "x", statistic=f1, rng=np.random.default_rng(0), rounds=_ROUNDS)


def _grouped(reports: Sequence[Report]) -> dict[tuple[str, str], list[Report]]:
    groups: dict[tuple[str, str], list[Report]] = defaultdict(list)
    for report in sorted(reports, key=lambda report: report["seed"]):
        groups[report["set"], condition_of(report)].append(report)
    return groups


def _result(metric: str, where: str, condition: str, estimate: Estimate, own: Sequence[Report], *, n: int) -> Result:
    return Result(
        recipe=RECIPE, metric=metric, unit="%", value=round(estimate.value, 2), low=round(estimate.low, 2),
        high=round(estimate.high, 2), n=n, set=where, condition=condition, command=COMMAND,
        seeds=tuple(report["seed"] for report in own),
    )  # fmt: skip
