"""What all connections of a server share: models, threads, limits and counts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from harken.assistant.assistant import Assistant
from harken.assistant.loudspeaker import Loudspeaker
from harken.assistant.models import Models
from harken.assistant.transcriber import Transcriber
from harken.errors import HarkenError
from harken.serving.claims import Claims
from harken.serving.conversations import Conversations
from harken.serving.counters import Counters
from harken.serving.dialogue_memory import DialogueMemory
from harken.serving.options import Limits
from harken.serving.teaching import keep_if_better
from harken.serving.trainer import Trainer

T = TypeVar("T")


class Busy(HarkenError):
    """The server has as many clients as it may have, or is about to stop."""


class House:
    """The shared part of a server.

    Args:
        models: of all conversations.
        limits: for the clients.
        memory: keeps the states of typed conversations for other servers.
        threads: that hear and answer for the conversations; requests for whole recordings and texts have one more.
    """

    def __init__(
        self, models: Models, *, limits: Limits | None = None, threads: int = 2, memory: DialogueMemory | None = None
    ):
        self.models, self.limits = models, limits or Limits()
        self.counters = Counters()
        self.claims = Claims()
        self._places: set[str] = set()
        self.draining = asyncio.Event()
        """Set when the server is to stop: nobody new comes in."""
        self._live = ThreadPoolExecutor(threads, thread_name_prefix="harken-live")
        self._whole = ThreadPoolExecutor(1, thread_name_prefix="harken-whole")
        self._open, self._requests = 0, 0
        self._dictation: Transcriber | None = None
        self.conversations = Conversations(lambda: Assistant.over(models, voice=False), memory=memory)
        """Typed ones, which outlast connections."""
        self.trainer = Trainer(lambda word: keep_if_better(models, word))
        """Of wake words."""
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Open all models now, so that the first client does not wait.

        Raises:
            HarkenError: one is missing or cannot be used.
        """
        with Assistant.over(self.models) as assistant:
            assistant.warm_up()
        self.transcriber()

    def conversation(
        self, *, wake: bool = True, voice: bool = True, loudspeaker: Loudspeaker | None = None,
        notify: Callable[[], None] | None = None, place: str = "",
    ) -> Assistant:  # fmt: skip
        """A conversation of its own that answers in a thread of its own."""
        return Assistant.over(
            self.models, wake=wake, voice=voice, loudspeaker=loudspeaker, live=True, notify=notify, place=place
        )

    @contextmanager
    def place(self, name: str) -> Iterator[str]:
        """The name of a client's place, if no other open connection has it; else ''."""
        with self._lock:
            free = name if name not in self._places else ""
            self._places.add(free)
        try:
            yield free
        finally:
            with self._lock:
                self._places.discard(free)

    def transcriber(self) -> Transcriber:
        """For one recording.

        Raises:
            BundleError: a model is missing.
        """
        with self._lock:
            self._dictation = self._dictation or Transcriber.over(self.models)
        return self._dictation.another()

    async def live(self, work: Callable[[], T]) -> T:
        """A short piece of work for somebody who is waiting."""
        return await asyncio.get_running_loop().run_in_executor(self._live, work)

    async def whole(self, work: Callable[[], T]) -> T:
        """A piece of a long work, which must not keep conversations from being heard."""
        return await asyncio.get_running_loop().run_in_executor(self._whole, work)

    @property
    def sessions(self) -> int:
        """Open sessions."""
        return self._open

    @property
    def empty(self) -> bool:
        """Whether nobody is there."""
        return not self._open and not self._requests

    @contextmanager
    def session(self, kind: str) -> Iterator[None]:
        """One of the places for sessions.

        Raises:
            Busy: there is none.
        """
        if self._open >= self.limits.sessions or self.draining.is_set():
            raise self._refused("sessions", self.limits.sessions)
        self._open += 1
        self.counters.sessions.labels(kind).inc()
        try:
            yield
        finally:
            self._open -= 1
            self.counters.sessions.labels(kind).dec()

    @contextmanager
    def request(self) -> Iterator[None]:
        """One of the places for requests.

        Raises:
            Busy: there is none.
        """
        if self._requests >= self.limits.requests or self.draining.is_set():
            raise self._refused("requests", self.limits.requests)
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1

    def close(self) -> None:
        """Stop the threads; what runs in them ends first."""
        self.conversations.close()
        self._live.shutdown()
        self._whole.shutdown()

    def _refused(self, what: str, most: int) -> Busy:
        if self.draining.is_set():
            self.counters.refused.labels("draining").inc()
            return Busy("the server is about to stop; connect again in a minute")
        self.counters.refused.labels(what).inc()
        return Busy(f"all {most} {what} of the server are in use; try again later")
