"""A virtual home: what is switched stays switched, and can be asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.wording import say_list

AREAS = ("living room", "kitchen", "bedroom", "bathroom", "hallway", "office", "dining room", "nursery", "garage",
         "garden", "basement", "guest room")  # fmt: skip
_OWNER, _KEY = "home", "devices"
_USUAL = {"light": 0, "color": "warm white", "heat": 20, "blinds": 100, "windows": 0, "garage door": 0}
"""How a room is before anything was changed: light and openings in percent, heat in degrees Celsius."""
_SCENES: Mapping[str, tuple[int, str]] = {
    "movie": (10, "warm white"), "party": (80, "purple"), "night": (0, "warm white"), "morning": (60, "cold white"),
    "reading": (90, "white"), "dinner": (40, "warm white"), "away": (0, "white"),
}  # fmt: skip


class Home:
    """The devices' state in the user's store; keys are 'area/what'."""

    def __init__(self, context: Context):
        self._store = context.store
        self.devices: dict[str, Any] = dict(context.store.get(_OWNER, _KEY, {}))

    def read(self, area: str, what: str) -> Any:
        """A state, or the usual one."""
        return self.devices.get(f"{area}/{what}", _USUAL.get(what, False))

    def write(self, areas: tuple[str, ...], what: str, value: Any) -> None:
        """Set and keep a state."""
        self.devices |= {f"{area}/{what}": value for area in areas}
        self._store.put(_OWNER, _KEY, self.devices)


def answer(request: Request, context: Context) -> Answer:
    """Change the home or tell how it is."""
    return _INTENTS[request.intent](request, Home(context))


def _areas(request: Request) -> tuple[str, ...]:
    return (str(request.slots["area"]),) if "area" in request.slots else AREAS


def _where(request: Request) -> str:
    return f" in the {request.slots['area']}" if "area" in request.slots else ""


def _done(request: Request, text: str, **data: Any) -> Answer:
    return Answer(text=text, act="ack", data={**request.slots, **data})


def _light_set(request: Request, home: Home) -> Answer:
    state = bool(request.slots.get("state", True))
    home.write(_areas(request), "light", 100 if state else 0)
    return _done(request, f"The lights{_where(request)} are {'on' if state else 'off'}.")


def _light_level(request: Request, home: Home) -> Answer:
    if "level" not in request.slots:
        return Answer(text="To how many percent?", act="request", ask="level")
    level = int(request.slots["level"])
    home.write(_areas(request), "light", level)
    return _done(request, f"The lights{_where(request)} are at {level} percent.")


def _light_step(request: Request, home: Home) -> Answer:
    step, areas = int(request.slots.get("step", 30)), _areas(request)
    for area in areas:
        home.write((area,), "light", max(0, min(100, int(home.read(area, "light")) + step)))
    return _done(request, f"The lights{_where(request)} are {'brighter' if step > 0 else 'darker'} now.")


def _light_color(request: Request, home: Home) -> Answer:
    if "color" not in request.slots:
        return Answer(text="Which color?", act="request", ask="color")
    home.write(_areas(request), "color", request.slots["color"])
    return _done(request, f"The lights{_where(request)} are {request.slots['color']}.")


def _switch_set(request: Request, home: Home) -> Answer:
    if "switch" not in request.slots:
        return Answer(text="Which device do you mean?", act="request", ask="switch")
    name, state = str(request.slots["switch"]), bool(request.slots.get("state", True))
    home.write((str(request.slots.get("area", "")),), name, state)
    return _done(request, f"The {name}{_where(request)} is {'on' if state else 'off'}.")


def _blind_set(request: Request, home: Home) -> Answer:
    if "blind" not in request.slots:
        return Answer(text="What shall I move?", act="request", ask="blind")
    name = str(request.slots["blind"])
    position = int(request.slots.get("level", request.slots.get("position", 100)))
    home.write(_areas(request), name, position)
    how = {0: "closed", 100: "open"}.get(position, f"{position} percent open")
    return _done(request, f"The {name}{_where(request)} {_verb(name)} {how}.")


def _verb(name: str) -> str:
    return "are" if name.endswith("s") else "is"


def _lock_set(request: Request, home: Home) -> Answer:
    name, locked = str(request.slots.get("lock", "front door")), bool(request.slots.get("locked", True))
    home.write(("",), name, locked)
    return _done(request, f"The {name} is {'locked' if locked else 'unlocked'}.")


def _heat_set(request: Request, home: Home) -> Answer:
    degrees = int(request.slots["degrees"])
    home.write(_areas(request), "heat", degrees)
    return _done(request, f"The heating{_where(request)} is set to {degrees} degrees.")


def _heat_step(request: Request, home: Home) -> Answer:
    step, areas = int(request.slots.get("step", 2)), _areas(request)
    for area in areas:
        home.write((area,), "heat", int(home.read(area, "heat")) + step)
    degrees = home.read(areas[0], "heat")
    return _done(request, f"The heating{_where(request)} is set to {degrees} degrees.", degrees=degrees)


def _scene_set(request: Request, home: Home) -> Answer:
    name = str(request.slots.get("scene", "morning"))
    level, color = _SCENES[name]
    home.write(AREAS, "light", level)
    home.write(AREAS, "color", color)
    return _done(request, f"The {name} scene is on.")


def _ask_light(request: Request, home: Home) -> Answer:
    lit = [area for area in _areas(request) if home.read(area, "light") > 0]
    if "area" in request.slots:
        return Answer(text=f"The lights{_where(request)} are {'on' if lit else 'off'}.", data={"on": lit})
    if not lit:
        return Answer(text="All lights are off.", data={"on": []})
    return Answer(text=f"The lights are on in the {say_list(lit)}.", data={"on": lit})


def _ask_switch(request: Request, home: Home) -> Answer:
    if "switch" not in request.slots:
        return Answer(text="Which device do you mean?", act="request", ask="switch")
    name = str(request.slots["switch"])
    state = bool(home.read(str(request.slots.get("area", "")), name))
    return Answer(
        text=f"The {name}{_where(request)} is {'on' if state else 'off'}.", data={"switch": name, "on": state}
    )


def _ask_heat(request: Request, home: Home) -> Answer:
    area = str(request.slots.get("area", "living room"))
    degrees = home.read(area, "heat")
    return Answer(
        text=f"The heating in the {area} is set to {degrees} degrees.", data={"area": area, "degrees": degrees}
    )


def _ask_opening(request: Request, home: Home) -> Answer:
    if "lock" in request.slots:
        name = str(request.slots["lock"])
        locked = bool(home.read("", name))
        return Answer(
            text=f"The {name} is {'locked' if locked else 'not locked'}.", data={"lock": name, "locked": locked}
        )
    if "blind" not in request.slots:
        return Answer(text="What do you mean?", act="request", ask="blind")
    name, area = str(request.slots["blind"]), str(request.slots.get("area", "living room"))
    position = int(home.read(area, name))
    how = "closed" if position == 0 else "open"
    return Answer(text=f"The {name} in the {area} {_verb(name)} {how}.", data={"what": name, "position": position})


_INTENTS: dict[str, Callable[[Request, Home], Answer]] = {
    "lightSet": _light_set, "lightOff": _light_set, "lightLevel": _light_level, "lightStep": _light_step,
    "lightColor": _light_color, "switchSet": _switch_set, "switchStart": _switch_set, "blindSet": _blind_set,
    "blindLevel": _blind_set, "lockSet": _lock_set, "heatSet": _heat_set, "heatStep": _heat_step,
    "sceneSet": _scene_set, "askLight": _ask_light, "askSwitch": _ask_switch, "askHeat": _ask_heat,
    "askOpening": _ask_opening,
}  # fmt: skip
