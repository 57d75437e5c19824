"""Word errors of the arms by dialect, with the same language model and search settings for all of them."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from harken.asr.passes.hearing import decode
from harken.asr.search.space import SearchOptions, SearchSpace
from harken.metrics.comparison import Estimate, Sums, SystemRun, by_unit, mean_figure, of_group, ratio, relative_change
from harken.metrics.result import Result
from harken.metrics.wer import WordErrors, word_errors
from harken.recipes.asr.dialects.arms import ArmConfig, Arms, Listener
from harken.recipes.asr.dialects.family import DialectSpeech, Family

BASELINES: Mapping[str, str] = {
    "tl": "ds", "shl": "ds", "pm": "ds", "pm-onehot": "pm", "pm-iv": "pm", "pm-iv-onehot": "pm-iv",
    "pm-scrambled": "pm",
}  # fmt: skip
"""Arm -> the arm that its relative change is measured against."""
PAIRS = (*BASELINES.items(), ("pm", "tl"), ("pm", "shl"))
"""All comparisons: an arm and its baseline."""
_CONFIGURATIONS = {"real": "method", "real-arpabet": "method family=real-arpabet", "toy": "tiny"}
"""Family -> configuration; the others have configurations of the same name."""
CHANGE, MEAN = "relative change of word errors", "mean of the dialects' tests"
"""Metric and set of the results that answer the paper's claims; other sets are single dialects."""


@dataclass(frozen=True, kw_only=True)
class MeasureConfig:
    """What is decoded."""

    sample: int = 0
    """Utterances of each dialect, a seeded sample; 0: all."""
    dev_sample: int = 40
    """For the setting of the search."""
    scales: tuple[float, ...] = (0.4, 0.6)
    """Acoustic scales to choose from on dev."""
    prior_scales: tuple[float, ...] = (0.3, 0.6, 1.0)
    """Scales of the phones' priors to choose from on dev."""
    search: Mapping[str, float] = field(default_factory=dict)
    """Further settings of the search."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One arm on one dialect with one seed."""

    arm: str
    dialect: str
    seed: int
    errors: tuple[tuple[str, WordErrors], ...]
    """(speaker, errors) of each utterance."""

    @property
    def rate(self) -> float:
        """Errors per word."""
        return ratio(list(self.run.units.values()))

    @property
    def run(self) -> SystemRun[Sums]:
        """Errors and words of each speaker."""
        rows = ((speaker, float(errors.errors), float(errors.words)) for speaker, errors in self.errors)
        return SystemRun(system=self.arm, group=self.dialect, seed=self.seed, units=by_unit(rows))

    def __str__(self) -> str:
        return f"{self.arm:14} {self.dialect:20} seed {self.seed}: {100 * self.rate:5.1f} % of {len(self.errors)}"


class _Ears:
    """Decodes; graphs are built once for each set of labels and dictionary."""

    def __init__(self, family: Family, options: SearchOptions, prior_scale: float):
        self.family, self.options, self.prior_scale = family, options, prior_scale
        self._spaces: dict[tuple[tuple[str, ...], int], SearchSpace] = {}

    def errors(
        self, listener: Listener, dialect: str, spoken: Sequence[DialectSpeech]
    ) -> tuple[tuple[str, WordErrors], ...]:
        space = self._space(dialect, listener.common).with_options(self.options)
        errors = []
        for utterance in spoken:
            heard = decode(space, listener.scores(utterance.example, self.prior_scale))
            errors.append((utterance.speaker, word_errors(list(utterance.words), heard)))
        return tuple(errors)

    def kept(
        self, file: Path, listener: Listener, dialect: str, spoken: Sequence[DialectSpeech]
    ) -> tuple[tuple[str, WordErrors], ...]:  # fmt: skip
        """The errors kept in a file if the same was measured in the same way; otherwise they are measured."""
        graph, digest = self._space(dialect, listener.common).graph, hashlib.sha256()
        for table in (*listener.tables(), graph.phone, graph.word, graph.cost, graph.target):
            digest.update(table.tobytes())
        for utterance in spoken:
            digest.update(" ".join(utterance.words).encode())
            digest.update(utterance.example.features.tobytes())
        way: dict[str, Any] = {"what": digest.hexdigest(), "prior_scale": self.prior_scale, **asdict(self.options)}
        if file.is_file():
            record = json.loads(file.read_text(encoding="utf-8"))
            if record["way"] == way:
                return tuple((speaker, WordErrors(**errors)) for speaker, errors in record["errors"])
        measured = self.errors(listener, dialect, spoken)
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".fresh")
        rows = [(speaker, asdict(errors)) for speaker, errors in measured]
        fresh.write_text(json.dumps({"way": way, "errors": rows}) + "\n", encoding="utf-8")
        fresh.replace(file)
        return measured

    def _space(self, dialect: str, common: bool) -> SearchSpace:
        labels = self.family.common if common else self.family.labels[dialect].own
        key = (labels, id(self.family.pronounce[dialect]))
        if key not in self._spaces:
            self._spaces[key] = self.family.space_of(dialect, common=common)
        return self._spaces[key]


