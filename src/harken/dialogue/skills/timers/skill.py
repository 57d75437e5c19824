"""Timers, alarms and reminders."""

from __future__ import annotations

import datetime as dt

from harken.dialogue.clock import later
from harken.dialogue.moments import next_moment
from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.timers import Timer

LONGEST_TIMER = 366 * 86_400
"""Seconds; nobody needs a longer timer."""
_HALF_OF_DAY = "half_of_day"
"""The language's words that say which half of the day a time is in."""
_SEVERAL = "several_{kind}"
"""The language's words that mean all timers of a kind."""


def answer(request: Request, context: Context) -> Answer:
    """Set, report or cancel."""
    return _INTENTS[request.intent](request, context)


def _set_timer(request: Request, context: Context) -> Answer:
    seconds, label = float(request.slots["duration"]), str(request.slots.get("label", ""))
    if not 1 <= seconds <= LONGEST_TIMER:
        return Answer(text=context.say("out_of_range"), act="sorry")
    timer = context.timers.start(seconds, label=label)
    key = "timer_set_named" if label else "timer_set"
    text = context.say(key, label=label.capitalize(), time=context.wording.duration(seconds))
    return Answer(text=text, data=_data(timer))


def _time_left(request: Request, context: Context) -> Answer:
    label = request.slots.get("label")
    timers = [timer for timer in context.timers.running("timer") if label in (None, timer.label)]
    if not timers:
        return Answer(text=context.say("no_timer_named" if label else "no_timer", label=label), data={"timers": []})
    parts = [
        context.say(
            "left_named" if timer.label else "left", time=context.wording.duration(timer.left), label=timer.label
        )
        for timer in timers
    ]
    text = context.say("times_left", times=context.wording.joined(parts).capitalize())
    return Answer(text=text, data={"timers": [_data(timer) for timer in timers]})


def _cancel_timer(request: Request, context: Context) -> Answer:
    timers = context.timers.running("timer")
    label, seconds = request.slots.get("label"), request.slots.get("duration")
    if label is not None:
        timers = [timer for timer in timers if timer.label == label]
    if seconds is not None:
        timers = [timer for timer in timers if timer.seconds == seconds]
    return _cancelled(timers, request, context, "timer")


def _set_alarm(request: Request, context: Context) -> Answer:
    if "duration" in request.slots:
        due = later(context.now(), float(request.slots["duration"]))
    elif "time" not in request.slots:
        return Answer(text=context.say("which_time"), act="request", ask="time")
    else:
        due = _moment(request, context.now(), context.heard_words(_HALF_OF_DAY))
    timer = context.timers.set_for(due, kind="alarm")
    return Answer(text=context.say("alarm_set", **_said(due, context)), data=_data(timer))


def _list_alarms(request: Request, context: Context) -> Answer:
    alarms = context.timers.running("alarm")
    if not alarms:
        return Answer(text=context.say("no_alarm"), data={"alarms": []})
    parts = [context.say("alarm_at", **_said(alarm.due, context)) for alarm in alarms]
    text = context.say("alarms", count=len(alarms), alarms=context.wording.joined(parts))
    return Answer(text=text, data={"alarms": [_data(alarm) for alarm in alarms]})


def _cancel_alarm(request: Request, context: Context) -> Answer:
    alarms = context.timers.running("alarm")
    if "time" in request.slots:
        wanted = str(request.slots["time"])
        alarms = [alarm for alarm in alarms if f"{alarm.due:%H:%M}" == wanted or f"{alarm.due:%I:%M}" == wanted]
    return _cancelled(alarms, request, context, "alarm")


def _remind(request: Request, context: Context) -> Answer:
    task, now = str(request.slots["task"]), context.now()
    if "duration" in request.slots:
        timer = context.timers.start(float(request.slots["duration"]), kind="reminder", label=task)
        text = context.say("remind_in", task=task, time=context.wording.duration(timer.seconds))
        return Answer(text=text, data=_data(timer))
    if "time" not in request.slots and "date" not in request.slots:
        return Answer(text=context.say("remind_when"), act="request", ask="time")
    due = _moment(request, now, context.heard_words(_HALF_OF_DAY))
    timer = context.timers.set_for(due, kind="reminder", label=task)
    return Answer(text=context.say("remind_at", task=task, **_said(due, context)), data=_data(timer))


def _list_reminders(request: Request, context: Context) -> Answer:
    reminders = context.timers.running("reminder")
    if not reminders:
        return Answer(text=context.say("no_reminders"), data={"reminders": []})
    parts = [context.say("reminder_at", task=timer.label, **_said(timer.due, context)) for timer in reminders]
    text = context.say("reminders", reminders=context.wording.joined(parts))
    return Answer(text=text, data={"reminders": [_data(timer) for timer in reminders]})


def _cancel_reminders(request: Request, context: Context) -> Answer:
    reminders = context.timers.running("reminder")
    if "task" in request.slots:
        reminders = [timer for timer in reminders if timer.label == request.slots["task"]]
    return _cancelled(reminders, request, context, "reminder")


def _cancelled(timers: list[Timer], request: Request, context: Context, kind: str) -> Answer:
    """Cancel them: all if the plural was used, otherwise the next one."""
    if not timers:
        return Answer(text=context.say(f"no_such_{kind}"), data={"cancelled": 0})
    several = context.heard_words(_SEVERAL.format(kind=kind)) & set(request.text.split())
    chosen = timers if several else timers[:1]
    for timer in chosen:
        context.timers.cancel(timer.id)
    text = context.say(f"{kind}s_cancelled", count=len(chosen))
    return Answer(text=text, act="ack", data={"cancelled": len(chosen)})


def _moment(request: Request, now: dt.datetime, halves: frozenset[str]) -> dt.datetime:
    half_said = bool(set(request.heard.get("time", "").split()) & halves)
    time, date = str(request.slots.get("time", "")), str(request.slots.get("date", ""))
    return next_moment(time, date, now, half_said=half_said) or later(now, 0)


def _said(due: dt.datetime, context: Context) -> dict[str, str]:
    """Time and day of a moment in words."""
    words = context.wording
    return {"time": words.time(due), "day": words.day(due.date(), context.now().date())}


def _data(timer: Timer) -> dict[str, object]:
    return {
        "id": timer.id, "kind": timer.kind, "label": timer.label, "seconds": timer.seconds,
        "left": round(timer.left, 1), "due": timer.due.isoformat(timespec="seconds"),
    }  # fmt: skip


_INTENTS = {
    "setTimer": _set_timer, "timeLeft": _time_left, "cancelTimer": _cancel_timer, "setAlarm": _set_alarm,
    "listAlarms": _list_alarms, "cancelAlarm": _cancel_alarm, "remind": _remind, "listReminders": _list_reminders,
    "cancelReminders": _cancel_reminders,
}  # fmt: skip
