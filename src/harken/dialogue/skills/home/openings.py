"""Blinds, windows, the garage door, the gate, and the locks."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Request
from harken.dialogue.skills.home.house import ALL, ENTRANCES, SPARED_LOCKS, Home, places_of
from harken.dialogue.skills.home.lately import Lately, asked, done
from harken.dialogue.skills.home.lights import percent, share

_STEP = 20
"""Percent that 'a bit' opens or closes."""


def blind_set(request: Request, home: Home, lately: Lately) -> Answer:
    """Open or closed, or a bit more of it."""
    if "blind" not in request.slots:
        return asked(home, "which_opening", "blind")
    if "position" not in request.slots:
        return asked(home, "which_position", "position")
    if request.slots.get("one") and not places_of(request.slots):
        return asked(home, "which_area", "area")
    name, wanted = str(request.slots["blind"]), int(request.slots["position"])
    if float(request.slots.get("amount", 1)) >= 1 and "by" not in request.slots:
        return _moved(request, home, name, wanted)
    part = share(request.slots.get("by", 0))
    if part is not None:  # 'by a third': of the whole way
        return _moved(request, home, name, part if wanted else 100 - part)
    step = abs(round(float(request.slots.get("by", _STEP)))) * (1 if wanted else -1)
    return _moved(request, home, name, max(0, min(100, _position(request, home, name) + step)), step=step)


def blind_level(request: Request, home: Home, lately: Lately) -> Answer:
    """A position in percent."""
    if "blind" not in request.slots:
        return asked(home, "which_opening", "blind")
    if "level" not in request.slots:
        return asked(home, "which_level", "level")
    level = percent(request, home)
    if level is None:
        return Answer(text=home.say("out_of_percent"), act="sorry")
    name = str(request.slots["blind"])
    return _moved(request, home, name, level, step=level - _position(request, home, name))


def ask_opening(request: Request, home: Home, lately: Lately) -> Answer:
    """Whether blinds or windows are open, and where."""
    if "blind" not in request.slots:
        return asked(home, "which_thing", "blind")
    name, places = str(request.slots["blind"]), places_of(request.slots)
    areas = home.having(home.areas_of(request.slots), name)
    positions = {area: int(home.read(area, name)) for area in areas}
    opened = [area for area in areas if positions[area]]
    level = positions[areas[0]] if len(areas) == 1 else 100
    if opened and len(opened) < len(areas):
        places = opened
    text = _stands(home, name, level if opened else 0, home.where(places))
    return Answer(text=text, data={"what": name, "open": opened}, remember=lately.about("blind", request))


def entrance_set(request: Request, home: Home, lately: Lately) -> Answer:
    """Open or close the garage door or the gate."""
    if "entrance" not in request.slots:
        return asked(home, "which_opening", "entrance")
    if "position" not in request.slots:
        return asked(home, "which_position", "position")
    name, position = str(request.slots["entrance"]), int(request.slots["position"])
    home.write(("",), f"{name} position", position)
    return done(request, home, _stands(home, name, position), "entrance")


def ask_entrance(request: Request, home: Home, lately: Lately) -> Answer:
    """Whether the garage door or the gate is open."""
    if "entrance" not in request.slots:
        return asked(home, "which_thing", "entrance")
    name = str(request.slots["entrance"])
    position = int(home.read("", f"{name} position"))
    remember = lately.about("entrance", request)
    return Answer(text=_stands(home, name, position), data={"what": name, "position": position}, remember=remember)


def ask_anything(request: Request, home: Home, lately: Lately) -> Answer:
    """Which windows and entrances are open."""
    rooms = [area for area in home.areas_of(request.slots) if home.read(area, "windows")]
    things = [home.thing("windows", home.where(rooms))] if rooms else []
    if not places_of(request.slots):
        things += [home.thing(name) for name in ENTRANCES if home.read("", f"{name} position")]
    text = home.say("things_open", things=home.context.wording.joined(things)) if things else home.say("nothing_open")
    return Answer(text=text, data={"open": things})


def leave_be(request: Request, home: Home, lately: Lately) -> Answer:
    """Nothing is done."""
    return Answer(text=home.say("not_touched"), act="ack", remember=dict(lately.memory))


def close_all(request: Request, home: Home, lately: Lately) -> Answer:
    """All that `ask_anything` asks about: windows, the garage door and the gate."""
    home.write(home.areas, "windows", 0)
    for name in ENTRANCES:
        home.write(("",), f"{name} position", 0)
    return done(request, home, home.say("nothing_open"), "all")


def door_move(request: Request, home: Home, lately: Lately) -> Answer:
    """A door can be locked, not moved."""
    if "lock" not in request.slots:
        return asked(home, "which_lock", "lock")
    name = str(request.slots["lock"])
    text, remember = home.say("only_locked", name=home.named(name)), lately.about("lock", request)
    if not request.slots.get("opens") or not home.read("", name):
        return Answer(text=text, act="sorry", remember=remember)
    unlock = Request(intent="lockSet", slots={"lock": name, "locked": False})
    return Answer(text=home.say("shall_i_unlock", name=home.named(name)), act="sorry", offer=unlock, remember=remember)


def lock_set(request: Request, home: Home, lately: Lately) -> Answer:
    """Lock or unlock a door, or all."""
    if "lock" not in request.slots:
        return asked(home, "which_lock", "lock")
    if "locked" not in request.slots:
        return asked(home, "which_locked", "locked")
    name, locked = str(request.slots["lock"]), bool(request.slots["locked"])
    left = [str(request.slots[slot]) for slot in SPARED_LOCKS if slot in request.slots]
    for lock in home.locks if name == ALL else (name,):
        if lock not in left:
            home.write(("",), lock, locked)
    if name == ALL and left:
        return done(request, home, home.say("locked_but", left=home.joined(left)), "lock")
    if name == ALL:
        return done(request, home, home.say("all_locked" if locked else "all_unlocked"), "lock")
    return done(request, home, home.say("locked" if locked else "unlocked", name=home.named(name)), "lock")


def ask_lock(request: Request, home: Home, lately: Lately) -> Answer:
    """Whether a door, or every door, is locked."""
    if "lock" not in request.slots:
        return asked(home, "which_lock", "lock")
    name = str(request.slots["lock"])
    loose = [lock for lock in (home.locks if name == ALL else (name,)) if not home.read("", lock)]
    if name == ALL and len(loose) in (0, len(home.locks)):
        text = home.say("none_locked" if loose else "all_locked")
    elif loose:
        text = home.say("not_locked", name=home.joined(loose), count=len(loose))
    else:
        text = home.say("locked", name=home.named(name))
    return Answer(text=text, data={"lock": name, "locked": not loose}, remember=lately.about("lock", request))


def _position(request: Request, home: Home, name: str) -> int:
    return int(home.read(home.having(home.areas_of(request.slots), name)[0], name))


def _moved(request: Request, home: Home, name: str, position: float, *, step: float = 0) -> Answer:
    home.write(home.areas_of(request.slots), name, position)
    text = _stands(home, name, position, home.where_of(request.slots))
    return done(request, home, text, "blind", step=step)


def _stands(home: Home, name: str, position: float, where: str = "") -> str:
    key = "closed" if not position else "open" if position == 100 else "open_percent"
    return home.say(key, where, name=home.named(name), count=home.count(name), level=position)
