"""Time and date, here and elsewhere."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.clock import days, elsewhere

_HERE = {
    "time": "time", "timeHere": "time", "timeToo": "time", "isTime": "time", "date": "date", "dateToo": "date",
    "day": "day", "week": "week", "dayOfYear": "day_of_year", "month": "month", "year": "year",
}  # fmt: skip
"""Intents about now and here -> their reply."""
_OTHERS = {
    "timeIn": elsewhere.answer_time, "timeThereToo": elsewhere.answer_time,
    "dateThereToo": elsewhere.answer_date, "placeNext": elsewhere.answer_time, "timeZone": elsewhere.answer_zone,
    "timeDifference": elsewhere.answer_difference, "timeLater": elsewhere.answer_later,
    "laterNext": elsewhere.answer_later, "timeThere": elsewhere.answer_conversion,
    "differenceThere": elsewhere.answer_difference_there,
    "timeThereNext": elsewhere.answer_conversion_there, "daysInNext": days.answer_days_in,
    "timeThereOrHere": elsewhere.answer_conversion, "timeUntil": elsewhere.answer_until,
    "untilNext": elsewhere.answer_until, "dateIn": elsewhere.answer_date, "datePlaceNext": elsewhere.answer_date,
    "isDay": days.answer_weekday, "isWeekend": days.answer_weekend, "isDate": days.answer_is_date,
    "isMonth": days.answer_is_month,
    "dayOf": days.answer_date, "dateNext": days.answer_date, "dateAfter": days.answer_date, "dayNext": days.answer_date,
    "daysUntil": days.answer_days_until, "daysBetween": days.answer_days_between,
    "daysUntilNext": days.answer_days_until, "daysNext": days.answer_days_until,
    "daysLeft": days.answer_days_left, "daysIn": days.answer_days_in, "leapYear": days.answer_leap_year,
}  # fmt: skip
"""Intents about other places and days -> what answers them."""


def answer(request: Request, context: Context) -> Answer:
    """The time or date asked for."""
    if request.intent == "sun":
        return Answer(text=context.say("sun"), act="sorry")
    if request.intent == "timeAround":
        return Answer(text=context.say("time_around", area=request.slots["continent"]), act="sorry")
    if request.intent in _OTHERS:
        return _OTHERS[request.intent](request, context)
    return _here(_HERE[request.intent], context)


def _here(reply: str, context: Context) -> Answer:
    now, words = context.now(), context.wording
    today = now.date()
    if reply == "time":
        text = context.say("time", time=words.time(now))
        return Answer(text=text, data={"time": now.isoformat()}, remember={"place": ""})
    if reply == "date":
        text = context.say("date", date=words.date(today), year=today.year)
    elif reply == "day":
        text = context.say("day", day=words.weekday(today))
    elif reply == "month":
        text = context.say("month", month=words.month(today))
    else:
        week, number = today.isocalendar().week, today.timetuple().tm_yday
        text = context.say(reply, week=week, number=number, year=today.year)
    return Answer(text=text, data={"date": today.isoformat()}, remember={"date": today.isoformat()})
