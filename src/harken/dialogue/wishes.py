"""What a request leads to: doubts are cleared first, then what is missing is asked for, and only then it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from harken.dialogue.later import Due, due_of, worded
from harken.dialogue.reader import Reader
from harken.dialogue.skill import REPLIES, IntentSpec, SkillSpec
from harken.dialogue.state import DialogueState, Pending, Wish
from harken.languages.locale import Locale

MAX_TRIES = 2
"""How often the same question is asked."""
BADLY_HEARD = 0.5
"""Below this confidence of the recogniser, the user is asked whether a request that changes something was said."""
NAMED_WITH = "named_with"
"""Word list under `[understanding.words]` of a language: nouns that an unknown name is told with ('floor lamp')."""
OCCASIONS = "occasions"
"""Word list: how words begin that say when something is to be done ('when it gets dark')."""
TIME = "when?"
"""Stands in `Pending.ask` for the time of day of a request that is put off; no slot can have this name."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a decision depends on, apart from the conversation."""

    skills: Mapping[str, SkillSpec]
    reader: Reader
    locale: Locale
    now: dt.datetime
    since: dt.datetime | None = None
    """When the request before it in the same sentence is carried out: 'off at ten and back on at six'."""

    def say(self, key: str, **values: object) -> str:
        """A reply that belongs to no skill."""
        return self.locale.reply(REPLIES, key, values)

    def intent(self, wish: Wish) -> IntentSpec | None:
        """The declaration of what is wanted; None when there is no such skill or intent (any more)."""
        return self.skills[wish.skill].intents.get(wish.intent) if wish.skill in self.skills else None

    def action(self, wish: Wish) -> str:
        """A request as a plain command, in the user's words."""
        if wish.root and wish.slots:
            return self.reader.phrase(wish.skill, wish.root, wish.known)
        return wish.action or self.reader.phrase(wish.skill, wish.intent, wish.slots) or wish.text

    def promise(self, wish: Wish) -> str:
        """A request as a plain command, in words for 'I will ...'."""
        return self.locale.wording.to_user(self.action(wish))


@dataclass(frozen=True, kw_only=True)
class Act:
    """Let the skill act."""

    wish: Wish
    again: Pending | None = None
    """The open question, to be asked again afterwards."""


@dataclass(frozen=True, kw_only=True)
class PutOff:
    """Let the skill act later."""

    wish: Wish
    due: Due
    replaces: int = 0
    """Number of the timer for which it was put off before; 0 when it was not."""


@dataclass(frozen=True, kw_only=True)
class Leave:
    """Do not do it, and not later either."""

    wish: Wish


@dataclass(frozen=True, kw_only=True)
class Undo:
    """Take back what was done last."""

    one: bool = False
    """Whether of several things only the last one."""


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
    refused: Wish | None = None
    """What the user does not want done after all; the next sentence may refer to it."""
    ends: bool = False
    """Whether a request came to nothing, so that the next sentence cannot follow up the one before it."""


Decision: TypeAlias = Act | PutOff | Leave | Undo | Ask | Say


def weigh(wish: Wish, state: DialogueState, setting: Setting) -> Decision:
    """What a request leads to that was just heard."""
    intent = setting.intent(wish)
    if intent is None:
        return sorry(state, setting)
    if wish.unread:
        return _unread(wish, intent, setting)
    if wish.negated:
        return Leave(wish=wish)
    unsure = intent.acts and wish.sure < BADLY_HEARD
    if wish.doubtful or unsure:
        key = "did_you_mean" if wish.doubtful else "did_you_say"
        return Ask(pending=asking(wish, "", setting.say(key, action=setting.action(wish)), setting))
    return next_step(wish, setting)


