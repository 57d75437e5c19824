"""Fragments that follow another request: 'turn it off', 'a bit more', 'to fifty percent', 'the kitchen too'."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harken.dialogue.skill import Answer, Request
from harken.dialogue.skills.home import lights, openings, things
from harken.dialogue.skills.home.house import PLACES, Home
from harken.dialogue.skills.home.lately import Lately, asked

_SWITCHED = {
    "light": (lights.light_set, "lightSet"), "switch": (things.switch_set, "switchSet"),
    "all": (lights.all_set, "allSet"),
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


def follow_state(request: Request, home: Home, lately: Lately) -> Answer:
    """On or off, of what was last switched."""
    if "state" not in request.slots:
        return asked(home, "which_state", "state")
    if lately.kind not in _SWITCHED:
        return _lost(home)
    handler, intent = _SWITCHED[lately.kind]
    return handler(_again(intent, request, lately, state=request.slots["state"]), home, lately)


def follow_level(request: Request, home: Home, lately: Lately) -> Answer:
    """A level for what was last set."""
    if "level" not in request.slots:
        return asked(home, "which_level", "level")
    if lately.kind not in _LEVELED:
        return _lost(home)
    handler, intent, slot = _LEVELED[lately.kind]
    return handler(_again(intent, request, lately, **{slot: request.slots["level"]}), home, lately)


def follow_step(request: Request, home: Home, lately: Lately) -> Answer:
    """More or less of the last change, or up or down."""
    sign = {"up": 1, "down": -1, "more": lately.direction, "less": -lately.direction}.get(
        str(request.slots.get("course", "")), 0
    )
    if not sign:
        return asked(home, "which_direction", "course")
    own = {name: request.slots[name] for name in ("amount", "by") if name in request.heard}
    if lately.kind == "blind":
        again = _again("blindSet", request, lately, **{"amount": 0.5, **own, "position": 100 if sign > 0 else 0})
        return openings.blind_set(again, home, lately)
    if lately.kind not in _STEPS:
        return _lost(home)
    handler, intent, slot, size = _STEPS[lately.kind]
    return handler(_again(intent, request, lately, **own, **{slot: sign * size}), home, lately)


def follow_blind(request: Request, home: Home, lately: Lately) -> Answer:
    """Open or close what was last moved."""
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


def take_back_mistaken(request: Request, home: Home, lately: Lately) -> None:
    """Of 'no, the kitchen', what was done in the other room is taken back; not of 'the kitchen too'."""
    words = set(request.text.split())
    if home.context.heard_words("mistaken") & words and not home.context.heard_words("besides") & words:
        home.restore(lately.before)


def _again(intent: str, request: Request, lately: Lately, **values: Any) -> Request:
    """A request about what the last one was about."""
    return replace(request, intent=intent, slots={**lately.target, **values})


def _lost(home: Home) -> Answer:
    return Answer(text=home.say("which_thing"), act="request")
