"""Finds recipes and calls their verbs: `recipes/<stage>/<method>/recipe.py` with prepare, train, export, score."""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.util
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from harken import paths
from harken.errors import ConfigError, MissingExtra
from harken.settings import load_settings

ROOT = paths.PACKAGE / "recipes"
VERBS = ("prepare", "train", "export", "score")


@dataclass(frozen=True, kw_only=True)
class Job:
    """A recipe with its settings and its run folder."""

    recipe: str
    module: ModuleType
    config: Any
    run: Path

    def call(self, verb: str, **more: Any) -> Any:
        """Call a verb with what it asks for by name: `config`, `run`, and what is in `more`.

        Raises:
            ConfigError: the recipe has no such verb, or asks for something unknown.
        """
        function: Callable[..., Any] | None = getattr(self.module, verb, None)
        if function is None:
            there = ", ".join(name for name in VERBS if hasattr(self.module, name))
            raise ConfigError(f"the recipe {self.recipe} has no verb '{verb}'; it has {there}")
        given = {"config": self.config, "run": self.run, **more}
        asked = inspect.signature(function).parameters.values()
        lacking = [one.name for one in asked if one.default is one.empty and one.name not in given]
        if lacking:
            raise ConfigError(
                f"{verb} of {self.recipe} asks for {', '.join(lacking)}, which `harken {verb}` cannot give"
            )
        return function(**{one.name: given[one.name] for one in asked if one.name in given})


def list_recipes() -> list[str]:
    """Names of all recipes, e.g. 'asr/acoustic'."""
    return sorted(path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("*/*/recipe.py"))


def list_configs(recipe: str) -> list[str]:
    """Names of a recipe's configurations."""
    return sorted(path.stem for path in (ROOT / recipe).glob("*.toml"))


def open_job(recipe: str, config: str, overrides: Sequence[str] = (), *, run: Path | None = None) -> Job:
    """A recipe with its settings.

    Args:
        recipe: its name, or the last part of it where that is unique.
        config: name of one of its TOML files, or a path.
        overrides: 'section.key=value'.
        run: run folder; by default under HARKEN_RUNS by recipe, configuration and overrides.

    Raises:
        ConfigError: unknown recipe, configuration or setting.
        MissingExtra: torch is not installed.
    """
    name = find_recipe(recipe)
    module = _load(name)
    file = _config_file(name, config)
    settings = load_settings(module.Config, file, overrides=overrides)
    if run is None:
        tail = f"-{hashlib.sha256(chr(10).join(overrides).encode()).hexdigest()[:6]}" if overrides else ""
        run = paths.runs() / name / f"{file.stem}{tail}"
    return Job(recipe=name, module=module, config=settings, run=run)


def find_recipe(given: str) -> str:
    """The full name of a recipe.

    Raises:
        ConfigError: there is none, or several end like that; the message names the nearest.
    """
    known = list_recipes()
    ending = [name for name in known if given in (name, name.rpartition("/")[2])]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise ConfigError(f"'{given}' may be {' or '.join(ending)}; write the whole name")
    near = difflib.get_close_matches(given, [*known, *(name.rpartition("/")[2] for name in known)], 1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(known)}"
    raise ConfigError(f"there is no recipe '{given}'; {hint}")


def need_torch() -> None:
    """Make sure that torch is there.

    Raises:
        MissingExtra: it is not.
    """
    if importlib.util.find_spec("torch") is None:
        raise MissingExtra("training", "train")


def _load(name: str) -> ModuleType:
    need_torch()
    return importlib.import_module(f"harken.recipes.{name.replace('/', '.')}.recipe")


def _config_file(recipe: str, config: str) -> Path:
    given = Path(config)
    if given.suffix == ".toml":
        if given.is_file():
            return given
        raise ConfigError(f"{given} does not exist; give the path of a TOML file or one of {list_configs(recipe)}")
    known = list_configs(recipe)
    if config not in known:
        near = difflib.get_close_matches(config, known, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(known) or 'none'}"
        raise ConfigError(f"the recipe {recipe} has no configuration '{config}'; {hint}")
    return ROOT / recipe / f"{config}.toml"
