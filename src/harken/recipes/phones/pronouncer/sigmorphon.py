"""The SIGMORPHON 2020 task: one network for its 15 languages, from its training words alone; several seeds together."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from harken.metrics.result import Result
from harken.phones.multilingual import MultilingualModel
from harken.recipes.phones.pronouncer.config import Config
from harken.recipes.phones.pronouncer.languages import train_network
from harken.recipes.phones.pronouncer.material import read_task
from harken.recipes.phones.pronouncer.measure import count, exported, mean_results
from harken.train.phones.configs import NetConfig

COMMAND = "harken score phones/pronouncer sigmorphon"


def train_task(config: Config, run: Path) -> Mapping[str, float]:
    """A network for each seed. Returns the figures of each on dev."""
    train, dev = read_task("train"), read_task("dev")
    figures: dict[str, float] = {}
    for seed in config.seeds:
        found = train_network(_seeded(config, seed), train, dev, _folder(run, seed))
        figures |= {f"{name}, seed {seed}": value for name, value in found.items()}
    return figures


def score_task(config: Config, run: Path) -> list[Result]:
    """Test errors of the first network and, with several seeds, of all together."""
    models = [MultilingualModel(exported(_seeded(config, seed), _folder(run, seed))) for seed in config.seeds]
    test, results = read_task("test"), []
    arms = {"one network": (models[:1], config.seeds[:1])}
    if len(models) > 1:
        arms[f"{len(models)} networks together"] = (models, config.seeds)
    for condition, (chosen, seeds) in arms.items():
        counts = {language: count(chosen, language, words) for language, words in test.items()}
        results += mean_results(counts, "sigmorphon2020 test", command=COMMAND, condition=condition, seeds=seeds)
    return results


def _seeded(config: Config, seed: int) -> NetConfig:
    return dataclasses.replace(config, loop=dataclasses.replace(config.loop, seed=seed))


def _folder(run: Path, seed: int) -> Path:
    return run / f"seed-{seed}"
