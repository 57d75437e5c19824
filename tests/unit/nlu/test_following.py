"""Fragments in the light of an earlier sentence, and conditions that change nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import read_skill

HOUSE = """
skill: house
lists:
  room: {values: [kitchen, bedroom, hall]}
  state: {values: [{in: "on", out: true}, {in: "off", out: false}]}
  device: {values: [fan, tv]}
  any: {type: items, examples: [a tent]}
intents:
  lamp:
    sentences: ["turn {state} the light in the {room}", "turn {state} the {room} light"]
  level: {sentences: ["set the {room} to {number:level} percent"]}
  heat: {sentences: ["set the heating to {number:degrees} in the {room}", "set the {room} to {number:degrees}"]}
  device: {sentences: ["turn {state} the {device}", "the {device} {state}"]}
  put: {sentences: ["add {any:item} to my list"]}
  isOn: {acts: false, sentences: ["is the {device} {state}"]}
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    folder: Path = tmp_path_factory.mktemp("house")
    (folder / "skill.yaml").write_text(HOUSE, encoding="utf-8")
    return Interpreter({"house": read_skill(folder)}, {}, None, locale=load_locale(), today=lambda: dt.date(2026, 1, 1))


def added(reader: Interpreter, before: str, said: str) -> list[tuple[str, dict[str, object]]]:
    found = reader.continued(before, reader.understand(said))
    return [(each.intent, each.values) for each in found]


@pytest.mark.parametrize(("before", "said", "wanted"), [
    ("turn on the fan", "and the kitchen light", [("lamp", {"state": True, "room": "kitchen"})]),
    ("turn on the fan", "what about the light in the hall", [("lamp", {"state": True, "room": "hall"})]),
    ("turn on the fan", "and the tv and the hall light",
     [("device", {"state": True, "device": "tv"}), ("lamp", {"state": True, "room": "hall"})]),
    ("set the kitchen to 30 percent", "and the hall to 60", [("level", {"room": "hall", "level": 60})]),
    ("turn on the fan", "and the unicorn", []),
    ("turn on the fan", "the kitchen light", []),  # nothing says that it is to be added
    ("turn on the unicorn", "and the kitchen light", []),
    ("turn on the fan", "and add a tent to my list", []),  # it could be any words
    ("", "and the kitchen light", []),
])  # fmt: skip
def test_a_fragment_adds_to_an_earlier_sentence(
    reader: Interpreter, before: str, said: str, wanted: list[tuple[str, dict[str, object]]]
) -> None:
    assert added(reader, before, said) == wanted


@pytest.mark.parametrize(("before", "gap", "said", "values"), [
    ("turn on the toaster", (3, 4), "the fan then", {"state": True, "device": "fan"}),
    ("turn on the toaster", (3, 4), "i mean the tv", {"state": True, "device": "tv"}),
    ("turn on the porch light", (3, 4), "the hall light", {"state": True, "room": "hall"}),
    ("turn on the disco fan", (3, 5), "the tv", {"state": True, "device": "tv"}),
    ("turn on the toaster", (3, 4), "the oven", None),
    ("turn on the toaster", (3, 4), "is the fan on", None),
    ("turn on the toaster", (3, 4), "don't", None),
])  # fmt: skip
def test_another_name_takes_the_place_of_an_unknown_one(
    reader: Interpreter, before: str, gap: tuple[int, int], said: str, values: dict[str, object] | None
) -> None:
    found = reader.instead(before, *gap, reader.understand(said))
    assert (None if found is None else found.values) == values


def test_a_time_may_be_said_at_the_end(reader: Interpreter) -> None:
    found = reader.instead("turn on the fan", 4, 4, reader.understand("fine at seven tomorrow"))
    assert found is not None
    assert found.when is not None
    assert (found.when.time, found.when.date) == ("07:00", "2026-01-02")


@pytest.mark.parametrize("text", [
    "turn off the fan if it's on", "turn off the fan if it is still on", "turn off the fan if it isn't off already",
    "turn off the fan if it isn't already", "turn off the bloody fan", "turn off the fan unless it's off already",
    "turn off the the fan",
])  # fmt: skip
def test_what_changes_nothing_is_left_out(reader: Interpreter, text: str) -> None:
    meaning = reader.understand(text)
    assert (meaning.intent, meaning.values, meaning.exact) == ("device", {"state": False, "device": "fan"}, True)


@pytest.mark.parametrize("text", [
    "turn off the fan if it's off", "turn off the fan if the tv is on", "turn off the fan if it isn't on",
    "turn off the fan if it's late", "turn on the fan if it's on", "turn off the fan unless it's on",
    "turn off the fan whenever it's on",
])  # fmt: skip
def test_other_conditions_count(reader: Interpreter, text: str) -> None:
    meaning = reader.understand(text)
    assert meaning.rejected
    assert not meaning.exact


def test_a_value_is_not_made_of_two_requests(reader: Interpreter) -> None:
    meaning = reader.understand("set the heating to 19 in the kitchen and 21 in the hall")
    assert [one.values for one in (meaning, *meaning.then)] == [
        {"degrees": 19, "room": "kitchen"}, {"degrees": 21, "room": "hall"},
    ]  # fmt: skip


def test_the_second_one_is_no_date(reader: Interpreter) -> None:
    assert reader.understand("turn off the second one").when is None
    assert reader.understand("turn off the fan tomorrow at one").when is not None
