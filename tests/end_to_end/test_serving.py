"""The server as a program: the clients that people have, the examples of the documentation, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.end_to_end.servers import Served, serving
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol
from wyoming.asr import Transcript
from wyoming.client import AsyncTcpClient
from wyoming.tts import Synthesize

import harken
from harken.audio.files import read_audio, write_wav
from harken.audio.pcm import to_pcm
from harken.events import SAMPLE_RATE, Samples
from harken.tts.voice import Voice

GUIDE = Path(harken.__file__).parents[2] / "docs/how-to/serve.md"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="module")
def request_wav(voice: Voice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spoken") / "request.wav"
    write_wav(path, said(voice, "what time is it in london"))
    return path


def said(voice: Voice, text: str) -> Samples:
    return np.concatenate([voice.say(text), np.zeros(SAMPLE_RATE, np.float32)])


def curls() -> list[str]:
    return re.findall(r"^\$ (curl .*)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE) if GUIDE.is_file() else []


@pytest.mark.parametrize("line", curls())
def test_the_examples_of_the_guide_work(served: Served, request_wav: Path, tmp_path: Path, line: str) -> None:
    import shutil

    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    (tmp_path / "request.wav").write_bytes(request_wav.read_bytes())
    words = shlex.split(line.replace("http://127.0.0.1:8765", served.base))
    done = subprocess.run([*words, "--silent", "--fail-with-body"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    if "-o" in words:
        spoken = read_audio(tmp_path / words[words.index("-o") + 1])
        assert 0.5 * SAMPLE_RATE < len(spoken) < 4 * SAMPLE_RATE
    elif "transcriptions" in line:
        assert b"time" in done.stdout
        assert b"london" in done.stdout


def test_the_programs_of_the_guide_work(served: Served, request_wav: Path, tmp_path: Path) -> None:
    programs = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(programs) == 2
    pytest.importorskip("openai")
    (tmp_path / "request.wav").write_bytes(request_wav.read_bytes())
    printed = []
    for program in programs:
        text = program.replace("127.0.0.1:8765", f"127.0.0.1:{served.port}")
        done = subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert "london" in printed[0]
    assert len(read_audio(tmp_path / "dinner.mp3")) > SAMPLE_RATE / 2
    assert "Paris" in printed[1]


def test_the_openai_program_gets_words_streams_and_every_format(served: Served, request_wav: Path) -> None:
    openai = pytest.importorskip("openai")
    client = openai.OpenAI(base_url=served.base + "/v1", api_key="none")
    assert [model.id for model in client.models.list()] == ["harken"]
    heard = client.audio.transcriptions
    with request_wav.open("rb") as file:
        verbose = heard.create(
            model="whisper-1", file=file, response_format="verbose_json", timestamp_granularities=["word", "segment"]
        )
    assert [word.word for word in verbose.words][-1] == "london"
    assert verbose.segments[0].end <= verbose.duration
    with request_wav.open("rb") as file:
        deltas = list(heard.create(model="gpt-4o-transcribe", file=file, stream=True))
    assert deltas[-1].type == "transcript.text.done"
    assert "london" in deltas[-1].text
    for form in ("mp3", "opus", "flac", "wav", "pcm"):
        speech = client.audio.speech.with_streaming_response
        with speech.create(model="tts-1", voice="alloy", input="Hello there.", response_format=form) as answer:
            assert len(b"".join(answer.iter_bytes())) > 2000
    with pytest.raises(openai.BadRequestError, match="aac"):
        client.audio.speech.create(model="tts-1", voice="alloy", input="Hello there.", response_format="aac")


def test_nothing_is_ever_connected_to(served: Served, voice: Voice, request_wav: Path) -> None:
    async def through_every_door() -> None:
        async with connect(served.stream) as socket_:
            await socket_.send(json.dumps({"type": "start", "wake": False}))
            await socket_.send(json.dumps({"type": "text", "text": "what is the weather in Paris"}))
            await until(socket_, "spoken")
            await socket_.send(to_pcm(said(voice, "turn on the light in the kitchen"))[:60_000])
        async with AsyncTcpClient("127.0.0.1", served.wyoming) as client:
            await client.write_event(Transcript(text="play some jazz").event())
            assert await client.read_event()
            await client.write_event(Synthesize(text="Hello.").event())
            assert await client.read_event()

    asyncio.run(through_every_door())
    ask = urllib.request.Request(served.base + "/v1/audio/speech", b'{"input": "hello"}')
    for url in (served.base + "/", served.base + "/metrics", served.base + "/v1/assistant", ask):
        with urllib.request.urlopen(url, timeout=60) as answer:
            assert answer.read()
    assert served.noted.read_text() == ""


async def until(connection: Any, name: str) -> list[dict[str, Any]]:
    seen = []
    async with asyncio.timeout(60):
        while True:
            message = await connection.recv()
            if isinstance(message, str):
                seen.append(json.loads(message))
                if name in (seen[-1]["type"], seen[-1].get("event")):
                    return seen


def test_messages_that_are_too_long_end_only_their_own_connection(served: Served) -> None:
    async def visit() -> None:
        async with connect(served.stream) as other, connect(served.stream) as guest:
            with contextlib.suppress(ConnectionClosed):
                await guest.send(b"\0" * 70_000)
                await until(guest, "never")
            assert guest.close_code == 1009
            await other.send(json.dumps({"type": "text", "text": "hello"}))
            await until(other, "Reply")

    asyncio.run(visit())


def test_garbage_instead_of_http_harms_nobody(served: Served) -> None:
    for data in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 50,
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0" * 5000,
        b"GET /" + b"a" * 100_000,
    ):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", served.port), timeout=20) as guest:
            guest.sendall(data)
            guest.shutdown(socket.SHUT_WR)
            guest.recv(1000)
    with urllib.request.urlopen(served.base + "/healthz", timeout=20) as answer:
        assert answer.status == 200


def test_a_turn_in_progress_is_answered_before_the_server_stops(voice: Voice, tmp_path: Path) -> None:
    sound = to_pcm(said(voice, "what is the capital of france"))
    half = len(sound) // 4 * 2

    async def stop(served: Served) -> None:
        async with connect(served.stream) as guest, AsyncTcpClient("127.0.0.1", served.wyoming):
            await guest.send(json.dumps({"type": "start", "wake": False, "voice": False}))
            for place in range(0, half, 3200):
                await guest.send(sound[place : min(half, place + 3200)])
            await until(guest, "TurnStarted")
            served.process.send_signal(signal.SIGTERM)
            await refused(served)
            for place in range(half, len(sound), 3200):
                await guest.send(sound[place : place + 3200])
            assert "Paris" in (await until(guest, "Reply"))[-1]["text"]
            with contextlib.suppress(ConnectionClosed):
                await until(guest, "never")
            assert guest.close_code == 1012

    async def refused(served: Served) -> None:
        """Until nobody new is let in."""
        async with asyncio.timeout(60):
            while True:
                async with connect(served.stream) as late:
                    first = json.loads(await late.recv())
                    if first["type"] == "error":
                        assert "about to stop" in first["message"]
                        return

    with serving(tmp_path) as served:
        asyncio.run(stop(served))
        assert served.process.wait(20) == 0
    assert "Traceback" not in (tmp_path / "messages.txt").read_text()


def test_with_a_token_only_those_who_know_it_come_in(tmp_path: Path) -> None:
    token = "a-token-of-this-test"

    async def visit(served: Served) -> None:
        with pytest.raises(InvalidStatus):
            await connect(served.stream)
        shown = [Subprotocol(name) for name in ("harken", f"harken.token.{token}")]
        async with connect(served.stream, subprotocols=shown) as guest:
            await guest.send('{"type": "start"}')
            await until(guest, "ready")
            assert guest.subprotocol == "harken"

    with serving(tmp_path, "--token", token) as served:
        asyncio.run(visit(served))


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = f"from harken.cli.app import app; app(['serve', '--port', '{port}', '--wyoming-port', '0'])"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr


def test_an_address_for_others_is_refused_without_a_token() -> None:
    program = "from harken.cli.app import app; app(['serve', '--host', '0.0.0.0'])"
    clean = {name: value for name, value in os.environ.items() if name != "HARKEN_TOKEN"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=clean)
    assert done.returncode == 2
    assert "--token" in done.stderr