def next_step(wish: Wish, setting: Setting, *, tries: int = 0) -> Decision:
    """What to do for a request without doubts.

    Args:
        wish: the request; its intent exists.
        setting: what else the decision depends on.
        tries: how often the user was asked about it.
    """
    intent = setting.skills[wish.skill].intents[wish.intent]
    missing = next((slot for slot in intent.required if slot not in wish.slots), None)
    if missing is not None:
        return Ask(pending=asking(wish, missing, intent.required[missing], setting, tries=tries))
    due = None
    if wish.when is not None:
        if not intent.acts:
            return Say(text=setting.say("only_now"), act="sorry", ends=True)
        if not (wish.when.time or wish.when.seconds is not None):
            return Ask(pending=asking(wish, TIME, setting.say("what_time"), setting, tries=tries))
        follows = setting.since is not None and wish.when.time and not (wish.when.date or wish.when.every)
        due = due_of(wish.when, setting.since if follows and setting.since else setting.now, setting.locale)
        if due is None:
            return Say(text=setting.say("passed"), act="sorry", ends=True)
    question = intent.confirm(wish.slots)
    if question and not wish.confirmed:
        text = _confirmation(_in_full(wish, setting) or question, intent, wish, due, setting)
        return Ask(pending=asking(wish, "", text, setting, tries=tries))
    return Act(wish=wish) if due is None else PutOff(wish=wish, due=due)


def asking(wish: Wish, slot: str, question: str, setting: Setting, *, tries: int = 0) -> Pending:
    """A question about a request that is to be asked."""
    return Pending(wish=wish, ask=slot, question=question, asked_at=setting.now.isoformat(), tries=tries + 1)


def sorry(state: DialogueState, setting: Setting) -> Say:
    """An apology for not understanding; the second in a row with a hint."""
    texts = [setting.say(key) for key in ("sorry", "sorry_again")]
    again = bool(state.history) and state.history[-1].reply in texts
    return Say(text=texts[again], act="sorry")


def _unread(wish: Wish, intent: IntentSpec, setting: Setting) -> Say:
    """Say which words were not understood; nothing is done without them.

    An unknown value may be replaced by the next sentence ("the kitchen"), but the user is not asked for it twice.
    """
    unknown = next((words for words in wish.unread if words.slot), None)
    if unknown is None:
        rest = setting.locale.wording.joined([words.text for words in wish.unread])
        key = "left_over" if intent.acts else "left_over_question"
        text = setting.say(key, action=setting.action(wish), rest=rest)
        return Say(text=text, act="sorry", ends=True, pending=_at_another_time(wish, intent, text, setting))
    nouns = setting.locale.understanding.words.get(NAMED_WITH, frozenset())
    noun = [word for word in wish.text.split()[unknown.last : unknown.last + 1] if word in nouns]
    text = setting.say("unknown", name=" ".join([unknown.text, *noun]))
    if len(wish.unread) > 1 or wish.negated or wish.doubtful:
        return Say(text=text, act="sorry", ends=True)
    pending = asking(replace(wish, unread=(), action=""), unknown.slot, text, setting, tries=MAX_TRIES - 1)
    return Say(text=text, act="sorry", pending=replace(pending, gap=(unknown.first, unknown.last)), ends=True)


def _in_full(wish: Wish, setting: Setting) -> str:
    """For a fragment, the question of a request that says the same by itself, which names things; '' for others."""
    if not wish.after:
        return ""
    own = [one for one in setting.skills[wish.skill].intents.values() if not one.follows]
    return next(
        (said for one in own if wish.known.keys() <= one.slots.keys() and (said := one.confirm(wish.known))), ""
    )


def _at_another_time(wish: Wish, intent: IntentSpec, text: str, setting: Setting) -> Pending | None:
    """After 'close the blinds when it gets dark', which cannot be: a time may be named instead."""
    occasions = setting.locale.understanding.words.get(OCCASIONS, frozenset())
    first = wish.unread[0].text.split()[0].lower()
    plain = intent.acts and len(wish.unread) == 1 and not (wish.negated or wish.doubtful or wish.when)
    if not plain or first not in occasions:
        return None
    return asking(replace(wish, unread=()), TIME, text, setting, tries=MAX_TRIES - 1)


def _confirmation(question: str, intent: IntentSpec, wish: Wish, due: Due | None, setting: Setting) -> str:
    """The question with its values; in the words of the request when one is missing, or when it is put off."""
    values = {slot: wish.heard.get(slot) or str(wish.slots.get(slot, "")) for slot in intent.slots}
    if due is not None:
        when = worded(due, setting.now, setting.locale)
        return setting.say("shall_i_later", action=setting.promise(wish), when=when)
    values |= {slot: str(value) for slot, value in wish.before.items() if slot not in values}
    if any(f"{{{slot}}}" in question and not value for slot, value in values.items()):
        return setting.say("shall_i", action=setting.promise(wish))
    return question.format_map(values)
