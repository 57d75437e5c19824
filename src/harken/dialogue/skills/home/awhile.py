"""Things that are switched on for a while: 'turn on the fan for ten minutes'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harken.dialogue.later import LONGEST, unit_of
from harken.dialogue.skill import ACTION, Answer, Request
from harken.dialogue.skills.home.house import Home

DURATION = "duration"
"""Slot with the seconds after which a thing is to be off again."""


def too_long(request: Request, home: Home) -> Answer | None:
    """The refusal of a time that cannot be waited for; None when there is none or it is possible."""
    if 0 < float(request.slots.get(DURATION, 1)) <= LONGEST:
        return None
    return Answer(text=home.say("not_that_long"), act="sorry")


def off_again(answer: Answer, request: Request, home: Home, thing: str) -> Answer:
    """The answer to a request that switched something on, with the end of it scheduled if it has one.

    Args:
        answer: of what was done.
        request: with the slot `state`.
        home: the home.
        thing: what is on, in words: 'the fan in the office'.
    """
    if DURATION not in request.slots:
        return answer
    seconds = float(request.slots[DURATION])
    slots = {name: value for name, value in request.slots.items() if name != DURATION} | {"state": False}
    off = Request(intent=request.intent, slots=slots, action=home.say("turn_off", thing=thing), text=request.text)
    before = home.context.memory.get("off")
    for timer in home.context.timers.running(ACTION):
        if before and (timer.id, timer.label) == (before["timer"], off.action) and before["slots"] == slots:
            home.context.timers.cancel(timer.id)  # 'make that thirty minutes'
    timer = home.context.schedule(off, seconds=seconds)
    text = home.say(
        "for_a_while", done=answer.text, time=home.context.wording.duration(seconds, whole=True), thing=thing
    )
    undo = answer.undo and replace(answer.undo, slots={**answer.undo.slots, "timer": timer.id})
    remember = {**answer.remember, "off": {"slots": slots, "timer": timer.id}}
    return replace(answer, text=text, undo=undo, remember=remember)


def lasting(request: Request, slots: Mapping[str, Any], number: float) -> Request | None:
    """'Make that thirty' after 'for twenty minutes' (`slots`): the same for so many of that unit; None if no time was
    said."""
    seconds = slots.get(DURATION)
    return replace(request, slots={**slots, DURATION: number * unit_of(float(seconds))}) if seconds else None
