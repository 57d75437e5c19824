"""Every recipe answers to the same four verbs in the same way."""

from __future__ import annotations

import dataclasses
import inspect
import typing

import pytest

from harken.cli.recipes import ROOT, list_configs, list_recipes, load_recipe
from harken.errors import MissingExtra
from harken.recipes.contract import VERBS, Recipe
from harken.settings import load_settings


@pytest.fixture(params=list_recipes())
def recipe(request: pytest.FixtureRequest) -> Recipe:
    try:
        return load_recipe(request.param)
    except MissingExtra as missing:
        pytest.skip(str(missing))


def test_there_are_recipes() -> None:
    assert len(list_recipes()) >= 9


def test_a_recipe_has_the_verbs_with_their_signature(recipe: Recipe) -> None:
    for verb in VERBS:
        function = getattr(recipe, verb)
        assert list(inspect.signature(function).parameters) == ["config", "run"], verb
        found = typing.get_type_hints(function, vars(recipe))["return"]
        contract = typing.get_type_hints(getattr(Recipe, verb))["return"]
        assert (typing.get_origin(found) or found) == (typing.get_origin(contract) or contract), verb
        if verb in ("export", "score"):
            assert found == contract, verb


def test_a_verb_says_what_it_does(recipe: Recipe) -> None:
    assert all(inspect.getdoc(getattr(recipe, verb)) for verb in VERBS)


def test_every_configuration_can_be_read(recipe: Recipe, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["recipe"]
    assert dataclasses.is_dataclass(recipe.Config)
    for config in list_configs(name):
        load_settings(recipe.Config, ROOT / name / f"{config}.toml")


def test_a_recipe_writes_no_results_itself(recipe: Recipe) -> None:
    """`harken score` does, in one place; a recipe that did so as well would write each line twice."""
    assert "append_result" not in vars(recipe)


def test_no_recipe_names_the_place_of_the_shipped_bundles() -> None:
    """Exports stay in the run folder; `harken install` knows the places."""
    naming = [path for path in ROOT.rglob("*.py") if '"bundles"' in path.read_text(encoding="utf-8")]
    assert [path.relative_to(ROOT).as_posix() for path in naming] == ["results.py"]
