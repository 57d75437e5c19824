"""The virtual home acts on what was said, and on nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.dialogue.conftest import TurnedClock

from harken.dialogue.skill import ACTION, Answer, Context, Request
from harken.dialogue.skills.home.house import AREAS, DEVICES, FLOORS, SPARED, SPARED_DEVICES
from harken.dialogue.skills.home.skill import _INTENTS, answer
from harken.dialogue.store import Store
from harken.dialogue.timers import TimerBook
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter


class House:
    """Requests to the skill's code, with what it remembers from one to the next."""

    def __init__(self, clock: TurnedClock):
        self.clock, self.store, self.memory = clock, Store(":memory:"), {}
        self.timers = TimerBook(self.store, clock)

    def do(self, intent: str, *, heard: tuple[str, ...] | None = None, **slots: Any) -> Answer:
        """Carry out a request; `heard` are the slots named by words of their own, all by default."""
        slots = {"except" if name == "but" else name: value for name, value in slots.items()}
        words = {name: str(slots[name]) for name in (slots if heard is None else heard)}
        return self.ask(Request(intent=intent, slots=slots, heard=words))

    def ask(self, request: Request) -> Answer:
        """Carry out a request as it is."""
        context = Context(
            clock=self.clock,
            store=self.store,
            timers=self.timers,
            memory=self.memory,
            locale=load_locale(),
            skill="home",
        )
        given = answer(request, context)
        self.memory = dict(given.remember) or self.memory
        return given

    @property
    def devices(self) -> dict[str, Any]:
        return dict(self.store.get("home", "devices", {}))


@pytest.fixture
def house(clock: TurnedClock) -> House:
    return House(clock)


def lit(house: House) -> set[str]:
    return {key.split("/")[0] for key, value in house.devices.items() if key.endswith("/light") and value}


@pytest.mark.parametrize(
    ("intent", "slots", "asked"),
    [
        ("lightSet", {"area": "kitchen"}, "state"), ("lightOff", {}, "state"), ("lightLevel", {}, "level"),
        ("lightStep", {}, "step"), ("lightColor", {}, "color"), ("switchSet", {"switch": "fan"}, "state"),
        ("switchSet", {"state": True}, "switch"), ("switchStart", {"switch": "fan"}, "state"),
        ("blindSet", {"blind": "blinds"}, "position"), ("blindSet", {"position": 0}, "blind"),
        ("blindLevel", {"blind": "blinds"}, "level"), ("entranceSet", {"entrance": "gate"}, "position"),
        ("lockSet", {"lock": "front door"}, "locked"), ("lockSet", {"locked": False}, "lock"),
        ("heatSet", {}, "degrees"),
        ("heatStep", {}, "step"), ("sceneSet", {}, "scene"), ("allSet", {}, "state"), ("deviceLevel", {}, "switch"),
        ("deviceStep", {"switch": "fan"}, "direction"), ("followState", {}, "state"), ("followStep", {}, "course"),
    ],
)  # fmt: skip
def test_what_was_not_said_is_asked_for_and_nothing_is_done(house: House, intent: str, slots: Any, asked: str) -> None:
    given = house.do(intent, **slots)
    assert (given.ask, given.act, given.undo) == (asked, "request", None)
    assert house.devices == {}


@pytest.mark.parametrize(
    ("intent", "slots"),
    [
        ("lightSet", {"state": True, "area": "attic"}), ("lightSet", {"state": False, "but": "attic"}),
        ("lightSet", {"state": False, "area": "kitchen", "area2": "attic"}),
        ("lightStep", {"step": -30, "area": "attic"}),
        ("switchSet", {"state": True, "switch": "attic"}), ("blindSet", {"blind": "attic", "position": 0}),
        ("heatSet", {"degrees": 20, "area": "attic"}), ("lockSet", {"lock": "attic", "locked": True}),
        ("entranceSet", {"entrance": "attic", "position": 0}),
    ],
)  # fmt: skip
def test_a_name_that_the_home_does_not_have_is_said_and_widens_nothing(house: House, intent: str, slots: Any) -> None:
    assert house.do(intent, **slots).text == "I know no attic."
    assert house.devices == {}


def test_all_but_some_rooms(house: House) -> None:
    house.do("lightSet", state=True)
    given = house.do("lightSet", state=False, but="bedroom", except2="office")
    assert given.text == "All lights except those in the bedroom and office are off."
    assert lit(house) == {"bedroom", "office"}


