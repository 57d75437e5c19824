"""Typed conversations that outlast a connection: Home Assistant opens one for each turn."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from harken.assistant.assistant import Assistant
from harken.events import Event

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
        clock: seconds.
    """

    def __init__(self, begin: Callable[[], Assistant], *, clock: Callable[[], float] = time.monotonic):
        self._begin, self._clock = begin, clock
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
            return await asyncio.to_thread(known.assistant.ask_text, text)

    def close(self) -> None:
        """End all."""
        for conversation in self._known.values():
            conversation.assistant.close()
        self._known.clear()

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
