"""A virtual home: it remembers what was changed and can be asked about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harken.dialogue.skill import Answer, Context, Request

AREAS = ("living room", "kitchen", "bedroom", "bathroom", "hallway", "office", "dining room", "nursery", "garage",
         "garden", "basement", "guest room")  # fmt: skip
_OWNER, _KEY = "home", "devices"
_USUAL = {"light": 0, "color": "warm white", "heat": 20, "blinds": 100, "windows": 0, "garage door": 0}
"""A room before anything is changed: light and openings in percent, heat in degrees Celsius."""
_SCENES: Mapping[str, tuple[int, str]] = {
    "movie": (10, "warm white"), "party": (80, "purple"), "night": (0, "warm white"), "morning": (60, "cold white"),
    "reading": (90, "white"), "dinner": (40, "warm white"), "away": (0, "white"),
}  # fmt: skip


class Home:
    """The devices' state in the user's store, with keys 'area/what'; and how replies name them."""

    def __init__(self, context: Context):
        self._store, self._context = context.store, context
        self.devices: dict[str, Any] = dict(context.store.get(_OWNER, _KEY, {}))

    def read(self, area: str, what: str) -> Any:
        """A state, or the usual one."""
        return self.devices.get(f"{area}/{what}", _USUAL.get(what, False))

    def write(self, areas: tuple[str, ...], what: str, value: Any) -> None:
        """Set and keep a state."""
        self.devices |= {f"{area}/{what}": value for area in areas}
        self._store.put(_OWNER, _KEY, self.devices)

    def say(self, key: str, area: str = "", **values: Any) -> str:
        """A reply; `area` is the room that it is about, '' for the whole home."""
        where = self._context.say("in_area", area=self.named(area)) if area else ""
        return self._context.say(key, where=where, **values)

    def named(self, name: str) -> str:
        """What is said for a name in the code."""
        return self._context.locale.named(name)

    def count(self, name: str) -> int:
        """1 for one thing, 2 for several: 'blinds'."""
        return 2 if self._context.wording.is_several(name) else 1

    def joined(self, names: list[str]) -> str:
        """A list of names as it is said."""
        return self._context.wording.joined([self.named(name) for name in names])


def answer(request: Request, context: Context) -> Answer:
    """Change the home or report its state."""
    return _INTENTS[request.intent](request, Home(context))


def _area(request: Request) -> str:
    return str(request.slots.get("area", ""))


def _areas(request: Request) -> tuple[str, ...]:
    return (_area(request),) if "area" in request.slots else AREAS


def _done(request: Request, text: str, **data: Any) -> Answer:
    return Answer(text=text, act="ack", data={**request.slots, **data})


def _light_set(request: Request, home: Home) -> Answer:
    state = bool(request.slots.get("state", True))
    home.write(_areas(request), "light", 100 if state else 0)
    return _done(request, home.say("lights_on" if state else "lights_off", _area(request)))


def _light_level(request: Request, home: Home) -> Answer:
    if "level" not in request.slots:
        return Answer(text=home.say("which_level"), act="request", ask="level")
    level = int(request.slots["level"])
    home.write(_areas(request), "light", level)
    return _done(request, home.say("lights_level", _area(request), level=level))


def _light_step(request: Request, home: Home) -> Answer:
    step, areas = int(request.slots.get("step", 30)), _areas(request)
    for area in areas:
        home.write((area,), "light", max(0, min(100, int(home.read(area, "light")) + step)))
    return _done(request, home.say("lights_brighter" if step > 0 else "lights_darker", _area(request)))


def _light_color(request: Request, home: Home) -> Answer:
    if "color" not in request.slots:
        return Answer(text=home.say("which_color"), act="request", ask="color")
    home.write(_areas(request), "color", request.slots["color"])
    return _done(request, home.say("lights_color", _area(request), color=home.named(str(request.slots["color"]))))


def _switch_set(request: Request, home: Home) -> Answer:
    if "switch" not in request.slots:
        return Answer(text=home.say("which_device"), act="request", ask="switch")
    name, state = str(request.slots["switch"]), bool(request.slots.get("state", True))
    home.write((_area(request),), name, state)
    return _done(request, _switched(request, home, name, state))


def _switched(request: Request, home: Home, name: str, state: bool) -> str:
    return home.say("switch_on" if state else "switch_off", _area(request), name=home.named(name))


def _blind_set(request: Request, home: Home) -> Answer:
    if "blind" not in request.slots:
        return Answer(text=home.say("which_opening"), act="request", ask="blind")
    name = str(request.slots["blind"])
    position = int(request.slots.get("level", request.slots.get("position", 100)))
    home.write(_areas(request), name, position)
    key = {0: "closed", 100: "open"}.get(position, "open_percent")
    text = home.say(key, _area(request), name=home.named(name), count=home.count(name), level=position)
    return _done(request, text)


def _lock_set(request: Request, home: Home) -> Answer:
    name, locked = str(request.slots.get("lock", "front door")), bool(request.slots.get("locked", True))
    home.write(("",), name, locked)
    return _done(request, home.say("locked" if locked else "unlocked", name=home.named(name)))


def _heat_set(request: Request, home: Home) -> Answer:
    degrees = int(request.slots["degrees"])
    home.write(_areas(request), "heat", degrees)
    return _done(request, home.say("heating", _area(request), degrees=degrees))


def _heat_step(request: Request, home: Home) -> Answer:
    step, areas = int(request.slots.get("step", 2)), _areas(request)
    for area in areas:
        home.write((area,), "heat", int(home.read(area, "heat")) + step)
    degrees = home.read(areas[0], "heat")
    return _done(request, home.say("heating", _area(request), degrees=degrees), degrees=degrees)


def _scene_set(request: Request, home: Home) -> Answer:
    name = str(request.slots.get("scene", "morning"))
    level, color = _SCENES[name]
    home.write(AREAS, "light", level)
    home.write(AREAS, "color", color)
    return _done(request, home.say("scene", name=home.named(name)))


def _ask_light(request: Request, home: Home) -> Answer:
    lit = [area for area in _areas(request) if home.read(area, "light") > 0]
    if "area" in request.slots:
        return Answer(text=home.say("lights_on" if lit else "lights_off", _area(request)), data={"on": lit})
    if not lit:
        return Answer(text=home.say("lights_all_off"), data={"on": []})
    return Answer(text=home.say("lights_on_in", areas=home.joined(lit)), data={"on": lit})


def _ask_switch(request: Request, home: Home) -> Answer:
    if "switch" not in request.slots:
        return Answer(text=home.say("which_device"), act="request", ask="switch")
    name = str(request.slots["switch"])
    state = bool(home.read(_area(request), name))
    return Answer(text=_switched(request, home, name, state), data={"switch": name, "on": state})


def _ask_heat(request: Request, home: Home) -> Answer:
    area = str(request.slots.get("area", "living room"))
    degrees = home.read(area, "heat")
    return Answer(text=home.say("heating", area, degrees=degrees), data={"area": area, "degrees": degrees})


def _ask_opening(request: Request, home: Home) -> Answer:
    if "lock" in request.slots:
        name = str(request.slots["lock"])
        locked = bool(home.read("", name))
        text = home.say("locked" if locked else "not_locked", name=home.named(name))
        return Answer(text=text, data={"lock": name, "locked": locked})
    if "blind" not in request.slots:
        return Answer(text=home.say("which_thing"), act="request", ask="blind")
    name, area = str(request.slots["blind"]), str(request.slots.get("area", "living room"))
    position = int(home.read(area, name))
    text = home.say("open" if position else "closed", area, name=home.named(name), count=home.count(name))
    return Answer(text=text, data={"what": name, "position": position})


_INTENTS: dict[str, Callable[[Request, Home], Answer]] = {
    "lightSet": _light_set, "lightOff": _light_set, "lightLevel": _light_level, "lightStep": _light_step,
    "lightColor": _light_color, "switchSet": _switch_set, "switchStart": _switch_set, "blindSet": _blind_set,
    "blindLevel": _blind_set, "lockSet": _lock_set, "heatSet": _heat_set, "heatStep": _heat_step,
    "sceneSet": _scene_set, "askLight": _ask_light, "askSwitch": _ask_switch, "askHeat": _ask_heat,
    "askOpening": _ask_opening,
}  # fmt: skip