@pytest.mark.parametrize("floor", sorted(FLOORS))
def test_a_floor_is_its_rooms(house: House, floor: str) -> None:
    house.do("lightSet", state=True, area=floor)
    assert lit(house) == set(FLOORS[floor]) <= set(AREAS)


def test_several_rooms_are_named_in_the_reply(house: House) -> None:
    given = house.do("lightSet", state=True, area="kitchen", area2="hallway", area3="office")
    assert given.text == "The lights in the kitchen, hallway and office are on."
    assert lit(house) == {"kitchen", "hallway", "office"}


def test_a_request_for_another_room_leaves_the_further_rooms_of_the_last_one_alone(house: House) -> None:
    house.do("lightStep", heard=("area",), step=-30, area="kitchen", area2="hallway", but="office")
    assert set(house.devices) == {"kitchen/light"}


def test_an_exception_may_leave_nothing(house: House) -> None:
    for intent, slots in {"lightSet": {"state": True}, "heatStep": {"step": 2}}.items():
        assert house.do(intent, area="kitchen", but="kitchen", **slots).text == "Then no room is left."
    assert house.devices == {}


def test_a_lock_is_left_out(house: House) -> None:
    given = house.do("lockSet", lock="all", locked=True, exceptLock="gate")
    assert given.text == "All doors are locked except the gate."
    assert house.do("askLock", lock="gate").text == "The gate is not locked."


def test_blinds_and_heating_name_the_rooms_that_are_left_out(house: House) -> None:
    assert "everywhere except in the office" in house.do("blindSet", blind="blinds", position=0, but="office").text
    assert "everywhere except in the office" in house.do("heatSet", degrees=22, but="office").text
    assert {key for key in house.devices if key.startswith("office/")} == set()


def test_one_window_is_not_all_of_them(house: House) -> None:
    slots = {"blind": "windows", "position": 100, "one": True}
    assert house.do("blindSet", **slots).ask == "area"
    assert house.devices == {}
    assert "windows in the office are open" in house.do("blindSet", area="office", **slots).text


def test_this_room_is_asked_for(house: House) -> None:
    assert house.do("lightSet", state=False, area="this room").ask == "area"
    assert house.devices == {}


def test_every_change_can_be_taken_back(house: House) -> None:
    house.do("lightSet", state=True, area="kitchen")
    before = house.devices
    for intent, slots in {
        "lightSet": {"state": False}, "lightColor": {"color": "red"}, "sceneSet": {"scene": "party"},
        "switchSet": {"switch": "fan", "state": True}, "blindSet": {"blind": "blinds", "position": 0},
        "entranceSet": {"entrance": "gate", "position": 100}, "lockSet": {"lock": "all", "locked": True},
        "heatSet": {"degrees": 25}, "allSet": {"state": False}, "vacuumSet": {"task": "clean"},
        "deviceStep": {"switch": "fan", "direction": 1},
    }.items():  # fmt: skip
        undo = house.do(intent, **slots).undo
        assert undo is not None
        assert house.devices != before
        again = house.ask(undo)
        assert "as it was before" in again.text
        assert house.devices == before
        assert again.undo is not None


@pytest.mark.parametrize("level", [-10, 101, 150])
def test_levels_out_of_range_are_refused(house: House, level: int) -> None:
    for intent, slots in {
        "lightLevel": {},
        "blindLevel": {"blind": "blinds"},
        "deviceLevel": {"switch": "fan"},
    }.items():
        given = house.do(intent, level=level, **slots)
        assert "between 0 and 100" in given.text
    assert house.devices == {}


@pytest.mark.parametrize(
    ("slots", "said"),
    [
        ({"degrees": 21.5}, "21.5 degrees"), ({"degrees": 70}, "70 degrees"),
        ({"degrees": 70, "fahrenheit": True}, "70 degrees Fahrenheit"),
        ({"degrees": 70, "fahrenheit": False}, "between 5 and 35"),
        ({"degrees": 20, "fahrenheit": True}, "between 5 and 35"),
        ({"degrees": 38}, "between 5 and 35"), ({"degrees": -5}, "between 5 and 35"),
        ({"degrees": 200}, "between 5 and 35"),
    ],
)  # fmt: skip
def test_temperatures_are_kept_as_said_if_they_can_be(house: House, slots: Any, said: str) -> None:
    assert said in house.do("heatSet", **slots).text


