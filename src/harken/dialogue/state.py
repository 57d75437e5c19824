"""The state of a conversation: plain values, so that it can be logged, sent and resumed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harken.errors import DataError
from harken.events import Interpretation, Unread, When

HISTORY = 8
"""Turns that are kept, requests that can still be returned to, and things done that can still be undone."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A request, perhaps incomplete, with all that was said about it."""

    skill: str
    """'' when it was not understood."""
    intent: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    heard: Mapping[str, str] = field(default_factory=dict)
    """Slot -> the words as heard."""
    text: str = ""
    """The sentence."""
    action: str = ""
    """As a plain command; '' when slots were filled since."""
    when: When | None = None
    negated: bool = False
    doubtful: bool = False
    """Whether it is not clear that this was meant."""
    unread: tuple[Unread, ...] = ()
    sure: float = 1.0
    """Confidence of the recogniser, 0..1; 1 once the user has confirmed what was heard."""
    after: str = ""
    """The intent of the request that it follows ('turn it off'); '' for a request of its own."""
    before: Mapping[str, Any] = field(default_factory=dict)
    """The values of that request."""
    root: str = ""
    """The intent with which the chain of such requests began; '' when it follows none."""
    confirmed: bool = False
    """Whether the user has said yes to it."""

    @classmethod
    def of(cls, heard: Interpretation) -> Wish:
        """A request as it was heard, without the further ones of its sentence."""
        known = not heard.rejected or heard.refused or heard.unread
        return cls(
            skill=heard.skill if known else "", intent=heard.intent if known else "", slots=heard.values,
            heard={slot.name: slot.text for slot in heard.slots}, text=heard.text, action=heard.action,
            when=heard.when, negated=heard.negated, doubtful=heard.doubtful, unread=heard.unread, sure=heard.heard,
        )  # fmt: skip

    @property
    def known(self) -> dict[str, Any]:
        """All values that count: those of the requests that it follows, and its own."""
        return {**self.before, **self.slots}

    def filled(self, slots: Mapping[str, Any], heard: Mapping[str, str]) -> Wish:
        """The request with further or other values, which the user has not said yes to."""
        values = {**self.slots, **slots}
        return replace(self, slots=values, heard={**self.heard, **heard}, action="", confirmed=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Wish:
        """Read one from plain JSON values."""
        unread = tuple(Unread(**words) for words in data["unread"])
        return cls(**{**data, "when": _when(data["when"]), "unread": unread})


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A question that the assistant has asked."""

    wish: Wish
    """The request that it is about."""
    ask: str
    """Slot that is asked for; '' for a yes-or-no question, `harken.dialogue.wishes.TIME` for the time."""
    question: str
    asked_at: str
    """Time in ISO format."""
    tries: int = 1
    """How often it has been asked."""
    rest: tuple[Wish, ...] = ()
    """Further requests of the sentence, to be done after the answer."""
    gap: tuple[int, int] | None = None
    """Words [first, last) of the sentence are an unknown name, for which another may be said; None if there is none."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Pending:
        """Read one from plain JSON values."""
        rest, gap = tuple(Wish.from_json(wish) for wish in data["rest"]), data["gap"]
        return cls(**{
            **data, "wish": Wish.from_json(data["wish"]), "rest": rest, "gap": None if gap is None else tuple(gap),
        })  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One completed turn."""

    text: str
    skill: str
    intent: str
    reply: str


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that was done."""

    turn: int
    """-1 when it was done because its time had come."""
    text: str
    """The sentence that asked for it."""
    skill: str
    intent: str
    slots: Mapping[str, Any]
    action: str
    """As a plain command."""
    undo: Mapping[str, Any] | None = None
    """The request that takes it back: {"intent", "slots"}; None when nothing can."""
    timer: int = 0
    """Number of the timer when it was put off; 0 when it was done at once."""
    root: str = ""
    """The intent that says the same without the request before it ('turn on the fan' for 'turn it on'); '' for none."""
    known: Mapping[str, Any] = field(default_factory=dict)
    """Its values for that."""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A request that was acted on, to which a fragment may return after others ('now turn it off')."""

    skill: str
    intent: str
    slots: Mapping[str, Any]
    root: str
    when: When | None
    acted: int
    acted_at: str
    memory: Mapping[str, Any]
    """What its skill remembered then."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Topic:
        """Read one from plain JSON values."""
        return cls(**{**data, "when": _when(data["when"])})


@dataclass(frozen=True, kw_only=True)
class DialogueState:
    """Everything that carries over from turn to turn."""

    turn: int = -1
    """Last turn; -1 before the first."""
    skill: str = ""
    intent: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    """Of the last request that was acted on; nothing after one that came to nothing."""
    root: str = ""
    """The intent that it follows, directly or not: 'turn on the fan' for 'turn it off'; its own if it follows none."""
    when: When | None = None
    """For when it was."""
    acted: int = -1
    """Turn in which it was acted on."""
    acted_at: str = ""
    """Time of that, in ISO format."""
    pending: Pending | None = None
    history: tuple[Exchange, ...] = ()
    """The last turns, oldest first."""
    deeds: tuple[Deed, ...] = ()
    """What was done and not undone, oldest first."""
    memory: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Skill -> what it asked to remember."""
    topics: tuple[Topic, ...] = ()
    """The last requests that were acted on, oldest first; none from before one that came to nothing."""

    def after(self, exchange: Exchange) -> DialogueState:
        """The state with one more turn in its history."""
        return replace(self, history=(*self.history, exchange)[-HISTORY:])

    def having(self, *deeds: Deed) -> DialogueState:
        """The state with more things done."""
        return replace(self, deeds=(*self.deeds, *deeds)[-HISTORY:])

    def about(self, wish: Wish, *, turn: int, now: str) -> DialogueState:
        """The state with this as its last request, acted on in a turn at a time (ISO format)."""
        topic = Topic(
            skill=wish.skill, intent=wish.intent, slots=wish.known, root=wish.root or wish.intent, when=wish.when,
            acted=turn, acted_at=now, memory=self.memory.get(wish.skill, {}),
        )  # fmt: skip
        return replace(self.back_to(topic), topics=(*self.topics, topic)[-HISTORY:])

    def back_to(self, topic: Topic) -> DialogueState:
        """The state as if this were the last request."""
        return replace(
            self, skill=topic.skill, intent=topic.intent, slots=topic.slots, root=topic.root, when=topic.when,
            acted=topic.acted, acted_at=topic.acted_at, memory={**self.memory, topic.skill: topic.memory},
        )  # fmt: skip

    def without_last(self, skill: str = "") -> DialogueState:
        """The state without a request that could be followed up; a fragment cannot return to one of this skill."""
        topics = tuple(topic for topic in self.topics if topic.skill != skill)
        return replace(self, skill="", intent="", root="", slots={}, when=None, acted_at="", topics=topics)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        plain: dict[str, Any] = _plain(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DialogueState:
        """Read a state that `to_json` wrote.

        Raises:
            DataError: it is not a dialogue state.
        """
        try:
            return cls(**{
                **data,
                "when": _when(data["when"]),
                "pending": None if data["pending"] is None else Pending.from_json(data["pending"]),
                "history": tuple(Exchange(**exchange) for exchange in data["history"]),
                "deeds": tuple(Deed(**deed) for deed in data["deeds"]),
                "topics": tuple(Topic.from_json(topic) for topic in data["topics"]),
            })  # fmt: skip
        except (KeyError, TypeError) as error:
            raise DataError(f"this is not a dialogue state ({error}); write one with DialogueState.to_json") from error


def _plain(value: Any) -> Any:
    """Records and mappings as dicts, and tuples as lists, as JSON has them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _when(data: Mapping[str, Any] | None) -> When | None:
    return None if data is None else When(**{**data, "every": tuple(data["every"])})
