"""What to do with a sentence: act, ask for what is missing, ask for confirmation, or say that it is not understood."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from harken.dialogue.skill import IntentSpec, Request, SkillSpec
from harken.dialogue.state import DialogueState, Pending
from harken.events import Interpretation, Slot
from harken.languages.locale import Locale

ReadAnswer: TypeAlias = Callable[[str, str, str], Slot | None]
"""(skill, slot, text) -> the slot as a short answer fills it."""

TALK = "conversation"
"""The skill whose intents affirm, deny, cancel and repeat steer the conversation."""
PATIENCE = dt.timedelta(seconds=60)
"""A question is dropped if it is not answered within this time."""
MAX_TRIES = 2
"""How often the same question is asked."""
SURE = 0.9
"""A sentence with at least this score is a new request even while a question is open."""
LIKE = 0.6
"""Minimum similarity between an answer and a value for it to be accepted."""
REPLIES = "dialogue"
"""Group of the locale's replies that belong to no skill."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """Let the skill act."""

    skill: str
    request: Request


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Ask the user."""

    pending: Pending


@dataclass(frozen=True, kw_only=True)
class Say:
    """Reply without a skill."""

    text: str
    act: str
    pending: Pending | None = None
    """The question that remains open."""


Decision: TypeAlias = Act | Ask | Say


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A request in progress, perhaps incomplete."""

    skill: str
    intent: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    heard: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    confirmed: bool = False
    tries: int = 0


def decide(
    state: DialogueState,
    heard: Interpretation,
    skills: Mapping[str, SkillSpec],
    read_answer: ReadAnswer,
    now: dt.datetime,
    locale: Locale,
) -> Decision:
    """The decision on one interpreted sentence; `locale` is the language of the conversation."""
    pending = live_question(state, now)
    if heard.skill == TALK and heard.intent == "repeat" and state.history:
        return Say(text=state.history[-1].reply, act="inform", pending=pending)
    if heard.skill == TALK and heard.intent == "cancel":
        return Say(text=locale.reply(REPLIES, "never_mind" if pending else "okay"), act="ack")
    if pending is not None:
        answered = _answer(pending, heard, skills, read_answer, locale)
        if answered is not None:
            return _next_step(answered, skills, now) if isinstance(answered, Wish) else answered
    if heard.rejected or heard.skill not in skills:
        return _follow_up(state, heard, skills, read_answer, now, locale) or _sorry(state, pending, now, locale)
    return _next_step(wish_of(heard), skills, now)


def live_question(state: DialogueState, now: dt.datetime) -> Pending | None:
    """The open question, unless it is too old (or lies in the future because the clock was set)."""
    if state.pending is None:
        return None
    age = now - dt.datetime.fromisoformat(state.pending.asked_at)
    return state.pending if abs(age) <= PATIENCE else None


def wish_of(heard: Interpretation) -> Wish:
    """A request as it was heard."""
    return Wish(
        skill=heard.skill, intent=heard.intent, slots=heard.values, text=heard.text,
        heard={slot.name: slot.text for slot in heard.slots},
    )  # fmt: skip


def _answer(
    pending: Pending,
    heard: Interpretation,
    skills: Mapping[str, SkillSpec],
    read_answer: ReadAnswer,
    locale: Locale,
) -> Wish | Say | None:
    """The sentence as an answer to the open question; None if it is something else."""
    if pending.skill not in skills:
        return None
    wish = Wish(
        skill=pending.skill, intent=pending.intent, slots=pending.slots, heard=pending.heard, text=heard.text,
        tries=pending.tries,
    )  # fmt: skip
    if not pending.ask:
        if heard.skill == TALK and heard.intent == "affirm":
            return replace(wish, confirmed=True)
        if heard.skill == TALK and heard.intent == "deny":
            return Say(text=locale.reply(REPLIES, "not_done"), act="ack")
        return None
    if heard.skill == TALK and heard.intent == "deny":
        return Say(text=locale.reply(REPLIES, "never_mind"), act="ack")
    if not heard.rejected and (heard.skill, heard.intent) == (pending.skill, pending.intent):
        own = wish_of(heard)
        return replace(wish, slots={**wish.slots, **own.slots}, heard={**wish.heard, **own.heard})
    if not heard.rejected and heard.score >= SURE:
        return None
    slot = read_answer(pending.skill, pending.ask, heard.text)
    if slot is None or slot.score < LIKE:
        return None
    return replace(wish, slots={**wish.slots, slot.name: slot.value}, heard={**wish.heard, slot.name: slot.text})


def _next_step(wish: Wish, skills: Mapping[str, SkillSpec], now: dt.datetime) -> Decision:
    """Ask for the first missing slot, then for confirmation if the skill wants it, then act."""
    intent = skills[wish.skill].intents[wish.intent]
    missing = next((slot for slot in intent.required if slot not in wish.slots), None)
    if missing is not None:
        return Ask(pending=_question(wish, missing, intent.required[missing], now))
    question = intent.confirm(wish.slots)
    if question and not wish.confirmed:
        return Ask(pending=_question(wish, "", _filled(question, intent, wish), now))
    request = Request(intent=wish.intent, slots=dict(wish.slots), heard=dict(wish.heard), text=wish.text)
    return Act(skill=wish.skill, request=request)


def _question(wish: Wish, slot: str, question: str, now: dt.datetime) -> Pending:
    return Pending(
        skill=wish.skill, intent=wish.intent, slots=dict(wish.slots), heard=dict(wish.heard), ask=slot,
        question=question, asked_at=now.isoformat(), tries=wish.tries + 1,
    )  # fmt: skip


def _filled(question: str, intent: IntentSpec, wish: Wish) -> str:
    values = {slot: wish.heard.get(slot) or str(wish.slots.get(slot, "")) for slot in intent.slots}
    return question.format_map(values)


def _follow_up(
    state: DialogueState,
    heard: Interpretation,
    skills: Mapping[str, SkillSpec],
    read_answer: ReadAnswer,
    now: dt.datetime,
    locale: Locale,
) -> Decision | None:
    """'What about Tokyo?' repeats the last request with another value."""
    start = next((phrase for phrase in map(" ".join, locale.understanding.follow_ups) if heard.text.startswith(phrase + " ")), None)
    if start is None or state.skill not in skills or state.intent not in skills[state.skill].intents:
        return None
    rest = heard.text[len(start) :].strip()
    for name, filled_by in skills[state.skill].intents[state.intent].slots.items():
        slot = read_answer(state.skill, name, rest) if filled_by and name in state.slots else None
        if slot is not None and slot.score >= LIKE:
            slots = {**state.slots, name: slot.value}
            wish = Wish(skill=state.skill, intent=state.intent, slots=slots, heard={name: slot.text}, text=heard.text)
            return _next_step(wish, skills, now)
    return None


def _sorry(state: DialogueState, pending: Pending | None, now: dt.datetime, locale: Locale) -> Decision:
    """Ask the open question once more, or apologise; the second time in a row with a hint."""
    if pending is not None and pending.tries < MAX_TRIES:
        question = replace(pending, asked_at=now.isoformat(), tries=pending.tries + 1)
        text = locale.reply(REPLIES, "ask_again", {"question": pending.question})
        return Say(text=text, act="request", pending=question)
    sorry = [locale.reply(REPLIES, key) for key in ("sorry", "sorry_again")]
    again = bool(state.history) and state.history[-1].reply in sorry
    return Say(text=sorry[again], act="sorry")
