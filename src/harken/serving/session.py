"""A conversation over a connection, in bounded queues: a slow or flooding client waits for itself, nobody else does.

Reading from the client, the conversation's work, and sending to the client are three tasks. What the client sends waits
in a backlog; when that is full, reading stops, and with it the client. The work is done piece by piece in the threads
that all conversations share. What is to be sent waits in a second queue; when that is full, the work stops.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Any, Protocol

import numpy as np

from harken.events import SAMPLE_RATE, Samples
from harken.serving.house import House
from harken.serving.messages import Incoming, Start
from harken.serving.pcm import PcmReader
from harken.serving.talk import Outgoing, Talk

PIECE = SAMPLE_RATE // 4
"""Samples that are heard at once: longer pieces would keep other conversations waiting."""
TICK = 1.0
"""Seconds after which a conversation that gets nothing looks for timers."""


class Pipe(Protocol):
    """The way to the client."""

    async def send(self, message: Outgoing) -> None:
        """Send a message; waits while the client does not read."""


class Session:
    """One conversation with one client.

    Args:
        house: what is shared.
        start: how the client wants it.
        pipe: to the client.
    """

    def __init__(self, house: House, start: Start, pipe: Pipe):
        self._house, self._start, self._pipe = house, start, pipe
        self._loop = asyncio.get_running_loop()
        self._sound = PcmReader(start.rate)
        self._waiting: deque[Samples | Incoming] = deque()
        self._samples = 0
        """In `_waiting`."""
        self._something, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()
        self._out: asyncio.Queue[Outgoing] = asyncio.Queue(house.limits.unsent)
        self._talk: Talk | None = None
        self._working = False

    @property
    def at_rest(self) -> bool:
        """Whether no turn is in progress and nothing waits."""
        waits = self._waiting or self._working or not self._out.empty()
        return not waits and (self._talk is None or self._talk.at_rest)

    async def hear(self, data: bytes) -> None:
        """PCM from the client; waits while its backlog is full."""
        samples = self._sound.read(data)
        for first in range(0, len(samples), PIECE):
            await self._put(samples[first : first + PIECE])

    async def take(self, message: Incoming) -> None:
        """A message from the client; waits while its backlog is full."""
        await self._put(message)

    async def tell(self, message: dict[str, Any]) -> None:
        """A message to the client that is not an answer of the conversation."""
        await self._out.put((message, b""))

    async def run(self) -> None:
        """Work and send until cancelled.

        Raises:
            TimeoutError: (in a group) the client does not read.
        """
        talk = self._talk = await self._house.live(lambda: Talk(self._house, self._start, notify=self._notify))
        try:
            await self._out.put(talk.ready())
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._work(talk))
                tasks.create_task(self._send())
        finally:
            # In a thread of its own, because it waits for answers that are being worked out.
            await asyncio.shield(asyncio.to_thread(talk.close))

    async def _put(self, item: Samples | Incoming) -> None:
        await self._room.wait()
        self._waiting.append(item)
        self._samples += len(item) if isinstance(item, np.ndarray) else 0
        if self._full:
            self._room.clear()
        self._something.set()

    @property
    def _full(self) -> bool:
        limits = self._house.limits
        return self._samples >= limits.backlog * SAMPLE_RATE or len(self._waiting) >= limits.unsent

    async def _send(self) -> None:
        while True:
            message = await self._out.get()
            async with asyncio.timeout(self._house.limits.stalled):
                await self._pipe.send(message)

    async def _work(self, talk: Talk) -> None:
        while True:
            due = not await self._wait()
            item, self._working = self._next(), True
            for message in await self._house.live(lambda item=item, due=due: _worked(talk, item, due)):  # type: ignore[misc]
                await self._out.put(message)
            self._working = False

    async def _wait(self) -> bool:
        """Wait until there is something to do; False when only time has passed."""
        if not self._waiting:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await self._something.wait()
        came = self._something.is_set() or bool(self._waiting)
        self._something.clear()
        return came

    def _next(self) -> Samples | Incoming | None:
        """What has waited longest; of sound, up to a PIECE."""
        if not self._waiting:
            return None
        item = self._waiting.popleft()
        if isinstance(item, np.ndarray):
            pieces, total = [item], len(item)
            while self._waiting and isinstance(more := self._waiting[0], np.ndarray) and total + len(more) <= PIECE:
                self._waiting.popleft()
                pieces.append(more)
                total += len(more)
            self._samples -= total
            item = np.concatenate(pieces)
        if not self._full:
            self._room.set()
        return item

    def _notify(self) -> None:
        """In the thread that answers: there is an answer."""
        with contextlib.suppress(RuntimeError):  # the loop has been closed, and nobody waits for the answer
            self._loop.call_soon_threadsafe(self._something.set)


def _worked(talk: Talk, item: Samples | Incoming | None, due: bool) -> list[Outgoing]:
    if item is None:
        return talk.look(timers=due)
    return talk.hear(item) if isinstance(item, np.ndarray) else talk.do(item)
