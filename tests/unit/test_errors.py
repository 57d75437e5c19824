from __future__ import annotations

import pytest

from harken.errors import MissingExtra, SkillError, nearest


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("loop.stepz", "did you mean 'loop.steps'?"),
        ("colour", "there are: name, loop.steps"),
        ("", "there are: name, loop.steps"),
    ],
)
def test_an_unknown_name_gets_the_nearest_or_all(name: str, hint: str) -> None:
    assert nearest(name, ["name", "loop.steps"]) == hint


def test_where_nothing_is_known_the_hint_says_so() -> None:
    assert nearest("x", []) == "there are: none"


def test_errors_say_where_and_which_extra(tmp_path) -> None:
    assert str(SkillError("no", file=tmp_path, line=3)) == f"{tmp_path}:3:1: no"
    assert "pip install 'harken[train]'" in str(MissingExtra("training", "train"))
