"""Wyoming with the protocol's own client, in every role; and what no client should send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import numpy as np
import pytest
from wyoming.asr import Transcribe, Transcript, TranscriptChunk
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.handle import Handled, NotHandled
from wyoming.info import Describe, Info
from wyoming.intent import Intent, NotRecognized, Recognize
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop
from wyoming.wake import Detect, Detection, NotDetected

from harken.assistant.models import Models
from harken.audio.pcm import to_pcm
from harken.events import Samples
from harken.serving.house import House
from harken.serving.options import Limits, ServeOptions
from harken.serving.server import listen
from harken.serving.wyoming import WyomingDoor

Say = Callable[[str], Samples]
FORMAT: dict[str, Any] = {"rate": 16_000, "width": 2, "channels": 1}


def through(models: Models, visit: Callable[[int], Awaitable[None]], limits: Limits | None = None) -> None:
    """Open the door, let a visitor in by its port, and close it."""

    async def opened() -> None:
        house = House(models, limits=limits)
        listening = listen("127.0.0.1", 0, option="--wyoming-port")
        async with asyncio.timeout(200), WyomingDoor(house, ServeOptions(limits=house.limits), listening) as door:
            await visit(door.port)
        assert house.empty
        house.close()

    asyncio.run(opened())


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[AsyncTcpClient]:
    async with AsyncTcpClient("127.0.0.1", port, read_timeout=60) as client:
        yield client


async def until(client: AsyncTcpClient, *kinds: str) -> list[Event]:
    seen = []
    while not seen or seen[-1].type not in kinds:
        event = await client.read_event()
        assert event is not None, f"the connection ended after {[one.type for one in seen]}"
        seen.append(event)
    return seen


async def speak(client: AsyncTcpClient, samples: Samples) -> None:
    await client.write_event(AudioStart(**FORMAT).event())
    data = to_pcm(samples)
    for place in range(0, len(data), 2048):
        await client.write_event(AudioChunk(audio=data[place : place + 2048], **FORMAT).event())
    await client.write_event(AudioStop().event())


def test_it_says_what_it_can_do(models: Models) -> None:
    async def visit(port: int) -> None:
        async with connected(port) as client:
            await client.write_event(Describe().event())
            info = Info.from_event((await until(client, "info"))[-1])
            assert [model.name for model in info.wake[0].models] == ["computer"]
            assert info.asr[0].supports_transcript_streaming
            assert info.tts[0].supports_synthesize_streaming
            assert info.handle[0].models[0].languages == info.intent[0].models[0].languages == ["en", "en-US"]
            await client.write_event(Ping(text="x").event())
            assert Pong.from_event((await until(client, "pong"))[-1]).text == "x"

    through(models, visit)


def test_wake_words_are_found_at_once_or_not_at_all(models: Models, say: Say) -> None:
    async def visit(port: int) -> None:
        async with connected(port) as client:
            await client.write_event(Detect(names=["computer"]).event())
            await client.write_event(AudioStart(**FORMAT).event())
            await client.write_event(AudioChunk(audio=to_pcm(say("computer")), **FORMAT).event())
            assert Detection.from_event((await until(client, "detection"))[-1]).name == "computer"  # before the stop
            await client.write_event(AudioStop().event())
            await speak(client, np.zeros(16_000, np.float32))
            assert NotDetected.is_type((await until(client, "not-detected"))[-1].type)
            await client.write_event(Detect(names=["sesame"]).event())
            await client.write_event(AudioStart(**FORMAT).event())
            assert "sesame" in (await until(client, "error"))[-1].data["text"]

    through(models, visit)


def test_speech_is_written_down_while_it_is_spoken(models: Models, say: Say) -> None:
    async def visit(port: int) -> None:
        async with connected(port) as client:
            for _ in range(2):  # a connection may be used again
                await client.write_event(Transcribe(language="en").event())
                await speak(client, say("what is the capital of france"))
                events = await until(client, "transcript-stop")
                assert events[0].type == "transcript-start"
                chunks = [
                    TranscriptChunk.from_event(event).text for event in events if event.type == "transcript-chunk"
                ]
                final = Transcript.from_event(next(event for event in events if event.type == "transcript"))
                assert final.text == "what is the capital of france"
                assert len(chunks) >= 2
                assert final.text.startswith("".join(chunks))
            await speak(client, np.zeros(16_000, np.float32))
            assert Transcript.from_event((await until(client, "transcript"))[-1]).text == ""

    through(models, visit)


def test_requests_are_understood_without_being_done(models: Models) -> None:
    kept = models.store.content()

    async def visit(port: int) -> None:
        async with connected(port) as client:
            await client.write_event(Recognize(text="set a timer for ten minutes", context={"a": 1}).event())
            intent = Intent.from_event((await until(client, "intent"))[-1])
            assert intent.name == "timers.setTimer"
            assert [(entity.name, entity.value) for entity in intent.entities] == [("duration", 600)]
            assert intent.context == {"a": 1}
            await client.write_event(Recognize(text="colourless green ideas").event())
            assert NotRecognized.is_type((await until(client, "not-recognized"))[-1].type)
        assert models.store.content() == kept

    through(models, visit)


def test_turns_of_one_conversation_may_come_over_several_connections(models: Models) -> None:
    async def ask(port: int, text: str, conversation: str) -> Event:
        async with connected(port) as client:
            await client.write_event(Transcript(text=text, context={"conversation_id": conversation}).event())
            return (await until(client, "handled", "not-handled"))[-1]

    async def visit(port: int) -> None:
        await ask(port, "set a timer", "kitchen")
        other = await ask(port, "ten minutes", "study")
        assert "10 minutes" not in str(other.data)
        answer = Handled.from_event(await ask(port, "ten minutes", "kitchen"))
        assert "10 minutes" in (answer.text or "")
        assert answer.context == {"conversation_id": "kitchen"}
        assert NotHandled.is_type((await ask(port, "colourless green ideas", "kitchen")).type)

    through(models, visit)
    for timer in models.store.timers():
        models.store.claim_timers([timer])


def test_a_text_is_spoken_whole_or_sentence_by_sentence(models: Models) -> None:
    async def visit(port: int) -> None:
        async with connected(port) as client:
            await client.write_event(Synthesize(text="Hello there. How are you?").event())
            events = await until(client, "audio-stop")
            assert AudioStart.from_event(events[0]).rate == 16_000
            whole = sum(len(event.payload or b"") for event in events)
            assert whole > 32_000
            await client.write_event(SynthesizeStart().event())
            for text in ("Hello ", "there. How", " are "):
                await client.write_event(SynthesizeChunk(text=text).event())
            first = await until(client, "audio-stop")  # before the text is complete
            await client.write_event(SynthesizeChunk(text="you?").event())
            await client.write_event(Synthesize(text="Hello there. How are you?").event())  # for other servers
            await client.write_event(SynthesizeStop().event())
            rest = await until(client, "synthesize-stopped")
            assert [event.type for event in rest].count("audio-stop") == 1
            assert sum(len(event.payload or b"") for event in first + rest) == pytest.approx(whole, rel=0.2)

    through(models, visit)


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\n",
        b"\n",
        b"[]\n",
        b"3\n",
        b'{"data": {}}\n',
        b'{"type": "audio-start"}\n',
        b'{"type": "audio-chunk", "data": {"rate": 16000, "width": 2, "channels": 1}}\n',
        b'{"type": "synthesize", "data": {"text": 3}}\n',
        b'{"type": "transcript", "data": {"text": null}}\n',
        b'{"type": "transcript", "data": {"text": "hi", "context": 3}}\n',
        b'{"type": "audio-start", "data": {"rate": "x", "width": 2, "channels": 1}}\n',
        b'{"type": "audio-start", "data": {"rate": 16000, "width": 4, "channels": 1}}\n',
        b'{"type": "detect", "data": {"names": [1]}}\n'
        b'{"type": "audio-start", "data": {"rate": 16000, "width": 2, "channels": 1}}\n',
        b'{"type": "synthesize-chunk", "data": {"text": "hi"}}\n',
        b'{"type": "ping", "data_length": 99999999999}\n',
        b'{"type": "ping", "payload_length": 1000000}\n',
        b'{"type": "ping", "data_length": "x"}\n',
        b"x" * 200_000,
        b"\xff\xfe\x00\n",
        b"[" * 20_000 + b"\n",
    ],
)
def test_no_event_makes_the_server_fail_or_wait(models: Models, sent: bytes) -> None:
    async def visit(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        writer.write_eof()
        answer = b""
        with suppress(ConnectionResetError):  # the server has closed without reading the rest
            answer = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        lines = [json.loads(line) for line in answer.split(b"\n") if line.startswith(b'{"type"')]
        assert all(line["type"] == "error" for line in lines)
        async with connected(port) as client:  # others do not notice
            await client.write_event(Ping().event())
            await until(client, "pong")

    through(models, visit, Limits(sessions=1))


def test_a_client_that_stops_in_the_middle_of_an_event_is_forgotten(models: Models) -> None:
    async def visit(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b'{"type": "ping", "payload_length": 100}\nabc')
        await writer.drain()
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()

    through(models, visit, Limits(idle=0.3))


def test_only_so_many_clients_are_let_in(models: Models) -> None:
    async def visit(port: int) -> None:
        async with connected(port) as first:
            await first.write_event(Ping().event())
            await until(first, "pong")
            async with connected(port) as second:
                assert "all 1 sessions" in (await until(second, "error"))[-1].data["text"]
                assert await second.read_event() is None

    through(models, visit, Limits(sessions=1))


class Guest:
    """A connection from an address."""

    def __init__(self, address: str):
        self.address = address

    def get_extra_info(self, name: str) -> tuple[str, int]:
        assert name == "peername"
        return self.address, 50_000


def test_only_named_addresses_and_this_machine_may_enter(models: Models) -> None:
    house = House(models)
    options = ServeOptions(wyoming_host="0.0.0.0", wyoming_clients=("192.168.1.20", "10.0.0.0/8", "fd00::/8"))
    with listen("127.0.0.1", 0, option="--wyoming-port") as listening:
        door = WyomingDoor(house, options, listening)
        for address in (
            "127.0.0.1",
            "::1",
            "192.168.1.20",
            "::ffff:192.168.1.20",
            "10.9.8.7",
            "fd00::1",
            "fd12::1%eth0",
        ):
            assert door._may_enter(Guest(address)), address  # type: ignore[arg-type]
        for address in ("192.168.1.21", "::ffff:8.8.8.8", "8.8.8.8", "2001:db8::1", "fe80::1%eth0"):
            assert not door._may_enter(Guest(address)), address  # type: ignore[arg-type]
    house.close()
