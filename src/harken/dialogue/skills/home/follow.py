"""Fragments that follow another request: 'turn it off', 'a bit more', 'to fifty percent', 'the kitchen too'."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harken.dialogue.skill import Answer, Request
from harken.dialogue.skills.home import lights, openings, things
from harken.dialogue.skills.home.house import Home
from harken.dialogue.skills.home.lately import Lately, asked

_SWITCHED = {"light": lights.light_set, "switch": things.switch_set, "all": lights.all_set}
_LEVELED = {
    "light": (lights.light_level, "level"), "heat": (things.heat_set, "degrees"),
    "blind": (openings.blind_level, "level"), "switch": (things.device_level, "level"),
}  # fmt: skip
_STEPS = {"light": (lights.light_step, "step", 30), "heat": (things.heat_step, "step", 2),
          "switch": (things.device_step, "direction", 1)}  # fmt: skip


def follow_state(request: Request, home: Home, lately: Lately) -> Answer:
    """On or off, of what was last switched."""
    handler = _SWITCHED.get(lately.kind)
    return _lost(home) if handler is None else handler(_again(request, lately), home, lately)


def follow_level(request: Request, home: Home, lately: Lately) -> Answer:
    """A level for what was last set."""
    if "level" not in request.slots:
        return asked(home, "which_level", "level")
    if lately.kind not in _LEVELED:
        return _lost(home)
    handler, slot = _LEVELED[lately.kind]
    return handler(_again(request, lately, **{slot: request.slots["level"]}), home, lately)


def follow_step(request: Request, home: Home, lately: Lately) -> Answer:
    """More or less of the last change, or up or down."""
    if "direction" in request.slots:
        sign = int(request.slots["direction"])
    elif "more" in request.slots:
        sign = (-1 if lately.step < 0 else 1) * (1 if request.slots["more"] else -1)
    else:
        return asked(home, "which_direction", "direction")
    if lately.kind == "blind":
        slots = {"amount": "little", "position": 100 if sign > 0 else 0}
        return openings.blind_set(_again(request, lately, **slots), home, lately)
    if lately.kind not in _STEPS:
        return _lost(home)
    handler, slot, size = _STEPS[lately.kind]
    return handler(_again(request, lately, **{slot: sign * size}), home, lately)


def follow_blind(request: Request, home: Home, lately: Lately) -> Answer:
    """Open or close what was last moved."""
    return openings.blind_set(_again(request, lately), home, lately)


def follow_entrance(request: Request, home: Home, lately: Lately) -> Answer:
    """Open or close the garage door or the gate spoken of."""
    return openings.entrance_set(_again(request, lately), home, lately)


def follow_lock(request: Request, home: Home, lately: Lately) -> Answer:
    """Lock or unlock the door spoken of."""
    return openings.lock_set(_again(request, lately), home, lately)


def in_another_room(request: Request, lately: Lately) -> Request:
    """The last request once more, in the room that is named now."""
    kept = {name: value for name, value in lately.slots.items() if name not in ("area", "area2", "area3")}
    return replace(request, intent=lately.intent, slots={**kept, "area": request.slots["area"]})


def _again(request: Request, lately: Lately, **values: Any) -> Request:
    """The request, about what the last one was about."""
    return replace(request, slots={**lately.target, **request.slots, **values})


def _lost(home: Home) -> Answer:
    return Answer(text=home.say("which_thing"), act="request")
