"""The subword tagger: the shared token encoder that ships, and the comparison of inputs. Commands: README.md here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harken.bundle import Bundle
from harken.metrics.result import Result
from harken.recipes.nlu.subword_tagger.sets import SETS, read_set
from harken.recipes.nlu.subword_tagger.shared import SharedConfig, train_shared
from harken.recipes.nlu.subword_tagger.trials import NetworkConfig, Trial, kinds_of, run_trial

NAME = "nlu/subword_tagger"
SHARED, SUMMARY = "shared", "trials.jsonl"
CURVE = (5, 10, 25)
"""Per cent of the training sentences in the learning curve."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    first: tuple[str, ...] = ("snips", "atis")
    """Sets with the whole table: all seeds, learning curve, softmax."""
    others: tuple[str, ...] = ("mit-movie", "wnut17", "multilingual-es", "multilingual-th")
    inputs: tuple[str, ...] = ("subword", "word", "all", "char", "byte", "phone")
    curve: tuple[str, ...] = ("word", "subword", "all")
    """Inputs of the learning curve."""
    seeds: tuple[int, ...] = (1, 2, 3)
    limit: int = 0
    """At most this many sentences of each set for the shared encoder; 0: all."""
    network: NetworkConfig = field(default_factory=NetworkConfig)
    shared: SharedConfig = field(default_factory=SharedConfig)


def prepare(config: Config, run: Path) -> None:
    """Check that the texts are there.

    Raises:
        DataError: they are missing.
    """
    for name in (*config.first, *config.others):
        read_set(name)


def train(config: Config, run: Path) -> Mapping[str, Any]:
    """Train the shared encoder, then every trial that has no result yet."""
    figures = dict(train_shared(config.shared, run / SHARED, limit=config.limit))
    done = 0
    for trial in planned(config):
        folder = run / "trials" / trial.name
        fresh = not (folder / "result.json").is_file()
        report = run_trial(trial, config.network, folder, run / f"phones-{SETS[trial.set].language}.json")
        done += 1
        if fresh:
            line = {key: value for key, value in report.items() if not isinstance(value, dict)}
            line |= {key: round(value["f1"], 2) for key, value in report.items() if isinstance(value, dict)}
            with (run / SUMMARY).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
    return {**figures, "trials": done}


def export(config: Config, run: Path) -> list[Bundle]:
    """Nothing: `nlu/interpreter` puts the shared encoder into its bundle."""
    return []


def score(config: Config, run: Path) -> list[Result]:
    """Figures of the trials that have a result."""
    from harken.recipes.nlu.subword_tagger.figures import figures_of

    reports = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((run / "trials").glob("*/result.json"))]
    return figures_of(reports)


def planned(config: Config) -> Iterator[Trial]:
    """All trials, what matters most first."""
    seeds = config.seeds
    for inputs, some in ((config.inputs[:3], seeds), (config.inputs[3:], seeds[:1])):
        yield from _known(Trial(set=s, inputs=i, seed=n) for n in some for s in config.first for i in inputs)
    for some in (seeds[:1], seeds[1:]):
        yield from _known(Trial(set=s, inputs=i, seed=n) for n in some for s in config.others for i in config.inputs)
        yield from _known(Trial(set=s, inputs=i, seed=n) for n in some for s in config.first for i in config.inputs[3:])
        yield from (
            Trial(set=s, inputs=i, seed=n, share=share)
            for n in some for share in CURVE for s in config.first for i in config.curve
        )  # fmt: skip
        yield from (Trial(set=s, inputs="all", seed=n, crf=False) for n in some for s in config.first)


def _known(trials: Iterator[Trial]) -> Iterator[Trial]:
    """Without those whose only input would be phonemes that harken does not know."""
    return (trial for trial in trials if kinds_of(trial))
