"""Time and date, here and elsewhere."""

from __future__ import annotations

import datetime as dt

from harken.languages.places import places_of
from harken.dialogue.skill import Answer, Context, Request


def answer(request: Request, context: Context) -> Answer:
    """The time or date asked for."""
    now, words = context.now(), context.wording
    if request.intent == "time":
        return Answer(text=context.say("time", time=words.time(now)), data={"time": now.isoformat()})
    if request.intent in ("timeIn", "timeDifference"):
        return _elsewhere(request, context, now)
    if request.intent in ("dayOf", "daysUntil"):
        return _other_day(request, context, now.date())
    return Answer(text=_today(request.intent, context, now.date()), data={"date": now.date().isoformat()})


def _today(intent: str, context: Context, today: dt.date) -> str:
    words = context.wording
    if intent == "date":
        return context.say("date", date=words.date(today), year=today.year)
    if intent == "day":
        return context.say("day", day=words.weekday(today))
    if intent == "week":
        return context.say("week", week=today.isocalendar().week)
    if intent == "month":
        return context.say("month", month=words.month(today))
    return context.say("year", year=today.year)


def _elsewhere(request: Request, context: Context, now: dt.datetime) -> Answer:
    place, words = str(request.slots["place"]), context.wording
    zone = places_of(context.locale).zone_of(place)
    if zone is None:
        return Answer(text=context.say("unknown_place", place=place), act="sorry")
    there = now.astimezone(zone)
    data = {"place": place, "zone": zone.key, "time": there.isoformat()}
    if request.intent == "timeIn":
        if there.date() == now.date():
            return Answer(text=context.say("time_in", place=place, time=words.time(there)), data=data)
        day = words.weekday(there.date())
        return Answer(text=context.say("time_in_day", place=place, time=words.time(there), day=day), data=data)
    offset = (there.utcoffset() or dt.timedelta()) - (now.utcoffset() or dt.timedelta())
    seconds = offset.total_seconds()
    if not seconds:
        return Answer(text=context.say("same_time", place=place), data=data)
    side, difference = "ahead" if seconds > 0 else "behind", words.duration(abs(seconds))
    return Answer(text=context.say(side, place=place, difference=difference), data=data | {"seconds": seconds})


def _other_day(request: Request, context: Context, today: dt.date) -> Answer:
    if "date" not in request.slots:
        return Answer(text=context.say("which_day"), act="request", ask="date")
    day = dt.date.fromisoformat(str(request.slots["date"]))
    days, date = (day - today).days, context.wording.date(day)
    data = {"date": day.isoformat(), "days": days}
    if request.intent == "dayOf":
        return Answer(text=context.say("day_of", date=date, year=day.year), data=data)
    if days > 0:
        return Answer(text=context.say("days_until", count=days, date=date), data=data)
    return Answer(text=context.say("days_ago", count=-days) if days else context.say("is_today"), data=data)
