"""What fragments mean in the light of requests before the last one, and of several at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from tests.unit.dialogue.scripted import Intent, ScriptedReader, Skill, heard

from harken.dialogue.fragments import added, one_of_several, returned
from harken.dialogue.state import DialogueState, Wish
from harken.dialogue.wishes import Setting
from harken.events import Interpretation
from harken.languages.loading import load_locale

NOW = dt.datetime(2026, 5, 1, 12, 0, tzinfo=dt.UTC)
SKILLS = {
    "light": Skill("light", {
        "set": Intent(slots={"area": "areas", "area2": "areas", "state": "states"}),
        "flip": Intent(follows=("set", "flip"), slots={"state": "states"}, each=True),
        "color": Intent(slots={"color": "colors"}),
    }),
    "clock": Skill("clock", {"time": Intent(slots={"place": "places"}, acts=False)}),
}  # fmt: skip
OFF = {"it off": heard("it off", "light", "flip", state="off")}


def setting(**follow_ups: Interpretation) -> Setting:
    reader = ScriptedReader(None, {text.replace("_", " "): meaning for text, meaning in follow_ups.items()})
    return Setting(skills=SKILLS, reader=reader, locale=load_locale(), now=NOW)


def told(before: DialogueState, turn: int, skill: str, intent: str, ago: int = 0, **slots: str) -> DialogueState:
    """The state after one more request, with what its skill remembers of it."""
    state = replace(before, memory={**before.memory, skill: {"about": slots}})
    at = (NOW - dt.timedelta(seconds=ago)).isoformat()
    return state.about(Wish(skill=skill, intent=intent, slots=slots), turn=turn, now=at)


LAMP_AND_CLOCK = told(told(DialogueState(), 0, "light", "set", area="hall"), 1, "clock", "time", place="oslo")


class TestReturning:
    def test_a_fragment_is_understood_after_the_request_before_the_last_one(self) -> None:
        found = returned(LAMP_AND_CLOCK, heard("it off"), setting(it_off=OFF["it off"]))
        assert found is not None
        assert (found.wishes[0].intent, found.wishes[0].after) == ("flip", "set")
        assert found.wishes[0].known == {"area": "hall", "state": "OFF"}

    def test_the_conversation_goes_on_from_there_with_what_the_skill_knew_then(self) -> None:
        state = told(LAMP_AND_CLOCK, 2, "light", "color", color="red")
        again = told(state, 3, "clock", "time", place="rome")
        found = returned(again, heard("it off"), setting(it_off=OFF["it off"]))
        assert found is not None
        assert found.state is not None
        assert found.state.memory["light"] == {"about": {"color": "red"}}

    def test_another_value_may_be_named_for_another_skill_but_not_for_the_same(self) -> None:
        rome = heard("in rome", "clock", "time", place="rome")
        state = told(LAMP_AND_CLOCK, 2, "light", "set", area="kitchen")
        found = returned(state, heard("in rome"), setting(in_rome=rome))
        assert found is not None
        assert found.wishes[0].slots == {"place": "ROME"}
        same = told(state, 3, "light", "set", area="attic")
        hall = setting(in_hall=heard("in hall", "light", "set", area="hall"))
        assert returned(replace(same, topics=same.topics[-2:]), heard("in hall"), hall) is None

    def test_not_after_a_minute(self) -> None:
        old = told(told(DialogueState(), 0, "light", "set", ago=61, area="hall"), 1, "clock", "time", place="oslo")
        assert returned(old, heard("it off"), setting(it_off=OFF["it off"])) is None

    def test_not_to_a_skill_whose_request_came_to_nothing(self) -> None:
        state = LAMP_AND_CLOCK.without_last("light")
        assert returned(state, heard("it off"), setting(it_off=OFF["it off"])) is None
        kept = LAMP_AND_CLOCK.without_last("clock")
        assert returned(kept, heard("it off"), setting(it_off=OFF["it off"])) is not None


class TestOneOfSeveral:
    HALL_AND_KITCHEN = told(told(DialogueState(), 0, "light", "set", area="hall"), 0, "light", "set", area="kitchen")

    @pytest.mark.parametrize(("said", "area"), [
        ("switch the first one off", "hall"), ("switch the second one off", "kitchen"),
        ("switch the last one off", "kitchen"), ("switch the former off", "hall"),
    ])  # fmt: skip
    def test_is_named_by_its_place(self, said: str, area: str) -> None:
        meaning = setting(switch_it_off=heard("switch it off", "light", "flip", state="off"))
        found = one_of_several(self.HALL_AND_KITCHEN, heard(said), meaning)
        assert found is not None
        assert found.wishes[0].known == {"area": area, "state": "OFF"}
        assert found.wishes[0].text == said

    def test_there_must_be_so_many(self) -> None:
        meaning = setting(switch_it_off=heard("switch it off", "light", "flip", state="off"))
        assert one_of_several(self.HALL_AND_KITCHEN, heard("switch the third one off"), meaning) is None
        alone = told(DialogueState(), 0, "light", "set", area="hall")
        assert one_of_several(alone, heard("switch the second one off"), meaning) is None

    def test_the_other_one_is_that_which_was_not_spoken_of_since(self) -> None:
        state = told(self.HALL_AND_KITCHEN, 1, "light", "set", area="hall", state="OFF")
        found = one_of_several(state, heard("and the other one"), setting())
        assert found is not None
        assert found.wishes[0].slots == {"area": "kitchen", "state": "OFF"}

    def test_a_request_that_names_several_things_is_taken_apart(self) -> None:
        state = told(DialogueState(), 0, "light", "set", area="hall", area2="kitchen")
        meaning = setting(switch_it_off=heard("switch it off", "light", "flip", state="off"))
        found = one_of_several(state, heard("switch the second one off"), meaning)
        assert found is not None
        assert (found.wishes[0].intent, found.wishes[0].slots) == ("set", {"area": "kitchen", "state": "OFF"})


def test_something_else_is_added_to_the_last_request_or_to_an_earlier_one() -> None:
    where = setting()
    fan = (heard("and the fan", "light", "set", area="fan"),)
    assert isinstance(where.reader, ScriptedReader)
    where.reader.additions[("set hall", "and the fan")] = fan  # how the first request is worded
    found = added(LAMP_AND_CLOCK, heard("and the fan"), where)
    assert found is not None
    assert [(wish.slots, wish.text) for wish in found.wishes] == [({"area": "FAN"}, "and the fan")]
    assert added(LAMP_AND_CLOCK, heard("and the attic"), where) is None
    assert added(LAMP_AND_CLOCK.without_last(), heard("and the fan"), where) is None


def test_requests_that_are_returned_to_survive_json() -> None:
    assert DialogueState.from_json(LAMP_AND_CLOCK.to_json()) == LAMP_AND_CLOCK
