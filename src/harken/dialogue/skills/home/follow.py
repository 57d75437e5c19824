"""Fragments that follow another request: 'turn it off', 'a bit more', 'to fifty percent', 'the kitchen too'."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harken.dialogue.skill import Answer, Request
from harken.dialogue.skills.home import lights, openings, things
from harken.dialogue.skills.home.awhile import lasting
from harken.dialogue.skills.home.house import PLACES, SPARED, Home
from harken.dialogue.skills.home.lately import Lately, asked

_SWITCHED = {
    "light": (lights.light_set, "lightSet"), "switch": (things.switch_set, "switchSet"),
    "all": (lights.all_set, "allSet"),
}  # fmt: skip
_ASKED = {
    "light": (lights.ask_light, "askLight"), "switch": (things.ask_switch, "askSwitch"),
    "blind": (openings.ask_opening, "askOpening"), "entrance": (openings.ask_entrance, "askEntrance"),
    "lock": (openings.ask_lock, "askLock"), "heat": (things.ask_heat, "askHeat"),
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
_DIMMEST = 1
"""Percent of a light that is dimmed all the way, but not off."""
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
    if lately.kind == "heat":
        heating = {"switch": things.HEATING, "state": request.slots["state"]}
        return things.switch_set(replace(request, intent="switchSet", slots=heating), home, lately)
    if lately.kind not in _SWITCHED or _is_one_of_two(request, home, lately):
        return _lost(home)
    handler, intent = _SWITCHED[lately.kind]
    again = _again(intent, request, lately, state=request.slots["state"])
    return handler(in_named_room(again, request), home, lately)


def follow_level(request: Request, home: Home, lately: Lately) -> Answer:
    """A level for what was last set."""
    if "level" not in request.slots:
        return asked(home, "which_level", "level")
    longer = lasting(request, lately.slots, float(request.slots["level"]))
    in_units = not home.context.heard_words("level_units").isdisjoint(request.text.split())
    if longer is not None and not in_units and lately.kind in _SWITCHED:
        handler, intent = _SWITCHED[lately.kind]
        return handler(replace(longer, intent=intent), home, lately)
    if lately.kind not in _LEVELED or _is_one_of_two(request, home, lately):
        return _lost(home)
    handler, intent, slot = _LEVELED[lately.kind]
    again = _again(intent, request, lately, **{slot: request.slots["level"]})
    return handler(in_named_room(again, request), home, lately)


def follow_step(request: Request, home: Home, lately: Lately) -> Answer:
    """More or less of the last change, or up or down."""
    course = str(request.slots.get("course", ""))
    signs = {"up": 1, "down": -1, "more": lately.direction, "less": -lately.direction}
    sign = signs.get(course) or _SENSES.get(course, {}).get(lately.kind, 0)
    if not sign:
        return _lost(home) if course in _SENSES else asked(home, "which_direction", "course")
    own = {name: request.slots[name] for name in ("amount", "by", "share") if name in request.heard}
    if lately.kind == "blind" and request.heard.get("course") and not own and _puts_back(request, home):
        return follow_blind(replace(request, slots={"position": 100 if sign > 0 else 0}), home, lately)
    if "whole" in request.slots:
        return _to_the_end(request, home, lately, up=sign > 0)
    if lately.kind == "blind":
        again = _again("blindSet", request, lately, **{"amount": 0.5, **own, "position": 100 if sign > 0 else 0})
        return openings.blind_set(again, home, lately)
    if lately.kind not in _STEPS:
        return _lost(home)
    handler, intent, slot, size = _STEPS[lately.kind]
    if "share" in own and lately.kind != "light":
        return _lost(home)
    again = _again(intent, request, lately, **own, **{slot: sign * size})
    return handler(in_named_room(again, request), home, lately)


def _to_the_end(request: Request, home: Home, lately: Lately, *, up: bool) -> Answer:
    """'All the way': a blind to its end, a light to its brightest or dimmest."""
    if lately.kind == "blind":
        return follow_blind(replace(request, slots={"position": 100 if up else 0}), home, lately)
    if lately.kind != "light":
        return _lost(home)
    return lights.light_level(_again("lightLevel", request, lately, level=100 if up else _DIMMEST), home, lately)


def _puts_back(request: Request, home: Home) -> bool:
    """Whether something is brought back rather than moved a little: 'put them back down'."""
    return bool(home.context.heard_words("back_again") & set(request.text.split()))


def follow_ask(request: Request, home: Home, lately: Lately) -> Answer:
    """Which lights are on or off; or how those are that were spoken of."""
    if "ask" in request.slots and lately.kind == "light":
        return lights.ask_light(_again("askLight", request, lately, ask=request.slots["ask"]), home, lately)
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
    again = _again("blindSet", request, lately, **own)
    return openings.blind_set(in_named_room(again, request), home, lately)


def follow_loud(request: Request, home: Home, lately: Lately) -> Answer:
    """Louder or quieter, faster or slower, of the device spoken of."""
    if lately.kind != "switch":
        return _lost(home)
    if "mute" in request.slots:
        return things.device_level(_again("deviceLevel", request, lately, level=0), home, lately)
    own = {name: request.slots[name] for name in ("amount", "by") if name in request.heard}
    again = _again("deviceStep", request, lately, direction=request.slots["direction"], **own)
    return things.device_step(again, home, lately)


def follow_degrees(request: Request, home: Home, lately: Lately) -> Answer:
    """A temperature for the heating that was switched on."""
    if "degrees" not in request.slots:
        return asked(home, "which_degrees", "degrees")
    if lately.kind != "switch" or lately.target.get("switch") != things.HEATING:
        return follow_level(replace(request, slots={"level": request.slots["degrees"]}), home, lately)
    slots = {name: request.slots[name] for name in ("degrees", "fahrenheit") if name in request.slots}
    return things.heat_set(_again("heatSet", request, lately, **slots), home, lately)


def follow_vacuum(request: Request, home: Home, lately: Lately) -> Answer:
    """What the vacuum cleaner is to do next."""
    return things.vacuum_set(replace(request, intent="vacuumSet"), home, lately)


def follow_except(request: Request, home: Home, lately: Lately) -> Answer:
    """'Not the hallway': what the last request did there, or with that device, is taken back."""
    rooms = home.areas_of({"area": request.slots["area"]}) if "area" in request.heard else ()
    device = request.slots.get("switch") if "switch" in request.heard else None
    spared = {key: state for key, state in lately.before.items()
              if key.split("/")[0] in rooms or key.split("/")[1] == device}  # fmt: skip
    agrees = "kept" in request.slots and lately.slots.get("state", request.slots["kept"]) == request.slots["kept"]
    if agrees or not spared:
        return Answer(text=home.say("not_touched"), act="inform", remember=dict(lately.memory))
    home.restore(spared)
    thing = home.where([str(request.slots["area"])]) if rooms else ""
    text = home.say("restored_there", thing) if rooms else home.say("restored_thing", name=home.named(str(device)))
    return Answer(text=text, act="ack", remember=dict(lately.memory), undo=home.undo())


def follow_if(request: Request, home: Home, lately: Lately) -> Answer:
    """'If it is, turn it off': done if what was asked about is so; otherwise only said how it is."""
    if lately.kind not in _ASKED:
        return _lost(home)
    handler, intent = _ASKED[lately.kind]
    told = handler(_again(intent, request, lately), home, lately)
    if "position" in request.slots and lately.kind in ("blind", "entrance"):
        open_now = bool(told.data.get("open") or told.data.get("position"))
        close = follow_blind if lately.kind == "blind" else follow_entrance
        return close(request, home, lately) if open_now else told
    if "locked" in request.slots and lately.kind == "lock":
        return told if told.data["locked"] else follow_lock(request, home, lately)
    if "state" not in request.slots or lately.kind not in _SWITCHED:
        return _lost(home)
    wanted = bool(request.slots.get("was", lately.slots.get("state", True)))
    holds = (bool(told.data["on"]) == wanted) is bool(request.slots["holds"])
    return follow_state(request, home, lately) if holds else told


def lights_as_well(request: Request, home: Home, lately: Lately) -> Answer:
    """'And the bedroom light' after something else was switched: it is switched the same way."""
    if not isinstance(lately.slots.get("state"), bool):
        return _lost(home)
    slots = {"state": lately.slots["state"], "area": request.slots["area"]}
    return lights.light_set(replace(request, intent="lightSet", slots=slots), home, lately)


def follow_entrance(request: Request, home: Home, lately: Lately) -> Answer:
    """Open or close the garage door or the gate spoken of."""
    return openings.entrance_set(
        _again("entranceSet", request, lately, position=request.slots["position"]), home, lately
    )


def follow_lock(request: Request, home: Home, lately: Lately) -> Answer:
    """Lock or unlock the door spoken of."""
    return openings.lock_set(_again("lockSet", request, lately, locked=request.slots["locked"]), home, lately)


def follow_lock_too(request: Request, home: Home, lately: Lately) -> Answer:
    """Another door, locked like the last one; to unlock it is asked first."""
    if "lock" not in request.slots or not isinstance(lately.slots.get("locked"), bool):
        return _lost(home)
    slots = {"lock": request.slots["lock"], "locked": lately.slots["locked"]}
    if slots["locked"]:
        return openings.lock_set(replace(request, intent="lockSet", slots=slots), home, lately)
    text = home.say("shall_i_unlock_too", name=home.named(str(slots["lock"])))
    return Answer(text=text, act="confirm", offer=Request(intent="lockSet", slots=slots))


def in_another_room(request: Request, lately: Lately, home: Home) -> Request:
    """The last request once more, in the room that is named now; 'the same' after a step is the level it led to."""
    if lately.intent == "lightStep" and home.context.heard_words("same") & set(request.text.split()):
        level = home.read(home.areas_of(lately.slots)[0], "light")
        return replace(request, intent="lightLevel", slots={"area": request.slots["area"], "level": level})
    kept = {name: value for name, value in lately.slots.items() if name not in (*PLACES, *SPARED)}
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
