"""A virtual home, which remembers what was changed and can be asked about it; or a real one behind Home Assistant."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harken.dialogue.home_assistant import HomeAssistantError, NotTold
from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.home import follow, lights, openings, things
from harken.dialogue.skills.home.house import PLACES, SPARED, THERE, THIS_ROOM, Home, spared_by
from harken.dialogue.skills.home.lately import OTHER, Lately, asked
from harken.dialogue.skills.home.real_house import real_house

log = logging.getLogger(__name__)

Handler = Callable[[Request, Home, Lately], Answer]


def answer(request: Request, context: Context) -> Answer:
    """Change the home or report its state; a room or device that it does not have is named, and nothing is done."""
    house = real_house(context)
    if house is None:
        return _answer(request, Home(context))
    try:
        answer = _answer(request, house)
    except HomeAssistantError as error:
        log.warning("%s", error)
        return Answer(text=house.say("not_told" if isinstance(error, NotTold) else "unreachable"), act="sorry")
    return house.nothing_there(request) or answer


def _answer(request: Request, home: Home) -> Answer:
    lately = Lately(home.context).following(request)
    request = lately.there(_own_places(request))
    strange = home.unknown(request.slots)
    if strange:
        name = request.heard.get(strange) or str(request.slots[strange])
        return Answer(text=home.say("not_known", name=name), act="sorry", data={strange: request.slots[strange]})
    if request.slots.get("area") in (THIS_ROOM, THERE):
        return asked(home, "which_area", "area")
    if not home.areas_of(request.slots):
        return Answer(text=home.say("nothing_left"), act="sorry")
    if OTHER in request.slots and not spared_by(request.slots):
        others = lately.others(request)
        if others is None:
            return asked(home, "which_others", SPARED[0])
        request = others
    if request.intent == "restore":
        return _restore(request.slots, home)
    if follow.names_another(request, lately):
        follow.take_back_mistaken(request, home, lately)
    if request.intent == "followArea":
        if "area" not in request.slots or lately.intent not in _INTENTS:
            return asked(home, "which_area", "area")
        follow.take_back_mistaken(request, home, lately)
        if "lit" in request.slots and lately.kind != "light":
            return follow.lights_as_well(request, home, lately)
        request = follow.in_another_room(request, lately, home)
    if request.intent == "followOnly":
        if "area" not in request.slots or lately.intent not in _INTENTS:
            return asked(home, "which_area", "area")
        home.restore(lately.before)
        request = follow.in_another_room(request, lately, home)
    return _INTENTS[request.intent](request, home, lately)


def _own_places(request: Request) -> Request:
    """A request without the further rooms of the one that it repeats for another room."""
    stale = {name for name in (*PLACES, *SPARED) if name not in request.heard} if "area" in request.heard else set()
    return replace(request, slots={name: value for name, value in request.slots.items() if name not in stale})


def _restore(slots: Mapping[str, Any], home: Home) -> Answer:
    """Take back what a request did, and what it put off."""
    devices = slots["devices"]
    home.restore(devices)
    if "timer" in slots:
        home.context.timers.cancel(slots["timer"])
    return Answer(text=home.say("restored"), act="ack", data={"devices": dict(devices)}, undo=home.undo())


_INTENTS: dict[str, Handler] = {
    "lightSet": lights.light_set, "lightOff": lights.light_set, "lightLevel": lights.light_level,
    "lightStep": lights.light_step, "lightColor": lights.light_color, "sceneSet": lights.scene_set,
    "allSet": lights.all_set, "askLight": lights.ask_light, "countLights": lights.count_lights,
    "switchSet": things.switch_set, "switchStart": things.switch_set, "deviceLevel": things.device_level,
    "deviceStep": things.device_step, "askSwitch": things.ask_switch, "askDevices": things.ask_devices,
    "vacuumSet": things.vacuum_set, "heatSet": things.heat_set, "heatStep": things.heat_step,
    "askHeat": things.ask_heat, "blindSet": openings.blind_set, "blindLevel": openings.blind_level,
    "askOpening": openings.ask_opening, "entranceSet": openings.entrance_set, "askEntrance": openings.ask_entrance,
    "askAnything": openings.ask_anything, "doorMove": openings.door_move, "lockSet": openings.lock_set,
    "askLock": openings.ask_lock, "followState": follow.follow_state, "followLevel": follow.follow_level,
    "followStep": follow.follow_step, "followBlind": follow.follow_blind, "followEntrance": follow.follow_entrance,
    "followLock": follow.follow_lock, "followAsk": follow.follow_ask, "followDoor": follow.follow_door,
    "followIs": follow.follow_is, "followExcept": follow.follow_except, "followIf": follow.follow_if,
    "followLockToo": follow.follow_lock_too, "closeAll": openings.close_all, "leaveBe": openings.leave_be,
    "followDegrees": follow.follow_degrees, "followScene": lights.scene_set, "askKnown": lights.ask_known,
    "followLoud": follow.follow_loud, "followVacuum": follow.follow_vacuum,
}  # fmt: skip
