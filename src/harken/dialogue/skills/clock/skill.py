"""Time and date, here and elsewhere."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.clock.days import (
    answer_date, answer_days_in, answer_days_left, answer_days_until, answer_is_date, answer_is_day, answer_leap_year,
)  # fmt: skip
from harken.dialogue.skills.clock.elsewhere import (
    answer_conversion, answer_date_there, answer_difference, answer_later, answer_time_there, answer_until, answer_zone,
)  # fmt: skip

_HERE = {"time": "time", "timeHere": "time", "timeToo": "time", "date": "date", "dateToo": "date", "day": "day",
         "week": "week", "dayOfYear": "day_of_year", "month": "month", "year": "year"}  # fmt: skip
"""Intents about now and here -> their reply."""
_OTHERS = {
    "timeIn": answer_time_there, "placeNext": answer_time_there, "timeZone": answer_zone,
    "timeDifference": answer_difference, "timeLater": answer_later, "laterNext": answer_later,
    "timeThere": answer_conversion, "timeThereOrHere": answer_conversion, "timeUntil": answer_until, "untilNext": answer_until,
    "dateIn": answer_date_there, "datePlaceNext": answer_date_there, "isDay": answer_is_day, "isDate": answer_is_date,
    "dayOf": answer_date, "dateNext": answer_date, "dayNext": answer_date, "daysUntil": answer_days_until,
    "daysUntilNext": answer_days_until, "daysNext": answer_days_until, "daysLeft": answer_days_left, "daysIn": answer_days_in,
    "leapYear": answer_leap_year,
}  # fmt: skip


def answer(request: Request, context: Context) -> Answer:
    """The time or date asked for."""
    if request.intent == "sun":
        return Answer(text=context.say("sun"), act="sorry")
    if request.intent in _OTHERS:
        return _OTHERS[request.intent](request, context)
    return _here(_HERE[request.intent], context)


def _here(reply: str, context: Context) -> Answer:
    now, words = context.now(), context.wording
    today = now.date()
    text = context.say(
        reply, time=words.time(now), date=words.date(today), day=words.weekday(today), month=words.month(today),
        year=today.year, week=today.isocalendar().week, number=today.timetuple().tm_yday,
    )  # fmt: skip
    if reply == "time":
        return Answer(text=text, data={"time": now.isoformat()}, remember={"place": ""})
    return Answer(text=text, data={"date": today.isoformat()}, remember={"date": today.isoformat()})
