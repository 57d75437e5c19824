"""Cancelling, skipping and snoozing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.timers.choosing import (
    DESCRIBING,
    choose,
    choose_last,
    in_order,
    rings_on,
    which_one,
    words_of,
)
from harken.dialogue.skills.timers.times import LONGEST, length_of, moment_of, out_of_range
from harken.dialogue.skills.timers.undoing import undo
from harken.dialogue.skills.timers.wordings import KINDS, capitalized, data_of, days_said, listed, moment_said, said
from harken.dialogue.timers import Timer

RINGING = 180.0
"""Seconds for which 'turn off the alarm' means the one that has rung."""
SNOOZED = 1_800.0
"""Seconds for which 'snooze' means the one that has rung."""
_PAIR = 2
NAP = 540.0
"""Seconds of a snooze without a length."""


def cancel(request: Request, context: Context, kind: str) -> Answer:
    """Cancel those that are meant; of an alarm that comes again, only a day that was named."""
    bare = not any(slot in request.slots for slot in (*DESCRIBING, "keep"))
    rung = context.timers.last_rung(RINGING)
    if bare and rung is not None and rung.kind == kind:
        return Answer(text=context.say("off"), act="ack", data={"cancelled": 0})
    timers = choose(request, context, kind)
    if isinstance(timers, Answer):
        return timers
    one_day = {"day", "whose"} & request.slots.keys()
    if one_day and len(timers) == 1 and timers[0].every:
        return _skipped(timers[0], context, str(request.slots.get("day", "")))
    return cancelled(timers, context)


def skip_last(request: Request, context: Context) -> Answer:
    """Leave out a day of what was talked about: 'not tomorrow'."""
    timers = choose_last(request, context)
    if isinstance(timers, Answer):
        return timers
    day = dt.date.fromisoformat(str(request.slots["day"]))
    found = [timer for timer in timers if rings_on(timer, day)]
    if len(found) != 1:
        return which_one(found, context) if found else Answer(text=context.say("not_that_day"), act="sorry")
    return _skipped(found[0], context, day.isoformat()) if found[0].every else cancelled(found, context)


def cancel_last(request: Request, context: Context) -> Answer:
    """Cancel what was talked about."""
    if {"label", "nth", "extreme"} & request.slots.keys():
        return _cancel_one(request, context)
    timers = choose_last(request, context)
    if isinstance(timers, Answer):
        return timers
    running = context.timers.running()
    if len(timers) == 1 < len(running) and context.heard_words("pair") & set(request.text.split()):
        timers = running  # 'both', of which only one was spoken of last
        return cancelled(timers, context) if len(timers) == _PAIR else which_one(timers, context)
    if (
        request.slots.get("which") == "all"
        and context.heard_words("the_lot") & set(request.text.split())
        and running != timers
    ):
        offer = Request(intent="cancelAll", action=context.say("cancel_the_lot"))
        return Answer(text=context.say("shall_i_cancel", timers=listed(running, context)), act="confirm", offer=offer)
    several = len(timers) > 1 and request.slots.get("which") != "all"
    return which_one(timers, context) if several else cancelled(timers, context)


def _cancel_one(request: Request, context: Context) -> Answer:
    """Cancel one that is described, of the kind that was talked about, or of another one."""
    last = set(context.memory.get("last", ()))
    first = next((timer.kind for timer in context.timers.running() if timer.id in last), "timer")
    if "label" in request.slots and set(words_of(request.slots["label"], context)) <= context.heard_words("everything"):
        timers = choose_last(request, context)
        return timers if isinstance(timers, Answer) else cancelled(timers, context)
    answers = [choose(request, context, kind) for kind in sorted(KINDS, key=lambda kind: kind != first)]
    found = next((timers for timers in answers if not isinstance(timers, Answer)), None)
    if found is not None:
        return cancelled(found, context)
    return next((a for a in answers if isinstance(a, Answer) and a.act == "sorry"), None) or Answer(
        text=context.say("no_last"), act="sorry"
    )


def cancel_kinds(request: Request, context: Context, kinds: Sequence[str] = KINDS) -> Answer:
    """Cancel everything of several kinds; of 'my alarm and my timer' there must be one each."""
    if request.slots.get("one"):
        for chosen in (choose(request, context, kind) for kind in kinds):
            if isinstance(chosen, Answer):
                return chosen
    timers = [timer for kind in kinds for timer in in_order(kind, context)]
    return cancelled(timers, context) if timers else Answer(text=context.say("nothing_set"), data={"cancelled": 0})


def cancelled(timers: Sequence[Timer], context: Context) -> Answer:
    """Cancel these and say so."""
    for timer in timers:
        context.timers.cancel(timer.id)
    kinds = {timer.kind for timer in timers}
    key = f"{timers[0].kind}s_cancelled" if len(kinds) == 1 else "all_cancelled"
    text = context.say(key, count=len(timers))
    if len(timers) == 1:
        text = _cancelled_one(timers[0], context) or text
    undone = undo(*(("restore", data_of(timer)) for timer in timers))
    return Answer(text=text, act="ack", data={"cancelled": len(timers)}, undo=undone)


def _cancelled_one(timer: Timer, context: Context) -> str:
    if timer.kind == "alarm":
        return context.say("alarm_cancelled", **moment_said(timer, context))
    if not timer.label and timer.kind == "timer" and context.timers.running("timer"):
        return context.say("timer_cancelled_length", time=context.wording.duration(timer.seconds, whole=True))
    if not timer.label:
        return ""
    return context.say(f"{timer.kind}_cancelled_named", label=capitalized(timer.label), task=timer.label)


def skip(request: Request, context: Context) -> Answer:
    """Leave out the next time of an alarm or a reminder that comes again; one that rings once is cancelled."""
    kind = str(request.slots.get("kind", "alarm"))
    timers = choose(request, context, kind)
    if isinstance(timers, Answer):
        return timers
    return _skipped(timers[0], context) if timers[0].every else cancelled(timers[:1], context)


def _skipped(timer: Timer, context: Context, day: str = "") -> Answer:
    if day and timer.due.date().isoformat() != day:
        return Answer(text=context.say("only_next", timers=capitalized(listed([timer], context))), act="sorry")
    later = context.timers.skip(timer.id)
    if later is None:
        return cancelled([timer], context)
    words, after = said(timer.due, context), said(later.due, context)
    text = context.say(
        "skipped", days=days_said(timer.every, context), next_time=after["time"], next_day=after["day"], **words
    )
    undone = undo(("move", timer.id, timer.due.isoformat()))
    return Answer(text=text, act="ack", data=data_of(later), remember={"last": [timer.id]}, undo=undone)


def snooze(request: Request, context: Context) -> Answer:
    """Let what has rung ring again a little later."""
    rung = context.timers.last_rung(SNOOZED)
    if rung is None:
        return Answer(text=context.say("nothing_rang"), act="sorry")
    if "time" in request.slots:
        due = moment_of(request, context, question="which_time")
        if isinstance(due, Answer):
            return due
        again = context.timers.set_for(due, kind=rung.kind, label=rung.label, data=rung.data)
        text = context.say("snoozed_until", **said(due, context))
    else:
        seconds = length_of(request) or NAP
        if not 1 <= seconds <= LONGEST:
            return out_of_range(context)
        again = context.timers.start(seconds, kind=rung.kind, label=rung.label, data=rung.data)
        text = context.say("snoozed", time=context.wording.duration(seconds))
    return Answer(text=text, data=data_of(again), remember={"last": [again.id]}, undo=undo(("cancel", again.id)))
