"""Time and date, here and elsewhere."""

from __future__ import annotations

import datetime as dt

from harken.dialogue.places import zone_of
from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.wording import say_date, say_duration, say_time


def answer(request: Request, context: Context) -> Answer:
    """The time or date asked for."""
    now = context.now()
    if request.intent == "time":
        return Answer(text=f"It is {say_time(now)}.", data={"time": now.isoformat()})
    if request.intent in ("timeIn", "timeDifference"):
        return _elsewhere(request, now)
    if request.intent in ("dayOf", "daysUntil"):
        return _other_day(request, now.date())
    texts = {
        "date": f"Today is {say_date(now.date())}, {now.year}.",
        "day": f"Today is {now:%A}.",
        "week": f"This is week {now.isocalendar().week}.",
        "month": f"It is {now:%B}.",
        "year": f"It is {now.year}.",
    }
    return Answer(text=texts[request.intent], data={"date": now.date().isoformat()})


def _elsewhere(request: Request, now: dt.datetime) -> Answer:
    place = str(request.slots["place"])
    zone = zone_of(place)
    if zone is None:
        return Answer(text=f"I do not know the time zone of {place}.", act="sorry")
    there = now.astimezone(zone)
    data = {"place": place, "zone": zone.key, "time": there.isoformat()}
    if request.intent == "timeIn":
        day = "" if there.date() == now.date() else f" on {there:%A}"
        return Answer(text=f"In {place} it is {say_time(there)}{day}.", data=data)
    offset = (there.utcoffset() or dt.timedelta()) - (now.utcoffset() or dt.timedelta())
    seconds = offset.total_seconds()
    if not seconds:
        return Answer(text=f"{place} has the same time as you.", data=data)
    side = "ahead of" if seconds > 0 else "behind"
    return Answer(text=f"{place} is {say_duration(abs(seconds))} {side} you.", data=data | {"seconds": seconds})


def _other_day(request: Request, today: dt.date) -> Answer:
    if "date" not in request.slots:
        return Answer(text="Which day do you mean?", act="request", ask="date")
    day = dt.date.fromisoformat(str(request.slots["date"]))
    days = (day - today).days
    data = {"date": day.isoformat(), "days": days}
    if request.intent == "daysUntil":
        if days <= 0:
            return Answer(text="That is today." if not days else f"That was {_days(-days)} ago.", data=data)
        return Answer(text=f"{_days(days)} until {say_date(day)}.", data=data)
    return Answer(text=f"That is {say_date(day)}, {day.year}.", data=data)


def _days(count: int) -> str:
    return f"{count:,} day{'s' if count != 1 else ''}"
