"""The house behind Home Assistant: what is read and written by a name, and what is not known is not made up."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.dialogue.conftest import TurnedClock
from tests.unit.dialogue.fake_home_assistant import TOKEN, FakeHomeAssistant, home_assistant

from harken.dialogue.home_assistant import Entity, HouseRecord, house_file, write_house
from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.home.real_house import NO_ROOM, RealHouse
from harken.dialogue.skills.home.skill import answer
from harken.dialogue.store import Store
from harken.dialogue.timers import TimerBook
from harken.languages.loading import load_locale
from harken.nlu.shipped import read_shipped_skill
from harken.workshop.house_sync import name_house, with_house

ROOMS = ("bedroom", "kitchen", "living room")
DEVICES = (
    ("light.kitchen", "kitchen", "light"), ("light.bed", "bedroom", "light"), ("fan.kitchen", "kitchen", "fan"),
    ("media_player.tv", "living room", "television"), ("climate.lounge", "living room", "heating"),
    ("cover.blinds", "living room", "blinds"), ("binary_sensor.w", "bedroom", "windows"),
    ("cover.garage", "", "garage door"), ("lock.front", "", "front door"),
)  # fmt: skip


@pytest.fixture
def house() -> Iterator[FakeHomeAssistant]:
    with home_assistant() as running:
        yield running


@pytest.fixture
def record(house: FakeHomeAssistant, tmp_path: Path) -> HouseRecord:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    entities = tuple(Entity(id=name, area=area, what=what) for name, area, what in DEVICES)
    return HouseRecord(url=house.url, token_file=str(token), areas=ROOMS, entities=entities)


@pytest.fixture
def context() -> Context:
    clock, store = TurnedClock(dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)), Store(":memory:")
    return Context(clock=clock, store=store, timers=TimerBook(store, clock), locale=load_locale(), skill="home")


def with_more(record: HouseRecord, house: FakeHomeAssistant, *more: tuple[str, str, str, str]) -> HouseRecord:
    """The record with more devices: entity, room, name, state."""
    for name, _, _, state in more:
        house.states[name] = {"entity_id": name, "state": state, "attributes": {}}
    added = (Entity(id=name, area=area, what=what) for name, area, what, _ in more)
    return replace(record, entities=(*record.entities, *added))


def asked(record: HouseRecord, context: Context, intent: str, slots: Mapping[str, Any]) -> Answer:
    write_house(record)
    try:
        return answer(Request(intent=intent, slots=slots), context)
    finally:
        house_file().unlink()


def test_a_sensor_tells_but_is_never_written(record: HouseRecord, house: FakeHomeAssistant, context: Context) -> None:
    home = RealHouse(context, record)
    assert home.read("bedroom", "windows") == 100
    assert home.read("kitchen", "windows") is False
    home.write(["bedroom"], "windows", 0)
    assert house.called == []
    assert home.undo() is None, "nothing was changed that could be taken back"
    refusal = home.nothing_there(Request(intent="blindSet", slots={"area": "bedroom"}))
    assert refusal is not None
    assert refusal.text == "There is nothing of that kind in the bedroom."


def test_a_door_with_a_sensor_is_moved_all_the_same(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    record = with_more(record, house, ("binary_sensor.garage", "", "garage door", "off"))
    said = asked(record, context, "entranceSet", {"entrance": "garage door", "position": 100})
    assert house.called == [("cover.open_cover", ["cover.garage"], {})]
    assert said.text == "The garage door is open."


@pytest.mark.parametrize(
    ("intent", "slots", "service", "entity"),
    [
        ("entranceSet", {"entrance": "gate", "position": 0}, "cover.close_cover", "cover.gate"),
        ("entranceSet", {"entrance": "gate", "position": 100}, "cover.open_cover", "cover.gate"),
        ("lockSet", {"lock": "gate", "locked": True}, "lock.lock", "lock.gate"),
        ("lockSet", {"lock": "gate", "locked": False}, "lock.unlock", "lock.gate"),
    ],
)
def test_a_gate_that_moves_and_has_a_lock_does_what_was_said_and_no_more(
    record: HouseRecord, house: FakeHomeAssistant, context: Context, intent: str, slots: dict[str, Any], service: str,
    entity: str,
) -> None:  # fmt: skip
    record = with_more(record, house, ("cover.gate", "", "gate", "open"), ("lock.gate", "", "gate", "locked"))
    asked(record, context, intent, slots)
    assert house.called == [(service, [entity], {})]


def test_what_is_called_like_a_lock_is_not_switched(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    record = with_more(record, house, ("switch.porch", "", "front door", "on"))
    said = asked(record, context, "switchSet", {"switch": "front door", "state": False})
    assert said.act == "sorry"
    assert house.called == [], "switching it off is not unlocking it"
    asked(record, context, "lockSet", {"lock": "front door", "locked": True})
    assert house.called == [("lock.lock", ["lock.front"], {})]


def test_a_switch_called_like_blinds_or_a_color_takes_part_in_nothing(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    record = with_more(record, house, ("switch.b", "kitchen", "blinds", "off"), ("switch.h", "kitchen", "heat", "off"))
    assert not {"blinds", "heat"} & set(RealHouse(context, record).things)
    asked(record, context, "blindSet", {"blind": "blinds", "position": 0})
    assert house.called == [("cover.close_cover", ["cover.blinds"], {})]


@pytest.mark.parametrize(
    ("unit", "slots", "sent"),
    [
        ("°C", {"degrees": 22}, 22.0), ("°C", {"degrees": 72}, 22.2), ("°C", {"degrees": 72, "fahrenheit": True}, 22.2),
        ("°F", {"degrees": 22}, 72.0), ("°F", {"degrees": 72}, 72.0), ("°F", {"degrees": 35}, 95.0),
        ("°F", {"degrees": 20, "fahrenheit": False}, 68.0), ("°F", {"degrees": 41}, 41.0),
    ],
)  # fmt: skip
def test_a_temperature_arrives_in_the_unit_of_the_house(
    record: HouseRecord, house: FakeHomeAssistant, context: Context, unit: str, slots: dict[str, Any], sent: float
) -> None:
    house.unit = unit
    asked(record, context, "heatSet", slots)
    assert house.called == [("climate.set_temperature", ["climate.lounge"], {"temperature": sent})]


def test_a_house_that_does_not_tell_its_unit_is_not_heated(
    record: HouseRecord, house: FakeHomeAssistant, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    house.unit = None
    assert asked(record, context, "heatSet", {"degrees": 22}).act == "sorry"
    assert house.called == []
    assert "expected '°C' or '°F'" in caplog.text


def test_warmer_starts_from_the_rooms_that_have_a_thermostat(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    assert asked(record, context, "askHeat", {}).data["degrees"] == 20.5
    said = asked(record, context, "heatStep", {"step": 1})
    assert house.called == [("climate.set_temperature", ["climate.lounge"], {"temperature": 21.5})]
    assert "21.5" in said.text or "twenty-one point five" in said.text
    assert (
        asked(record, context, "askHeat", {"area": "kitchen"}).text == "There is nothing of that kind in the kitchen."
    )


def test_a_bit_starts_from_the_blinds_and_the_volume_that_there_are(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    asked(record, context, "blindSet", {"blind": "blinds", "position": 0, "amount": 0.5})
    assert house.called.pop() == ("cover.set_cover_position", ["cover.blinds"], {"position": 80})
    house.states["media_player.tv"]["attributes"] = {"volume_level": 0.1}
    asked(record, context, "deviceStep", {"switch": "television", "direction": 1})
    assert house.called[0] == ("media_player.volume_set", ["media_player.tv"], {"volume_level": 0.3})


@pytest.mark.parametrize("state", ["unavailable", "unknown"])
@pytest.mark.parametrize(
    ("entity", "intent", "slots"),
    [
        ("cover.garage", "askEntrance", {"entrance": "garage door"}), ("cover.garage", "askAnything", {}),
        ("binary_sensor.w", "askAnything", {}), ("lock.front", "askLock", {"lock": "front door"}),
        ("lock.front", "askLock", {"lock": "all"}), ("climate.lounge", "askHeat", {"area": "living room"}),
        ("climate.lounge", "heatStep", {"step": 1}), ("light.kitchen", "askLight", {"area": "kitchen"}),
        ("media_player.tv", "deviceStep", {"switch": "television", "direction": 1}),
    ],
)  # fmt: skip
def test_a_state_that_is_not_known_is_neither_claimed_nor_changed(
    record: HouseRecord, house: FakeHomeAssistant, context: Context, entity: str, intent: str, slots: dict[str, Any],
    state: str,
) -> None:  # fmt: skip
    house.states[entity]["state"] = state
    said = asked(record, context, intent, slots)
    assert (said.text, said.act) == ("Home Assistant does not tell me that at present.", "sorry")
    assert house.called == []


def test_a_room_whose_lights_are_not_known_does_not_keep_the_others_from_answering(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    house.states["light.kitchen"]["state"] = "unavailable"
    assert asked(record, context, "askLight", {}).data["on"] == ["bedroom"]


@pytest.mark.parametrize(
    ("intent", "slots"),
    [
        ("askOpening", {"blind": "blinds", "area": "kitchen"}),
        ("askLight", {"area": "living room"}),
        ("askEntrance", {"entrance": "gate"}),
        ("lightSet", {"area": "living room", "state": True}),
    ],
)
def test_what_the_house_lacks_is_said_to_questions_too(
    record: HouseRecord, context: Context, intent: str, slots: dict[str, Any]
) -> None:
    assert asked(record, context, intent, slots).text.startswith("There is nothing of that kind")


def test_a_door_with_two_locks_is_locked_when_all_of_it_is(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    record = with_more(record, house, ("lock.front2", "", "front door", "locked"))
    assert RealHouse(context, record).read("", "front door") is False
    house.states["lock.front"]["state"] = "locked"
    assert RealHouse(context, record).read("", "front door") is True


def test_locks_that_share_a_name_are_left_out_and_named(caplog: pytest.LogCaptureFixture) -> None:
    found = {
        "areas": ["Kitchen", "Garage"], "floors": [],
        "entities": [
            {"id": "lock.k", "name": "Kitchen Back Door", "area": "Kitchen", "kind": ""},
            {"id": "lock.g", "name": "Garage Back Door", "area": "Garage", "kind": ""},
            {"id": "lock.f", "name": "Front Door", "area": "", "kind": ""},
        ],
    }  # fmt: skip
    with caplog.at_level(logging.WARNING):
        named = name_house(found, read_shipped_skill(load_locale(), "home"))
    assert [entity.id for entity in named.entities] == ["lock.f"]
    assert "2 locks are called 'back door'" in caplog.text


def test_a_position_is_told_as_the_cover_tells_it_and_otherwise_by_its_state(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    facts = house.states["cover.blinds"]["attributes"]
    for position, expected in ((40, 40), (0, 0), (None, 100)):
        facts["current_position"] = position
        assert RealHouse(context, record).read("living room", "blinds") == expected


def test_what_is_left_out_is_left_alone(record: HouseRecord, house: FakeHomeAssistant, context: Context) -> None:
    asked(record, context, "lightSet", {"state": False, "except": "bedroom"})
    assert house.called == [("homeassistant.turn_off", ["light.kitchen"], {})]


def test_the_vacuum_cleaner_and_the_fan_have_services_of_their_own(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    record = with_more(record, house, ("vacuum.v", "", "vacuum cleaner", "docked"))
    for task in ("clean", "dock"):
        asked(record, context, "vacuumSet", {"task": task})
    asked(record, context, "deviceLevel", {"switch": "fan", "level": 2})
    assert [(service, data) for service, _, data in house.called] == [
        ("vacuum.start", {}), ("vacuum.return_to_base", {}), ("fan.set_percentage", {"percentage": 66}),
        ("homeassistant.turn_on", {}),
    ]  # fmt: skip


def test_a_house_without_lights_still_tells_what_is_on(record: HouseRecord, context: Context) -> None:
    dark = replace(record, entities=tuple(one for one in record.entities if one.domain != "light"))
    assert asked(dark, context, "askDevices", {}).text.startswith("What is on: the television")


def test_a_device_in_several_rooms_is_switched_off_once(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    record = with_more(record, house, ("fan.bed", "bedroom", "fan", "on"))
    asked(record, context, "switchSet", {"switch": "fan", "state": False})
    assert house.called == [("homeassistant.turn_off", ["fan.kitchen", "fan.bed"], {})]


ROOMLESS = (("light.porch", "", "light", "on"), ("light.hall", "", "light", "on"))


def test_all_lights_are_also_those_without_a_room(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    record = with_more(record, house, *ROOMLESS)
    asked(record, context, "lightSet", {"state": False})
    (called,) = house.called
    assert sorted(called[1]) == ["light.bed", "light.hall", "light.kitchen", "light.porch"]


def test_what_is_left_out_stays_out_and_what_has_no_room_takes_part(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    record = with_more(record, house, *ROOMLESS)
    asked(record, context, "lightSet", {"state": False, "except": "bedroom"})
    (called,) = house.called
    assert sorted(called[1]) == ["light.hall", "light.kitchen", "light.porch"]


def test_taking_back_what_was_done_to_a_light_without_a_room_touches_no_other(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    home = RealHouse(context, with_more(record, house, ("light.porch", "", "light", "on")))
    home.write([NO_ROOM], "light", 0)
    undo = home.undo()
    assert undo is not None
    RealHouse(context, home._record).restore(undo.slots["devices"])
    assert [entities for _, entities, _ in house.called] == [["light.porch"], ["light.porch"]]


def test_a_fan_without_a_room_goes_off_alone_when_the_room_with_another_is_left_out(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    house.states["fan.kitchen"]["state"] = "on"
    record = with_more(record, house, ("fan.porch", "", "fan", "on"))
    asked(record, context, "allSet", {"state": False, "only": "devices", "except": "kitchen"})
    off = [entity for _, entities, _ in house.called for entity in entities]
    assert "fan.porch" in off
    assert "fan.kitchen" not in off


def test_when_all_lights_are_on_no_rooms_are_told_even_if_some_have_none(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    for name in ("light.kitchen", "light.bed"):
        house.states[name]["state"] = "on"
    assert asked(record, context, "askDevices", {}).data["on"][0] == "the lights"


def test_lights_without_a_room_are_told_of_as_those_in_other_places(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    record = with_more(record, house, ("light.porch", "", "light", "on"))
    assert asked(record, context, "askLight", {}).text == "The lights are on in the bedroom and other places."


@pytest.mark.parametrize(
    ("intent", "slots", "text"),
    [
        ("askLock", {"lock": "front door"}, "The front door is not locked."),
        ("lightSet", {"state": True, "area": "kitchen"}, "The lights in the kitchen are on."),
    ],
)
def test_a_house_without_rooms_does_what_it_is_told(
    house: FakeHomeAssistant, record: HouseRecord, context: Context, intent: str, slots: dict[str, Any], text: str
) -> None:
    rows = [
        {"id": "light.kitchen", "name": "Kitchen Lights", "area": "", "kind": ""},
        {"id": "lock.front", "name": "Front Door", "area": "", "kind": ""},
        {"id": "lock.kitchen", "name": "Kitchen Door", "area": "", "kind": ""},
        {"id": "switch.pump", "name": "Koi Pond Pump", "area": "", "kind": ""},
    ]
    named = name_house({"areas": [], "floors": [], "entities": rows}, read_shipped_skill(load_locale(), "home"))
    assert [(one.area, one.what) for one in named.entities] == [
        ("kitchen", "light"), ("", "front door"), ("", "kitchen door"), ("", "koi pond pump"),
    ]  # fmt: skip
    assert named.areas == ("kitchen",)
    here = replace(named, url=record.url, token_file=record.token_file)
    assert asked(here, context, intent, slots).text == text


def test_other_places_are_only_where_a_device_has_no_room_and_nobody_can_name_them(
    record: HouseRecord, house: FakeHomeAssistant, context: Context
) -> None:
    scene = Entity(id="scene.movie", area="", what="movie")
    rooms = tuple(one for one in record.entities if one.area)
    assert RealHouse(context, replace(record, entities=(*rooms, scene))).areas == ROOMS
    assert asked(record, context, "lightSet", {"state": True, "area": NO_ROOM}).act == "sorry"
    assert house.called == []
    assert NO_ROOM not in RealHouse(context, record).known("area")


def test_a_device_without_a_room_is_in_the_one_that_its_name_begins_with_and_nothing_else_moves() -> None:
    rows = [
        {"id": "fan.a", "name": "Living Room Fan", "area": "", "kind": ""},
        {"id": "fan.b", "name": "Kitchen Fan", "area": "Attic", "kind": ""},
        {"id": "light.c", "name": "Upstairs Lights", "area": "", "kind": ""},
        {"id": "cover.d", "name": "Garage", "area": "", "kind": "garage"},
        {"id": "scene.e", "name": "Kitchen Party", "area": "", "kind": ""},
        {"id": "lock.f", "name": "Garage Door", "area": "", "kind": ""},
    ]
    named = name_house({"areas": ["Attic"], "floors": [], "entities": rows}, read_shipped_skill(load_locale(), "home"))
    assert [one.area for one in named.entities] == ["living room", "attic", "", "", "", ""]
    assert named.entities[0].what == "fan"


def test_rooms_that_the_skill_calls_alike_keep_their_own_names(record: HouseRecord) -> None:
    skill = read_shipped_skill(load_locale(), "home")
    rows = [
        {"id": "light.a", "name": "Light", "area": "Bedroom", "kind": ""},
        {"id": "light.b", "name": "Light", "area": "Master Bedroom", "kind": ""},
        {"id": "light.c", "name": "Hall Light", "area": "Foyer", "kind": ""},
        {"id": "fan.d", "name": "Master Bedroom Fan", "area": "", "kind": ""},
    ]
    named = name_house({"areas": ["Bedroom", "Master Bedroom", "Foyer"], "floors": [], "entities": rows}, skill)
    assert [one.area for one in named.entities] == ["bedroom", "master bedroom", "hallway", "master bedroom"]
    write_house(replace(record, names=named.names))
    try:
        entries = [entry for entry in with_house(skill).lists["area"].entries if entry[0] == ("master", "bedroom")]
    finally:
        house_file().unlink()
    assert entries == [(("master", "bedroom"), "master bedroom")], "the skill's own meaning must not come first"


def test_a_kind_of_light_is_a_device_of_its_own_under_all_names_of_lights() -> None:
    rows = [
        {"id": "light.a", "name": "Kitchen Ceiling Light", "area": "Kitchen", "kind": ""},
        {"id": "light.b", "name": "Bedroom Ceiling Light", "area": "Bedroom", "kind": ""},
        {"id": "light.c", "name": "Kitchen Light", "area": "Kitchen", "kind": ""},
        {"id": "light.d", "name": "Desk Lamp", "area": "Kitchen", "kind": ""},
        {"id": "light.e", "name": "Desk Light", "area": "Bedroom", "kind": ""},
    ]
    skill = read_shipped_skill(load_locale(), "home")
    named = name_house({"areas": ["Kitchen", "Bedroom"], "floors": [], "entities": rows}, skill)
    called = [one.what for one in named.entities]
    assert called == ["ceiling light", "ceiling light", "light", "desk lamp", "desk light"]
    names = dict(named.names["switch"])
    assert names["ceiling lights"] == names["ceiling lamp"] == "ceiling light"
    assert (names["desk lamp"], names["desk light"]) == ("desk lamp", "desk light")
    assert "light" not in names


def test_a_lamp_with_a_long_name_gets_no_names_that_are_too_long_to_be_said() -> None:
    row = {"id": "light.a", "name": "Big Old Green Corner Globe", "area": "", "kind": ""}
    short = {"id": "light.b", "name": "Old Green Corner Globe", "area": "", "kind": ""}
    named = name_house({"areas": [], "floors": [], "entities": [row, short]}, read_shipped_skill(load_locale(), "home"))
    names = dict(named.names["switch"])
    assert "big old green corner globe" in names
    assert names["old green corner globe lights"] == "old green corner globe"
    assert max(len(name.split()) for name in names) == 5


def test_scenes_of_the_house_are_also_said_as_lights(record: HouseRecord) -> None:
    skill = read_shipped_skill(load_locale(), "home")
    assert skill.lists["litScene"].entries == skill.lists["scene"].entries
    row = {"id": "scene.sunset", "name": "Sunset", "area": "", "kind": ""}
    named = name_house({"areas": [], "floors": [], "entities": [row]}, skill)
    write_house(replace(record, names=named.names))
    try:
        lists = with_house(skill).lists
    finally:
        house_file().unlink()
    for name in ("scene", "litScene"):
        assert (("sunset",), "sunset") in lists[name].entries
