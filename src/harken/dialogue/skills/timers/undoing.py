"""Taking back what was done to timers: a request with steps that only code makes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.timers.wordings import capitalized, listed, timer_of
from harken.dialogue.timers import Timer, TimerBook

INTENT = "undo"
"""Its slot `steps` is a list of [what, number or data, value]."""


def undo(*steps: tuple[Any, ...]) -> Request:
    """The request that takes something back, in steps: 'cancel' N, 'restore' DATA, 'extend' N SECONDS, 'pause' N,
    'resume' N, 'rename' N LABEL, 'move' N ISO."""
    return Request(intent=INTENT, slots={"steps": [list(step) for step in steps]})


def take_back(request: Request, context: Context) -> Answer:
    """Carry out the steps."""
    changed = [_step(context.timers, *step) for step in request.slots["steps"]]
    timers = [timer for timer in changed if isinstance(timer, Timer)]
    if not timers:
        gone = sum(one is True for one in changed)
        return Answer(
            text=context.say("taken_back" if gone else "not_there", count=gone), act="ack" if gone else "sorry"
        )
    text = context.say("as_before", timers=capitalized(listed(timers, context)))
    return Answer(text=text, act="ack", remember={"last": [timer.id for timer in timers]})


def _step(book: TimerBook, what: str, which: Any, value: Any = None) -> Timer | bool | None:
    """The timer as it is now, or whether one was cancelled."""
    if what == "cancel":
        return book.cancel(which)
    if what == "restore":
        return book.restore(timer_of(which))
    if what == "move":
        return book.move(which, dt.datetime.fromisoformat(value))
    if what == "extend":
        return book.extend(which, value)
    if what == "rename":
        return book.rename(which, value)
    return book.pause(which) if what == "pause" else book.resume(which)
