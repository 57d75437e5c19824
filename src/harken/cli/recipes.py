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
TRAIN = ("torch", "safetensors", "onnx", "onnxscript", "pyworld", "sklearn", "scipy", "matplotlib")
"""Modules that the extra 'train' brings."""


@dataclass(frozen=True, kw_only=True)
class OpenedRecipe:
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


def open_recipe(recipe: str, config: str, overrides: Sequence[str] = (), *, run: Path | None = None) -> OpenedRecipe:
    """A recipe with its settings.

    Args:
        recipe: its name, or the last part of the name if that is unique.
        config: name of one of its TOML files, or a path.
        overrides: 'section.key=value'.
        run: run folder; by default under HARKEN_RUNS, named after recipe, configuration and overrides.

    Raises:
        ConfigError: unknown recipe, configuration or setting.
        MissingExtra: nothing of the recipe works without torch, which is not installed.
    """
    name = find_recipe(recipe)
    file = _config_file(name, config)
    module = load_recipe(name)
    settings = load_settings(module.Config, file, overrides=overrides)
    if run is None:
        tail = f"-{hashlib.sha256(chr(10).join(overrides).encode()).hexdigest()[:6]}" if overrides else ""
        run = paths.runs() / name / f"{file.stem}{tail}"
    return OpenedRecipe(recipe=name, module=module, config=settings, run=run)


def load_recipe(name: str) -> Recipe:
    """The module of a recipe, by its full name.

    Raises:
        MissingExtra: nothing of it works without torch, which is not installed.
    """
    with asking_for_extra(f"the recipe {name}"):
        return cast("Recipe", importlib.import_module(f"harken.recipes.{name.replace('/', '.')}.recipe"))


def find_recipe(name: str) -> str:
    """The full name of a recipe.

    Args:
        name: the full name, or the last part of it.

    Raises:
        ConfigError: no recipe has that name, or several do; the message suggests the nearest.
    """
    known = list_recipes()
    matching = [full for full in known if name in (full, full.rpartition("/")[2])]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise ConfigError(f"'{name}' could be {' or '.join(matching)}; give the full name")
    similar = known if "/" in name else [full.rpartition("/")[2] for full in known]
    raise ConfigError(f"there is no recipe '{name}'; {nearest(name, similar)}")


@contextmanager
def asking_for_extra(what: str) -> Iterator[None]:
    """Turn a missing module of the extra 'train' into an error that says how to install it.

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
    path = Path(config)
    if path.suffix == ".toml":
        if path.is_file():
            return path
        raise ConfigError(f"{path} does not exist; give the path of a TOML file or one of {list_configs(recipe)}")
    known = list_configs(recipe)
    if config not in known:
        raise ConfigError(f"the recipe {recipe} has no configuration '{config}'; {nearest(config, known)}")
    return ROOT / recipe / f"{config}.toml"
