"""Remarks beside requests, and where one request ends and the next begins, with a small skill of lamps and doors."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.nlu.test_requests import reader, told

from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.remarks import bids_again, is_remark
from harken.nlu.skill_file import read_skill

LANGUAGE = load_locale().understanding
ON, OFF = {"state": True}, {"state": False}

__all__ = ["reader"]


@pytest.mark.parametrize(
    "text", ["the baby's asleep", "the sun's in my eyes", "dinner's ready", "oh the film's about to start"]
)
def test_a_noun_may_hold_its_verb(text: str) -> None:
    assert is_remark(text.split(), LANGUAGE)


@pytest.mark.parametrize(
    "text",
    ["the baby's room", "the kitchen's too", "kitchen's off", "the baby's asleep turn it off", "i'm cold close it"],
)
def test_a_thing_or_a_request_is_no_remark(text: str) -> None:
    assert not is_remark(text.split(), LANGUAGE)


def test_bidding_takes_a_verb_and_a_pronoun() -> None:
    assert bids_again(("so", "turn", "it", "off"), LANGUAGE)
    assert not bids_again(("turn", "the", "light", "off"), LANGUAGE)
    assert not bids_again(("love", "it"), LANGUAGE)


class TestARemarkThatNamesAPlace:
    @pytest.mark.parametrize(
        "text",
        ["i'm in the kitchen, turn on the light", "turn on the light, it's dark in the kitchen",
         "nobody's in the kitchen so turn on the light"],
    )  # fmt: skip
    def test_says_where(self, reader: Interpreter, text: str) -> None:
        assert told(reader.understand(text)) == [("lamp", {"room": "kitchen", **ON})]

    def test_says_nothing_of_what_has_a_place(self, reader: Interpreter) -> None:
        meaning = reader.understand("i'm in the kitchen, turn on the light in the hall")
        assert told(meaning) == [("lamp", {"room": "hall", **ON})]

    def test_says_nothing_of_what_is_in_no_place(self, reader: Interpreter) -> None:
        assert told(reader.understand("i'm in the kitchen, open the door")) == [("door", {"open": True})]

    def test_says_nothing_of_what_is_for_all(self, reader: Interpreter) -> None:
        assert reader.understand("i'm in the kitchen, turn off all the lights").values.get("room") is None


class TestWhatIsSaidTwice:
    @pytest.mark.parametrize(
        "text",
        ["turn on the the light", "turn on turn on the light", "turn turn on the light", "turn on the er the light"],
    )
    def test_counts_once(self, reader: Interpreter, text: str) -> None:
        assert told(reader.understand(text)) == [("lamp", ON)]

    def test_stays_in_free_text(self, reader: Interpreter) -> None:
        assert reader.understand("buy bon bon").values == {"thing": "bon bon"}


class TestSeveralThingsWithOneEnd:
    @pytest.mark.parametrize("text", ["leave the fan and the tv off", "turn the fan and the tv off"])
    def test_is_for_each(self, reader: Interpreter, text: str) -> None:
        wanted = [("device", {"device": name, **OFF}) for name in ("fan", "tv")]
        assert told(reader.understand(text)) == wanted


class TestRequestsOneAfterTheOther:
    def test_need_no_word_between_them(self, reader: Interpreter) -> None:
        meaning = reader.understand("turn off the light open the door")
        assert told(meaning) == [("lamp", OFF), ("door", {"open": True})]

    def test_may_follow_a_shortened_one(self, reader: Interpreter) -> None:
        meaning = reader.understand("turn off the light and the tv and open the door")
        assert told(meaning) == [("lamp", OFF), ("device", {"device": "tv", **OFF}), ("door", {"open": True})]

    @pytest.mark.parametrize(
        "text", ["don't turn off the light open the door", "he said turn off the light open the door",
                 "how do i turn off the light open the door"],
    )  # fmt: skip
    def test_are_not_done_without_what_stands_before_them(self, reader: Interpreter, text: str) -> None:
        meaning = reader.understand(text)
        assert meaning.rejected or all(each.negated for each in (meaning, *meaning.then))

    def test_free_text_goes_on(self, reader: Interpreter) -> None:
        assert told(reader.understand("buy a lamp open the door")) == [("buy", {"thing": "a lamp open the door"})]

    def test_a_pronoun_behind_a_pause_is_what_was_named(self, reader: Interpreter) -> None:
        meaning = reader.understand("turn on the fan, turn it off in ten minutes")
        assert told(meaning) == [("device", {"device": "fan", **ON}), ("device", {"device": "fan", **OFF})]
        assert [each.when is not None for each in (meaning, *meaning.then)] == [False, True]


def test_no_name_goes_over_a_mark(reader: Interpreter) -> None:
    meaning = reader.understand("turn off the old, big lamp in the kitchen")
    assert all("," not in rest.text or not rest.slot for rest in meaning.unread)


@pytest.mark.parametrize(
    ("text", "action"),
    [("kitchen light on", "turn on the kitchen light"), ("the kitchen light off please", "turn off the kitchen light"),
     ("flip on the kitchen light", "flip on the kitchen light"), ("hall light cold", "hall light cold")],
)  # fmt: skip
def test_a_request_that_begins_with_a_name_is_worded_with_a_verb(tmp_path: Path, text: str, action: str) -> None:
    (tmp_path / "skill.yaml").write_text(
        "skill: house\nlists:\n  room: {values: [kitchen, hall]}\n"
        "  state: {values: [{in: 'on', out: true}, {in: 'off', out: false}]}\nintents:\n"
        "  lamp: {sentences: ['(turn|flip) {state} the {room} light', '[the] {room} light {state}']}\n"
        "  cold: {sentences: ['{room} light cold', 'make it cold']}\n",
        encoding="utf-8",
    )
    reader = Interpreter({"house": read_skill(tmp_path)}, {}, None, locale=load_locale())
    assert reader.understand(text).action == action


@pytest.mark.parametrize(
    ("text", "lacking"),
    [("hall light", True), ("the hall light please", True), ("hall light?", False), ("light", False)],
)
def test_a_name_with_its_place_lacks_what_is_to_be_done(tmp_path: Path, text: str, lacking: bool) -> None:
    (tmp_path / "skill.yaml").write_text(
        "skill: house\nlists:\n  room: {values: [kitchen, hall]}\n"
        "  state: {values: [{in: 'on', out: true}, {in: 'off', out: false}]}\nintents:\n"
        "  lamp: {sentences: ['[the] [{room}] light {state}'], required: {state: 'On or off?'}}\n",
        encoding="utf-8",
    )
    meaning = Interpreter({"house": read_skill(tmp_path)}, {}, None, locale=load_locale()).understand(text)
    assert (meaning.intent, meaning.values) == (("lamp", {"room": "hall"}) if lacking else ("", {}))
    assert not meaning.exact, "what was said before may say what is to be done"
