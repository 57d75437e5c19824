"""Requests joined by 'and' where 'and' also joins the things that one of them names."""

import time
from pathlib import Path

import pytest

from harken.events import Interpretation
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import read_skill

SHOP = """
skill: shop
lists:
  known: {type: items, values: [milk, eggs, bread]}
  any: {type: items, examples: [a tent]}
  task: {wildcard: true, examples: [call mom]}
  name: {values: [shopping, camping]}
intents:
  need: {sentences: ["we need {known:item}", "add {known:item}"]}
  put: {sentences: ["add {any:item} to my {name} list"]}
  todo: {sentences: ["add {task} to my tasks"]}
  note: {sentences: ["note {task}"]}
  light: {sentences: ["turn on the light"]}
"""
SHOPPING, CAMPING = {"name": "shopping"}, {"name": "camping"}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    folder: Path = tmp_path_factory.mktemp("shop")
    (folder / "skill.yaml").write_text(SHOP, encoding="utf-8")
    return Interpreter({"shop": read_skill(folder)}, {}, None, locale=load_locale())


def told(meaning: Interpretation) -> list[tuple[str, dict[str, object]]]:
    return [(each.intent, each.values) for each in (meaning, *meaning.then)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("we need milk and bread", [("need", {"item": ["milk", "bread"]})]),
        ("add milk, eggs and a tent to my shopping list", [("put", {"item": ["milk", "eggs", "a tent"], **SHOPPING})]),
        ("add milk, eggs and bread to my shopping list and turn on the light",
         [("put", {"item": ["milk", "eggs", "bread"], **SHOPPING}), ("light", {})]),
        ("turn on the light and add milk and eggs to my shopping list",
         [("light", {}), ("put", {"item": ["milk", "eggs"], **SHOPPING})]),
        ("add milk to my shopping list and a tent to my camping list",
         [("put", {"item": ["milk"], **SHOPPING}), ("put", {"item": ["a tent"], **CAMPING})]),
        ("add milk to my shopping list and call mom to my tasks",
         [("put", {"item": ["milk"], **SHOPPING}), ("todo", {"task": "call mom"})]),
        ("add call mom and dad to my tasks", [("todo", {"task": "call mom and dad"})]),
        ("note buy milk and bread", [("note", {"task": "buy milk and bread"})]),
    ],
)  # fmt: skip
def test_each_and_joins_what_it_stands_between(reader: Interpreter, text: str, wanted: list[object]) -> None:
    assert told(reader.understand(text)) == wanted


def test_rambling_with_many_commas_is_rejected_soon(reader: Interpreter) -> None:
    text = "well, you know, i was thinking, and then, the other day, we went out and had some fun, and it rained"
    reader.understand(text)
    began = time.process_time()
    assert reader.understand(text).rejected
    assert time.process_time() - began < 1.0