def measure(
    family: Family, training: ArmConfig, config: MeasureConfig, run: Path, arms: Sequence[str], seeds: Sequence[int]
) -> list[Measured]:
    """Every arm on the test utterances of every dialect, trained first if necessary.

    Measurements are kept in the run folder, so that an interrupted run continues.
    """
    chosen: dict[str, Any] = dict(config.search)
    options = replace(SearchOptions(phone_bonus=0.0, consensus=True), **chosen)
    trained = {seed: Arms(family, training, run, seed) for seed in seeds}
    acoustic, prior = _choose_scales(family, trained[seeds[0]], config, options)
    options = replace(options, acoustic_scale=acoustic)
    measured, ears = [], _Ears(family, options, prior)
    for seed, trained_arms in trained.items():
        for arm in arms:
            heard = trained_arms.heard(arm, "test")
            listening = trained_arms.listeners(arm)
            here = family.scrambled(np.random.default_rng([seed, 3])) if arm == "pm-scrambled" else family
            own_ears = ears if here is family else _Ears(here, options, prior)
            for dialect in family.dialects:
                rows = _sample(heard[dialect], config.sample)
                file = run / "measured" / f"{arm}-{dialect}-{seed}.json"
                one = Measured(
                    arm=arm, dialect=dialect, seed=seed, errors=own_ears.kept(file, listening[dialect], dialect, rows)
                )
                print(one, flush=True)
                measured.append(one)
    return measured


def _choose_scales(
    family: Family, trained: Arms, config: MeasureConfig, options: SearchOptions
) -> tuple[float, float]:  # fmt: skip
    """Acoustic and prior scales with which the mapped arm makes the fewest errors on dev (mean of the dialects)."""
    listening = trained.listeners("pm")
    rows = {d: _sample(family.spoken[d, "dev"], config.dev_sample) for d in family.dialects}
    ears, rates = _Ears(family, options, 1.0), {}
    for acoustic, prior in itertools.product(config.scales, config.prior_scales):
        ears.options, ears.prior_scale = replace(options, acoustic_scale=acoustic), prior
        errors = {d: ears.errors(listening[d], d, rows[d]) for d in family.dialects}
        by_dialect = {d: sum((e for _, e in by_speaker), WordErrors()).rate for d, by_speaker in errors.items()}
        rates[acoustic, prior] = float(np.mean(list(by_dialect.values())))
        shown = ", ".join(f"{d} {100 * rate:.1f}" for d, rate in by_dialect.items())
        print(f"dev, scale {acoustic}, priors {prior}: {100 * rates[acoustic, prior]:.1f} % ({shown})", flush=True)
    return min(rates, key=lambda scales: rates[scales])


def _sample(rows: Sequence[DialectSpeech], count: int) -> list[DialectSpeech]:
    if not count or count >= len(rows):
        return list(rows)
    return [rows[n] for n in sorted(np.random.default_rng(0).permutation(len(rows))[:count])]


def results_of(measured: Sequence[Measured], *, recipe: str, family: str, seeds: Sequence[int]) -> Iterator[Result]:
    """Result lines: word errors by arm and dialect, and the relative changes, by dialect and their mean."""
    configuration = _CONFIGURATIONS.get(family, family)
    command, kind = f"harken score {recipe} {configuration}", f"{family} dialects"
    runs = [measurement.run for measurement in measured]
    heard = {measurement.dialect: len(measurement.errors) for measurement in measured}
    arms = list(dict.fromkeys(measurement.arm for measurement in measured))

    def line(metric: str, estimate: Estimate, n: int, where: str, condition: str, note: str = "") -> Result:
        value, low, high = (round(100 * number, 2) for number in estimate)
        return Result(
            recipe=recipe, metric=metric, unit="%", value=value, low=low, high=high, n=n, set=where,
            condition=f"{kind}, {condition}", command=command, seeds=tuple(seeds), note=note,
        )  # fmt: skip

    for arm in arms:
        for dialect, count in heard.items():
            rate = mean_figure(of_group(runs, dialect), arm, statistic=ratio, rng=np.random.default_rng(0))
            yield line("word error rate", rate, count, f"{dialect} test", arm, "mean of the seeds")
    for arm, against in PAIRS:
        if arm in arms and against in arms:
            for where, chosen in {MEAN: runs, **{f"{d} test": of_group(runs, d) for d in heard}}.items():
                change = relative_change(chosen, arm, against, statistic=ratio, rng=np.random.default_rng(0))
                n = sum(heard[run.group] for run in chosen if run.system == arm)
                yield line(CHANGE, change, n, where, f"{arm} against {against}")
