"""Other days: their dates and weekdays, and how far away they are."""

from __future__ import annotations

import calendar
import datetime as dt

from harken.dialogue.skill import Answer, Context, Request

_WEEK, _SATURDAY = 7, 5
_LEAP, _LEAP_YEAR = 8, 2000
"""Years within which every day of the calendar comes; a year that has all of them."""


def answer_date(request: Request, context: Context) -> Answer:
    """Weekday, date and year of a day."""
    slots, today = request.slots, context.now().date()
    if "lateDay" in slots:
        late = _late_day(request, context)
        if isinstance(late, Answer):
            return late
        day = late
    elif "shift" in slots:
        last = dt.date.fromisoformat(str(context.memory.get("date", today.isoformat())))
        day = last + dt.timedelta(days=int(slots["shift"]))
    elif "ahead" in slots:
        day = today + dt.timedelta(days=int(slots["ahead"]))
    else:
        said = slots.get("date") or (context.memory.get("date") if request.intent == "dayNext" else None)
        if not said:
            return Answer(text=context.say("which_day"), act="request", ask="date")
        day = dt.date.fromisoformat(str(said))
        if day > today and _is_past(request, context):
            day = _a_year_before(day)
    return _dated(day, today, context)


def _is_past(request: Request, context: Context) -> bool:
    """Whether a day is asked about that has been: 'what day was the fourth of July'."""
    return not context.heard_words("past_copulas").isdisjoint(request.text.split())


