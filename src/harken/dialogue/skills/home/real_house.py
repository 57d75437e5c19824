"""The home behind Home Assistant: states are read from it when they are asked for, and changes are its services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from harken.dialogue.home_assistant import Entity, HomeAssistant, HouseRecord, NotTold, read_house
from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.home.house import (
    ALL,
    BLINDS,
    ENTRANCES,
    PLACES,
    SPARED,
    SPARED_DEVICES,
    SPARED_LOCKS,
    THERE,
    THIS_ROOM,
    Home,
)

_KELVIN: Mapping[str, int] = {"warm white": 2700, "white": 4000, "cold white": 5500}
_LEVEL, _POSITION = " level", " position"
"""Endings of the states that are numbers of a device or an entrance."""
_HIGHEST = 255
"""Brightness."""
_OFF = ("off", "idle", "standby", "docked", "closed", "paused")
_NOT_TOLD = ("unavailable", "unknown")
_SWITCHED = ("light", "switch", "fan", "media_player", "humidifier", "vacuum", "input_boolean", "climate")
"""Kinds of devices that are switched."""
_SENSOR = "binary_sensor"
"""It only tells."""
_KINDS: Mapping[str, str] = {"light": "light", "color": "light", "heat": "climate"}
"""What is written to all devices of one kind, whatever their names."""
NO_ROOM = "other places"
"""Where devices are that have no room."""
_POSITIONS = tuple(f"{name}{_POSITION}" for name in ENTRANCES)


def real_house(context: Context) -> RealHouse | None:
    """The house that is connected; None when there is only the virtual one.

    Raises:
        HomeAssistantError: what is known of it cannot be read.
    """
    record = read_house()
    return None if record is None else RealHouse(context, record)


class RealHouse(Home):
    """A house, as one request sees it.

    Args:
        context: of the request.
        record: what is known of it.
    """

    def __init__(self, context: Context, record: HouseRecord):
        super().__init__(context)
        self._record, self._link = record, HomeAssistant(record.url, record.token_file)
        roomless = any(not one.area for one in record.entities if one.domain != "scene")
        self.areas = (*record.areas, *((NO_ROOM,) if roomless else ()))
        self.locks = tuple(dict.fromkeys(one.what for one in record.entities if one.domain == "lock"))
        self.things = tuple(dict.fromkeys(one.what for one in record.entities if one.what and self._is_switched(one)))
        self.devices = _Devices(self)
        self._asked = self._reached = 0
        """Changes that were asked for, and those that something in the house took."""
        self._looked = self._told = 0
        """States that were asked for, and those that the house told."""

    @cached_property
    def states(self) -> Mapping[str, Mapping[str, Any]]:
        """Entity -> state, as it was when it was first needed."""
        return self._link.states()

    def known(self, slot: str) -> tuple[str, ...]:
        """The values of a slot that the house has."""
        if slot == "area":
            return (*self._record.areas, *self._record.floors, "house", THIS_ROOM, THERE)
        if slot == "switch" or slot in SPARED_DEVICES:
            return self.things
        if slot == "lock" or slot in SPARED_LOCKS:
            return (*self.locks, *((ALL,) if slot == "lock" else ()))
        return super().known(slot)

    def areas_of(self, slots: Mapping[str, Any]) -> tuple[str, ...]:
        """As `Home.areas_of`, with the floors of this house."""
        named = [str(slots[name]) for name in PLACES if name in slots]
        spared = self._rooms(str(slots[name]) for name in SPARED if name in slots)
        return tuple(area for area in (self._rooms(named) if named else self.areas) if area not in spared)

    def read(self, area: str, what: str) -> Any:
        """A state; off or closed where there is nothing of the kind: if it is so everywhere, `nothing_there` says it.

        Raises:
            NotTold: there is something, but its state is not known.
        """
        found = self._of(area, what)
        values = self._values(found, what)
        self._looked += 1
        self._told += bool(values)
        if found and not values:
            names = ", ".join(one.id for one in found)
            raise NotTold(f"Home Assistant does not tell the state ('{what}') of {names}; it may have lost the device")
        if not values:
            return 0 if what == "light" else False
        return min(values) if what in self.locks else max(values)

    def having(self, areas: Iterable[str], what: str) -> tuple[str, ...]:
        """As `Home.having`: the rooms of which the house tells the state; all if it tells none."""
        areas = tuple(areas)
        return tuple(area for area in areas if self._values(self._of(area, what), what)) or areas

    def level(self, area: str, name: str) -> float:
        """As `Home.level`.

        Raises:
            NotTold: it is not known.
        """
        return float(self.read(area, name + _LEVEL))

    def heat_is_set(self) -> bool:
        """Whether there is a thermostat."""
        return bool(self._of("", "heat"))

    def own_degrees(self, degrees: float, *, fahrenheit: bool) -> float:
        """As `Home.own_degrees`: in the unit that Home Assistant is set to."""
        own = self._link.in_fahrenheit()
        if own == fahrenheit:
            return degrees
        return float(round(degrees * 9 / 5 + 32)) if own else round((degrees - 32) * 5 / 9, 1)

    def write(self, areas: Iterable[str], what: str, value: Any) -> None:
        """Change what there is of a kind in some rooms."""
        areas = list(areas)
        found = [one for one in dict.fromkeys(one for area in areas for one in self._of(area, what))
                 if one.domain != _SENSOR]  # fmt: skip
        for one in found:
            self._before.setdefault(f"{one.area or NO_ROOM}/{what}", self._value(one, what))
        self._asked += bool(areas)
        self._reached += bool(found)
        for domain in dict.fromkeys(one.domain for one in found):
            self._change(domain, [one.id for one in found if one.domain == domain], what, value)

    def restore(self, states: Mapping[str, Any]) -> None:
        """Set states by their keys; 'without a room' is not 'in all rooms'."""
        for key, value in states.items():
            area, what = key.split("/", 1)
            if value is not None:
                self.write((area or NO_ROOM,), what, value)

    def with_device(self, name: str) -> list[str]:
        """The rooms ('' for none) in which a device is."""
        return list(dict.fromkeys(one.area for one in self._record.entities if one.what == name))

    def play_scene(self, name: str) -> bool:
        """Set a scene of Home Assistant."""
        scenes = [one.id for one in self._record.entities if one.domain == "scene" and one.what == name]
        if scenes:
            self._link.call("scene.turn_on", scenes)
        return bool(scenes)

    def nothing_there(self, request: Request) -> Answer | None:
        """What is said when a change or a question found nothing in the rooms that were named; None when it did."""
        if self._reached if self._asked else self._told or not self._looked:
            return None
        return Answer(text=self.say("nothing_there", self.where_of(request.slots)), act="sorry")

    def current(self) -> dict[str, Any]:
        """Key -> state of everything that can be switched, for questions about all of it."""
        found: dict[str, Any] = {}
        for one in self._record.entities:
            if self._is_switched(one) and one.what:
                found[f"{one.area}/{one.what}"] = self._value(one, one.what)
                found[f"{one.area}/{one.what}{_LEVEL}"] = self._value(one, one.what + _LEVEL)
        known = {key: value for key, value in found.items() if value is not None}
        self._looked += 1
        self._told += bool(known)
        return known

    def _rooms(self, places: Iterable[str]) -> list[str]:
        floors = {**self._record.floors, "house": self.areas}
        return list(dict.fromkeys(area for place in places for area in floors.get(place, (place,))))

    def _of(self, area: str, what: str) -> list[Entity]:
        """The devices of a kind in a room; of all rooms for ''."""
        return [
            one for one in self._record.entities
            if self._is_meant(one, what) and (not area or (one.area or NO_ROOM) == area)
        ]  # fmt: skip

    def _is_meant(self, one: Entity, what: str) -> bool:
        """Whether a device is what is read or written. A name alone is not enough: 'the gate' can be a lock, too."""
        if what in _KINDS:
            return one.domain == _KINDS[what]
        if what in _POSITIONS or what in BLINDS:
            return one.domain in ("cover", _SENSOR) and one.what == what.removesuffix(_POSITION)
        if what in self.locks:
            return one.domain == "lock" and one.what == what
        return self._is_switched(one) and one.what in (what, what.removesuffix(_LEVEL))

    def _is_switched(self, one: Entity) -> bool:
        """Whether it is switched by its name. What is called like a lock is not: 'turn it off' must not unlock."""
        return one.domain in _SWITCHED and one.what not in (*ENTRANCES, *BLINDS, *_KINDS, *self.locks)

    def _values(self, found: Iterable[Entity], what: str) -> list[Any]:
        return [value for one in found if (value := self._value(one, what)) is not None]

    def _value(self, one: Entity, what: str) -> Any:
        """A state as the home skill keeps it; None when the house does not tell."""
        row = self.states.get(one.id)
        if row is None or row.get("state") in _NOT_TOLD:
            return None
        state, facts = str(row.get("state")), row.get("attributes") or {}
        on = state not in _OFF
        if what == "light":
            return round(100 * int(facts.get("brightness") or _HIGHEST) / _HIGHEST) if on else 0
        if what == "heat":
            return facts.get("temperature")
        if what.endswith(_LEVEL):
            volume = facts.get("volume_level")
            return facts.get("percentage") if volume is None else round(100 * float(volume))
        if one.domain == "lock":
            return state == "locked"
        if one.domain == "cover":
            position = facts.get("current_position")
            return (100 if on else 0) if position is None else int(position)
        if what in BLINDS or what.endswith(_POSITION):
            return 100 if on else 0
        return None if what == "color" else on

    def _change(self, domain: str, entities: list[str], what: str, value: Any) -> None:
        link, on = self._link, bool(value)
        match domain:
            case "light" if what == "color":
                shade = {"color_temp_kelvin": _KELVIN[value]} if value in _KELVIN else {"color_name": value}
                link.call("light.turn_on", entities, **shade)
            case "light" if what == "light" and on:
                link.call("light.turn_on", entities, brightness_pct=round(float(value)))
            case "climate" if what == "heat":
                link.call("climate.set_temperature", entities, temperature=value)
            case "cover" if 0 < float(value) < 100:
                link.call("cover.set_cover_position", entities, position=round(float(value)))
            case "cover":
                link.call("cover.open_cover" if on else "cover.close_cover", entities)
            case "lock":
                link.call("lock.lock" if on else "lock.unlock", entities)
            case "fan" if what.endswith(_LEVEL):
                link.call("fan.set_percentage", entities, percentage=round(float(value)))
            case "media_player" if what.endswith(_LEVEL):
                link.call("media_player.volume_set", entities, volume_level=float(value) / 100)
            case "vacuum":
                link.call("vacuum.start" if on else "vacuum.return_to_base", entities)
            case _:
                link.call("homeassistant.turn_on" if on else "homeassistant.turn_off", entities)


class _Devices(dict[str, Any]):
    """What is on in the house, read when it is first looked at."""

    def __init__(self, house: RealHouse):
        super().__init__()
        self._house: RealHouse | None = house

    def _look(self) -> None:
        house, self._house = self._house, None
        if house is not None:
            self.update(house.current())

    def __iter__(self) -> Any:
        self._look()
        return super().__iter__()

    def items(self) -> Any:
        """As of a dict."""
        self._look()
        return super().items()