def test_heat_has_an_end(house: House) -> None:
    house.do("heatSet", degrees=6)
    assert "between" in house.do("heatStep", step=-2).text
    assert house.devices["kitchen/heat"] == 6


@pytest.mark.parametrize(("amount", "left"), [({}, 70), ({"amount": 0.5}, 85), ({"amount": 1.7}, 49), ({"by": 10}, 90)])
def test_a_step_is_as_large_as_was_said(house: House, amount: Any, left: int) -> None:
    house.do("lightSet", state=True)
    house.do("lightStep", step=-30, **amount)
    assert house.devices["kitchen/light"] == left


def test_it_is_what_was_spoken_of_but_not_for_ever(house: House, clock: TurnedClock) -> None:
    house.do("lightSet", state=True, area="kitchen")
    assert house.do("lightStep", step=-30, same=True).text == "The lights in the kitchen are darker now."
    clock.wait(600)
    assert house.do("lightStep", step=30, same=True).text == "The lights are brighter now."


def test_a_device_without_a_room_is_off_wherever_it_was_on(house: House) -> None:
    house.do("switchSet", switch="fan", state=True, area="kitchen")
    assert house.do("askSwitch", switch="fan").text == "The fan in the kitchen is on."
    house.do("switchSet", switch="fan", state=False)
    assert house.do("askSwitch", switch="fan").text == "The fan is off."


def test_everything_off_spares_what_is_named(house: House) -> None:
    house.do("lightSet", state=True)
    house.do("switchSet", switch="television", state=True)
    house.do("switchSet", switch="oven", state=True, area="kitchen")
    assert house.do("allSet", state=False, exceptDevice="television").text == "Everything is off except the television."
    assert house.do("askDevices").text == "What is on: the television."


def test_everything_on_switches_on_lights_alone(house: House) -> None:
    assert "did not switch on anything else" in house.do("allSet", state=True).text
    assert {key.split("/")[1] for key in house.devices} == {"light"}
    assert house.do("allSet", state=True, only="devices").act == "request"


def test_only_the_devices_of_a_room(house: House) -> None:
    house.do("lightSet", state=True)
    house.do("switchSet", switch="fan", state=True, area="office")
    house.do("switchSet", switch="fan", state=True, area="kitchen")
    assert house.do("allSet", state=False, only="devices", area="office").text == "All devices in the office are off."
    assert (house.devices["office/fan"], house.devices["kitchen/fan"], house.devices["office/light"]) == (
        False,
        True,
        100,
    )


def test_a_part_is_of_the_whole_way_and_a_fraction_of_a_percent_is_kept(house: House) -> None:
    assert "33 percent open" in house.do("blindSet", blind="blinds", position=100, by=1 / 3).text
    assert "67 percent open" in house.do("blindSet", blind="blinds", position=0, by=1 / 3).text
    assert "at 12.5 percent" in house.do("lightLevel", level=12.5).text
    assert "at 50 percent" in house.do("lightLevel", level=0.5).text


def test_a_bit_opens_and_closes_a_bit(house: House) -> None:
    assert "80 percent open" in house.do("blindSet", blind="blinds", position=0, amount=0.5).text
    assert "are open." in house.do("blindSet", blind="blinds", position=100, amount=0.5).text


def test_doors_are_locked_one_by_one_or_all(house: House) -> None:
    assert house.do("askLock", lock="all").text == "No door is locked."
    assert house.do("lockSet", lock="back door", locked=True).text == "The back door is locked."
    assert house.do("askLock", lock="all").text == "The front door and gate are not locked."
    assert house.do("lockSet", lock="all", locked=True).text == "All doors are locked."
    assert house.do("askLock", lock="all").text == "All doors are locked."


@pytest.mark.parametrize("intent", ["doorMove", "askLock"])
def test_a_door_that_is_not_named_is_asked_for(house: House, intent: str) -> None:
    assert house.do(intent).ask == "lock"
    assert house.devices == {}


def test_what_is_on_for_a_while_goes_off_by_itself(house: House) -> None:
    given = house.do("switchSet", switch="fan", state=True, area="office", duration=600)
    assert given.text.endswith("In 10 minutes, I will turn off the fan in the office.")
    (timer,) = house.timers.running(ACTION)
    assert timer.label == "turn off the fan in the office"
    skill, later = Request.of(timer)
    assert skill == "home"
    assert house.ask(later).text == "The fan in the office is off."
    assert len(house.timers.running(ACTION)) == 1


