"""Dialects: one acoustic model with phone mapping and its competitors (method 6). Commands: README.md in this
folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harken.bundle import Bundle
from harken.errors import ConfigError
from harken.metrics.result import Result
from harken.recipes.asr.dialects.arms import ArmConfig, Arms
from harken.recipes.asr.dialects.family import Family
from harken.recipes.asr.dialects.measure import MeasureConfig, measure, results_of
from harken.settings import save_settings

__all__ = ["Config", "export", "prepare", "score", "train"]

NAME = "asr/dialects"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    family: str = "real"
    """real, real-arpabet: speakers of the corpora; synthetic: voices of espeak-ng; toy: made-up spectra."""
    arms: tuple[str, ...] = ("ds", "tl", "shl", "pm", "pm-onehot", "pm-iv", "pm-iv-onehot", "pm-scrambled")
    seeds: tuple[int, ...] = (0,)
    training: ArmConfig = field(default_factory=ArmConfig)
    measuring: MeasureConfig = field(default_factory=MeasureConfig)


def prepare(config: Config, run: Path) -> None:
    """Speech, alignments, dictionaries; what exists is kept."""
    _family(config, run)


def train(config: Config, run: Path) -> Mapping[str, float]:
    """Train every arm with every seed; resumes. Reports how many dialects each arm covers."""
    save_settings(config, run / "config.json")
    family, listeners = _family(config, run), {}
    for seed in config.seeds:
        arms = Arms(family, config.training, run, seed)
        for arm in config.arms:
            listeners[f"{arm} {seed}"] = float(len(arms.listeners(arm)))
    return listeners


def export(config: Config, run: Path) -> list[Bundle]:
    """Nothing: the arms are only compared; none of them ships."""
    return []


def score(config: Config, run: Path) -> list[Result]:
    """Word errors of every arm and dialect on test and relative changes; settings of the search are fitted on dev."""
    measured = measure(_family(config, run), config.training, config.measuring, run, config.arms, config.seeds)
    return list(results_of(measured, recipe=NAME, family=config.family, seeds=config.seeds))


def _family(config: Config, run: Path) -> Family:
    if config.family in ("real", "real-arpabet"):
        from harken.recipes.asr.dialects.real import make_family

        return make_family(run / "targets", shipped=config.family == "real-arpabet")
    if config.family == "synthetic":
        from harken.recipes.asr.dialects.synthetic import make_synthetic_family

        return make_synthetic_family(run / "synthetic")
    if config.family == "toy":
        from harken.recipes.asr.dialects.toy import make_toy_family

        return make_toy_family()
    raise ConfigError(f"there is no family '{config.family}'; expected real, real-arpabet, synthetic or toy")
