"""The queues of a session: whoever floods or does not read waits for itself."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from harken.assistant.models import Models
from harken.audio.pcm import to_pcm
from harken.serving.house import Busy, House
from harken.serving.messages import Start, Text
from harken.serving.options import Limits
from harken.serving.session import Session
from harken.serving.talk import Outgoing


class Pipe:
    """Keeps what is sent; while `shut`, nothing can be sent."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, message: Outgoing) -> None:
        await self.open.wait()
        self.sent.append(message)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [told for told, _ in self.sent if name in (told.get("event"), told["type"])]


async def until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def feed(session: Session) -> None:
    for _ in range(30):
        await session.hear(second())


def second(level: float = 0.0) -> bytes:
    return to_pcm(np.full(16_000, level, np.float32))


def test_a_flood_waits_for_itself(models: Models) -> None:
    async def flood() -> None:
        house = House(models, limits=Limits(backlog=2.0))
        session = Session(house, Start(), Pipe())
        flooding = asyncio.ensure_future(feed(session))
        done, _ = await asyncio.wait([flooding], timeout=0.2)
        assert not done
        flooding.cancel()
        assert session._samples <= 2.25 * 16_000  # the backlog and a piece
        house.close()

    asyncio.run(flood())


def test_the_backlog_is_worked_off_and_the_client_continues(models: Models) -> None:
    async def talk() -> None:
        house = House(models, limits=Limits(backlog=0.5))
        pipe = Pipe()
        session = Session(house, Start(scores=True, voice=False), pipe)
        running = asyncio.ensure_future(session.run())
        for _ in range(4):
            await session.hear(second())
        await session.take(Text(type="text", text="what is two plus three"))
        await until(lambda: pipe.events("Reply"))
        assert "5" in pipe.events("Reply")[0]["text"]
        assert pipe.events("scores")[-1]["end"] >= 3.8 * 16_000  # all of it was heard, in order, before the text
        await until(lambda: session.at_rest)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        house.close()

    asyncio.run(talk())


def test_a_client_that_does_not_read_is_dropped_and_what_waits_for_it_is_bounded(models: Models) -> None:
    async def stall() -> None:
        house = House(models, limits=Limits(stalled=0.5, unsent=8))
        pipe = Pipe()
        pipe.open.clear()
        session = Session(house, Start(scores=True), pipe)
        running = asyncio.ensure_future(session.run())
        feeding = asyncio.ensure_future(feed(session))
        with pytest.raises(ExceptionGroup) as errors:
            await running
        assert errors.group_contains(TimeoutError)
        assert session._out.qsize() <= 8
        feeding.cancel()
        house.close()

    asyncio.run(stall())


def test_one_client_that_floods_does_not_keep_another_waiting(models: Models) -> None:
    async def both() -> None:
        house = House(models, threads=1)
        loud, quiet = Pipe(), Pipe()
        one, two = Session(house, Start(wake=False), loud), Session(house, Start(voice=False), quiet)
        running = [asyncio.ensure_future(one.run()), asyncio.ensure_future(two.run())]
        await until(lambda: quiet.events("ready"))
        flooding = asyncio.ensure_future(flood(one))
        await asyncio.sleep(0.2)
        begun = asyncio.get_running_loop().time()
        await two.take(Text(type="text", text="what is two plus three"))
        await until(lambda: quiet.events("Reply"))
        assert asyncio.get_running_loop().time() - begun < 3
        flooding.cancel()
        for task in running:
            task.cancel()
        await asyncio.gather(flooding, *running, return_exceptions=True)
        house.close()

    async def flood(session: Session) -> None:
        noise = to_pcm(0.3 * np.random.default_rng(0).standard_normal(16_000).astype(np.float32))
        while True:
            await session.hear(noise)

    asyncio.run(both())


def test_a_house_that_is_about_to_close_lets_nobody_in(models: Models) -> None:
    async def close() -> None:
        house = House(models)
        house.draining.set()
        with pytest.raises(Busy, match="about to stop"), house.session("stream"):
            pass
        with pytest.raises(Busy, match="about to stop"), house.request():
            pass
        assert house.empty
        house.close()

    asyncio.run(close())
