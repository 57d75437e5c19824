"""Learning without text: rules of choice compared at equal hours (method 4). Commands: README.md in this folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from harken.bundle import Bundle
from harken.metrics.result import Result
from harken.recipes.asr.selection.arms import SEED, Choosing, ChoosingConfig
from harken.recipes.asr.selection.ground import Ground, GroundConfig, real_ground
from harken.recipes.asr.selection.labels import (
    LabelQuality,
    embedding_check,
    label_quality,
    reference_words,
    slot_truth,
)
from harken.recipes.asr.selection.measure import measure, results_of
from harken.recipes.asr.selection.training import LABELLED, Training, TrainingConfig
from harken.settings import save_settings

__all__ = ["Config", "export", "prepare", "score", "train"]

NAME = "asr/selection"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    name: str = "method"
    """Of this configuration, for the command that results name."""
    regime: str = "seed without domain"
    """What the seed is called in results: with or without transcribed speech of the pool's domain."""
    ground: GroundConfig = field(default_factory=GroundConfig)
    choosing: ChoosingConfig = field(default_factory=ChoosingConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    arms: tuple[str, ...] = (
        "seed", "labelled", "random", "confidence", "dropout", "local-global", "margin", "both", "all", "oracle",
    )  # fmt: skip
    seeds: tuple[int, ...] = (0,)


def prepare(config: Config, run: Path) -> None:
    """Decode the pool with the seed and compute features; what exists is kept. No text of the pool is read."""
    Choosing(_ground(config, run), config.choosing, run, config.seeds[0]).prepare()


def train(config: Config, run: Path) -> Mapping[str, str]:
    """Choose, and train every arm from the seed with every seed of the random numbers; resumes."""
    save_settings(config, run / "config.json")
    ground, trained = _ground(config, run), {}
    training = Training(ground, config.training, run)
    for seed in config.seeds:
        choosing = Choosing(ground, config.choosing, run, seed)
        for arm in config.arms:
            trained[f"{arm} {seed}"] = training.bundle(arm, choosing).hash[:12]
    return trained


def export(config: Config, run: Path) -> list[Bundle]:
    """Nothing: the arms are only compared; none of them ships."""
    return []


def score(config: Config, run: Path) -> list[Result]:
    """Errors of the chosen labels, and word errors of every arm on dev and test."""
    ground = _ground(config, run)
    labels = score_labels(config, ground, run)
    training = Training(ground, config.training, run)
    sets = {f"{config.ground.dev} dev": ground.dev, f"{config.ground.test} test": ground.test}
    measured = [
        measure(
            training.bundle(arm, choosing), ground.space, utterances, run / "measured", arm=arm, name=name,
            seed=choosing.seed,
        )
        for choosing in [Choosing(ground, config.choosing, run, seed) for seed in config.seeds]
        for arm in config.arms for name, utterances in sets.items()
    ]  # fmt: skip
    return list(
        results_of(
            measured, labels, recipe=NAME, command=f"harken score {NAME} {config.name}", seeds=config.seeds,
            regime=config.regime, pool=Path(config.ground.pool).name or "toy",
            seed_hash=(ground.seed.name, ground.seed.hash),
        )
    )  # fmt: skip


def score_labels(config: Config, ground: Ground, run: Path) -> list[LabelQuality]:
    """Print and return how right each arm's labels are, and whether the vectors of the slots carry anything."""
    choosing = Choosing(ground, config.choosing, run, config.seeds[0])
    said = reference_words(ground.references())
    truth = slot_truth(choosing.decoded, said)
    similar = embedding_check(choosing.slots, truth, rng=np.random.default_rng(0))
    print(f"vectors: the slot with the same word sounds more similar in {100 * similar:.1f} % of triples", flush=True)
    flipped = choosing.evidence.flipped
    for what, chosen in (("kept", ~flipped), ("flipped", flipped)):
        known = truth[chosen][truth[chosen] >= 0]
        print(f"{what}: {int(chosen.sum())} slots, right {100 * known.mean() if len(known) else 0:.1f} %", flush=True)
    qualities = []
    for arm in config.arms:
        if arm not in (SEED, LABELLED):
            qualities.append(label_quality(choosing, choosing.select(arm), said))
            print(qualities[-1], flush=True)
    return qualities


def _ground(config: Config, run: Path) -> Ground:
    if config.ground.toy:
        from harken.recipes.asr.selection.toy import toy_ground

        return toy_ground(config.training.task, run)
    return real_ground(config.ground, config.training.task, run)
