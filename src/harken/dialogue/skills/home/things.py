"""Devices, the vacuum cleaner and the heating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harken.dialogue.skill import Answer, Request
from harken.dialogue.skills.home.awhile import off_again, too_long
from harken.dialogue.skills.home.house import LOUD, Home, places_of
from harken.dialogue.skills.home.lately import Lately, asked, done
from harken.dialogue.skills.home.lights import percent, stepped

_CELSIUS, _FAHRENHEIT = (5, 35), (41, 95)
"""Temperatures that the heating can be set to."""
_SPEEDS: Mapping[float, int] = {1: 33, 2: 66, 3: 100}
"""Speed of the fan -> percent."""
_VACUUM, HEATING = "vacuum cleaner", "heating"
_TASKS = {"clean": True, "stop": False, "dock": False}


def switch_set(request: Request, home: Home, lately: Lately) -> Answer:
    """On or off."""
    if "switch" not in request.slots:
        return asked(home, "which_device", "switch")
    if "state" not in request.slots:
        return asked(home, "which_state", "state")
    refusal = too_long(request, home)
    if refusal is not None:
        return refusal
    name, state, places = str(request.slots["switch"]), bool(request.slots["state"]), places_of(request.slots)
    anywhere = ("",) if state else ("", *home.with_device(name))
    home.write(home.areas_of(request.slots) if places else anywhere, name, state)
    where = home.where(places)
    answer = done(request, home, _switched(home, name, state, where), "switch")
    return off_again(answer, request, home, home.thing(name, where))


def device_level(request: Request, home: Home, lately: Lately) -> Answer:
    """The speed of the fan or a volume."""
    if "switch" not in request.slots:
        return asked(home, "which_device", "switch")
    if "level" not in request.slots:
        return asked(home, "which_level", "level")
    name, level = str(request.slots["switch"]), percent(request, home)
    if name == HEATING:
        return heat_set(replace(request, slots={**request.slots, "degrees": request.slots["level"]}), home, lately)
    if name == "fan" and level is not None:
        level = _SPEEDS.get(level, level)
    if name not in (*LOUD, "fan"):
        return Answer(text=home.say("only_switched", name=home.named(name)), act="sorry")
    if level is None:
        return Answer(text=home.say("out_of_percent"), act="sorry")
    return _leveled(request, home, name, level)


def device_step(request: Request, home: Home, lately: Lately) -> Answer:
    """The fan faster or slower, a device louder or quieter."""
    if "switch" not in request.slots:
        return asked(home, "which_device", "switch")
    if "direction" not in request.slots:
        return asked(home, "which_direction", "direction")
    name, step = str(request.slots["switch"]), stepped({**request.slots, "step": 20 * int(request.slots["direction"])})
    if name == HEATING:
        return heat_step(replace(request, slots={**request.slots, "step": step / 10}), home, lately)
    if name not in (*LOUD, "fan"):
        return Answer(text=home.say("only_switched", name=home.named(name)), act="sorry")
    area = home.areas_of(request.slots)[0] if places_of(request.slots) else ""
    level = max(0, min(100, round(home.level(area, name) + step)))
    return _leveled(request, home, name, level, step=step)


def _leveled(request: Request, home: Home, name: str, level: float, *, step: float = 0) -> Answer:
    places = places_of(request.slots)
    areas = home.areas_of(request.slots) if places else ("",)
    home.write(areas, f"{name} level", level)
    home.write(areas, name, True)
    key = "volume" if name in LOUD else "speed"
    text = home.say(key, home.where(places), name=home.named(name), level=level)
    return done(request, home, text, "switch", step=step)


def ask_switch(request: Request, home: Home, lately: Lately) -> Answer:
    """Whether a device is on, and where."""
    if "switch" not in request.slots:
        return asked(home, "which_device", "switch")
    name, places = str(request.slots["switch"]), places_of(request.slots)
    if name == HEATING and not home.with_device(name) and home.heat_is_set():
        return ask_heat(request, home, lately)  # never switched: it is as warm as it is set to
    areas = home.having(home.areas_of(request.slots) if places else home.with_device(name), name)
    running = [area for area in areas if home.read(area, name)]
    where = home.where(places or [area for area in running if area])
    text = _switched(home, name, bool(running), where)
    return Answer(text=text, data={"switch": name, "on": bool(running)}, remember=lately.about("switch", request))


def ask_devices(request: Request, home: Home, lately: Lately) -> Answer:
    """What is on: lights and devices."""
    areas = home.having(home.areas, "light")
    lit = [area for area in areas if home.read(area, "light") > 0]
    things = [home.thing("lights", "" if len(lit) == len(areas) else home.where(lit))] if lit else []
    for key, value in home.devices.items():
        area, what = key.split("/", 1)
        if what in home.things and value:
            things.append(home.thing(what, home.where([area] if area else [])))
    text = home.say("things_on", things=home.context.wording.joined(things)) if things else home.say("nothing_on")
    return Answer(text=text, data={"on": things})


def vacuum_set(request: Request, home: Home, lately: Lately) -> Answer:
    """Clean, stop, or go back to the dock."""
    task = str(request.slots.get("task", ""))
    if task not in _TASKS:
        return Answer(text=home.say("which_task"), act="request")
    home.write(("",), _VACUUM, _TASKS[task])
    request = replace(request, slots={**request.slots, "switch": _VACUUM})
    return done(request, home, home.say(f"vacuum_{task}", home.where(places_of(request.slots))), "switch")


def heat_set(request: Request, home: Home, lately: Lately) -> Answer:
    """A temperature, in Celsius, or in Fahrenheit when it can only be that."""
    if "degrees" not in request.slots:
        return asked(home, "which_degrees", "degrees")
    degrees, fahrenheit = float(request.slots["degrees"]), request.slots.get("fahrenheit")
    ranges = [_CELSIUS, _FAHRENHEIT] if fahrenheit is None else [_FAHRENHEIT] if fahrenheit else [_CELSIUS]
    if not any(low <= degrees <= high for low, high in ranges):
        return Answer(text=home.say("out_of_degrees", low=_CELSIUS[0], high=_CELSIUS[1]), act="sorry")
    own = home.own_degrees(degrees, fahrenheit=degrees > _CELSIUS[1] if fahrenheit is None else bool(fahrenheit))
    home.write(home.areas_of(request.slots), "heat", own)
    _heats(home)
    return done(request, home, _heating(home, degrees, home.where_of(request.slots), fahrenheit), "heat")


def heat_step(request: Request, home: Home, lately: Lately) -> Answer:
    """Warmer or cooler."""
    if "step" not in request.slots:
        return asked(home, "which_warmth", "step")
    step, areas = stepped(request.slots), home.having(home.areas_of(request.slots), "heat")
    wanted = {area: float(home.read(area, "heat")) + step for area in areas}
    if any(not _CELSIUS[0] <= degrees <= _FAHRENHEIT[1] for degrees in wanted.values()):
        return Answer(text=home.say("out_of_degrees", low=_CELSIUS[0], high=_CELSIUS[1]), act="sorry")
    for area, degrees in wanted.items():
        home.write((area,), "heat", degrees)
    if step > 0:
        _heats(home)
    degrees = wanted[areas[0]]
    text = _heating(home, degrees, home.where(places_of(request.slots)))
    return done(request, home, text, "heat", step=step, degrees=degrees)


def _heats(home: Home) -> None:
    """Switch the heating on if it was switched off: what is to be warmer must heat."""
    off = [area for area in home.with_device(HEATING) if not home.read(area, HEATING)]
    if off:
        home.write(off, HEATING, True)


def ask_heat(request: Request, home: Home, lately: Lately) -> Answer:
    """What the heating is set to."""
    places = places_of(request.slots)
    area = home.having(home.areas_of(request.slots), "heat")[0]
    degrees = home.read(area, "heat")
    text = _heating(home, degrees, home.where(places or [area]))
    return Answer(text=text, data={"area": area, "degrees": degrees}, remember=lately.about("heat", request))


def _heating(home: Home, degrees: float, where: str, fahrenheit: bool | None = None) -> str:
    key = "heating" if fahrenheit is None else "heating_fahrenheit" if fahrenheit else "heating_celsius"
    return home.say(key, where, degrees=home.context.wording.number(degrees))


def _switched(home: Home, name: str, state: bool, where: str) -> str:
    return home.say("switch_on" if state else "switch_off", where, name=home.named(name))
