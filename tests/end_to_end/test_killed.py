"""The server is killed in the middle of things: what it acknowledged is there afterwards, and timers ring."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.end_to_end.servers import Served, serving
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from harken.audio.pcm import to_pcm

ITEMS = "apples bread candles dates eggs figs grapes honey jam kale lemons mangos nuts olives pears rice".split()
START = {"type": "start", "voice": False, "wake": False, "place": "kitchen"}


async def reply(socket: Any) -> str:
    async with asyncio.timeout(60):
        while True:
            message = await socket.recv()
            if isinstance(message, str) and (told := json.loads(message)).get("event") == "Reply":
                return str(told["text"])


async def ask(socket: Any, text: str) -> str:
    await socket.send(json.dumps({"type": "text", "text": text}))
    return await reply(socket)


def kept(served: Served) -> dict[str, Any]:
    with urllib.request.urlopen(served.base + "/v1/assistant", timeout=30) as answer:
        return dict(json.load(answer))


def timers(served: Served) -> list[dict[str, Any]]:
    return list(kept(served)["timers"])


def test_after_a_kill_acknowledged_items_are_there_and_timers_ring_where_they_were_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))
    acknowledged: list[str] = []

    async def edit_until_killed(served: Served) -> None:
        """One conversation edits a list, one has a turn in progress, and a timer runs; then the end comes."""
        async with connect(served.stream) as kitchen, connect(served.stream) as speaker:
            await kitchen.send(json.dumps(START))
            assert "20 seconds" in await ask(kitchen, "set a timer for twenty seconds")
            await speaker.send(json.dumps({"type": "start", "voice": False, "wake": False}))
            await speaker.send(to_pcm(np.random.default_rng(0).normal(0, 0.1, 30_000).astype(np.float32)))
            with contextlib.suppress(ConnectionClosed, ConnectionError):
                for number, item in enumerate(ITEMS):
                    if number == len(ITEMS) // 2:  # while the next ones are on their way
                        asyncio.get_running_loop().call_later(0.03, served.process.send_signal, signal.SIGKILL)
                    if item.rstrip("s") in await ask(kitchen, f"add {item} to the camping list"):
                        acknowledged.append(item)

    async def wait_for_the_timer(served: Served) -> str:
        async with connect(served.stream) as kitchen:
            await kitchen.send(json.dumps(START))
            return await reply(kitchen)

    with serving(tmp_path) as served:
        asyncio.run(prepare(served))
        asyncio.run(edit_until_killed(served))
        served.process.wait(20)
        assert served.process.returncode == -signal.SIGKILL
    assert len(acknowledged) >= len(ITEMS) // 2
    with serving(tmp_path) as served:
        there = kept(served)
        assert set(acknowledged) <= set(there["lists"]["camping"])
        assert len(there["lists"]["camping"]) <= len(acknowledged) + 1, "the one in progress may be there or not"
        assert "time" in asyncio.run(wait_for_the_timer(served)).lower()
        for _ in range(50):
            if not timers(served):
                break
            time.sleep(0.2)
        assert timers(served) == []


async def prepare(served: Served) -> None:
    async with connect(served.stream) as socket:
        await socket.send(json.dumps(START))
        await ask(socket, "make a list called camping")
