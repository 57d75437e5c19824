"""How many people one process of `harken serve` can hear at the same time, and what each of them costs.

    python -m benchmarks.speed.serving [--streams 1 2 4 8 12 15] [--seconds 40] [--sessions 1000] [--turns 10000]
        [--threads 2]

Starts a server of its own on one core. In the first part, so many clients of the WebSocket send real-time sound, 80 ms
at a time: a request in the voice of harken every 8 s, at different times, silence between. It reports the latency
from the end of the sound of a request, to which the pause that ends a turn (0.5 s) belongs, until the reply, and until
its first sound; and the processor time of the server. In the second, sessions are opened, used for one typed turn and
closed, and the memory of the server is followed. In the third, one session has many typed turns whose replies are not
spoken, and another a tenth as many whose replies are: memory again. In the fourth, sessions are kept open together:
memory for each. A part with 0 is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from harken.audio.pcm import to_pcm
from harken.events import SAMPLE_RATE
from harken.tts.voice import Voice

FRAME = 2 * SAMPLE_RATE * 80 // 1000
"""Bytes of 80 ms."""
EVERY = 8.0
"""Seconds between two requests of a client."""
REQUESTS = ("what is the capital of france", "set a timer for ten minutes", "what is twelve times seven")
LIMIT = 0.8
"""Seconds that the 95th percentile may take."""
PATIENCE = 60.0
"""Seconds that a typed turn may take at most."""
KEPT = 30
"""Sessions that are kept open together."""


class Client:
    """Speaks a request every EVERY seconds and notes how long the replies take."""

    def __init__(self, sound: bytes, delay: float):
        self.sound, self.delay = sound, delay
        self.ended = 0.0
        """When the sound of the last request had been sent."""
        self.replies: list[float] = []
        self.speech: list[float] = []
        self.asked = 0

    async def run(self, url: str, seconds: float) -> None:
        """Until the time is over."""
        async with connect(url, max_size=None) as socket_:
            await socket_.send(json.dumps({"type": "start", "wake": False}))
            hearing = asyncio.ensure_future(self._hear(socket_))
            await self._speak(socket_, seconds)
            hearing.cancel()

    async def _speak(self, socket_: ClientConnection, seconds: float) -> None:
        begun, silence = time.perf_counter() + self.delay, bytes(FRAME)
        place = len(self.sound)
        asking = begun
        for number in range(round((seconds + self.delay) / 0.08)):
            now = begun - self.delay + number * 0.08
            await asyncio.sleep(max(0.0, now - time.perf_counter()))
            if now >= asking and now + EVERY <= begun + seconds:
                asking, place, self.asked = asking + EVERY, 0, self.asked + 1
            frame = self.sound[place : place + FRAME] or silence
            if place < len(self.sound) <= place + FRAME:
                self.ended = time.perf_counter()
            place += FRAME
            await socket_.send(frame.ljust(FRAME, b"\0"))

    async def _hear(self, socket_: ClientConnection) -> None:
        open_reply = False
        async for message in socket_:
            if isinstance(message, bytes):
                continue
            event = json.loads(message).get("event")
            if event == "Reply":
                self.replies.append(time.perf_counter() - self.ended)
                open_reply = True
            elif event == "SpeechChunk" and open_reply:
                self.speech.append(time.perf_counter() - self.ended)
                open_reply = False


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, nargs="*", default=[1, 2, 4, 8, 12, 15])
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    voice = Voice.load()
    sounds = [to_pcm(voice.say(text)) for text in REQUESTS]
    with serving(options.threads) as (port, process):
        url = f"ws://127.0.0.1:{port}/v1/stream"
        asyncio.run(measure_streams(url, process, sounds, 1, 2 * EVERY))  # the first turns load what was not loaded
        for count in options.streams:
            report = asyncio.run(measure_streams(url, process, sounds, count, options.seconds))
            print(json.dumps(report), flush=True)
            if report["reply_p95"] > LIMIT:
                print(f"the 95th percentile exceeds {LIMIT} s with {count} streams", flush=True)
                break
        if options.sessions:
            print(json.dumps(asyncio.run(measure_sessions(url, process, options.sessions))), flush=True)
        if options.turns:
            for turns, spoken in ((options.turns, False), (max(1, options.turns // 10), True)):
                print(json.dumps(asyncio.run(measure_turns(url, process, turns, spoken=spoken))), flush=True)
        print(json.dumps(asyncio.run(measure_kept(url, process))), flush=True)


@contextmanager
def serving(threads: int) -> Iterator[tuple[int, int]]:
    """A server on one core: its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    core = min(os.sched_getaffinity(0))
    program = f"import os; os.sched_setaffinity(0, [{core}]); from harken.cli.app import app; app()"
    command = [sys.executable, "-c", program, "serve", "--port", str(port), "--wyoming-port", "0"]
    process = subprocess.Popen([*command, "--sessions", "64", "--threads", str(threads)])
    try:
        while not alive(port):
            if process.poll() is not None:
                raise SystemExit("the server did not start")
            time.sleep(0.5)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def alive(port: int) -> bool:
    """Whether the server answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return True
    except OSError:
        return False


async def measure_streams(url: str, process: int, sounds: list[bytes], count: int, seconds: float) -> dict[str, float]:
    """Real-time clients at once: latencies in seconds, share of the core."""
    clients = [Client(sounds[n % len(sounds)], delay=EVERY * n / count) for n in range(count)]
    used, begun = processor(process), time.perf_counter()
    await asyncio.gather(*(client.run(url, seconds) for client in clients))
    share = (processor(process) - used) / (time.perf_counter() - begun)
    replies = np.array([late for client in clients for late in client.replies])
    speech = np.array([late for client in clients for late in client.speech])
    asked = sum(client.asked for client in clients)
    return {
        "streams": count, "asked": asked, "answered": len(replies), "reply_p50": percentile(replies, 50),
        "reply_p95": percentile(replies, 95), "speech_p50": percentile(speech, 50),
        "speech_p95": percentile(speech, 95), "core": round(share, 3),
    }  # fmt: skip


def percentile(values: np.ndarray, share: float) -> float:
    """Of seconds; infinite without any."""
    return round(float(np.percentile(values, share)), 3) if len(values) else float("inf")


async def measure_sessions(url: str, process: int, count: int) -> dict[str, float]:
    """Sessions one after the other, each with a typed turn: memory before, half way and after, in MB."""
    sizes, begun = [memory(process)], time.perf_counter()
    for number in range(count):
        async with connect(url) as socket_:
            await typed_turn(socket_)
        if number + 1 in (count // 2, count):
            sizes.append(memory(process))
            print(f"{number + 1} sessions, {sizes[-1]:.1f} MB", file=sys.stderr)
    return {
        "sessions": count, "seconds": round(time.perf_counter() - begun, 1), "before_mb": sizes[0],
        "half_mb": sizes[1], "after_mb": sizes[2],
    }  # fmt: skip


async def measure_turns(url: str, process: int, count: int, *, spoken: bool) -> dict[str, float]:
    """Typed turns of one session, spoken or not: memory after a tenth of them, half way and after, in MB."""
    sizes, places, begun = list[float](), (max(1, count // 10), max(1, count // 2), count), time.perf_counter()
    async with connect(url) as socket_:
        await socket_.send(json.dumps({"type": "start", "voice": spoken}))
        for number in range(count):
            await typed_turn(socket_)
            if number + 1 in places:
                sizes += [memory(process)] * places.count(number + 1)
                print(f"{number + 1} turns, {sizes[-1]:.1f} MB", file=sys.stderr)
    return {
        "turns": count, "spoken": spoken, "seconds": round(time.perf_counter() - begun, 1), "tenth_mb": sizes[0],
        "half_mb": sizes[1], "after_mb": sizes[2],
    }  # fmt: skip


async def measure_kept(url: str, process: int) -> dict[str, float]:
    """Sessions that are open together, each of which has heard two seconds and had a typed turn."""
    before = memory(process)
    async with AsyncExitStack() as stack:
        for _ in range(KEPT):
            socket_ = await stack.enter_async_context(connect(url))
            for _ in range(25):
                await socket_.send(bytes(FRAME))
            await typed_turn(socket_)
        after = memory(process)
    return {"kept": KEPT, "each_mb": round((after - before) / KEPT, 2)}


async def typed_turn(socket_: ClientConnection) -> None:
    """A question and its reply."""
    await socket_.send(json.dumps({"type": "text", "text": "what is twelve times seven"}))
    async with asyncio.timeout(PATIENCE):
        async for message in socket_:
            if isinstance(message, str) and json.loads(message).get("event") == "Reply":
                return
    raise SystemExit("the server closed the connection")


def processor(process: int) -> float:
    """Processor seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> float:
    """Resident MB of a process."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 2**20, 1)


if __name__ == "__main__":
    main()
