"""Figures of the arms: how well each tells right words from wrong ones, by type of error, against the decoder alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.passes.confidence import ANSWER, FREE, GRAMMAR, ConfidenceModel
from harken.dialogue.questions import A_YES, UNMISTAKABLE
from harken.dialogue.wishes import BADLY_HEARD
from harken.metrics.comparison import Estimate, SystemRun, mean_figure, relative_change
from harken.metrics.confidence import (
    area_under_precision,
    area_under_roc,
    calibration_error,
    equal_error_rate,
    normalised_cross_entropy,
)
from harken.metrics.result import Result
from harken.nlu.interpreter import NOT_SAID
from harken.recipes.asr.confidence.arms import (
    COMPARED,
    DECODER,
    FITS,
    LOGISTIC,
    Arms,
    Tables,
    classifier_file,
    load_classifier,
)
from harken.recipes.asr.confidence.material import CALIBRATION, DEV
from harken.recipes.asr.confidence.tables import Table
from harken.train.asr.confidence import CORRECT, INSERTED, SUBSTITUTED

MEAN = "mean of the tests"
"""Set of the figures over all tests."""


@dataclass(frozen=True, eq=False)
class Unit:
    """The words of one speaker."""

    types: NDArray[np.str_]
    p: NDArray[np.float64]


Figure = Callable[[Sequence[Unit]], float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
    """One arm on one test."""

    arm: str
    method: str
    test: str
    seed: int
    units: Mapping[str, Unit]

    @property
    def system(self) -> str:
        """Name of arm and classifier; that of the arm alone is the logistic regression, as in the paper."""
        return self.arm if self.method == LOGISTIC else f"{self.arm}, {self.method}"

    @property
    def run(self) -> SystemRun[Unit]:
        """For comparisons."""
        return SystemRun(system=self.system, group=self.test, seed=self.seed, units=self.units)

    @property
    def summary(self) -> dict[str, float]:
        """Figures for people."""
        return {name: round(figure(list(self.units.values())), 4) for name, (figure, _) in FIGURES.items()}


def measure_arms(arms: Arms, run: Path, tests: Mapping[str, Sequence[Table]], seed: int) -> Iterator[Measured]:
    """Every kept classifier of a seed on every test, in free speech."""
    for arm, method in FITS:
        classifier = load_classifier(classifier_file(run, arm, method, seed))
        for test, tables in tests.items():
            kept = [table for table in tables if table.best.any()]
            p = np.concatenate([classifier(arms.extractors.inputs(table, arm)[table.best], FREE) for table in kept])
            types = np.concatenate([table.types[table.best] for table in kept])
            speakers = np.concatenate([table.speaker_of_words[table.best] for table in kept])
            units = {str(one): Unit(types[speakers == one], p[speakers == one]) for one in np.unique(speakers)}
            yield Measured(arm=arm, method=method, test=test, seed=seed, units=units)


def _figure(metric: Callable[[Any, Any], float], *wrong: str) -> Figure:
    """A metric over units; wrong words of other types than these are left out."""

    def of_units(units: Sequence[Unit]) -> float:
        types, p = np.concatenate([unit.types for unit in units]), np.concatenate([unit.p for unit in units])
        kept = np.isin(types, (CORRECT, *wrong))
        return metric(types[kept] == CORRECT, p[kept])

    return of_units


_WRONG = (SUBSTITUTED, INSERTED)
FIGURES: Mapping[str, tuple[Figure, str]] = {
    "equal error rate": (_figure(equal_error_rate, *_WRONG), "lower"),
    "normalised cross entropy": (_figure(normalised_cross_entropy, *_WRONG), "higher"),
    "area under the ROC curve": (_figure(area_under_roc, *_WRONG), "higher"),
    "area under the precision curve of errors": (_figure(area_under_precision, *_WRONG), "higher"),
    "calibration error": (_figure(calibration_error, *_WRONG), "lower"),
    "equal error rate, insertions": (_figure(equal_error_rate, INSERTED), "lower"),
    "equal error rate, substitutions": (_figure(equal_error_rate, SUBSTITUTED), "lower"),
}
"""Metric -> figure, and what is better."""
CHANGES = (
    "equal error rate", "normalised cross entropy", "equal error rate, insertions", "equal error rate, substitutions",
)  # fmt: skip
"""Metrics whose change against the decoder's features is reported."""


