"""Word errors of the arms on held-out speech, through the run-time recogniser; kept in the run folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from harken.asr.acoustic.model import AcousticModel
from harken.asr.recognizer import Recognizer
from harken.asr.search.space import SearchSpace
from harken.bundle import Bundle
from harken.data.utterances import Utterance
from harken.metrics.comparison import Estimate, Sums, SystemRun, by_unit, mean_figure, ratio, relative_change
from harken.metrics.result import Result
from harken.metrics.wer import WordErrors, word_errors
from harken.recipes.asr.selection.arms import ORACLE, SEED
from harken.recipes.asr.selection.labels import LabelQuality
from harken.text.words import normalize_words

CHANGE = "relative change of word errors"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One arm on one set with one seed."""

    arm: str
    set: str
    seed: int
    errors: tuple[tuple[str, WordErrors], ...]
    """(speaker, errors) of each recording."""

    @property
    def run(self) -> SystemRun[Sums]:
        """Errors and words of each speaker."""
        rows = ((speaker, float(errors.errors), float(errors.words)) for speaker, errors in self.errors)
        return SystemRun(system=self.arm, group=self.set, seed=self.seed, units=by_unit(rows))


def measure(
    bundle: Bundle, space: SearchSpace, utterances: Sequence[Utterance], folder: Path, *, arm: str, name: str, seed: int
) -> Measured:
    """Word errors of a bundle; kept under its hash.

    Args:
        bundle: acoustic.
        space: what can be said.
        utterances: with texts.
        folder: keeps the counts.
        arm, name, seed: of the arm, the set and its training.
    """
    file = folder / f"{name.replace(' ', '-')}-{bundle.hash[:16]}.json"
    if file.is_file():
        kept = json.loads(file.read_text(encoding="utf-8"))
        errors = tuple((speaker, WordErrors(**counts)) for speaker, counts in kept)
    else:
        recognizer = Recognizer(AcousticModel.from_bundle(bundle), space)
        errors = tuple((u.speaker or u.audio.name, _errors(recognizer, u)) for u in utterances)
        folder.mkdir(parents=True, exist_ok=True)
        rows = [(speaker, asdict(counts)) for speaker, counts in errors]
        file.write_text(json.dumps(rows) + "\n", encoding="utf-8")
    measured = Measured(arm=arm, set=name, seed=seed, errors=errors)
    print(f"{arm:13} {name} seed {seed}: {100 * ratio(list(measured.run.units.values())):.1f} %", flush=True)
    return measured


def recovery(seed: float, arm: float, oracle: float) -> float:
    """Share of the gap between seed and oracle that an arm closes: (seed - arm) / (seed - oracle)."""
    return (seed - arm) / (seed - oracle) if seed != oracle else 0.0


def results_of(
    measured: Sequence[Measured], labels: Sequence[LabelQuality], *, recipe: str, command: str, pool: str,
    seeds: Sequence[int], regime: str, seed_hash: tuple[str, str],
) -> Iterator[Result]:  # fmt: skip
    """Result lines: label errors, word errors, changes relative to the seed, recovery rates.

    Args:
        measured: every arm, set and seed.
        labels: of every arm that chooses.
        recipe, command: of the lines.
        pool: its name.
        seeds: of the trainings.
        regime: what the seed is called: with or without speech of the pool's domain.
        seed_hash: name and hash of the seed's bundle.
    """
    lines = _Lines(recipe=recipe, command=command, bundles=dict([seed_hash]), seeds=tuple(seeds))
    for quality in labels:
        rate = quality.errors.rate
        note = (
            f"{quality.hours:.2f} h, mean confidence {quality.confidence:.3f}, "
            f"{quality.right} of {quality.learned} words learned are right"
        )
        yield lines.of(
            "label error rate", Estimate(rate, *(quality.interval or (rate, rate))), quality.errors.words,
            f"{pool} pool", f"{quality.arm}, {regime}", note,
        )  # fmt: skip
    for name in dict.fromkeys(one.set for one in measured):
        runs = [one.run for one in measured if one.set == name]
        count = max(len(one.errors) for one in measured if one.set == name)
        arms = list(dict.fromkeys(run.system for run in runs))
        rates = {arm: mean_figure(runs, arm, statistic=ratio, rng=np.random.default_rng(0)) for arm in arms}
        for arm in arms:
            note = ""
            if ORACLE in arms and arm not in (SEED, ORACLE):
                share = recovery(rates[SEED].value, rates[arm].value, rates[ORACLE].value)
                note = f"recovers {100 * share:.0f} % of the gap to the oracle"
            condition = regime if arm == SEED else f"{arm}, {regime}"
            yield lines.of("word error rate", rates[arm], count, name, condition, note)
            if arm != SEED:
                change = relative_change(runs, arm, SEED, statistic=ratio, rng=np.random.default_rng(0))
                yield lines.of(CHANGE, change, count, name, f"{arm} against {regime}", "")


@dataclass(frozen=True, kw_only=True)
class _Lines:
    """What all lines of a run have in common."""

    recipe: str
    command: str
    bundles: Mapping[str, str]
    seeds: tuple[int, ...]

    def of(self, metric: str, estimate: Estimate, n: int, where: str, condition: str, note: str) -> Result:
        value, low, high = (round(100 * number, 2) for number in estimate)
        return Result(
            recipe=self.recipe, metric=metric, unit="%", value=value, low=low, high=high, n=n, set=where,
            condition=condition, command=self.command, bundles=self.bundles, seeds=self.seeds, note=note,
        )  # fmt: skip


def _errors(recognizer: Recognizer, utterance: Utterance) -> WordErrors:
    heard = recognizer.transcribe(utterance.read()).text.split()
    return word_errors(normalize_words(utterance.text or ""), heard)
