"""What the virtual home takes a request to be about that does not say so."""

from __future__ import annotations

import pytest
from tests.unit.dialogue.conftest import TurnedClock
from tests.unit.dialogue.test_home import House, house, lit

from harken.dialogue.skill import Request
from harken.dialogue.skills.home.house import AREAS, LOCKS

__all__ = ["house"]


def ask(house: House, intent: str, text: str, after: str = "", before: dict[str, object] | None = None, **slots):
    heard = {name: str(value) for name, value in slots.items()}
    return house.ask(Request(intent=intent, slots=slots, heard=heard, text=text, after=after, before=before or {}))


class TestAllOthers:
    def test_are_those_that_were_not_spoken_of(self, house: House) -> None:
        house.do("lightSet", state=True)
        house.do("lightSet", state=True, area="kitchen", area2="hallway")
        assert house.do("lightSet", state=False, other=True).text.endswith(
            "except those in the kitchen and hallway are off."
        )
        assert lit(house) == {"kitchen", "hallway"}

    def test_leave_out_the_device_that_was_spoken_of(self, house: House) -> None:
        house.do("switchSet", state=True, switch="fan")
        house.do("switchSet", state=True, switch="television")
        house.do("allSet", state=False, other=True)
        assert house.devices["/television"]
        assert not house.devices["/fan"]

    def test_are_asked_for_when_nothing_was_spoken_of(self, house: House) -> None:
        for before in ("", "switchSet"):
            if before:
                house.do(before, state=True, switch="fan")
            asked = house.do("lightSet", state=False, other=True)
            assert (asked.text, asked.ask) == ("All but which?", "except")

    def test_are_those_that_are_named(self, house: House) -> None:
        house.do("lightSet", state=True)
        house.do("lightSet", state=True, area="hallway")
        house.do("lightSet", state=False, other=True, but="kitchen")
        assert lit(house) == {"kitchen"}


class TestBrightness:
    @pytest.mark.parametrize(
        ("text", "rooms"),
        [("halve the brightness", {"kitchen"}), ("turn the lights down", set(AREAS)), ("dim everything", set(AREAS))],
    )
    def test_is_of_the_lights_spoken_of_unless_lights_are_named(self, house: House, text: str, rooms: set[str]) -> None:
        house.do("lightSet", state=True)
        house.do("lightSet", state=True, area="kitchen")
        ask(house, "lightStep", text, step=-30)
        assert {area for area in AREAS if house.devices[f"{area}/light"] == 70} == rooms

    def test_is_of_all_lights_after_some_time(self, house: House, clock: TurnedClock) -> None:
        house.do("lightSet", state=True)
        house.do("lightSet", state=True, area="kitchen")
        clock.wait(121)
        ask(house, "lightStep", "halve the brightness", step=-30)
        assert {house.devices[f"{area}/light"] for area in AREAS} == {70}

    def test_goes_all_the_way_down_but_not_off(self, house: House) -> None:
        house.do("lightSet", state=True, area="kitchen")
        ask(house, "followStep", "all the way down", after="lightSet", course="down", whole=True)
        assert house.devices["kitchen/light"] == 1


class TestWhatWasOnlyAskedAbout:
    def test_is_spoken_of(self, house: House) -> None:
        house.do("lockSet", lock="front door", locked=True)
        about = {"lock": "back door", "locked": False}
        assert ask(house, "followIs", "is it locked", "lockSet", about).text == "The back door is not locked."

    def test_does_not_replace_what_was_done(self, house: House) -> None:
        house.do("lightSet", state=True, area="kitchen")
        told = ask(house, "followIs", "is it on", "lightSet", {"state": True, "area": "hallway"})
        assert told.text == "The lights in the kitchen are on."


def test_another_room_than_those_left_out_is_in_no_way_left_out(house: House) -> None:
    house.do("lightSet", state=True)
    house.do("lightSet", state=False, but="kitchen", except2="office")
    assert house.do("followArea", area="office").text == "The lights in the office are off."


def test_what_there_is_can_be_asked(house: House) -> None:
    assert house.do("askKnown", what="locks").data["names"] == list(LOCKS)
    assert house.do("askKnown", what="lights").text.startswith("There are lights in the living room, kitchen")
