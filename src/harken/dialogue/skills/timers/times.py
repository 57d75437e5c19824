"""Which moment and which days a request for an alarm or a reminder names."""

from __future__ import annotations

import datetime as dt

from harken.dialogue.clock import later
from harken.dialogue.moments import next_moment
from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.timers.choosing import half_said
from harken.text.words import normalize_words

LONGEST = 366 * 86_400
"""Seconds; nobody needs a longer timer."""
UNREPEATABLE = "other"
"""Value of `every` for what is not a day of the week: 'every other month'."""
UNNAMED = "which"
"""Value of `every` when it recurs on days that were not named: 'a recurring alarm'."""
_TIMES = {
    "morning": "09:00",
    "afternoon": "15:00",
    "evening": "18:00",
    "night": "20:00",
    "lunch": "12:00",
    "bedtime": "22:00",
}
"""Part of the day -> its time when none was named."""
_LATE = 12
_SMALL_HOURS = 5
"""At night, an earlier hour is one of the next day."""
_RISING = range(4, _LATE)
"""Hours at which people are woken in the morning."""
_LINKING = 2
"""Most words that link a time in an answer: 'at six, please'."""
WAKING = "waking"
"""Key of the memory: the last question was when to wake somebody."""
_NAP = dt.timedelta(hours=3)
"""Who is to be woken within so much time sleeps now."""


def days_of(request: Request) -> tuple[int, ...]:
    """Weekdays on which it recurs, Monday = 0; empty when it does not."""
    named = "".join(str(request.slots.get(slot, "")) for slot in ("every", "also", "third", "fourth"))
    spared = "".join(str(request.slots.get(slot, "")) for slot in ("except", "except2"))
    return tuple(sorted({int(day) for day in named if day.isdigit() and day not in spared}))


def length_of(request: Request) -> float:
    """Seconds that were named, by a duration or by a number and its unit ('five more minutes'); 0 for none."""
    slots = request.slots
    return float(slots.get("duration", 0)) or float(slots.get("amount", 0)) * float(slots.get("unit", 0))


def unit_of(request: Request, context: Context) -> str:
    """The unit of the length that was named, in a word; '' for a length of several ('an hour and a half')."""
    words = normalize_words(request.heard.get("duration", ""), context.locale)
    read, today = context.locale.understanding.read_value, context.now().date
    if len(words) < 2 or read("duration", words, today) is None or read("number", words[:-1], today) is None:
        return ""
    return words[-1]


def in_last_unit(heard: str, context: Context) -> float:
    """Seconds of a number without a unit ('fifteen') in the unit that was named last; 0 for other words."""
    words, unit = normalize_words(heard, context.locale), str(context.memory.get("unit", ""))
    read = context.locale.understanding.read_value
    return float(read("duration", [*words, unit], context.now().date) or 0) if words and unit else 0.0


def moment_of(request: Request, context: Context, *, question: str, earliest: int = 0, default: bool = False) -> (
    dt.datetime | Answer
):  # fmt: skip
    """The moment that a request names; or what to reply when it names none, or one that has passed.

    Args:
        request: its slots `duration`, `ago`, `time`, `date`, `part`, `lead`, and those of `days_of` count.
        context: of the request.
        question: key of the reply that asks for the time.
        earliest: hour before which nobody means the morning (see `next_moment`).
        default: whether a day, or a part of one, without a time is enough.
    """
    slots = request.slots
    if UNREPEATABLE in (slots.get("every"), slots.get("also")):
        return Answer(text=context.say("not_so_often"), act="sorry")
    if slots.get("every") == UNNAMED:
        return Answer(text=context.say("which_days"), act="request", ask="every")
    if "ago" in slots:
        return Answer(text=context.say("past"), act="sorry")
    if "duration" in slots:
        seconds = float(slots["duration"])
        return later(context.now(), seconds) if 1 <= seconds <= LONGEST else out_of_range(context)
    if str(slots.get("date", "9999")) < context.now().date().isoformat():
        return Answer(text=context.say("past"), act="sorry")
    part, every = part_of(request, context), days_of(request)
    if "time" not in slots and not (default and (part or every or "date" in slots)):
        return Answer(text=context.say(question), act="request", ask="time")
    time, date, clear = _clock(request, context, part)
    moment = next_moment(time, date, context.now(), half_said=clear, every=every, earliest=earliest)
    if moment is not None:
        lead = float(slots.get("lead", 0))  # 'an hour before eight'
        early = later(moment, -lead) if lead else moment
        return early if not lead or early > context.now() else Answer(text=context.say("past"), act="sorry")
    if "time" not in slots:
        return Answer(text=context.say(question), act="request", ask="time")
    return Answer(text=context.say("past"), act="sorry")


def part_of(request: Request, context: Context) -> str:
    """The part of the day that was named: 'morning', 'afternoon', 'evening', 'night', or ''."""
    slots = ("part",) if "part" in request.slots else ("date", "every")
    heard = {word for slot in slots for word in normalize_words(request.heard.get(slot, ""), context.locale)}
    named = next((part for part in _TIMES if heard & context.heard_words(part)), "")
    return named or str(request.slots.get("part", ""))  # 'pm' names a half of the day


def out_of_range(context: Context) -> Answer:
    """A length that no timer has."""
    return Answer(text=context.say("out_of_range"), act="sorry")


def is_waking(request: Request, context: Context) -> bool:
    """Whether somebody is to be woken."""
    return any(f" {words} " in f" {request.text} " for words in context.heard_words("waking"))


def _completes_waking(request: Request, context: Context) -> bool:
    """Whether a sentence is only the time at which somebody is to be woken, which was asked for."""
    others = len(request.text.split()) - len(normalize_words(request.heard.get("time", ""), context.locale))
    return bool(context.memory.get(WAKING)) and others <= _LINKING


def _is_rising(request: Request, time: str, context: Context) -> bool:
    """Whether somebody is to be woken in the morning: at an hour for that, and not soon, after a nap."""
    if int(time[:2]) not in _RISING or not (is_waking(request, context) or _completes_waking(request, context)):
        return False
    now = context.now()
    wait = dt.datetime.combine(now.date(), dt.time.fromisoformat(time)) - now.replace(tzinfo=None)
    return not dt.timedelta() < wait + dt.timedelta(hours=_LATE) <= _NAP


def _clock(request: Request, context: Context, part: str) -> tuple[str, str, bool]:
    """Time of day (HH:MM), date (ISO or '') and whether the half of the day is clear."""
    date = str(request.slots.get("date", ""))
    if "time" not in request.slots:
        return _TIMES.get(part, ""), date, True
    time = str(request.slots["time"])
    hour, minutes = int(time[:2]), time[2:]
    if half_said(request, "time", context) or not part:
        return time, date, half_said(request, "time", context) or (not date and _is_rising(request, time, context))
    if part == "morning" or (part == "night" and hour < _SMALL_HOURS):
        day = context.now().date() if not date else dt.date.fromisoformat(date)
        return time, date if part == "morning" else (day + dt.timedelta(days=1)).isoformat(), True
    return f"{hour % _LATE + _LATE:02d}{minutes}", date, True
