"""Timers, alarms, reminders and scheduled actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.timers import cancelling, changing, setting, telling, undoing
from harken.dialogue.skills.timers.choosing import own_slots
from harken.dialogue.skills.timers.times import UNREPEATABLE, part_of, unit_of

_INTENTS: dict[str, Callable[[Request, Context], Answer]] = {
    "setTimer": setting.set_timer, "setTimers": setting.set_timers, "setAnother": setting.set_timer,
    "setSame": setting.set_same,
    "timerUntil": setting.timer_until, "setAlarm": setting.set_alarm,
    "setAlarms": setting.set_alarms, "setAlarmToo": setting.set_alarm_too, "remind": setting.remind,
    "timerElapsed": telling.elapsed,
    "timeLeft": telling.time_left, "timerLeftAll": telling.time_left, "timerRunning": telling.time_left,
    "timerEnds": telling.ends, "timerEndsIt": telling.last_ends, "timerLength": telling.length,
    "listAlarms": telling.list_alarms, "alarmSet": telling.list_alarms, "listReminders": telling.list_reminders,
    "reminderSet": telling.list_reminders, "listScheduled": telling.list_scheduled, "listAll": telling.list_all,
    "whatIsLeft": telling.list_all,
    "cancelTimer": partial(cancelling.cancel, kind="timer"), "cancelAlarm": partial(cancelling.cancel, kind="alarm"),
    "cancelReminders": partial(cancelling.cancel, kind="reminder"),
    "cancelScheduled": partial(cancelling.cancel, kind="action"), "cancelIt": cancelling.cancel_last,
    "timeLeftIt": telling.last_ends,
    "cancelAll": cancelling.cancel_kinds,
    "cancelTimersAlarms": partial(cancelling.cancel_kinds, kinds=("timer", "alarm")),
    "skipAlarm": cancelling.skip, "snooze": cancelling.snooze, "more": changing.more,
    "pauseTimer": changing.pause, "pauseIt": changing.pause_last, "resumeTimer": changing.resume,
    "resumeIt": changing.resume_last, "extendTimer": changing.extend, "extendIt": changing.extend_last,
    "changeTimer": changing.change_timer, "restartTimer": changing.restart,
    "restartIt": changing.restart_last, "rename": changing.rename,
    "renameIt": changing.rename_last, "changeAlarm": changing.change_alarm,
    "exceptDays": changing.except_days,
    "changeThat": changing.change_that, "whichRings": telling.which_rings, "readThem": telling.list_like,
    "setAlarmsToo": setting.set_alarms, "skipIt": cancelling.skip_last,
    "agenda": telling.agenda, "remindToo": setting.remind_too,
    "timerInstead": changing.amend, "alarmInstead": changing.amend, "remindInstead": changing.rename_last,
    "changeReminder": partial(changing.change_alarm, kind="reminder"), "amend": changing.amend,
    undoing.INTENT: undoing.take_back,
}  # fmt: skip


_FOLLOWING = frozenset((
    "setAnother", "setSame", "timerInstead", "alarmInstead", "remindInstead", "setAlarmToo", "timerEndsIt", "cancelIt",
    "pauseIt", "resumeIt", "extendIt", "renameIt", "restartIt", "amend", "exceptDays", "skipIt", "remindToo",
    "changeThat", "setAlarmsToo",
))  # fmt: skip
"""Intents about what was talked about; their values are those that were said with them."""


_NOON = 12
_CORRECTED = frozenset(("setTimer", "setAlarm", "remind"))
"""Intents that are corrected rather than asked again by 'no, ten minutes'."""
_CORRECTIONS = "corrections"


def _names_its_time(request: Request, context: Context) -> bool:
    """Whether the time of the last reminder, which had none, is named afterwards: 'at ten in the morning'."""
    named = own_slots(request).slots.keys()
    return bool(context.memory.get("untimed")) and "time" in named and named <= {"time", "part"}


def _redates(request: Request) -> bool:
    """Whether a mere day, or days, are said after something was set: 'tomorrow morning, please', 'every day'."""
    named = own_slots(request).slots.keys()
    follows = request.intent in ("setAlarm", "remind") and "time" in request.slots and len(named) == 1
    slot = next((slot for slot in ("date", "every") if slot in named), "")
    return follows and bool(slot) and request.text.startswith(request.heard[slot])


def _renumbers(request: Request, context: Context) -> bool:
    """Whether a mere number follows a reminder after some time: 'twenty', of 'in ten minutes'."""
    named = own_slots(request).slots.keys()
    return "duration" in request.slots and named == {"time"} and request.heard["time"] == request.text


def _at_last_time(request: Request, context: Context) -> Request:
    """'The same tomorrow', of an alarm or reminder for eight tonight: at that time, and not in the morning."""
    last = [timer for timer in context.timers.running() if timer.id in context.memory.get("last", ())]
    moved = {"date", "every"} & request.heard.keys()
    kept = "time" in request.slots and "time" not in request.heard and moved
    if part_of(request, context):
        return request
    if request.intent not in ("setAlarm", "remind") or not kept or not last or last[-1].due.hour < _NOON:
        return request
    return replace(request, slots={**request.slots, "time": f"{last[-1].due:%H:%M}"})


def _with_bare_number(request: Request) -> Request:
    heard = request.heard["time"]
    return replace(request, slots={"bare": heard}, heard={"bare": heard})


def answer(request: Request, context: Context) -> Answer:
    """Set, report, change or cancel; the unit of the last length is remembered."""
    told = _answer(request, context)
    unit = unit_of(request, context) if "duration" in request.heard else context.memory.get("unit", "")
    return replace(told, remember={**told.remember, "unit": unit}) if told.remember else told


def _answer(request: Request, context: Context) -> Answer:
    if request.intent in _FOLLOWING:
        return _INTENTS[request.intent](own_slots(request), context)
    corrects = set(request.text.split()) & context.heard_words(_CORRECTIONS)
    if request.intent == "remind" and _names_its_time(request, context):
        return changing.amend(own_slots(request), context)
    if _redates(request):
        return changing.amend(own_slots(request), context)
    if request.slots.get("every") == UNREPEATABLE and "every" not in request.heard:  # it was refused
        request = replace(request, slots={slot: v for slot, v in request.slots.items() if slot != "every"})
    request = _at_last_time(request, context)
    if request.intent == "remind" and _renumbers(request, context):
        return changing.amend(_with_bare_number(request), context)
    follows = bool(request.slots.keys() - request.heard.keys()) and request.intent in _CORRECTED
    if follows and corrects:
        return changing.amend(own_slots(request), context)
    return _INTENTS[request.intent](request, context)
