from __future__ import annotations

import tomllib
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harken.cli import recipes
from harken.cli.recipes import OpenedRecipe, asking_for_extra, find_recipe, list_recipes
from harken.errors import ConfigError, MissingExtra

PROJECT = recipes.ROOT.parents[2] / "pyproject.toml"


@dataclass(frozen=True)
class Config:
    steps: int = 3


def opened(tmp_path: Path, **verbs: Any) -> OpenedRecipe:
    return OpenedRecipe(recipe="a/b", module=types.SimpleNamespace(**verbs), config=Config(), run=tmp_path)  # type: ignore[arg-type]


def test_a_verb_gets_settings_and_run_folder(tmp_path: Path) -> None:
    assert opened(tmp_path, train=lambda config, run: (config, run)).call("train") == (Config(), tmp_path)


def test_a_recipe_is_found_by_its_last_part_and_the_nearest_is_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "list_recipes", lambda: ["asr/acoustic", "tts/voice", "nlu/voice"])
    assert find_recipe("acoustic") == "asr/acoustic"
    with pytest.raises(ConfigError, match="give the full name"):
        find_recipe("voice")
    with pytest.raises(ConfigError, match="did you mean 'asr/acoustic'"):
        find_recipe("asr/acustic")
    with pytest.raises(ConfigError, match="did you mean 'acoustic'"):
        find_recipe("acustic")


def test_every_recipe_has_its_four_files() -> None:
    for name in list_recipes():
        folder = recipes.ROOT / name
        for file in ("README.md", "tiny.toml", "method.toml"):
            assert (folder / file).is_file(), f"{name} lacks {file}"


def test_a_missing_module_of_the_extra_becomes_advice_and_another_one_does_not(tmp_path: Path) -> None:
    def lacking(name: str) -> Any:
        def verb(config: Config, run: Path) -> None:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)

        return verb

    with pytest.raises(MissingExtra, match=r"`harken train a/b` needs the 'train' extra.*harken\[train\]"):
        opened(tmp_path, train=lacking("torch.nn")).call("train")
    with pytest.raises(ModuleNotFoundError, match="harken_own"):
        opened(tmp_path, train=lacking("harken_own")).call("train")
    with asking_for_extra("x"):
        pass


@pytest.mark.skipif(not PROJECT.is_file(), reason="harken was installed without its source tree")
def test_the_modules_of_the_extra_are_those_of_the_project() -> None:
    lines = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]["train"]
    names = {line.split(">")[0].split("=")[0] for line in lines}
    modules = {"scikit-learn": "sklearn", "pyworld-prebuilt": "pyworld"}
    assert {modules.get(name, name) for name in names} == set(recipes.TRAIN)