def _a_year_before(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # February 29
        return day


def _dated(day: dt.date, today: dt.date, context: Context) -> Answer:
    reply = "day_was" if day < today else "day_of"
    data = {"date": day.isoformat(), "days": (day - today).days}
    text = context.say(reply, date=context.wording.date(day), year=day.year)
    return Answer(text=text, data=data, remember={"date": day.isoformat()})


def _late_day(request: Request, context: Context) -> dt.date | Answer:
    """A day that some months lack: the next such day, or the one of the year named; else what to say."""
    if "month" not in request.slots:
        return Answer(text=context.say("which_day"), act="request", ask="date")
    today, month, day = context.now().date(), int(request.slots["month"]), int(request.slots["lateDay"])
    year = _year(request, 0)
    if year and not dt.MINYEAR <= year <= dt.MAXYEAR:
        return _no_such_year(context)
    for each in (year,) if year else range(today.year, today.year + _LEAP + 1):
        if day <= calendar.monthrange(each, month)[1] and (year or dt.date(each, month, day) >= today):
            return dt.date(each, month, day)
    most = calendar.monthrange(year or _LEAP_YEAR, month)[1]
    reply = "no_such_day_of_year" if year else "no_such_day"
    return Answer(text=context.say(reply, month=_month(month, context), days=most, year=year), act="sorry")


def _year(request: Request, otherwise: int) -> int:
    """The year named, perhaps as 'twenty' and 'twenty eight'."""
    if "century" in request.slots:
        return int(request.slots["century"]) + int(request.slots.get("short", 0))
    return int(request.slots.get("year", otherwise))


def _no_such_year(context: Context) -> Answer:
    return Answer(text=context.say("no_such_year", first=dt.MINYEAR, last=dt.MAXYEAR), act="sorry")


def _month(month: int, context: Context) -> str:
    return context.wording.month(dt.date(_LEAP_YEAR, month, 1))


def answer_weekday(request: Request, context: Context) -> Answer:
    """Whether today, or a day, is a weekday."""
    today = context.now().date()
    day = dt.date.fromisoformat(str(request.slots["date"])) if "date" in request.slots else today
    right, words = day.weekday() == int(request.slots["weekday"]), context.wording
    if day == today:
        text = context.say("yes_day_today" if right else "no_day_today", day=words.weekday(day))
    else:
        text = context.say("yes_day" if right else "no_day", date=words.date(day))
    return Answer(text=text, data={"date": day.isoformat()}, remember={"date": day.isoformat()})


def answer_weekend(request: Request, context: Context) -> Answer:
    """Whether today is a saturday or sunday, or on a weekday, a day of work."""
    today = context.now().date()
    asked = not context.heard_words("weekend").isdisjoint(request.text.split())
    reply = "yes_day_today" if asked == (today.weekday() >= _SATURDAY) else "no_day_today"
    return Answer(text=context.say(reply, day=context.wording.weekday(today)), data={"date": today.isoformat()})


def answer_is_date(request: Request, context: Context) -> Answer:
    """Whether today is a day."""
    today = context.now().date()
    reply = "yes_date" if str(request.slots["date"]) == today.isoformat() else "no_date"
    return Answer(text=context.say(reply, date=context.wording.date(today)), data={"date": today.isoformat()})


def answer_is_month(request: Request, context: Context) -> Answer:
    """Whether it is a month now."""
    today = context.now().date()
    reply = "yes_month" if int(request.slots["month"]) == today.month else "no_month"
    return Answer(text=context.say(reply, month=context.wording.month(today)), data={"date": today.isoformat()})


def answer_days_until(request: Request, context: Context) -> Answer:
    """How many days or weeks lie between today, or another day, and a day."""
    slots, today = request.slots, context.now().date()
    said = slots.get("date") or (context.memory.get("date") if request.intent == "daysNext" else None)
    if "lateDay" in slots:
        late = _late_day(request, context)
        if isinstance(late, Answer):
            return late
        said = late.isoformat()
    if not said:
        return Answer(text=context.say("which_day"), act="request", ask="date")
    day = dt.date.fromisoformat(str(said))
    date = context.wording.date(day)
    days = (day - today).days
    data = {"date": day.isoformat(), "days": days}
    if not days:
        return Answer(text=context.say("is_today"), data=data)
    length = _weeks(abs(days), context) if slots.get("unit") == "week" else context.say("days", count=abs(days))
    text = context.say("days_until" if days > 0 else "days_ago", length=length, date=date)
    return Answer(text=text, data=data, remember={"date": day.isoformat()})


def answer_days_between(request: Request, context: Context) -> Answer:
    """How many days lie between two days."""
    first, last = (dt.date.fromisoformat(str(request.slots[slot])) for slot in ("from", "date"))
    days = abs((last - first).days)
    return Answer(text=context.say("days_between", count=days), data={"days": days})


def _weeks(days: int, context: Context) -> str:
    weeks, rest = divmod(days, _WEEK)
    parts = [context.say("weeks", count=weeks)] if weeks else []
    return context.wording.joined([*parts, context.say("days", count=rest)] if rest else parts)


def answer_days_left(request: Request, context: Context) -> Answer:
    """How many days of the year or the month are still to come."""
    today = context.now().date()
    of_month = request.slots.get("of") == "month"
    month = today.month if of_month else 12
    last = dt.date(today.year, month, calendar.monthrange(today.year, month)[1])
    reply = "left_in_month" if of_month else "left_in_year"
    days = (last - today).days
    return Answer(text=context.say(reply, count=days), data={"days": days})


def answer_days_in(request: Request, context: Context) -> Answer:
    """How many days a month of this year has."""
    month = int(request.slots.get("month") or request.before.get("month") or context.now().month)  # 'this month'
    year = _year(request, context.now().year)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return _no_such_year(context)
    days = calendar.monthrange(year, month)[1]
    reply = "days_in_leaping" if month == 2 else "days_in"
    return Answer(text=context.say(reply, month=_month(month, context), days=days, year=year), data={"days": days})


def answer_leap_year(request: Request, context: Context) -> Answer:
    """Whether a year is a leap year, or which one is next."""
    slots, this = request.slots, context.now().year
    year = _year(request, this + int(slots.get("ahead", 0)))
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return _no_such_year(context)
    if slots.get("search"):
        while not calendar.isleap(year):
            year += 1
        return Answer(text=context.say("next_leap", year=year), data={"year": year})
    tense = "was" if year < this else "is" if year == this else "will"
    yes = "leap" if calendar.isleap(year) else "no_leap"
    return Answer(text=context.say(f"{yes}_{tense}", year=year), data={"year": year})
