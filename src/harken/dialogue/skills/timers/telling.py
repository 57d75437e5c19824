"""Questions about timers, alarms, reminders and scheduled actions."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.timers.choosing import choose, choose_last, in_order, rings_on
from harken.dialogue.skills.timers.wordings import KINDS, capitalized, data_of, left_said, listed, name_of, said
from harken.dialogue.timers import Timer

HOUR = 3_600.0
"""Seconds for which a timer that has rung is spoken of."""


def time_left(request: Request, context: Context) -> Answer:
    """How much time is left of one timer, or of all."""
    timers = choose(request, context, "timer", several=True)
    rung = context.timers.last_rung(HOUR)
    if isinstance(timers, Answer) and rung is not None and rung.kind == "timer" and not context.timers.running("timer"):
        return Answer(text=context.say("rang", time=context.wording.time(rung.due)), data={"timers": []})
    return timers if isinstance(timers, Answer) else _lefts(timers, context)


def _lefts(timers: list[Timer], context: Context) -> Answer:
    parts = context.wording.joined([left_said(timer, context) for timer in timers])
    return _told(context.say("times_left", times=capitalized(parts)), timers, "timer")


def which_rings(request: Request, context: Context) -> Answer:
    """Which one of the kind that was talked about rings first, or last."""
    timers = choose_last(request, context)
    if isinstance(timers, Answer):
        return timers
    alike = in_order(timers[0].kind, context)
    one = min(alike, key=lambda timer: timer.left if request.slots["extreme"] == "next" else -timer.left)
    if one.kind == "timer":
        return _lefts([one], context)
    return _told(context.say("times_left", times=capitalized(listed([one], context))), [one], one.kind)


def ends(request: Request, context: Context) -> Answer:
    """When timers ring."""
    timers = choose(request, context, "timer", several=True)
    return timers if isinstance(timers, Answer) else _ends(timers, context)


def last_ends(request: Request, context: Context) -> Answer:
    """When the one that was talked about rings, or another one that is described."""
    if {"nth", "extreme"} & request.slots.keys():
        last = context.memory.get("last", ())
        kind = next((timer.kind for timer in context.timers.running() if timer.id in last), "timer")
        described = choose(request, context, kind)
        if isinstance(described, Answer) or kind == "timer":
            return described if isinstance(described, Answer) else _lefts(described, context)
        return _told(context.say("times_left", times=capitalized(listed(described, context))), described, kind)
    timers = choose_last(request, context)
    if isinstance(timers, Answer):
        return timers
    if all(timer.kind == "timer" for timer in timers):
        return _ends(timers, context)
    return _told(context.say("times_left", times=capitalized(listed(timers, context))), timers, timers[0].kind)


def _ends(timers: list[Timer], context: Context) -> Answer:
    if any(timer.paused for timer in timers):
        return _lefts(timers, context)
    parts = [_end(timer, context) for timer in timers]
    return _told(context.say("times_left", times=capitalized(context.wording.joined(parts))), timers, "timer")


def _end(timer: Timer, context: Context) -> str:
    key = "ends_named" if timer.label else "ends"
    words = said(timer.due, context)
    return context.say(key, label=timer.label, left=context.wording.duration(timer.left), **words)


def elapsed(request: Request, context: Context) -> Answer:
    """How long timers have been running."""
    timers = choose(request, context, "timer", several=True)
    if isinstance(timers, Answer):
        return timers
    parts = [
        context.say("elapsed", label=name_of(timer, context), time=context.wording.duration(timer.seconds - timer.left))
        for timer in timers
    ]
    return _told(context.say("times_left", times=capitalized(context.wording.joined(parts))), timers, "timer")


def length(request: Request, context: Context) -> Answer:
    """How long timers were set for."""
    timers = choose(request, context, "timer", several=True)
    if isinstance(timers, Answer):
        return timers
    parts = [
        context.say(
            "length_was_named" if timer.label else "length_was",
            label=timer.label,
            time=context.wording.duration(timer.seconds, whole=True),
        )
        for timer in timers
    ]
    return _told(context.say("times_left", times=capitalized(context.wording.joined(parts))), timers, "timer")


def list_alarms(request: Request, context: Context) -> Answer:
    """The alarms, or those of a day or like those that were described."""
    alarms = choose(request, context, "alarm", several=True)
    if isinstance(alarms, Answer):
        return alarms
    text = context.say("alarms", count=len(alarms), alarms=listed(alarms, context))
    return _told(text, alarms, "alarm")


def list_reminders(request: Request, context: Context) -> Answer:
    """The reminders, or those of a day or about something."""
    reminders = choose(request, context, "reminder", several=True)
    if isinstance(reminders, Answer):
        return reminders
    return _told(context.say("reminders", reminders=listed(reminders, context)), reminders, "reminder")


def list_like(request: Request, context: Context) -> Answer:
    """All of the kind that was talked about."""
    timers = choose_last(request, context)
    kind = timers[0].kind if not isinstance(timers, Answer) else "reminder"
    if kind == "timer":
        return time_left(Request(intent=request.intent), context)
    told = {"alarm": list_alarms, "reminder": list_reminders, "action": list_scheduled}
    return told[kind](Request(intent=request.intent), context)


def list_scheduled(request: Request, context: Context) -> Answer:
    """What is to be done later."""
    actions = choose(request, context, "action", several=True)
    if isinstance(actions, Answer):
        return actions
    return _told(context.say("scheduled", count=len(actions), actions=listed(actions, context)), actions, "action")


def list_all(request: Request, context: Context) -> Answer:
    """All that is running or set."""
    timers = [timer for kind in KINDS for timer in in_order(kind, context)]
    if not timers:
        return Answer(text=context.say("nothing_set"), data={kind + "s": [] for kind in KINDS})
    return _all(timers, context)


def _all(timers: list[Timer], context: Context) -> Answer:
    parts = [
        context.say(f"all_{kind}s", count=len(own), items=listed(own, context))
        for kind in KINDS
        if (own := [timer for timer in timers if timer.kind == kind])
    ]
    return Answer(text=" ".join(parts), data={"timers": [data_of(timer) for timer in timers]})


def agenda(request: Request, context: Context) -> Answer:
    """What is set for a day."""
    day = dt.date.fromisoformat(str(request.slots["day"]))
    timers = [timer for kind in KINDS for timer in in_order(kind, context) if rings_on(timer, day)]
    if not timers:
        text = context.say("nothing_on_day", day=context.wording.day(day, context.now().date()))
        return Answer(text=text, data={"timers": []})
    return replace(_all(timers, context), remember={"last": [timer.id for timer in timers]})


def _told(text: str, timers: list[Timer], kind: str) -> Answer:
    return Answer(
        text=text, data={f"{kind}s": [data_of(timer) for timer in timers]},
        remember={"last": [timer.id for timer in timers]},
    )  # fmt: skip
