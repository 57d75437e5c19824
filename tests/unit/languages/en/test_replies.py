"""English has every reply that the code of the dialogue and of the shipped skills asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import harken
from harken.languages.loading import load_locale

DIALOGUE = Path(harken.__file__).parent / "dialogue"
SKILLS = sorted(path.parent.name for path in DIALOGUE.glob("skills/*/skill.py"))
REPLIES = load_locale().replies


def asked(file: Path, function: str, place: int) -> Iterator[str]:
    """Keys that are written out where a reply is asked for."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == function:
            for one in ast.walk(node.args[place]):
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and not within_test(node, one):
                    yield one.value


def within_test(call: ast.Call, constant: ast.Constant) -> bool:
    """Whether a text only decides which key is meant ('size == ...', 'label in ...') or is a part of one."""
    return any(
        constant in set(ast.walk(part))
        for node in ast.walk(call)
        if isinstance(node, ast.IfExp | ast.JoinedStr)
        for part in ([node.test] if isinstance(node, ast.IfExp) else [node])
    )


@pytest.mark.parametrize("skill", SKILLS)
def test_every_reply_of_a_skill_is_there(skill: str) -> None:
    files = (DIALOGUE / "skills" / skill).glob("*.py")
    keys = {key for file in files for key in asked(file, "say", 0)}
    assert keys - REPLIES[skill].keys() == set()


def test_every_reply_of_the_dialogue_is_there() -> None:
    ways = (("reply", 1), ("say", 0))
    keys = {key for file in DIALOGUE.glob("*.py") for function, place in ways for key in asked(file, function, place)}
    assert {"okay", "ask_again", "failed", "at_time"} <= keys
    assert keys - REPLIES["dialogue"].keys() == set()


@pytest.mark.parametrize("group", REPLIES)
def test_templates_can_be_read(group: str) -> None:
    for template in REPLIES[group].values():
        for text in [template] if isinstance(template, str) else template.values():
            assert text == text.strip() or group == "home"
            text.format_map(_Anything())


class _Anything(dict[str, int]):
    def __missing__(self, key: str) -> int:
        return 7