def test_taking_back_what_is_on_for_a_while_takes_back_its_end(house: House) -> None:
    house.do("switchSet", switch="heater", state=True, duration=60)
    undo = house.do("lightSet", state=True, duration=600).undo
    assert undo is not None
    house.ask(undo)
    assert [timer.label for timer in house.timers.running(ACTION)] == ["turn off the heater"]


@pytest.mark.parametrize("seconds", [0, -60, 1e9])
def test_nothing_is_on_for_a_time_that_cannot_be_waited_for(house: House, seconds: float) -> None:
    for intent, slots in {"lightSet": {}, "switchSet": {"switch": "fan"}}.items():
        assert house.do(intent, state=True, duration=seconds, **slots).act == "sorry"
    assert house.devices == {}


def test_up_to_eight_rooms_and_six_devices_are_left_out(house: House) -> None:
    spared = dict(zip(SPARED, AREAS, strict=False))
    house.ask(Request(intent="lightSet", slots={"state": True, **spared}))
    assert lit(house) == set(AREAS) - set(spared.values())
    assert len(spared) == 8
    left = dict(zip(SPARED_DEVICES, DEVICES, strict=False))
    for device in DEVICES:
        house.do("switchSet", switch=device, state=True)
    house.ask(Request(intent="allSet", slots={"state": False, **left}))
    assert {key.split("/")[1] for key, on in house.devices.items() if on is True} == set(left.values())


def test_a_door_cannot_be_opened(house: House) -> None:
    assert "lock and unlock the front door" in house.do("doorMove", lock="front door").text
    assert house.devices == {}


def test_questions_change_nothing_and_take_nothing_back(house: House) -> None:
    for intent in ("askLight", "countLights", "askDevices", "askHeat", "askAnything"):
        assert house.do(intent, state=True).undo is None
    assert house.devices == {}


def test_what_is_open(house: House) -> None:
    house.do("blindSet", blind="windows", position=100, area="kitchen")
    house.do("entranceSet", entrance="gate", position=100)
    assert house.do("askAnything").text == "What is open: the windows in the kitchen and the gate."
    assert house.do("askOpening", blind="windows").text == "The windows in the kitchen are open."
    assert house.do("askOpening", blind="windows", area="office").text == "The windows in the office are closed."


def test_lights_are_counted(house: House) -> None:
    house.do("lightSet", state=True, area="kitchen")
    assert house.do("countLights", state=True).text == "1 light is on, in the kitchen."
    house.do("lightSet", state=True)
    assert house.do("countLights", state=True).text == "All lights are on."
    assert house.do("countLights", state=False).text == "All lights are on."


@pytest.mark.parametrize(
    ("first", "slots", "then", "more", "said"),
    [
        ("lightSet", {"state": True, "area": "office"}, "followState", {"state": False}, "in the office are off."),
        ("switchSet", {"switch": "fan", "state": True}, "followState", {"state": False}, "The fan is off."),
        ("lightSet", {"state": True, "area": "office"}, "followLevel", {"level": 40}, "office are at 40 percent."),
        ("heatSet", {"degrees": 20, "area": "office"}, "followLevel", {"level": 22}, "office is set to 22 degrees."),
        ("lightStep", {"step": -30, "area": "office"}, "followStep", {"course": "more"}, "office are darker"),
        ("lightStep", {"step": -30, "area": "office"}, "followStep", {"course": "less"}, "office are brighter"),
        ("blindSet", {"blind": "blinds", "position": 0}, "followStep", {"course": "up"}, "20 percent"),
        ("blindSet", {"blind": "blinds", "position": 0, "amount": 0.5}, "followBlind", {"position": 0}, "are closed"),
        ("askEntrance", {"entrance": "gate"}, "followEntrance", {"position": 100}, "The gate is open."),
        ("askLock", {"lock": "back door"}, "followLock", {"locked": True}, "The back door is locked."),
        ("heatStep", {"step": -2, "area": "office"}, "followArea", {"area": "kitchen"}, "kitchen is set to 18"),
    ],
)  # fmt: skip
def test_a_fragment_continues_what_was_spoken_of(house, first, slots, then, more, said) -> None:
    house.do(first, **slots)
    carried = {**slots, **more}
    given = house.do(then, heard=tuple(more), **carried)
    assert said in given.text


