"""Typed conversations that outlast a connection: Home Assistant opens one for each turn."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from harken.assistant.assistant import Assistant
from harken.events import Event
from harken.serving.dialogue_memory import DialogueMemory

KEPT = 32
"""Conversations, at most; the one that was silent longest makes room."""
FORGOTTEN = 300.0
"""Seconds after which a conversation is over."""


@dataclass
class _Conversation:
    assistant: Assistant
    used: float
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One turn at a time."""


class Conversations:
    """Conversations by the names that clients give them.

    Args:
        begin: a new one.
        memory: keeps their states for other servers; None keeps them here alone.
        clock: seconds.
    """

    def __init__(
        self, begin: Callable[[], Assistant], *, memory: DialogueMemory | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):  # fmt: skip
        self._begin, self._memory, self._clock = begin, memory, clock
        self._known: OrderedDict[str, _Conversation] = OrderedDict()

    async def ask(self, name: str, text: str) -> list[Event]:
        """A typed turn of a conversation, worked out in a thread: its events."""
        self._forget_silent()
        if name not in self._known:
            self._make_room()
            self._known[name] = _Conversation(self._begin(), self._clock())
        known = self._known[name]
        self._known.move_to_end(name)
        async with known.turn:
            known.used = self._clock()
            return await asyncio.to_thread(self._turn, name, known.assistant, text)

    def close(self) -> None:
        """End all."""
        for conversation in self._known.values():
            conversation.assistant.close()
        self._known.clear()

    def _turn(self, name: str, assistant: Assistant, text: str) -> list[Event]:
        state = self._memory.load(name) if self._memory else None
        if state is not None:
            assistant.chain.dialogue.stage.resume(state)
        events = assistant.ask_text(text)
        if self._memory:
            self._memory.save(name, assistant.chain.dialogue.stage.state)
        return events

    def _forget_silent(self) -> None:
        now = self._clock()
        for name in [name for name in self._free() if now - self._known[name].used > FORGOTTEN]:
            self._known.pop(name).assistant.close()

    def _make_room(self) -> None:
        """For one more."""
        for name in self._free()[: max(0, len(self._known) + 1 - KEPT)]:
            self._known.pop(name).assistant.close()

    def _free(self) -> list[str]:
        """Conversations in which no turn is in progress, the one that was silent longest first."""
        return [name for name, one in self._known.items() if not one.turn.locked()]
