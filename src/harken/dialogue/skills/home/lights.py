"""Lights: on and off, brightness, color, scenes; everything at once; and questions about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harken.dialogue.skill import Answer, Request
from harken.dialogue.skills.home.awhile import off_again, too_long
from harken.dialogue.skills.home.house import PLACES, SPARED_DEVICES, Home, places_of, spared_by
from harken.dialogue.skills.home.lately import Lately, asked, done

_SCENES: Mapping[str, tuple[int, str]] = {
    "movie": (10, "warm white"), "party": (80, "purple"), "night": (0, "warm white"), "morning": (60, "cold white"),
    "reading": (90, "white"), "dinner": (40, "warm white"), "cozy": (35, "warm white"), "away": (0, "white"),
}  # fmt: skip


def light_set(request: Request, home: Home, lately: Lately) -> Answer:
    """On or off."""
    if "state" not in request.slots:
        return asked(home, "which_state", "state")
    if request.intent == "lightOff" and home.context.heard_words("excess") & set(request.text.split()):
        seen = lately.resumed(replace(request, slots={**request.slots, "same": True}), "light")
        if seen.slots.keys() & set(PLACES) and not request.slots.keys() & set(PLACES):
            step = 30 if request.slots["state"] else -30  # 'too dark now', of the lights just spoken of
            return light_step(replace(seen, intent="lightStep", slots={**lately.target, "step": step}), home, lately)
    refusal = too_long(request, home)
    if refusal is not None:
        return refusal
    state = bool(request.slots["state"])
    before = lately.slots.get("state")
    if (
        "wished" in request.slots
        and isinstance(before, bool)
        and request.text.split()[0] in home.context.heard_words("besides")
    ):
        state = before  # 'and the bedroom light please', after another was switched off
    home.write(home.areas_of(request.slots), "light", 100 if state else 0)
    text = home.say("lights_on" if state else "lights_off", lights=_lights(request, home))
    thing = home.thing("lights", home.where(places_of(request.slots)))
    return off_again(done(request, home, text, "light"), request, home, thing)


def light_level(request: Request, home: Home, lately: Lately) -> Answer:
    """A brightness in percent."""
    if "level" not in request.slots:
        return asked(home, "which_level", "level")
    level = percent(request, home)
    if level is None:
        return Answer(text=home.say("out_of_percent"), act="sorry")
    home.write(home.areas_of(request.slots), "light", level)
    return done(request, home, home.say("lights_level", lights=_lights(request, home), level=level), "light")


def light_step(request: Request, home: Home, lately: Lately) -> Answer:
    """Brighter or darker; 'it' are the lights spoken of before, if any."""
    if "step" not in request.slots:
        return asked(home, "which_brightness", "step")
    request, said = lately.resumed(request, "light"), request
    if request is said and "alone" in request.slots:  # 'that's too dark', when no light was spoken of
        return light_set(replace(request, slots={**request.slots, "state": request.slots["alone"]}), home, lately)
    step, share = stepped(request.slots), request.slots.get("share")
    for area in home.having(home.areas_of(request.slots), "light"):
        level = int(home.read(area, "light"))
        home.write((area,), "light", max(0, min(100, round(level + step if share is None else level * share))))
    text = home.say("lights_brighter" if step > 0 else "lights_darker", lights=_lights(request, home))
    levels = {home.read(area, "light") for area in home.having(home.areas_of(request.slots), "light")}
    if share is not None and len(levels) == 1 and min(levels):
        text = home.say("lights_level", lights=_lights(request, home), level=levels.pop())
    return done(request, home, text, "light", step=step)


def light_color(request: Request, home: Home, lately: Lately) -> Answer:
    """A color; 'it' are the lights spoken of before, if any."""
    if "color" not in request.slots:
        return asked(home, "which_color", "color")
    request = lately.resumed(request, "light")
    color = str(request.slots["color"])
    home.write(home.areas_of(request.slots), "color", color)
    text = home.say("lights_color", lights=_lights(request, home), color=home.named(color))
    return done(request, home, text, "light")


def scene_set(request: Request, home: Home, lately: Lately) -> Answer:
    """A level and a color for all lights."""
    name = str(request.slots.get("scene", ""))
    if home.play_scene(name):
        return done(request, home, home.say("scene", name=home.named(name)), "scene")
    if name not in _SCENES:
        return asked(home, "which_scene", "scene")
    level, color = _SCENES[name]
    home.write(home.areas_of(request.slots), "light", level)
    home.write(home.areas_of(request.slots), "color", color)
    return done(request, home, home.say("scene", name=home.named(name)), "light")


def all_set(request: Request, home: Home, lately: Lately) -> Answer:
    """Everything off; or every light on, for nobody wants the oven and the sprinkler with it."""
    if "state" not in request.slots:
        return asked(home, "which_state", "state")
    areas = home.areas_of(request.slots)
    left = [str(request.slots[slot]) for slot in SPARED_DEVICES if slot in request.slots]
    only = request.slots.get("only") == "devices"
    if request.slots["state"] and only:
        return Answer(text=home.say("which_device"), act="request")
    if request.slots["state"]:
        home.write(areas, "light", 100)
        text = home.say("only_lights_on", lights=_lights(request, home))
        return done(request, home, text, "all")
    if not only:
        home.write(areas, "light", 0)
    places = areas if places_of(request.slots) else ("", *areas)
    running = [key for key in home.devices if _is_device(key, places, home) and key.split("/")[1] not in left]
    home.restore(dict.fromkeys(running, False))
    where, spared = home.where(places_of(request.slots)), spared_by(request.slots)
    things = [home.thing("lights", home.where(spared))] if spared else [home.thing(name) for name in left]
    key = "devices_off" if only else "everything_off_but" if things else "everything_off"
    return done(request, home, home.say(key, where, things=home.context.wording.joined(things)), "all")


def ask_light(request: Request, home: Home, lately: Lately) -> Answer:
    """Which lights are on, or those of the named rooms."""
    areas, places = home.having(home.areas_of(request.slots), "light"), places_of(request.slots)
    if request.slots.get("ask") == "color":
        return _ask_color(request, home, lately, areas)
    lit = [area for area in areas if home.read(area, "light") > 0]
    where = home.say("lights", home.where(places))
    if not lit:
        text = home.say("lights_off", lights=where) if places else home.say("lights_all_off")
    elif len(areas) == 1 and home.read(areas[0], "light") < 100:
        text = home.say("lights_on_level", lights=where, level=home.read(areas[0], "light"))
    elif len(lit) == len(areas):
        text = home.say("lights_on", lights=where) if places else home.say("lights_all_on")
    else:
        text = home.say("lights_on_in", areas=home.joined(lit))
    return Answer(text=text, data={"on": lit}, remember=lately.about("light", request))


def _ask_color(request: Request, home: Home, lately: Lately, areas: Sequence[str]) -> Answer:
    colors: dict[str, list[str]] = {}
    lit = [] if places_of(request.slots) else [area for area in areas if home.read(area, "light") > 0]
    for area in lit or areas:
        colors.setdefault(str(home.read(area, "color")), []).append(area)
    named = places_of(request.slots) if len(colors) == 1 else None
    text = " ".join(
        home.say("lights_color", lights=home.say("lights", home.where(rooms if named is None else named)),
                 color=home.named(color))
        for color, rooms in colors.items()
    )  # fmt: skip
    return Answer(text=text, data={"colors": colors}, remember=lately.about("light", request))


def count_lights(request: Request, home: Home, lately: Lately) -> Answer:
    """In how many rooms the lights are on or off."""
    areas, state = home.having(home.areas_of(request.slots), "light"), bool(request.slots.get("state", True))
    counted = [area for area in areas if (home.read(area, "light") > 0) is state]
    if not counted:
        return Answer(text=home.say("lights_all_off" if state else "lights_all_on"), data={"rooms": []})
    key = "lights_on_count" if state else "lights_off_count"
    every = len(counted) == len(home.having(home.areas, "light"))
    text = (
        home.say("lights_all_on" if state else "lights_all_off")
        if every
        else home.say(key, areas=home.joined(counted), count=len(counted))
    )
    return Answer(text=text, data={"rooms": counted})


def ask_known(request: Request, home: Home, lately: Lately) -> Answer:
    """Which rooms, devices or scenes there are."""
    what = str(request.slots["what"])
    lit = home.having(home.areas, "light")
    known = {"things": home.things, "rooms": home.areas, "scenes": tuple(_SCENES), "locks": home.locks, "lights": lit}
    text = home.say("known_lights" if what == "lights" else "known", names=home.joined(known[what]))
    return Answer(text=text, data={"names": list(known[what])})


def percent(request: Request, home: Home) -> float | None:
    """The level of a request as a percentage, 0..100; a fraction ('half', but not 'half a percent') is a share of the
    whole, in whole percent. None: out of range."""
    value = request.slots["level"]
    in_percent = not home.context.heard_words("percent").isdisjoint(request.text.split())
    level = float(value) if in_percent or share(value) is None else float(share(value) or 0)
    return None if not 0 <= level <= 100 else int(level) if level == int(level) else level


def share(value: Any) -> int | None:
    """A fraction of the whole ('half', 'a third') in percent; None for other numbers."""
    part = abs(float(value))
    return round(100 * part) if 0 < part < 1 else None


def stepped(slots: Mapping[str, Any]) -> float:
    """The step of a request: as said ('by ten'), else the usual one, smaller or larger by the amount."""
    step = float(slots["step"])
    if "by" in slots:
        return (share(slots["by"]) or abs(float(slots["by"]))) * (1 if step > 0 else -1)
    return step * float(slots.get("amount", 1))


def _lights(request: Request, home: Home) -> str:
    """'The lights in the kitchen', 'All lights except those in the kitchen'."""
    where, rooms = (
        home.where(places_of(request.slots)),
        home.areas_of({s: v for s, v in request.slots.items() if s in PLACES}),
    )
    spared = [area for area in spared_by(request.slots) if area in rooms]
    return home.say("lights_but", where, areas=home.joined(spared)) if spared else home.say("lights", where)


def _is_device(key: str, areas: tuple[str, ...], home: Home) -> bool:
    area, what = key.split("/", 1)
    return area in areas and what in home.things
