"""Changing timers, alarms and reminders that are set: pause, length, time, name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from harken.dialogue.clock import later
from harken.dialogue.moments import next_moment
from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.timers.cancelling import SNOOZED, snooze
from harken.dialogue.skills.timers.choosing import choose, choose_last, half_said, which_one
from harken.dialogue.skills.timers.setting import EARLIEST, alarm_set, label_of, reminder_set, timer_set
from harken.dialogue.skills.timers.times import (
    LONGEST,
    UNNAMED,
    UNREPEATABLE,
    days_of,
    in_last_unit,
    length_of,
    moment_of,
    out_of_range,
    part_of,
)
from harken.dialogue.skills.timers.undoing import undo
from harken.dialogue.skills.timers.wordings import KINDS, capitalized, data_of, left_said, listed
from harken.dialogue.timers import Timer
from harken.text.words import normalize_words

_NOON = 12


def pause(request: Request, context: Context) -> Answer:
    """Pause timers."""
    return _each(choose(request, context, "timer"), context, context.timers.pause, "resume", "not_paused")


def pause_last(request: Request, context: Context) -> Answer:
    """Pause what was talked about, or what is named."""
    return _each(_named_or_last(request, context), context, context.timers.pause, "resume", "not_paused")


def resume(request: Request, context: Context) -> Answer:
    """Let paused timers run again."""
    timers = choose(request, context, "timer", several=True)
    if not isinstance(timers, Answer) and any(timer.paused for timer in timers):
        timers = [timer for timer in timers if timer.paused]
    return _each(timers, context, context.timers.resume, "pause", "not_resumed")


def resume_last(request: Request, context: Context) -> Answer:
    """Let what was talked about, or what is named, run again."""
    return _each(_named_or_last(request, context), context, context.timers.resume, "pause", "not_resumed")


def _named_or_last(request: Request, context: Context) -> list[Timer] | Answer:
    return choose(request, context, "timer") if "label" in request.slots else choose_last(request, context)


def _each(
    timers: list[Timer] | Answer, context: Context, change: Callable[[int], Timer | None], back: str, refused: str
) -> Answer:
    """Change all that can be changed, and tell how they are now."""
    if isinstance(timers, Answer):
        return timers
    changed = [timer for one in timers if (timer := change(one.id)) is not None]
    if not changed:
        if back == "resume" and all(timer.paused for timer in timers):
            refused = "already_paused"
        return Answer(text=context.say(refused, timers=capitalized(listed(timers, context))), act="sorry")
    key = "now_paused" if back == "resume" else "now_running"
    parts = context.wording.joined([left_said(replace(timer, paused=False), context) for timer in changed])
    text = context.say(key, count=len(changed), timers=capitalized(parts))
    return _changed(text, changed, undo(*((back, timer.id) for timer in changed)))


def extend(request: Request, context: Context) -> Answer:
    """Let a timer ring later, or earlier."""
    timers = choose(request, context, "timer")
    if isinstance(timers, Answer) or len(timers) == 1:
        return timers if isinstance(timers, Answer) else _extended(timers[0], request, context)
    answers = [_extended(timer, request, context) for timer in timers]
    steps = [step for told in answers if told.undo for step in told.undo.slots["steps"]]
    return replace(answers[0], text=" ".join(told.text for told in answers), undo=undo(*steps))


def extend_last(request: Request, context: Context) -> Answer:
    """Let what was talked about ring later, or earlier."""
    timers = _only(choose_last(request, context), context)
    return timers if isinstance(timers, Answer) else _extended(timers, request, context)


def more(request: Request, context: Context) -> Answer:
    """'Five more minutes': snooze what has rung, or else extend the timer."""
    seconds = length_of(request)
    if context.timers.last_rung(SNOOZED) is not None:
        return snooze(Request(intent=request.intent, slots={"duration": seconds}), context)
    timers = choose(Request(intent=request.intent), context, "timer")
    if isinstance(timers, Answer):
        return timers
    return _extended(timers[0], Request(intent=request.intent, slots={"duration": seconds, "sign": 1}), context)


def _extended(timer: Timer, request: Request, context: Context) -> Answer:
    length = length_of(request) or in_last_unit(request.heard.get("bare", ""), context)
    if not length:
        return Answer(text=context.say("by_how_much"), act="request", ask="duration")
    seconds = length * float(request.slots.get("sign", 1))
    if timer.left + seconds > LONGEST:
        return out_of_range(context)
    changed = context.timers.extend(timer.id, seconds)
    if changed is None:
        return Answer(text=context.say("too_short", timers=capitalized(listed([timer], context))), act="sorry")
    return _changed(_now(changed, context), [changed], undo(("extend", timer.id, -seconds)))


def change_timer(request: Request, context: Context) -> Answer:
    """Give a timer another length, from now on."""
    timers = choose(request, context, "timer")
    if isinstance(timers, Answer):
        return timers
    if "duration" not in request.slots:
        return Answer(text=context.say("to_how_long"), act="request", ask="duration")
    return _restarted(timers[0], float(request.slots["duration"]), context)


def restart(request: Request, context: Context) -> Answer:
    """Let a timer begin anew; also one that has rung."""
    rung = context.timers.last_rung(SNOOZED)
    if rung is not None and rung.kind == "timer" and not context.timers.running("timer"):
        return timer_set(context.timers.start(rung.seconds, label=rung.label), context)
    timers = choose(request, context, "timer")
    return timers if isinstance(timers, Answer) else _restarted(timers[0], timers[0].seconds, context)


def _restarted(timer: Timer, seconds: float, context: Context) -> Answer:
    if not 1 <= seconds <= LONGEST:
        return out_of_range(context)
    changed = context.timers.restart(timer.id, seconds) or timer
    told = timer_set(changed, context) if changed.kind == "timer" else reminder_set(changed, context)
    return _changed(told.text, [changed], _undo_change(timer))


def rename(request: Request, context: Context) -> Answer:
    """Give a timer or an alarm another name."""
    timers = choose(request, context, str(request.slots.get("kind", "timer")))
    return timers if isinstance(timers, Answer) else _renamed(timers[0], request, context)


def rename_last(request: Request, context: Context) -> Answer:
    """Give what was talked about another name."""
    timer = _only(choose_last(request, context), context)
    return timer if isinstance(timer, Answer) else _renamed(timer, request, context)


def _renamed(timer: Timer, request: Request, context: Context) -> Answer:
    name = label_of(request, context, "name")
    if not name:
        return Answer(text=context.say("no_name"), act="request", ask="name")
    changed = context.timers.rename(timer.id, name) or timer
    text = context.say(f"{timer.kind}_renamed", label=name)
    return _changed(text, [changed], undo(("rename", timer.id, timer.label)))


def change_alarm(request: Request, context: Context, kind: str = "alarm") -> Answer:
    """Let an alarm or a reminder ring at another time, on another day or on other days."""
    timers = choose(request, context, kind)
    if isinstance(timers, Answer):
        return timers
    if "sign" in request.slots:
        return _extended(timers[0], request, context)
    return _moved(timers[0], request, context)


def except_days(request: Request, context: Context) -> Answer:
    """'Not on Fridays', of an alarm or a reminder that comes again."""
    timer = _only(choose_last(request, context), context)
    if isinstance(timer, Answer):
        return timer
    excepted = {int(day) for slot in ("except", "except2") for day in str(request.slots.get(slot, ""))}
    every = [day for day in timer.every if day not in excepted]
    if not timer.every or not every:
        key = "no_days_left" if timer.every else "not_repeated"
        return Answer(text=context.say(key, timers=capitalized(listed([timer], context))), act="sorry")
    slots = {"every": "".join(map(str, every))}
    return _moved(timer, Request(intent=request.intent, slots=slots), context)


def change_that(request: Request, context: Context) -> Answer:
    """'Move the bank one to eleven': change one that is described, of any kind."""
    last = set(context.memory.get("last", ()))
    first = next((timer.kind for timer in context.timers.running() if timer.id in last), "timer")
    kinds = sorted(KINDS, key=lambda kind: kind != first)
    answers = [choose(request, context, kind) for kind in kinds]
    found = next((timers for timers in answers if not isinstance(timers, Answer)), [])
    refused = [told for told in answers if isinstance(told, Answer)]
    if len(found) != 1:
        return replace(which_one(found, context) if found else refused[0], act="sorry", ask="")
    slots = {slot: value for slot, value in request.slots.items() if slot not in ("label", "nth", "extreme")}
    return _amended(found[0], replace(request, slots=slots), context)


def _amend_all(timers: Sequence[Timer], request: Request, context: Context) -> Answer:
    """'Make them ten minutes', 'make both an hour later'."""
    answers = []
    for timer in timers:
        if "step" in request.slots:
            longer = Request(intent=request.intent, slots={"duration": request.slots["step"]})
            answers.append(_extended(timer, longer, context))
        else:
            answers.append(_amended(timer, request, context))
    steps = [step for told in answers if told.undo for step in told.undo.slots["steps"]]
    last = [number for told in answers for number in told.remember.get("last", ())]
    text = " ".join(dict.fromkeys(told.text for told in answers))
    return replace(answers[-1], text=text, undo=undo(*steps), remember={**answers[-1].remember, "last": last})


def amend(request: Request, context: Context) -> Answer:
    """'Make it ten minutes', 'make it seven': change what was talked about."""
    timers = choose_last(request, context)
    if not isinstance(timers, Answer) and request.slots.get("which") == "all":
        alike = len({timer.kind for timer in timers}) == 1
        return _amend_all(timers, request, context) if alike else which_one(timers, context)
    timer = _only(timers, context)
    return timer if isinstance(timer, Answer) else _amended(timer, request, context)


def _amended(timer: Timer, request: Request, context: Context) -> Answer:
    if "sign" in request.slots:
        return _extended(timer, request, context)
    if timer.kind == "timer" or (timer.seconds and "bare" in request.slots):
        request = _in_its_unit(request, context)
        if not request.slots:
            return Answer(text=context.say("to_how_long"), act="request", ask="duration")
    request = _retold(request, "time" if timer.kind == "alarm" or not timer.seconds else "duration", context)
    if "duration" in request.slots and timer.kind != "alarm":
        return _restarted(timer, float(request.slots["duration"]), context)
    return _moved(timer, request, context)


def _in_its_unit(request: Request, context: Context) -> Request:
    """A bare number ('I meant nine') in the unit of the length before; without any value if that is not known."""
    words = normalize_words(request.heard.get("bare", request.heard.get("time", "")), context.locale)
    number = context.locale.understanding.read_value("number", words, context.now().date) if words else None
    if number is None or "duration" in request.slots:
        return request
    seconds = in_last_unit(" ".join(words), context)
    return Request(intent=request.intent, slots={"duration": seconds} if seconds else {})


def restart_last(request: Request, context: Context) -> Answer:
    """Let what was talked about begin anew."""
    timer = _only(choose_last(request, context), context)
    if isinstance(timer, Answer) or timer.kind != "timer":
        return restart(Request(intent=request.intent), context)
    return _restarted(timer, timer.seconds, context)


def _retold(request: Request, slot: str, context: Context) -> Request:
    """With a value that could be a time or a length ('six thirty') as what suits what was set."""
    other = {"time": "duration", "duration": "time"}[slot]
    heard = request.heard.get(other) or request.heard.get("bare", "")
    words = normalize_words(heard, context.locale)
    value = context.locale.understanding.read_value(slot, words, context.now().date) if heard else None
    if slot in request.slots or value is None:
        return request
    slots = {name: own for name, own in request.slots.items() if name not in (other, "bare")}
    return Request(intent=request.intent, slots={**slots, slot: value}, heard={**request.heard, slot: heard})


def _moved(timer: Timer, request: Request, context: Context) -> Answer:
    due = _new_moment(timer, request, context)
    if isinstance(due, Answer):
        return due
    every = days_of(request) or (() if "date" in request.slots else timer.every)
    if timer.kind == "timer":
        return _restarted(timer, due.timestamp() - context.now().timestamp(), context)
    if tuple(every) == timer.every:
        changed = context.timers.move(timer.id, due) or timer
        back = undo(("move", timer.id, timer.due.isoformat())) if not timer.seconds else _undo_change(timer)
    else:
        context.timers.cancel(timer.id)
        changed = context.timers.set_for(due, kind=timer.kind, label=timer.label, data=timer.data, every=every)
        back = undo(("cancel", changed.id), ("restore", data_of(timer)))
    told = alarm_set(changed, context) if timer.kind == "alarm" else reminder_set(changed, context)
    return _changed(told.text, [changed], back)


def _new_moment(timer: Timer, request: Request, context: Context) -> dt.datetime | Answer:
    """The moment that was named; what was not named stays: the day, the time, the half of the day."""
    slots, every = request.slots, days_of(request) or timer.every
    if "duration" in slots:
        return later(context.now(), float(slots["duration"]))
    if "past" in slots:
        moved = timer.due.replace(minute=int(slots["past"]), second=0)
        return moved if moved > context.now() else Answer(text=context.say("past"), act="sorry")
    if not {"time", "date", "every", "part"} & slots.keys():
        return Answer(text=context.say("which_time"), act="request", ask="time")
    if slots.keys() & {"time", "date", "every", "part"} == {"part"} and not context.memory.get("untimed"):
        return _in_part(timer, part_of(request, context), context)
    if (
        slots.keys() & {"time", "every", "date"} == {"date"}
        and part_of(request, context)
        and not (context.memory.get("untimed") or timer.seconds)
    ):
        hour = timer.due.hour % 12 + 12 * (part_of(request, context) != "morning")
        moment = next_moment(f"{hour:02d}:{timer.due:%M}", str(slots["date"]), context.now(), half_said=True)
        return moment or Answer(text=context.say("past"), act="sorry")
    if ("time" not in slots and part_of(request, context)) or {slots.get("every")} & {UNREPEATABLE, UNNAMED}:
        if context.memory.get("untimed") and not every and "date" not in slots:  # 'in the afternoon', of one on Sunday
            request = replace(request, slots={**slots, "date": timer.due.date().isoformat()})
        return moment_of(request, context, question="which_time", default=True)
    morning = timer.due.hour < _NOON and not part_of(request, context)
    if "time" in slots and context.memory.get("untimed") and morning:
        day = str(slots.get("date") or timer.due.date().isoformat())
        clear = half_said(request, "time", context)
        moment = next_moment(str(slots["time"]), day, context.now(), half_said=clear, every=every, earliest=EARLIEST)
        return moment or Answer(text=context.say("past"), act="sorry")
    time, date = str(slots.get("time", f"{timer.due:%H:%M}")), str(slots.get("date", ""))
    if "time" in slots and not half_said(request, "time", context):
        early = timer.kind == "reminder" and 1 <= int(time[:2]) < EARLIEST
        time = f"{int(time[:2]) % _NOON + _NOON * (timer.due.hour >= _NOON or early):02d}{time[2:]}"
    if "every" not in slots and not date and not timer.every:
        moment = next_moment(time, timer.due.date().isoformat(), context.now(), half_said=True)
        return moment or next_moment(time, "", context.now(), half_said=True) or timer.due
    moment = next_moment(time, date, context.now(), half_said=True, every=() if date else every)
    return moment or Answer(text=context.say("past"), act="sorry")


def _in_part(timer: Timer, part: str, context: Context) -> dt.datetime:
    """The same hour in another half of the day: 'in the morning, I mean'."""
    time = f"{timer.due.hour % 12 + 12 * (part != 'morning'):02d}:{timer.due.minute:02d}"
    now, day = context.now(), timer.due.date().isoformat()
    moment = next_moment(time, "" if timer.every else day, now, half_said=True, every=timer.every)
    return moment or next_moment(time, "", now, half_said=True) or timer.due


def _only(timers: list[Timer] | Answer, context: Context) -> Timer | Answer:
    if isinstance(timers, Answer):
        return timers
    if len(timers) == 1:
        return timers[0]
    return replace(which_one(timers, context), act="sorry", ask="")


def _now(timer: Timer, context: Context) -> str:
    """How long a timer now has, or when something now rings."""
    if timer.kind == "timer":
        return context.say("times_left", times=capitalized(left_said(timer, context)))
    return (alarm_set(timer, context) if timer.kind == "alarm" else reminder_set(timer, context)).text


def _undo_change(timer: Timer) -> Request:
    """Back to what it was; its number changes."""
    return undo(("cancel", timer.id), ("restore", data_of(timer)))


def _changed(text: str, timers: Sequence[Timer], back: Request) -> Answer:
    return Answer(
        text=text, data={"timers": [data_of(timer) for timer in timers]},
        remember={"last": [timer.id for timer in timers]}, undo=back,
    )  # fmt: skip
