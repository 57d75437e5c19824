from __future__ import annotations

import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harken.cli import recipes
from harken.cli.recipes import Job, find_recipe, list_recipes, open_job
from harken.errors import ConfigError, MissingExtra


@dataclass(frozen=True)
class Config:
    steps: int = 3


def job(tmp_path: Path, **verbs: Any) -> Job:
    return Job(recipe="a/b", module=types.SimpleNamespace(**verbs), config=Config(), run=tmp_path)  # type: ignore[arg-type]


def test_a_verb_gets_what_it_asks_for_by_name(tmp_path: Path) -> None:
    def train(config: Config, run: Path, again: bool = False) -> tuple[Config, Path, bool]:
        return config, run, again

    assert job(tmp_path, train=train).call("train") == (Config(), tmp_path, False)
    assert job(tmp_path, prepare=lambda config: config.steps).call("prepare") == 3


def test_a_missing_verb_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="it has prepare"):
        job(tmp_path, prepare=print).call("score")


def test_a_verb_that_asks_for_something_unknown_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="asks for moon"):
        job(tmp_path, train=lambda config, moon: None).call("train")


def test_a_recipe_is_found_by_its_last_part_and_the_nearest_is_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "list_recipes", lambda: ["asr/acoustic", "tts/voice", "nlu/voice"])
    assert find_recipe("acoustic") == "asr/acoustic"
    with pytest.raises(ConfigError, match="write the whole name"):
        find_recipe("voice")
    with pytest.raises(ConfigError, match="did you mean"):
        find_recipe("asr/acustic")


def test_every_recipe_has_its_four_files() -> None:
    for name in list_recipes():
        folder = recipes.ROOT / name
        for file in ("README.md", "tiny.toml", "method.toml"):
            assert (folder / file).is_file(), f"{name} lacks {file}"


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"harken\[train\]"):
        open_job(list_recipes()[0], "tiny")
