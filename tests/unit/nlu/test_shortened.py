"""Requests that leave out what they share with the one before them, in the sentences of the shipped skills."""

from __future__ import annotations

import datetime as dt

import pytest

from harken.events import Interpretation
from harken.nlu.interpreter import Interpreter


@pytest.fixture(scope="module")
def reader() -> Interpreter:
    return Interpreter.load(today=lambda: dt.date(2026, 11, 26))


def requests(meaning: Interpretation) -> list[tuple[str, str]]:
    """The command and the time of each request."""
    return [(one.action, one.when.text if one.when else "") for one in (meaning, *meaning.then)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("turn the heater off at ten and back on at six",
         [("turn the heater off", "at ten"), ("turn the heater back on", "at six")]),
        ("close the blinds at nine pm and open them at seven am",
         [("close the blinds", "at nine pm"), ("open the blinds", "at seven am")]),
        ("turn the heater off and back on in an hour",
         [("turn the heater off", ""), ("turn the heater back on", "in an hour")]),
        ("turn off the fan and the tv at six", [("turn off the fan", "at six"), ("turn off the tv", "at six")]),
        ("at seven turn on the fan and close the blinds",
         [("turn on the fan", "at seven"), ("close the blinds", "at seven")]),
        ("turn on the heating at six and set it to 22",
         [("turn on the heating", "at six"), ("set the heating to twenty two", "at six")]),
        ("turn on the kitchen light in an hour and dim it to 30",
         [("turn on the kitchen light", "in an hour"), ("dim the kitchen light to thirty", "in an hour")]),
        ("turn on the heating at six and set the heating to 22",
         [("turn on the heating", "at six"), ("set the heating to twenty two", "")]),
        ("can the heating come on at six", [("turn on the heating", "at six")]),
        ("can the fan go off at six", [("turn off the fan", "at six")]),
        ("schedule the dishwasher for six", [("start the dishwasher", "at six")]),
        ("set the dishwasher to run at two am", [("run the dishwasher", "at two am")]),
    ],
)  # fmt: skip
def test_each_has_its_own_time(reader: Interpreter, text: str, wanted: list[tuple[str, str]]) -> None:
    assert requests(reader.understand(text)) == wanted


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("remind me at two to call bob and at four to fetch tom", ["call bob", "fetch tom"]),
        ("remind me to feed the cat at five and the dog at six", ["feed the cat", "feed the dog"]),
        ("remind me to buy milk and bread at five", ["buy milk and bread"]),
        ("remind me at six to call anna and at the shop to buy milk", ["call anna and at the shop to buy milk"]),
        ("remind me to tell mum the film starts at seven and the bus goes at six",
         ["tell mum the film starts at seven and the bus goes"]),
    ],
)  # fmt: skip
def test_reminders_are_several_only_if_each_has_its_value(reader: Interpreter, text: str, tasks: list[str]) -> None:
    meaning = reader.understand(text)
    assert [one.values["task"] for one in (meaning, *meaning.then)] == tasks


@pytest.mark.parametrize(
    ("text", "slots"),
    [("timer 20 minutes no 30 minutes", {"duration": 1800}), ("set an alarm for six no seven", {"time": "07:00"})],
)
def test_a_value_is_mended_without_a_mark_by_one_of_its_kind(
    reader: Interpreter, text: str, slots: dict[str, object]
) -> None:
    meaning = reader.understand(text)
    assert meaning.values == slots
    assert not meaning.then


def test_a_thing_for_a_list_is_not(reader: Interpreter) -> None:
    assert reader.understand("add milk no sugar").values.get("item") != ["sugar"]