def results_of(
    measured: Sequence[Measured], *, recipe: str, seeds: Sequence[int], bundles: Mapping[str, str], rounds: int
) -> Iterator[Result]:
    """Figures of every arm and test, and changes against the decoder's features, per test and over all."""
    runs = [one.run for one in measured]
    tests = list(dict.fromkeys(one.test for one in measured))
    words = {test: sum(len(unit.p) for unit in _first(measured, test).units.values()) for test in tests}

    def row(metric: str, estimate: Estimate, test: str, condition: str, unit: str) -> Result:
        scale = 100 if unit == "%" else 1
        value, low, high = (round(scale * end, 4) for end in estimate)
        return Result(
            recipe=recipe, metric=metric, unit=unit, value=value, low=low, high=high, n=words.get(test) or
            sum(words.values()), set=test, condition=condition, command=f"harken score {recipe} method",
            bundles=bundles, seeds=tuple(seeds), note="words; bootstrap over speakers",
        )  # fmt: skip

    for test in tests:
        own = [run for run in runs if run.group == test]
        for system in dict.fromkeys(run.system for run in own):
            for metric, (figure, _) in FIGURES.items():
                estimate = mean_figure(own, system, statistic=figure, rng=np.random.default_rng(0), rounds=rounds)
                yield row(metric, estimate, test, system, "%" if "rate" in metric or "error" in metric else "")
    for test in (*tests, MEAN):
        own = [run for run in runs if test in (run.group, MEAN)]
        for arm, method in FITS:
            if arm in COMPARED and arm != DECODER:
                names = [name if method == LOGISTIC else f"{name}, {method}" for name in (arm, DECODER)]
                for metric in CHANGES:
                    change = relative_change(
                        own, *names, statistic=FIGURES[metric][0], rng=np.random.default_rng(0), rounds=rounds
                    )
                    versus = f"{arm} against {DECODER}" + ("" if method == LOGISTIC else f", {method}")
                    yield row(f"relative change of the {metric}", change, test, versus, "%")


def operating_points(model: ConfidenceModel, arms: Arms, tables: Tables) -> dict[str, Any]:
    """What the assistant's thresholds for sentences do on `dev`: shares of wrong ones that pass, of right ones that do
    not."""
    requests = {"heard at all": NOT_SAID, "done without asking": BADLY_HEARD}
    answers = {"heard at all": NOT_SAID, "a yes": A_YES, "a yes to what is never done unasked": UNMISTAKABLE}
    points: dict[str, Any] = {}
    for space in (FREE, GRAMMAR, ANSWER):
        found = [(arms.sentence_inputs(model.words, table, space), table) for role in (DEV, CALIBRATION)
                 for table in tables.get((role, space), ())]  # fmt: skip
        if not found:
            continue
        first = [(table.rank == 0) & (table.texts != "") for _, table in found]
        judge = model.sentences[FREE if space == FREE else GRAMMAR]
        p = np.concatenate([judge(i, space)[f] for (i, _), f in zip(found, first, strict=True)])
        right = np.concatenate([table.right[f] for (_, table), f in zip(found, first, strict=True)])
        for name, threshold in (answers if space == ANSWER else requests).items():
            points[f"{space}: {name}"] = {
                "threshold": threshold, "wrong accepted": round(float((p[~right] >= threshold).mean()), 4),
                "right rejected": round(float((p[right] < threshold).mean()), 4), "sentences": len(p),
            }  # fmt: skip
    return points


def _first(measured: Sequence[Measured], test: str) -> Measured:
    return next(one for one in measured if one.test == test)
