"""How much is to be what was put off: 'turn on the heating at six', 'and set it to 22'."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from tests.unit.dialogue.scripted import Intent, ScriptedReader, Skill, heard

from harken.dialogue.policy import decide
from harken.dialogue.state import Deed, DialogueState, Wish
from harken.dialogue.waiting import put_off_too
from harken.dialogue.wishes import PutOff, Setting
from harken.events import Interpretation, Slot, When
from harken.languages.loading import load_locale

NOW = dt.datetime(2026, 5, 1, 12, 0, tzinfo=dt.UTC)
AT_SIX = When(text="at six", time="18:00")
SKILLS = {
    "heat": Skill("heat", {
        "on": Intent(slots={"room": "rooms"}),
        "set": Intent(slots={"room": "rooms", "level": "number"}),
        "to": Intent(follows=("on", "set"), slots={"level": "number"}),
    }),
}  # fmt: skip


def number(value: float, text: str = "22") -> Slot:
    return Slot(name="level", text=text, value=value, first=0, last=1, score=1.0)


def to(text: str, value: float, **more: object) -> Interpretation:
    """A fragment that names a level."""
    return heard(text, "heat", "to", slots=(number(value),), **more)


def after(intent: str, when: When = AT_SIX, **slots: object) -> DialogueState:
    """The state when this was just put off."""
    wish = Wish(skill="heat", intent=intent, slots=slots, when=when)
    deed = Deed(turn=0, text="", skill="heat", intent=intent, slots=slots, action=f"heat {intent}", timer=3)
    return DialogueState(turn=0).having(deed).about(wish, turn=0, now=NOW.isoformat())


def setting(*fragments: Interpretation, added: tuple[tuple[str, str], Interpretation] | None = None) -> Setting:
    reader = ScriptedReader(None, {one.text: one for one in fragments})
    reader.additions = {added[0]: (added[1],)} if added else {}
    return Setting(skills=SKILLS, reader=reader, locale=load_locale(), now=NOW)


LEVEL = heard("heat to 22", "heat", "set", slots=(number(22),))


@pytest.mark.parametrize("text", ["set it to 22", "and set it to 22"])
def test_a_level_waits_with_what_it_is_for(text: str) -> None:
    known = setting(to(text, 22), added=(("heat on at six", "and set it to 22"), LEVEL))
    found = decide(after("on"), heard(text), known).decision
    assert isinstance(found, PutOff)
    assert (found.wish.intent, found.wish.slots, found.wish.when, found.replaces) == ("set", {"level": 22}, AT_SIX, 0)


def test_with_a_time_of_its_own_it_waits_until_then() -> None:
    seven = When(text="at seven", time="19:00")
    fragment = to("set it to 22 at seven", 22, when=seven)
    known = setting(fragment, added=(("heat on at six", "and set it to 22"), LEVEL))
    found = put_off_too(after("on"), heard("set it to 22 at seven"), known)
    assert isinstance(found, PutOff)
    assert found.wish.when == seven


def test_another_level_takes_the_place_of_the_first() -> None:
    found = put_off_too(after("set", room="HALL", level=21), heard("to 22"), setting(to("to 22", 22)))
    assert isinstance(found, PutOff)
    assert (found.wish.slots, found.replaces) == ({"room": "HALL", "level": 22}, 3)


def test_a_request_with_a_pronoun_is_for_the_same_thing() -> None:
    meaning = heard("warm it to 22", "heat", "set", slots=(number(22),))
    found = put_off_too(after("on", room="HALL"), meaning, setting())
    assert isinstance(found, PutOff)
    assert (found.wish.slots, found.wish.when) == ({"room": "HALL", "level": 22}, AT_SIX)
    assert put_off_too(after("on", room="HALL"), replace(meaning, text="heat to 22"), setting()) is None


@pytest.mark.parametrize(("text", "value", "when"), [
    ("make it seven", 7, AT_SIX), ("make it twenty", 20, When(text="in ten minutes", seconds=600.0)),
])  # fmt: skip
def test_what_may_be_another_time_is_no_level(text: str, value: float, when: When) -> None:
    assert put_off_too(after("set", when, level=21), heard(text), setting(to(text, value))) is None


def test_nothing_waits_with_what_was_done_at_once() -> None:
    state = replace(after("set", level=21), when=None)
    assert put_off_too(state, heard("to 22"), setting(to("to 22", 22))) is None
    later = replace(setting(to("to 22", 22)), now=NOW + dt.timedelta(minutes=5))
    assert put_off_too(after("set", level=21), heard("to 22"), later) is None
