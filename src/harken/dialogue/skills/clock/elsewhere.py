"""The time in other places and at other moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from harken.dialogue.clock import later, moment_of
from harken.dialogue.moments import next_moment
from harken.dialogue.places import Unclear, capitalised, resolve, worded
from harken.dialogue.skill import Answer, Context, Request
from harken.languages.place_tables import Country, Place, Region, Zone
from harken.languages.places import places_of

_EARLIEST = 7
"""Hour before which nobody means the morning when a time of day is only compared: 'three' is 3 PM, 'eight' 8 AM."""
_NOON = 12
_HOUR, _MINUTE = 3_600, 60


def answer_time(request: Request, context: Context) -> Answer:
    """The time in a place now; in all zones of a country that has several."""
    key = _key(request, context)
    if not key:
        return Answer(text=context.say("which_city"), act="request", ask="place")
    place = resolve(key, context.locale)
    if isinstance(place, Unclear):
        return unclear(place, context, slot="area" if request.intent == "timeIn" else "place")
    now = context.now()
    zone = _zone_of(key, context)
    data = {"place": key, "zone": zone.key, "time": now.astimezone(zone).isoformat()}
    return Answer(text=_time_text(place, zone, now, context), data=data, remember={"place": key})


def _key(request: Request, context: Context) -> str:
    """Key of the place, or of the last one; of the city in the region named as an answer, in either order ('Victoria',
    then 'Texas')."""
    places, key = places_of(context.locale), str(request.slots.get("place") or context.memory.get("place", ""))
    if "area" not in request.slots:
        return key
    area = str(request.slots["area"])
    if places.find(key) is not None:
        return places.within(request.heard.get("area", area), key) or key
    return places.within(key, area) or f"{key}, {area}"


def _time_text(place: Place, zone: ZoneInfo, now: dt.datetime, context: Context) -> str:
    there, words, name = now.astimezone(zone), context.wording, worded(place, context.locale)
    if isinstance(place, Country) and place.cities:
        return context.say(
            "time_zones", place=name, times=words.joined([_in_city(k, now, context) for k in place.cities])
        )
    if isinstance(place, Region) and place.zone_name:
        return context.say(
            "time_mostly", start=capitalised(name), zone=place.zone_name, time=_on_day(there, now, context)
        )
    if isinstance(place, Zone):
        return context.say("time_zone", zone=name, time=words.time(there))
    return context.say("time_in", place=name, time=_on_day(there, now, context))


def _in_city(key: str, now: dt.datetime, context: Context) -> str:
    there = now.astimezone(_zone_of(key, context))
    return context.wording.place_in(_on_day(there, now, context), key)


def _on_day(there: dt.datetime, now: dt.datetime, context: Context) -> str:
    """A time, with its day if that is not the user's."""
    time = context.wording.time(there)
    if there.date() == now.date():
        return time
    return context.say("on_day", time=time, day=context.wording.weekday(there.date()))


def answer_date(request: Request, context: Context) -> Answer:
    """The date in a place."""
    key = _key(request, context)
    if not key:
        return Answer(text=context.say("which_city"), act="request", ask="place")
    place = resolve(key, context.locale)
    if isinstance(place, Unclear):
        return unclear(place, context)
    there = context.now().astimezone(_zone_of(key, context))
    text = context.say("date_in", place=worded(place, context.locale), date=context.wording.date(there.date()))
    data = {"place": key, "date": there.date().isoformat()}
    return Answer(text=text, data=data, remember={"place": key, "date": there.date().isoformat()})


def answer_zone(request: Request, context: Context) -> Answer:
    """How far the time of a place is from UTC."""
    key = str(request.slots["place"])
    place = resolve(key, context.locale)
    if isinstance(place, Unclear):
        return unclear(place, context)
    now, words = context.now(), context.wording
    if isinstance(place, Country) and place.cities:
        zone = _zone_of(key, context)
        return Answer(text=_time_text(place, zone, now, context), remember={"place": key})
    zone = _zone_of(key, context)
    seconds = _offset(now, zone).total_seconds()
    side = "zone_ahead" if seconds > 0 else "zone_behind" if seconds < 0 else "zone_same"
    name = capitalised(worded(place, context.locale))
    data = {"place": key, "zone": zone.key, "seconds": seconds}
    return Answer(text=context.say(side, place=name, difference=words.duration(abs(seconds))), data=data)


def answer_difference(request: Request, context: Context) -> Answer:
    """How far a place is ahead of the user, or of another place."""
    now, key = context.now(), str(request.slots["place"])
    place = resolve(key, context.locale)
    if isinstance(place, Unclear):
        return unclear(place, context)
    start = resolve(str(request.slots["from"]), context.locale) if "from" in request.slots else None
    if isinstance(start, Unclear):
        return unclear(start, context, slot="from")
    base = _offset(now, _zone_of(str(request.slots["from"]), context)) if start else now.utcoffset() or dt.timedelta()
    zone = _zone_of(key, context)
    seconds = (_offset(now, zone) - base).total_seconds()
    side = "ahead" if seconds > 0 else "behind" if seconds < 0 else "same_time"
    text = context.say(
        side, place=capitalised(worded(place, context.locale)), difference=context.wording.duration(abs(seconds)),
        other=worded(start, context.locale) if start else context.say("you"),
    )  # fmt: skip
    data = {"place": key, "zone": zone.key, "seconds": seconds}
    several = [worded(one, context.locale) for one in (place, start) if isinstance(one, Country) and one.cities]
    if several:
        capitals = [one.capital for one in (place, start) if isinstance(one, Country) and one.cities]
        text = context.say("by_capital", text=text, capitals=context.wording.joined(capitals))
    return Answer(text=text, data=data, remember={"place": key})


