"""What a skill's code receives and returns: `skill.py` defines `answer(request, context)`.

from harken.dialogue.skill import Answer, Context, Request

def answer(request: Request, context: Context) -> Answer:
    return Answer(text=f"It is {context.wording.time(context.now())}.")

A plain text counts as `Answer(text=...)`.

A skill that confirms requests (`confirm` in skill.yaml) may also define `needless(request, context)`: what is said
instead of the question when there is nothing to do ("Your list is empty."), or None.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from harken.dialogue.clock import Clock
from harken.dialogue.store import Store
from harken.dialogue.timers import Timer, TimerBook
from harken.errors import ConfigError, nearest
from harken.languages.locale import Locale, filled
from harken.languages.wording import Wording

ACTS = ("inform", "request", "confirm", "ack", "sorry", "offer", "greet", "bye")
"""Universal dialogue acts of replies."""
TALK = "conversation"
"""The skill whose intents affirm, deny, cancel, repeat, undo, whatDone and whyDone steer the conversation."""
UNDO = "undo"
"""The intent of the conversation that takes back what was done."""
ACTION = "action"
"""Kind of the timers that stand for a request."""
REPLIES = "dialogue"
"""Group of the locale's replies that belong to no skill."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the user wants."""

    intent: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    """Slot -> canonical value; only slots that were filled."""
    heard: Mapping[str, str] = field(default_factory=dict)
    """Slot -> the words as heard."""
    text: str = ""
    """The whole sentence, normalised."""
    action: str = ""
    """The request as a plain command."""
    after: str = ""
    """The intent of the request that it follows ('turn it off'); '' for a request of its own."""
    before: Mapping[str, Any] = field(default_factory=dict)
    """The values of that request, and of those that it followed itself."""

    def put_off(
        self, timers: TimerBook, *, skill: str, seconds: float = 0.0, moment: dt.datetime | None = None,
        every: Sequence[int] = (), memory: Mapping[str, Any] | None = None,
    ) -> Timer:  # fmt: skip
        """Keep the request until it is due, as a timer whose label is its `action`.

        Args:
            timers: where to keep it.
            skill: for which skill it is.
            seconds: until it is due; counts when there is no moment.
            moment: when it is due, with time zone.
            every: weekdays (Monday = 0) on which it comes again.
            memory: what the skill remembers now, for a request that is only understood after another.
        """
        data = {"skill": skill, "intent": self.intent, "slots": dict(self.slots), "text": self.text}
        if self.after:
            data |= {"after": self.after, "before": dict(self.before), "memory": dict(memory or {})}
        if moment is None:
            return timers.start(seconds, kind=ACTION, label=self.action, data=data)
        return timers.set_for(moment, kind=ACTION, label=self.action, data=data, every=every)

    @classmethod
    def of(cls, timer: Timer) -> tuple[str, Request]:
        """The skill and the request that a timer stands for."""
        slots = dict(timer.data.get("slots", {}))
        request = cls(
            intent=str(timer.data.get("intent", "")), slots=slots, action=timer.label,
            heard={name: str(value) for name, value in slots.items()}, text=str(timer.data.get("text", "")),
            after=str(timer.data.get("after", "")), before=dict(timer.data.get("before", {})),
        )  # fmt: skip
        return str(timer.data.get("skill", "")), request


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the skill replies."""

    text: str
    act: str = "inform"
    """One of `ACTS`."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """JSON values for programs."""
    style: str = "neutral"
    ask: str = ""
    """Slot that the next turn should fill; the reply asks for it."""
    remember: Mapping[str, Any] = field(default_factory=dict)
    """JSON values that later requests in this conversation find in `Context.memory`."""
    offer: Request | None = None
    """A request to this skill that is carried out if the user says yes to the reply, which must be a question ("There
    is no camping list; shall I make one?"). Its intent must be in skill.yaml, its slots JSON values."""
    undo: Request | None = None
    """A request to this skill that takes back what was done, for "undo that"; its intent need not be in skill.yaml.
    Its slots must be JSON values. None when there is nothing to take back."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a skill may use."""

    clock: Clock
    store: Store
    timers: TimerBook
    skills: Mapping[str, str] = field(default_factory=dict)
    """Name -> one line about it, of all skills."""
    memory: Mapping[str, Any] = field(default_factory=dict)
    """What this skill asked to remember in this conversation."""
    locale: Locale
    """The language of the conversation."""
    skill: str
    """Name of the skill that is to answer."""
    replies: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    """What its skill.yaml lists under `replies`."""

    def say(self, key: str, /, **values: object) -> str:
        """A reply of this skill: from `replies` in its skill.yaml; of the shipped ones, from the language.

        Args:
            key: which one.
            values: for the template's braces; `count` chooses between one and many.

        Raises:
            ConfigError: there is no such reply, or it needs a value that is not given.
        """
        if self.replies:
            if key not in self.replies:
                raise ConfigError(
                    f"skill '{self.skill}' has no reply '{key}' in its skill.yaml; {nearest(key, self.replies)}"
                )
            return filled(self.replies[key], values, f"the reply '{key}' of {self.skill}")
        return self.locale.reply(self.skill, key, values)

    def ask(self, slot: str, key: str, /, **values: object) -> Answer:
        """A question of this skill; what the user says next fills the slot, and the request comes again with it.

        Args:
            slot: a slot of the request's intent.
            key, values: the question, as for `say`.
        """
        return Answer(text=self.say(key, **values), act="request", ask=slot)

    def remembered(self, key: str, default: Any = None) -> Any:
        """What this skill has kept under a name, in this or an earlier conversation; `default` when nothing."""
        return self.store.get(self.skill, key, default)

    def keep(self, key: str, value: Any) -> None:
        """Keep a JSON value for later conversations, too; `remembered` returns it. Other skills have their own.

        Raises:
            TypeError: it is not a JSON value.
        """
        self.store.put(self.skill, key, value)

    def schedule(
        self, request: Request, *, seconds: float = 0.0, moment: dt.datetime | None = None, every: Sequence[int] = ()
    ) -> Timer:
        """Let a request to this skill be carried out later, even after a restart; its reply is said then.

        The user can list and cancel it by its `action`.

        Args:
            request: its intent must be one of skill.yaml; its slots JSON values; `action` says what will be done.
            seconds: from now; > 0 unless a moment is given.
            moment: when, with time zone.
            every: weekdays (Monday = 0) on which it comes again at the time of day of `moment`.

        Raises:
            ValueError: neither or both of seconds and moment are given.
        """
        if (seconds > 0) == (moment is not None):
            raise ValueError(f"schedule needs seconds > 0 or a moment; got seconds={seconds:g} and moment={moment}")
        return request.put_off(self.timers, skill=self.skill, seconds=seconds, moment=moment, every=every)

    @property
    def wording(self) -> Wording:
        """How values are worded in the language: times, durations, numbers, lists."""
        return self.locale.wording

    def heard_words(self, name: str) -> frozenset[str]:
        """Words to look for in what was heard: the list of this name under `[understanding.words]` of the language."""
        return self.locale.understanding.words.get(name, frozenset())

    def now(self) -> dt.datetime:
        """The wall clock, in the user's time zone with its rules.

        Adding a timedelta counts on the wall clock; for elapsed time use `harken.dialogue.clock.later`.
        """
        return self.clock.now()


class IntentSpec(Protocol):
    """What the dialogue needs to know of an intent (an `nlu` Intent fits)."""

    @property
    def required(self) -> Mapping[str, str]:
        """Slot -> the question that asks for it."""

    @property
    def acts(self) -> bool:
        """Whether it changes something; False for questions."""

    @property
    def follows(self) -> tuple[str, ...]:
        """Intents after which alone it is understood; empty: always."""

    @property
    def each(self) -> bool:
        """Whether it may be said of all that was just done, and then holds for each: 'both off'."""

    def confirm(self, slots: Mapping[str, Any]) -> str:
        """The question to ask before acting on a request with these values; '' to act at once."""

    @property
    def responses(self) -> tuple[str, ...]:
        """Replies for a skill without code."""

    @property
    def slots(self) -> Mapping[str, str]:
        """Slot -> list that fills it."""


class SkillSpec(Protocol):
    """What the dialogue needs to know of a skill (an `nlu` Skill fits)."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def about(self) -> str:
        """One line about it."""

    @property
    def code(self) -> Path | None:
        """Its skill.py, when it has one."""

    @property
    def intents(self) -> Mapping[str, IntentSpec]:
        """Its intents."""

    @property
    def replies(self) -> Mapping[str, str | Mapping[str, str]]:
        """Its own replies; empty when the language words them."""
