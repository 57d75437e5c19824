"""What `harken` offers at its top: each name is there, from its one home, and known to type checkers."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import harken

NAMES = sorted(set(harken.__all__) - {"__version__"})


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_comes_from_its_home(name: str) -> None:
    member = getattr(harken, name)
    assert member.__name__ == name
    assert getattr(importlib.import_module(member.__module__), name) is member


def test_the_same_names_are_offered_to_people_and_to_type_checkers() -> None:
    tree = ast.parse(Path(harken.__file__).read_text(encoding="utf-8"))
    for_checkers = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for statement in node.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert for_checkers == set(NAMES)
    assert set(dir(harken)) == set(harken.__all__)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Assistent'"):
        _ = harken.Assistent


def test_every_error_is_a_harken_error() -> None:
    errors = importlib.import_module("harken.errors")
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) >= 9
    assert all(issubclass(kind, errors.HarkenError) for kind in kinds)
    drawn = errors.__doc__ or ""
    assert all(kind.__name__ in drawn for kind in kinds)
