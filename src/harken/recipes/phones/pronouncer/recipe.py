"""Pronouncers and the English lexicon: training, export, scores. Commands: README.md in this folder.

What a configuration trains, its `task` says; only the English n-gram needs no torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harken.bundle import Bundle
from harken.errors import ConfigError, nearest
from harken.metrics.result import Result
from harken.recipes.phones.pronouncer.config import TASKS, Config

__all__ = ["Config", "export", "prepare", "score", "train"]


def prepare(config: Config, run: Path) -> None:
    """Check that the words are there; there is nothing to store.

    Raises:
        ConfigError: there is no such task.
        DataError: a word list is missing.
    """
    _check(config)
    if config.task == "english":
        from harken.recipes.phones.pronouncer.english import english_parts

        english_parts(config)


def train(config: Config, run: Path) -> Mapping[str, float]:
    """Train in the run folder; resumes where it stopped. Returns figures on dev."""
    _check(config)
    if config.task == "english":
        from harken.recipes.phones.pronouncer.english import train_english

        return train_english(config, run)
    if config.task == "languages":
        from harken.recipes.phones.pronouncer.shipped import train_languages

        return train_languages(config, run)
    if config.task == "own":
        from harken.recipes.phones.pronouncer.own import read_own_words, train_own

        return train_own(config.own, config, run, read_own_words(config.own))
    if config.task == "arms":
        from harken.recipes.phones.pronouncer.arms import train_arms

        return train_arms(config, run)
    from harken.recipes.phones.pronouncer.sigmorphon import train_task

    return train_task(config, run)


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundles into the run folder; the comparisons and the task have none.

    Raises:
        DataError: nothing was trained in `run`.
    """
    _check(config)
    if config.task == "english":
        from harken.recipes.phones.pronouncer.english import export_english

        return export_english(config, run)
    if config.task == "languages":
        from harken.recipes.phones.pronouncer.shipped import export_languages

        return [export_languages(config, run)]
    if config.task == "own":
        from harken.recipes.phones.pronouncer.own import export_own

        return [export_own(config.own, config, run)]
    return []


def score(config: Config, run: Path) -> list[Result]:
    """Measure: installed bundles for what ships, those in the run folder for the comparisons."""
    _check(config)
    if config.task == "english":
        from harken.recipes.phones.pronouncer.english import score_english

        return score_english(config, run)
    if config.task == "languages":
        from harken.recipes.phones.pronouncer.shipped import score_languages

        return score_languages(config)
    if config.task == "own":
        from harken.recipes.phones.pronouncer.own import score_own

        return score_own(config.own)
    if config.task == "arms":
        from harken.recipes.phones.pronouncer.arms import score_arms

        return score_arms(config, run)
    from harken.recipes.phones.pronouncer.sigmorphon import score_task

    return score_task(config, run)


def _check(config: Config) -> None:
    if config.task not in TASKS:
        raise ConfigError(f"there is no task '{config.task}'; {nearest(config.task, TASKS)}")
