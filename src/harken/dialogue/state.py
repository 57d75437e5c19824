"""The state of a conversation: plain values, so that it can be logged, sent and resumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harken.errors import DataError

HISTORY = 8
"""Turns that are kept."""


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A question that the assistant has asked."""

    skill: str
    intent: str
    slots: Mapping[str, Any]
    """What is known so far."""
    heard: Mapping[str, str]
    ask: str
    """Slot that is asked for; '' for a yes-or-no question."""
    question: str
    asked_at: str
    """Time in ISO format."""
    tries: int = 1
    """How often it has been asked."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One completed turn."""

    text: str
    skill: str
    intent: str
    reply: str


@dataclass(frozen=True, kw_only=True)
class DialogueState:
    """Everything that carries over from turn to turn."""

    turn: int = -1
    """Last turn; -1 before the first."""
    skill: str = ""
    intent: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    """Of the last request that was acted on."""
    pending: Pending | None = None
    history: tuple[Exchange, ...] = ()
    """The last turns, oldest first."""
    memory: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Skill -> what it asked to remember."""

    def after(self, exchange: Exchange) -> DialogueState:
        """The state with one more turn in its history."""
        return replace(self, history=(*self.history, exchange)[-HISTORY:])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        return {
            "turn": self.turn, "skill": self.skill, "intent": self.intent, "slots": dict(self.slots),
            "pending": None if self.pending is None else {**vars(self.pending), "slots": dict(self.pending.slots),
                                                          "heard": dict(self.pending.heard)},
            "history": [dict(vars(exchange)) for exchange in self.history],
            "memory": {skill: dict(values) for skill, values in self.memory.items()},
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DialogueState:
        """Read a state that `to_json` wrote.

        Raises:
            DataError: it is not a dialogue state.
        """
        try:
            pending = None if data["pending"] is None else Pending(**data["pending"])
            history = tuple(Exchange(**exchange) for exchange in data["history"])
            plain = {key: data[key] for key in ("turn", "skill", "intent", "slots", "memory")}
            return cls(**plain, pending=pending, history=history)
        except (KeyError, TypeError) as error:
            raise DataError(f"this is not a dialogue state ({error}); write one with DialogueState.to_json") from error
