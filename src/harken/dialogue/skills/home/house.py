"""The virtual home: its rooms and what is in them, the state that it keeps, and how replies name it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harken.dialogue.skill import Context, Request

AREAS = ("living room", "kitchen", "bedroom", "bathroom", "hallway", "office", "dining room", "nursery", "garage",
         "garden", "basement", "guest room")  # fmt: skip
FLOORS: Mapping[str, tuple[str, ...]] = {
    "upstairs": ("bedroom", "bathroom", "nursery", "guest room"),
    "downstairs": ("living room", "kitchen", "hallway", "office", "dining room"),
    "outside": ("garden",),
    "house": AREAS,
}
"""Places of several rooms."""
THIS_ROOM = "this room"
"""A room that is not named: it is asked for."""
THERE = "there"
"""The room that was spoken of."""
DEVICES = ("television", "fan", "heater", "air conditioner", "radio", "speaker", "coffee machine", "washing machine",
           "dryer", "dishwasher", "plug", "kettle", "oven", "sprinkler", "humidifier", "dehumidifier", "air purifier",
           "computer", "heating", "vacuum cleaner")  # fmt: skip
LOUD = ("television", "radio", "speaker")
"""Devices with a volume."""
BLINDS = ("blinds", "shutters", "curtains", "windows")
ENTRANCES = ("garage door", "gate")
LOCKS = ("front door", "back door", "gate")
ALL = "all"
"""Every lock."""
SPARED_DEVICES = ("exceptDevice", *(f"exceptDevice{place}" for place in range(2, 7)))
SPARED_LOCKS = ("exceptLock", "exceptLock2", "exceptLock3")
KNOWN: Mapping[str, tuple[str, ...]] = {
    "area": (*AREAS, *FLOORS, THIS_ROOM, THERE), "switch": DEVICES, "blind": BLINDS, "entrance": ENTRANCES,
    "lock": (*LOCKS, ALL), **dict.fromkeys(SPARED_DEVICES, DEVICES), **dict.fromkeys(SPARED_LOCKS, LOCKS),
}  # fmt: skip
"""Slot -> the values that the home has."""
PLACES = ("area", "area2", "area3")
SPARED = ("except", *(f"except{place}" for place in range(2, 9)))
"""Slots with rooms: those that are meant, and those that are left out."""
_OWNER, _KEY = "home", "devices"
_USUAL = {"light": 0, "color": "warm white", "heat": 20, "blinds": 100, "shutters": 100, "curtains": 100, "windows": 0}
"""A room before anything is changed: light and openings in percent, heat in degrees Celsius."""


class Home:
    """The devices' state in the user's store, with keys 'area/what'; and how replies name them.

    Args:
        context: of the request.
    """

    areas: tuple[str, ...] = AREAS
    """Its rooms."""
    things: tuple[str, ...] = DEVICES
    """Devices that are switched."""
    locks: tuple[str, ...] = LOCKS

    def __init__(self, context: Context):
        self._store, self.context = context.store, context
        self.devices: dict[str, Any] = dict(context.store.get(_OWNER, _KEY, {}))
        self._before: dict[str, Any] = {}

    def read(self, area: str, what: str) -> Any:
        """A state, or the usual one."""
        return self.devices.get(f"{area}/{what}", _USUAL.get(what, False))

    def having(self, areas: Iterable[str], what: str) -> tuple[str, ...]:
        """Those of some rooms that have something of a kind."""
        return tuple(areas)

    def level(self, area: str, name: str) -> float:
        """The volume or speed of a device in percent; `area` '' for the one without a room."""
        return float(self.devices.get(f"{area}/{name} level", 50))

    def heat_is_set(self) -> bool:
        """Whether the temperature of a room was ever set."""
        return any(key.endswith("/heat") for key in self.devices)

    def own_degrees(self, degrees: float, *, fahrenheit: bool) -> float:
        """Degrees of a unit as they are kept: here as they were said."""
        return degrees

    def write(self, areas: Iterable[str], what: str, value: Any) -> None:
        """Set and keep a state."""
        self.restore({f"{area}/{what}": value for area in areas})

    def restore(self, states: Mapping[str, Any]) -> None:
        """Set and keep states by their keys; None: as usual."""
        for key, value in states.items():
            self._before.setdefault(key, self.devices.get(key))
            if value is None:
                self.devices.pop(key, None)
            else:
                self.devices[key] = value
        self._store.put(_OWNER, _KEY, self.devices)

    def play_scene(self, name: str) -> bool:
        """Set a scene that the home has by itself; False when it has none of this name."""
        return False

    def areas_of(self, slots: Mapping[str, Any]) -> tuple[str, ...]:
        """The rooms that a request is about: those it names, or all, without those it leaves out."""
        named, spared = places_of(slots), spared_by(slots)
        return tuple(area for area in (_rooms(named) if named else self.areas) if area not in spared)

    def unknown(self, slots: Mapping[str, Any]) -> str:
        """The first slot with a value that the home does not have; '' when it has all."""
        for slot, value in slots.items():
            known = self.known("area") if slot in (*PLACES, *SPARED) else self.known(slot)
            if known and value not in known:
                return slot
        return ""

    def known(self, slot: str) -> tuple[str, ...]:
        """The values of a slot that the home has; none for a slot that may have any."""
        return KNOWN.get(slot, ())

    def undo(self) -> Request | None:
        """The request that takes back what was written; None when nothing was."""
        return Request(intent="restore", slots={"devices": dict(self._before)}) if self._before else None

    def with_device(self, name: str) -> list[str]:
        """The areas ('' for none) in which a device was ever switched."""
        return [area for area, what in (key.split("/", 1) for key in self.devices) if what == name]

    def say(self, key: str, where: str = "", **values: Any) -> str:
        """A reply; `where` as worded by `where`."""
        return self.context.say(key, where=where, **values)

    def named(self, name: str) -> str:
        """What is said for a name in the code."""
        return self.context.locale.named(name)

    def count(self, name: str) -> int:
        """1 for one thing, 2 for several: 'blinds'."""
        return 2 if self.context.wording.is_several(name) else 1

    def joined(self, names: Iterable[str]) -> str:
        """A list of names as it is said."""
        return self.context.wording.joined([self.named(name) for name in names])

    def where(self, places: Iterable[str]) -> str:
        """Rooms and floors as a reply names them: ' in the kitchen and hallway', ' upstairs'; '' for the house."""
        places = list(places)
        rooms = [place for place in places if place in self.areas]
        floors = [self.context.say(f"where_{place}") for place in places if place in FLOORS]
        return (self.context.say("in_area", area=self.joined(rooms)) if rooms else "") + "".join(floors)

    def where_of(self, slots: Mapping[str, Any]) -> str:
        """Where a request acts: ' upstairs', ' everywhere except in the bedroom'."""
        where, spared = self.where(places_of(slots)), spared_by(slots)
        return self.context.say("everywhere_but", where=where, areas=self.joined(spared)) if spared else where

    def thing(self, name: str, where: str = "") -> str:
        """'the windows in the kitchen'."""
        return self.say("thing", where, name=self.named(name))


def places_of(slots: Mapping[str, Any]) -> list[str]:
    """The rooms and floors that a request names."""
    return [str(slots[name]) for name in PLACES if name in slots]


def spared_by(slots: Mapping[str, Any]) -> list[str]:
    """The rooms that a request leaves out."""
    return _rooms(str(slots[name]) for name in SPARED if name in slots)


def _rooms(places: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(area for place in places for area in FLOORS.get(place, (place,))))
