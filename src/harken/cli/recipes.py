"""Finds recipes and calls their verbs (`harken.recipes.contract`)."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from harken import paths
from harken.errors import ConfigError, MissingExtra, nearest
from harken.settings import load_settings

if TYPE_CHECKING:
    from harken.recipes.contract import Recipe

ROOT = paths.PACKAGE / "recipes"
TRAIN = ("torch", "safetensors", "onnx", "onnxscript", "sklearn", "scipy", "matplotlib")
"""Modules that the extra 'train' brings."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A recipe with its settings and its run folder."""

    recipe: str
    module: Recipe
    config: Any
    run: Path

    def call(self, verb: str) -> Any:
        """Call one of `harken.recipes.contract.VERBS`.

        Raises:
            MissingExtra: it needs torch, which is not installed.
        """
        with asking_for_extra(f"`harken {verb} {self.recipe}`"):
            return getattr(self.module, verb)(self.config, self.run)


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
        MissingExtra: the recipe cannot do anything without torch, which is not installed.
    """
    name = find_recipe(recipe)
    file = _config_file(name, config)
    module = load_recipe(name)
    settings = load_settings(module.Config, file, overrides=overrides)
    if run is None:
        tail = f"-{hashlib.sha256(chr(10).join(overrides).encode()).hexdigest()[:6]}" if overrides else ""
        run = paths.runs() / name / f"{file.stem}{tail}"
    return Job(recipe=name, module=module, config=settings, run=run)


def load_recipe(name: str) -> Recipe:
    """The module of a recipe, by its full name.

    Raises:
        MissingExtra: it cannot do anything without torch, which is not installed.
    """
    with asking_for_extra(f"the recipe {name}"):
        return cast("Recipe", importlib.import_module(f"harken.recipes.{name.replace('/', '.')}.recipe"))


def find_recipe(given: str) -> str:
    """The full name of a recipe.

    Raises:
        ConfigError: there is none, or several have that ending; the message names the nearest.
    """
    known = list_recipes()
    ending = [name for name in known if given in (name, name.rpartition("/")[2])]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise ConfigError(f"'{given}' could be {' or '.join(ending)}; give the full name")
    alike = known if "/" in given else [name.rpartition("/")[2] for name in known]
    raise ConfigError(f"there is no recipe '{given}'; {nearest(given, alike)}")


@contextmanager
def asking_for_extra(what: str) -> Iterator[None]:
    """A module of the extra 'train' that turns out to be missing becomes an error that says how to get it.

    Raises:
        MissingExtra: naming the extra.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in TRAIN:
            raise
        raise MissingExtra(what, "train") from error


def _config_file(recipe: str, config: str) -> Path:
    given = Path(config)
    if given.suffix == ".toml":
        if given.is_file():
            return given
        raise ConfigError(f"{given} does not exist; give the path of a TOML file or one of {list_configs(recipe)}")
    known = list_configs(recipe)
    if config not in known:
        raise ConfigError(f"the recipe {recipe} has no configuration '{config}'; {nearest(config, known)}")
    return ROOT / recipe / f"{config}.toml"
