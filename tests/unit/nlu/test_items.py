"""Several things in one breath."""

from pathlib import Path

import numpy as np
import pytest

from harken.errors import SkillError
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.items import ItemReader
from harken.nlu.skill_file import read_skill
from harken.nlu.templates import grammar_of, sample_sentences

KNOWN = ["milk", "eggs", "bread", "rice", "oat milk", "apples", "pears", "mac and cheese", "ben and jerry's"]
SKILL = """
skill: shop
lists:
  known: {type: items, values: [milk, eggs, "apple[s]", mac and cheese]}
  any: {type: items, examples: [a tent, socks]}
intents:
  need: {sentences: ["we need {known:item}"]}
  add: {sentences: ["add {any:item} to the list"]}
"""


@pytest.fixture(scope="module")
def items() -> ItemReader:
    return ItemReader([tuple(name.split()) for name in KNOWN], load_locale())


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    folder: Path = tmp_path_factory.mktemp("shop")
    (folder / "skill.yaml").write_text(SKILL, encoding="utf-8")
    return Interpreter({"shop": read_skill(folder)}, {}, None, locale=load_locale())


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("milk", ["milk"]),
        ("milk and a tent", ["milk", "a tent"]),
        ("milk eggs and bread", ["milk", "eggs", "bread"]),
        ("two cartons of milk eggs bread", ["two cartons of milk", "eggs", "bread"]),
        ("mac and cheese and milk", ["mac and cheese", "milk"]),
        ("two and a half pounds of rice and eggs", ["two and a half pounds of rice", "eggs"]),
        ("rice milk", ["rice milk"]),
        ("rice milk and eggs", ["rice", "milk", "eggs"]),
        ("apples pears", ["apples", "pears"]),
        ("milk no bread", ["bread"]),
        ("apples and milk no bread", ["apples", "bread"]),
        ("milk eggs no bread", ["milk", "bread"]),
        ("a tent no bread", ["a tent no bread"]),
        ("rice no milk", ["rice no milk"]),  # what something is without
        ("some milk and more eggs", ["milk", "eggs"]),
        ("milk and milk", ["milk"]),
        ("a blue tent", ["a blue tent"]),
        ("oh and milk and let me think bread", ["milk", "bread"]),
        ("some more", []),
    ],
)
def test_in_speech_and_and_known_things_part_a_list(items: ItemReader, said: str, wanted: list[str]) -> None:
    assert items.split(said.split()) == wanted


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("milk, eggs and bread", ["milk", "eggs", "bread"]),
        ("Milk; 2 l of Oat Milk & AC/DC tickets", ["Milk", "2 l of Oat Milk", "AC/DC tickets"]),
        ("Ben & Jerry's, M&Ms and tea", ["Ben & Jerry's", "M&Ms", "tea"]),
        ("Johnson & Johnson shampoo", ["Johnson & Johnson shampoo"]),
        ("milk & eggs", ["milk", "eggs"]),
        ('"salt and vinegar" crisps, tea', ["salt and vinegar crisps", "tea"]),
        ("milk, eggs, and bread.", ["milk", "eggs", "bread"]),
        ("mac and cheese, milk", ["mac and cheese", "milk"]),
        ("milk, let me think, oh yes, Tea", ["milk", "Tea"]),
        ("tea (loose, black) and milk", ["tea (loose, black)", "milk"]),
    ],
)
def test_typed_things_stay_as_typed_and_commas_part_them(items: ItemReader, typed: str, wanted: list[str]) -> None:
    assert items.split((), typed) == wanted


@pytest.mark.parametrize(
    ("said", "wanted"),
    [("milk", True), ("two bottles of milk and some eggs", True), ("milk and help", False), ("a doctor", False),
     ("milk chocolate", False), ("", False)],
)  # fmt: skip
def test_known_things_may_have_amounts_and_nothing_else(items: ItemReader, said: str, wanted: bool) -> None:
    assert items.all_known(said.split()) is wanted


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("we need milk, apples and mac and cheese", {"item": ["milk", "apples", "mac and cheese"]}),
        ("add a tent, Socks and milk to the list", {"item": ["a tent", "Socks", "milk"]}),
        ("we need help", {}),
        ("we need milk and help", {}),
    ],
)
def test_a_list_with_values_takes_only_these_and_one_with_examples_any(
    reader: Interpreter, text: str, values: dict[str, object]
) -> None:
    assert reader.understand(text).values == values


def test_samples_and_the_recogniser_have_several_things(reader: Interpreter) -> None:
    skill = reader.skills["shop"]
    texts = [sample.text for sample in sample_sentences(skill, 60, np.random.default_rng(3))]
    assert any(" and " in text for text in texts)
    assert all(reader.understand(text).intent in ("need", "add") for text in texts)
    assert "and" in grammar_of(skill).vocabulary()


def test_things_without_examples_or_values_are_refused(tmp_path: Path) -> None:
    (tmp_path / "skill.yaml").write_text(
        'skill: shop\nlists: {thing: {type: items}}\nintents: {add: {sentences: ["add {thing}"]}}\n'
    )
    with pytest.raises(SkillError, match="needs 'examples'"):
        read_skill(tmp_path)