def test_a_fragment_after_a_fragment_in_another_room(house: House) -> None:
    house.do("blindSet", blind="blinds", position=0, area="bedroom")
    house.do("followBlind", position=100)
    assert house.do("followArea", area="office").text == "The blinds in the office are open."


def test_a_fragment_steps_as_far_as_it_says_and_the_next_one_as_usual(house: House) -> None:
    house.do("heatSet", degrees=20)
    assert "23 degrees" in house.do("followStep", course="up", by=3).text
    assert "25 degrees" in house.do("followStep", heard=("course",), course="up", by=3).text
    house.do("blindSet", blind="blinds", position=0)
    assert "30 percent" in house.do("followStep", course="up", by=30).text


def test_half_the_brightness_is_half_of_what_it_was(house: House) -> None:
    house.do("lightLevel", area="kitchen", level=60)
    assert "at 30 percent" in house.do("lightStep", area="kitchen", step=-30, share=0.5).text
    assert house.devices["kitchen/light"] == 30


def test_a_fragment_without_anything_before_asks(house: House) -> None:
    assert house.do("followState", state=True).act == "request"
    assert house.do("followArea", area="kitchen").act == "request"
    assert house.devices == {}


def test_every_intent_is_carried_out(skills: Any) -> None:
    assert set(skills["home"].intents) - set(_INTENTS) == {"followArea", "followOnly"}


def test_only_what_opens_the_house_or_may_be_a_sigh_is_confirmed(skills: Any) -> None:
    intents = skills["home"].intents
    asked = {(name, tuple(one.constants.items())) for name, intent in intents.items() for one in intent.confirmations}
    assert asked == {
        ("entranceSet", (("position", 100),)), ("lockSet", (("locked", False), ("lock", "all"))),
        ("lockSet", (("locked", False),)), ("followEntrance", (("position", 100),)),
        ("followLock", (("locked", False),)), ("heatStep", (("step", 2), ("sigh", True))),
        ("heatStep", (("step", -2), ("sigh", True))),
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "how fast is light", "traffic light", "the lights in this room are pretty", "the light is on", "lights",
        "i turned off the light", "the fan", "my lamp is broken", "we watched tv", "the door is open", "i am a big fan",
        "it's pretty cold",
        "it's getting dark", "the upstairs window opened", "the gate closed", "the kitchen is cold", "give me a light",
        "light travels fast", "it is a hot topic", "windows is an operating system", "should i close the window",
    ],
)  # fmt: skip
def test_sentences_with_its_words_are_no_requests(reader: Interpreter, text: str) -> None:
    assert reader.understand(text).skill != "home"


class TestAWhile:
    @staticmethod
    def ends(house: House) -> list[tuple[str, float]]:
        return [(timer.label, timer.seconds) for timer in house.timers.running()]

    def test_may_be_made_longer_by_a_mere_number(self, house: House) -> None:
        house.do("lightSet", state=True, area="bedroom", duration=600.0)
        house.ask(Request(intent="followLevel", slots={"level": 20}, text="no make it twenty"))
        assert [seconds for _, seconds in self.ends(house)] == [1200.0]
        assert lit(house) == {"bedroom"}

    def test_is_no_brightness_and_goes_on_beside_one(self, house: House) -> None:
        house.do("lightSet", state=True, area="bedroom", duration=600.0)
        house.ask(Request(intent="followLevel", slots={"level": 20}, text="make it twenty percent"))
        assert [seconds for _, seconds in self.ends(house)] == [600.0]
        assert house.devices["bedroom/light"] == 20

    def test_of_another_thing_leaves_the_first_alone(self, house: House) -> None:
        house.do("switchSet", state=True, switch="fan", duration=600.0)
        house.do("switchSet", state=True, switch="heater", duration=300.0)
        assert sorted(seconds for _, seconds in self.ends(house)) == [300.0, 600.0]

    def test_never_ends_another_timer_that_has_its_number(self, house: House) -> None:
        house.do("switchSet", state=True, switch="fan", duration=600.0)
        house.timers.cancel(house.timers.running()[0].id)
        house.timers.start(60.0, kind="timer", label="pasta")
        house.do("switchSet", state=True, switch="fan", duration=300.0)
        assert len(self.ends(house)) == 2
