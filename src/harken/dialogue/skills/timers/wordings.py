"""How timers, alarms, reminders and scheduled actions are named in replies, and shown to programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from harken.dialogue.skill import Context
from harken.dialogue.timers import Timer

KINDS = ("timer", "alarm", "reminder", "action")
"""What is kept in the timer book."""
_DAYS = {tuple(range(7)): "every_day", (0, 1, 2, 3, 4): "every_weekday", (5, 6): "every_weekend"}
_MONDAY = dt.date(2024, 1, 1)


def data_of(timer: Timer) -> dict[str, Any]:
    """JSON values for programs; `timer_of` is the inverse."""
    return {
        "id": timer.id, "kind": timer.kind, "label": timer.label, "seconds": timer.seconds,
        "left": round(timer.left, 1), "due": timer.due.isoformat(timespec="seconds"), "data": dict(timer.data),
        "every": list(timer.every), "paused": timer.paused,
    }  # fmt: skip


def timer_of(data: dict[str, Any]) -> Timer:
    """The timer that `data_of` has shown."""
    return Timer(**{**data, "due": dt.datetime.fromisoformat(data["due"]), "every": tuple(data["every"])})


def said(due: dt.datetime, context: Context) -> dict[str, str]:
    """Time and day of a moment in words."""
    return {"time": context.wording.time(due), "day": context.wording.day(due.date(), context.now().date())}


def days_said(every: Sequence[int], context: Context) -> str:
    """Weekdays in words: 'every day', 'every Monday and Friday'."""
    key = _DAYS.get(tuple(every))
    if key:
        return context.say(key)
    names = [context.wording.weekday(_MONDAY + dt.timedelta(days=day)) for day in every]
    return context.say("every_days", days=context.wording.joined(names))


def moment_said(timer: Timer, context: Context) -> dict[str, str]:
    """Time and day on which a timer rings in words; the days of one that comes again."""
    words = said(timer.due, context)
    return {**words, "day": days_said(timer.every, context)} if timer.every else words


def name_of(timer: Timer, context: Context) -> str:
    """What distinguishes a timer: its name, or else its length or moment."""
    if timer.kind == "alarm" and not timer.label:
        return context.say("alarm_at", **moment_said(timer, context))
    return timer.label or context.wording.duration(timer.seconds)


def left_said(timer: Timer, context: Context) -> str:
    """How much time is left: '5 minutes left on the pasta timer'."""
    key = ("paused" if timer.paused else "left") + ("_named" if timer.label else "")
    return context.say(key, time=context.wording.duration(timer.left), label=timer.label)


def listed(timers: Sequence[Timer], context: Context) -> str:
    """All of them in one phrase: with the time that is left, or the moment at which they ring."""
    return context.wording.joined([_listed(timer, context) for timer in timers])


def _listed(timer: Timer, context: Context) -> str:
    if timer.kind == "timer":
        return left_said(timer, context)
    if timer.kind == "action" and timer.seconds and not timer.every:
        return context.say("action_in", task=timer.label, time=context.wording.duration(timer.left))
    key = f"{timer.kind}_at" if timer.kind != "alarm" or not timer.label else "alarm_at_named"
    return context.say(key, task=timer.label, label=timer.label, **moment_said(timer, context))


def mirrored(text: str, context: Context) -> str:
    """What somebody said of themselves, as it is said to them: 'call my mom' -> 'call your mom'."""
    pairs = dict(pair.split(" ") for pair in context.say("mirrored").split(", "))
    words = text.split()
    return " ".join(
        word if place and words[place - 1][-1].isdigit() else pairs.get(word.lower(), word)  # "8 am" is no verb
        for place, word in enumerate(words)
    )


def capitalized(text: str) -> str:
    """With a capital at the beginning; the rest as it is."""
    return text[:1].upper() + text[1:]