def answer_later(request: Request, context: Context) -> Answer:
    """The time here or in a place, so long from now or ago."""
    key = str(request.slots.get("place") or (context.memory.get("place", "") if request.intent == "laterNext" else ""))
    place = resolve(key, context.locale) if key else None
    if isinstance(place, Unclear):
        return unclear(place, context)
    now, past = context.now(), bool(request.slots.get("past"))
    seconds = float(request.slots.get("duration") or request.before.get("duration", 0))
    if not seconds and "duration" not in request.slots:
        return Answer(text=context.say("which_span"), act="request", ask="duration")
    if "bare" in request.slots and "duration" not in request.slots:  # 'and in five', of hours or minutes
        past = bool(request.before.get("past"))
        seconds = float(request.slots["bare"]) * (_HOUR if seconds % _HOUR == 0 else _MINUTE)
    moment = later(now, -seconds if past else seconds)
    there = moment.astimezone(_zone_of(key, context)) if place else moment
    time = _on_day(there, now, context)
    if place:
        time = context.wording.place_in(time, worded(place, context.locale))
    text = context.say("was_ago" if past else "will_be_in", duration=context.wording.duration(seconds), time=time)
    return Answer(text=text, data={"time": there.isoformat()}, remember={"place": key})


def answer_conversion(request: Request, context: Context) -> Answer:
    """What time it is in a place when it is a given time in another; both ways when it is not clear which is meant."""
    slots = request.slots
    ends = {name: str(slots[name]) for name in ("from", "place") if name in slots}
    for name, key in ends.items():
        place = resolve(key, context.locale)
        if isinstance(place, Unclear):
            return unclear(place, context, slot=name)
    if not ends:
        return Answer(text=context.say("which_city"), act="request", ask="place")
    said = _said_time(request, context)
    if request.intent == "timeThereOrHere":
        both = [_converted(said, {"from": ends["place"]}, context), _converted(said, ends, context)]
        return Answer(text=" ".join(both), data=ends)
    return Answer(text=_converted(said, ends, context), data=ends)


def answer_conversion_there(request: Request, context: Context) -> Answer:
    """What time it is in the place that was spoken of when it is a given time here, or the other way round."""
    key = str(context.memory.get("place", ""))
    if not key:
        return Answer(text=context.say("which_city"), act="request", ask="place")
    end = "from" if request.slots.get("from_there") else "place"
    slots = {"time": request.slots["time"], end: key}
    told = answer_conversion(replace(request, intent="timeThere", slots=slots), context)
    return replace(told, remember={"place": key})


def answer_difference_there(request: Request, context: Context) -> Answer:
    """How far the place that was spoken of is ahead."""
    key = str(context.memory.get("place", ""))
    if not key:
        return Answer(text=context.say("which_city"), act="request", ask="place")
    return answer_difference(Request(intent="timeDifference", slots={"place": key}), context)


def _said_time(request: Request, context: Context) -> dt.time:
    hour, minute = map(int, str(request.slots["time"]).split(":"))
    if not _half_said(request, context) and 1 <= hour < _EARLIEST:
        hour += _NOON
    return dt.time(hour % 24, minute)


def _half_said(request: Request, context: Context) -> bool:
    heard = request.heard.get("time", "").split()
    return not context.heard_words("half_of_day").isdisjoint(heard)


def _converted(time: dt.time, ends: Mapping[str, str], context: Context) -> str:
    """One sentence: at a time in `from` (here without it), what time it is in `place` (here without it)."""
    now = context.now()
    assert now.tzinfo is not None
    zones = {name: _zone_of(ends[name], context) if name in ends else now.tzinfo for name in ("from", "place")}
    names = {name: _where(ends.get(name, ""), context) for name in ("from", "place")}
    today = now.astimezone(zones["from"]).date()
    start = moment_of(dt.datetime.combine(today, time), zones["from"])
    there = start.astimezone(zones["place"])
    days = (there.date() - start.date()).days
    reply = "converted" if not days else "converted_next" if days > 0 else "converted_before"
    words = context.wording
    return context.say(
        reply, time=words.time(start), other=names["from"], there=words.time(there), place=names["place"]
    )


def _where(key: str, context: Context) -> str:
    """'in Tokyo', 'here'."""
    place = resolve(key, context.locale) if key else None
    if place is None or isinstance(place, Unclear):
        return context.say("here")
    return context.say("where_zone" if isinstance(place, Zone) else "where", place=worded(place, context.locale))


def answer_until(request: Request, context: Context) -> Answer:
    """How long until a time of day."""
    now = context.now()
    moment = next_moment(str(request.slots["time"]), "", now, half_said=_half_said(request, context))
    assert moment is not None
    seconds = moment.timestamp() - now.timestamp()
    minutes = max(1, round(seconds / 60)) * 60 if seconds >= 60 else seconds
    text = context.say("until", duration=context.wording.duration(minutes), time=context.wording.time(moment))
    return Answer(text=text, data={"seconds": round(seconds)})


def unclear(place: Unclear, context: Context, *, slot: str = "place") -> Answer:
    """What to say to a name that means no place, or several."""
    if not place.area:
        others = context.wording.either(place.others)
        return Answer(text=context.say("which_place", name=place.name, others=others), act="request", ask=slot)
    values: dict[str, Any] = {"name": place.name, "area": context.wording.country(place.area)}
    others = context.wording.joined(place.others)
    return Answer(text=context.say("no_such_place", others=others, **values), act="sorry")


def _zone_of(key: str, context: Context) -> ZoneInfo:
    zone = places_of(context.locale).zone_of(key)
    assert zone is not None
    return zone


def _offset(now: dt.datetime, zone: ZoneInfo) -> dt.timedelta:
    return now.astimezone(zone).utcoffset() or dt.timedelta()
