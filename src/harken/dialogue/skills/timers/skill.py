"""Timers, alarms and reminders."""

from __future__ import annotations

import datetime as dt

from harken.dialogue.clock import later, moment_of
from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.timers import Timer
from harken.dialogue.wording import say_day, say_duration, say_list, say_time

LONGEST = 366 * 86_400
"""Seconds; nobody means a longer timer."""
_HALVES = ("am", "pm", "m", "morning", "afternoon", "evening", "night", "tonight", "noon", "midnight")
"""Words that say which half of the day a time is in."""


def answer(request: Request, context: Context) -> Answer:
    """Set, tell or cancel."""
    return _INTENTS[request.intent](request, context)


def _set_timer(request: Request, context: Context) -> Answer:
    seconds, label = float(request.slots["duration"]), str(request.slots.get("label", ""))
    if not 1 <= seconds <= LONGEST:
        return Answer(text="I can only set timers between one second and a year.", act="sorry")
    timer = context.timers.start(seconds, label=label)
    named = f"{label} timer" if label else "Timer"
    return Answer(text=f"{named.capitalize()} set for {say_duration(seconds)}.", data=_data(timer))


def _time_left(request: Request, context: Context) -> Answer:
    label = request.slots.get("label")
    timers = [timer for timer in context.timers.running("timer") if label in (None, timer.label)]
    if not timers:
        return Answer(text=f"There is no {label + ' ' if label else ''}timer running.", data={"timers": []})
    parts = [
        f"{say_duration(timer.left)} left{f' on the {timer.label} timer' if timer.label else ''}" for timer in timers
    ]
    return Answer(text=f"{say_list(parts).capitalize()}.", data={"timers": [_data(timer) for timer in timers]})


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
        return Answer(text="For what time?", act="request", ask="time")
    else:
        due = _moment(request, context.now())
    timer = context.timers.set_for(due, kind="alarm")
    return Answer(text=f"Alarm set for {say_time(due)} {say_day(due.date(), context.now().date())}.", data=_data(timer))


def _list_alarms(request: Request, context: Context) -> Answer:
    alarms = context.timers.running("alarm")
    if not alarms:
        return Answer(text="No alarm is set.", data={"alarms": []})
    today = context.now().date()
    parts = [f"{say_time(alarm.due)} {say_day(alarm.due.date(), today)}" for alarm in alarms]
    text = f"You have {'an alarm' if len(alarms) == 1 else f'{len(alarms)} alarms'}: {say_list(parts)}."
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
        return Answer(text=f"I will remind you to {task} in {say_duration(timer.seconds)}.", data=_data(timer))
    if "time" not in request.slots and "date" not in request.slots:
        return Answer(text="At what time?", act="request", ask="time")
    due = _moment(request, now)
    timer = context.timers.set_for(due, kind="reminder", label=task)
    when = f"{say_day(due.date(), now.date())} at {say_time(due)}"
    return Answer(text=f"I will remind you to {task} {when}.", data=_data(timer))


def _list_reminders(request: Request, context: Context) -> Answer:
    reminders = context.timers.running("reminder")
    if not reminders:
        return Answer(text="You have no reminders.", data={"reminders": []})
    today = context.now().date()
    parts = [f"{one.label} {say_day(one.due.date(), today)} at {say_time(one.due)}" for one in reminders]
    return Answer(text=f"Your reminders: {say_list(parts)}.", data={"reminders": [_data(one) for one in reminders]})


def _cancel_reminders(request: Request, context: Context) -> Answer:
    reminders = context.timers.running("reminder")
    if "task" in request.slots:
        reminders = [one for one in reminders if one.label == request.slots["task"]]
    return _cancelled(reminders, request, context, "reminder")


def _cancelled(timers: list[Timer], request: Request, context: Context, kind: str) -> Answer:
    """Cancel them: all when the plural was said, else the next one."""
    if not timers:
        return Answer(text=f"There is no such {kind}.", data={"cancelled": 0})
    several = f"{kind}s" in request.text.split() or "every" in request.text.split()
    chosen = timers if several else timers[:1]
    for timer in chosen:
        context.timers.cancel(timer.id)
    text = f"{kind.capitalize()} cancelled." if len(chosen) == 1 else f"{len(chosen)} {kind}s cancelled."
    return Answer(text=text, act="ack", data={"cancelled": len(chosen)})


def _moment(request: Request, now: dt.datetime) -> dt.datetime:
    """The next moment that a time of day and a date can mean; nine in the morning when only a day was named."""
    time = dt.time.fromisoformat(str(request.slots.get("time", "09:00")))
    today = now.date()
    day = dt.date.fromisoformat(str(request.slots["date"])) if "date" in request.slots else today
    walls = [dt.datetime.combine(day, time)]
    if 1 <= time.hour < 12 and not set(request.heard.get("time", "").split()) & set(_HALVES):
        walls.append(walls[0].replace(hour=time.hour + 12))
    walls.append(dt.datetime.combine(today + dt.timedelta(days=1), time))
    assert now.tzinfo is not None
    moments = [moment_of(wall, now.tzinfo, after=now) for wall in walls]
    return next((moment for moment in moments if moment.timestamp() > now.timestamp()), moments[-1])


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
