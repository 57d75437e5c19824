"""Fragments that follow another request: 'turn it off', 'a bit more', 'to fifty percent', 'the kitchen too'."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harken.dialogue.later import unit_of
from harken.dialogue.skill import Answer, Request
from harken.dialogue.skills.home import lights, openings, things
from harken.dialogue.skills.home.awhile import DURATION
from harken.dialogue.skills.home.house import PLACES, Home
from harken.dialogue.skills.home.lately import Lately, asked

_SWITCHED = {
    "light": (lights.light_set, "lightSet"), "switch": (things.switch_set, "switchSet"),
    "all": (lights.all_set, "allSet"),
}  # fmt: skip
_ASKED = {
    "light": (lights.ask_light, "askLight"), "switch": (things.ask_switch, "askSwitch"),
    "blind": (openings.ask_opening, "askOpening"), "entrance": (openings.ask_entrance, "askEntrance"),
    "lock": (openings.ask_lock, "askLock"),
}  # fmt: skip
_LEVELED = {
    "light": (lights.light_level, "lightLevel", "level"), "heat": (things.heat_set, "heatSet", "degrees"),
    "blind": (openings.blind_level, "blindLevel", "level"), "switch": (things.device_level, "deviceLevel", "level"),
}  # fmt: skip
_STEPS = {
    "light": (lights.light_step, "lightStep", "step", 30), "heat": (things.heat_step, "heatStep", "step", 2),
    "switch": (things.device_step, "deviceStep", "direction", 1),
}  # fmt: skip
"""What was last spoken of -> the handler that continues, its intent, its slot and the usual step."""
_SENSES = {
    "warmer": {"heat": 1},
    "cooler": {"heat": -1},
    "brighter": {"light": 1, "blind": 1},
    "darker": {"light": -1, "blind": -1},
}
"""What is only said of some things -> those, and whether it is more or less."""


def follow_state(request: Request, home: Home, lately: Lately) -> Answer:
    """On or off, of what was last switched."""
    if "state" not in request.slots:
        return asked(home, "which_state", "state")
    if lately.kind not in _SWITCHED or _is_one_of_two(request, home, lately):
        return _lost(home)
    handler, intent = _SWITCHED[lately.kind]
    again = _again(intent, request, lately, state=request.slots["state"])
    return handler(in_named_room(again, request), home, lately)


def follow_level(request: Request, home: Home, lately: Lately) -> Answer:
    """A level for what was last set."""
    if "level" not in request.slots:
        return asked(home, "which_level", "level")
    if lately.kind not in _LEVELED or _is_one_of_two(request, home, lately):
        return _lost(home)
    seconds = float(lately.slots.get(DURATION, 0))
    if seconds and home.context.heard_words("level_units").isdisjoint(request.text.split()):
        handler, intent = _SWITCHED[lately.kind]  # 'for ten minutes', 'no, make it twenty'
        longer = {**lately.slots, DURATION: float(request.slots["level"]) * unit_of(seconds)}
        return handler(replace(request, intent=intent, slots=longer), home, lately)
    handler, intent, slot = _LEVELED[lately.kind]
    return handler(_again(intent, request, lately, **{slot: request.slots["level"]}), home, lately)


def follow_step(request: Request, home: Home, lately: Lately) -> Answer:
    """More or less of the last change, or up or down."""
    course = str(request.slots.get("course", ""))
    signs = {"up": 1, "down": -1, "more": lately.direction, "less": -lately.direction}
    sign = signs.get(course) or _SENSES.get(course, {}).get(lately.kind, 0)
    if not sign:
        return _lost(home) if course in _SENSES else asked(home, "which_direction", "course")
    own = {name: request.slots[name] for name in ("amount", "by") if name in request.heard}
    if lately.kind == "blind" and request.heard.get("course") and not own and _puts_back(request, home):
        return follow_blind(replace(request, slots={"position": 100 if sign > 0 else 0}), home, lately)
    if lately.kind == "blind":
        again = _again("blindSet", request, lately, **{"amount": 0.5, **own, "position": 100 if sign > 0 else 0})
        return openings.blind_set(again, home, lately)
    if lately.kind not in _STEPS:
        return _lost(home)
    handler, intent, slot, size = _STEPS[lately.kind]
    return handler(_again(intent, request, lately, **own, **{slot: sign * size}), home, lately)


def _puts_back(request: Request, home: Home) -> bool:
    """Whether something is brought back rather than moved a little: 'put them back down'."""
    return bool(home.context.heard_words("back_again") & set(request.text.split()))


def follow_ask(request: Request, home: Home, lately: Lately) -> Answer:
    """Which lights are on or off."""
    return lights.ask_light(replace(request, intent="askLight"), home, lately)


def follow_is(request: Request, home: Home, lately: Lately) -> Answer:
    """How that is which was spoken of."""
    if lately.kind not in _ASKED:
        return _lost(home)
    handler, intent = _ASKED[lately.kind]
    state = {"state": request.slots["state"]} if "state" in request.slots else {}
    return handler(_again(intent, request, lately, **state), home, lately)


def follow_door(request: Request, home: Home, lately: Lately) -> Answer:
    """Whether another door is locked or open."""
    if "lock" in request.slots:
        return openings.ask_lock(replace(request, intent="askLock"), home, lately)
    return openings.ask_entrance(replace(request, intent="askEntrance"), home, lately)


def in_named_room(again: Request, request: Request) -> Request:
    """A request about what was spoken of, in the room that is named now if one is: 'the one in the hallway'."""
    if "area" not in request.heard:
        return again
    kept = {name: value for name, value in again.slots.items() if name not in PLACES}
    return replace(again, slots={**kept, "area": request.slots["area"]})


def follow_blind(request: Request, home: Home, lately: Lately) -> Answer:
    """Open or close what was last moved."""
    if _is_one_of_two(request, home, lately):
        return _lost(home)
    own = {name: request.slots[name] for name in ("position", "amount") if name in request.slots}
    if "amount" not in request.heard:
        own.pop("amount", None)
    return openings.blind_set(_again("blindSet", request, lately, **own), home, lately)


def follow_entrance(request: Request, home: Home, lately: Lately) -> Answer:
    """Open or close the garage door or the gate spoken of."""
    return openings.entrance_set(
        _again("entranceSet", request, lately, position=request.slots["position"]), home, lately
    )


def follow_lock(request: Request, home: Home, lately: Lately) -> Answer:
    """Lock or unlock the door spoken of."""
    return openings.lock_set(_again("lockSet", request, lately, locked=request.slots["locked"]), home, lately)


def in_another_room(request: Request, lately: Lately) -> Request:
    """The last request once more, in the room that is named now."""
    kept = {name: value for name, value in lately.slots.items() if name not in PLACES}
    return replace(request, intent=lately.intent, slots={**kept, "area": request.slots["area"]})


def names_another(request: Request, lately: Lately) -> bool:
    """Whether a request repeats the last one for another device: 'the fan'. A lock is never opened that way."""
    repeated = request.intent == lately.intent and bool(request.slots.keys() - request.heard.keys())
    return repeated and bool({"switch", "blind"} & request.heard.keys())


def take_back_mistaken(request: Request, home: Home, lately: Lately) -> None:
    """Of 'no, the kitchen', what was done in the other room is taken back; not of 'the kitchen too'."""
    words = set(request.text.split())
    if home.context.heard_words("mistaken") & words and not home.context.heard_words("besides") & words:
        home.restore(lately.before)


def _again(intent: str, request: Request, lately: Lately, **values: Any) -> Request:
    """A request about what the last one was about."""
    return replace(request, intent=intent, slots={**lately.target, **values})


def _is_one_of_two(request: Request, home: Home, lately: Lately) -> bool:
    """Whether 'both' was said when only one room or device was spoken of last."""
    both = home.context.heard_words("pair") & set(request.text.split())
    return bool(both) and len(lately.target.keys() & {*PLACES, "switch"}) == 1


def _lost(home: Home) -> Answer:
    return Answer(text=home.say("which_thing"), act="request")
