"""Satellites over loopback: simulated rooms with a microphone and a loudspeaker each, and a real server between."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from harken.assistant.models import Models
from harken.assistant.satellite import START, Satellite
from harken.assistant.server_link import LinkError, ServerLink
from harken.assistant.simulated_card import SimulatedCard
from harken.audio.chime import make_bell
from harken.audio.files import resample
from harken.dialogue.store import Store
from harken.errors import ConfigError
from harken.events import (
    SAMPLE_RATE,
    AudioChunk,
    Event,
    Interpretation,
    PlaybackEnded,
    Reply,
    Samples,
    StopDetected,
    TurnEnded,
    WakeDetected,
)
from harken.serving.house import House
from harken.serving.options import Limits, ServeOptions
from harken.serving.server import _Server, listen
from harken.tts.voice import Voice

TOKEN = "token-of-the-satellites"
STEP = 0.02


class Home:
    """A server in a thread, with a port of its own."""

    def __init__(self, models: Models):
        self._models = models
        with contextlib.closing(listen("127.0.0.1", 0, option="--port")) as probe:
            self.port = int(probe.getsockname()[1])
        self.start()

    def start(self) -> None:
        ready = threading.Event()

        def run() -> None:
            async def serve() -> None:
                house = House(self._models, limits=Limits(drain=1.0))
                house.warm_up()
                options = ServeOptions(port=self.port, token=TOKEN, wyoming_port=0, limits=house.limits)
                self._server = _Server(house, options)
                with listen("127.0.0.1", self.port, option="--port") as front:
                    ready.set()
                    await self._server.serve([front])
                house.close()

            asyncio.run(serve())

        self._thread = threading.Thread(target=run)
        self._thread.start()
        assert ready.wait(20)

    def stop(self) -> None:
        self._server.handle_exit(15, None)
        self._thread.join(20)
        assert not self._thread.is_alive()


class Room:
    """A satellite whose microphone hears what it is told."""

    def __init__(self, home: Home, models: Models, place: str):
        self.card, self.told, self.events = SimulatedCard(), [], []
        self.link = ServerLink(
            f"127.0.0.1:{home.port}", start={**START, "place": place}, token=TOKEN, tell=self.told.append
        )
        self.satellite = Satellite(models, self.card, self.link, tell=self.told.append)
        self.events: list[Event] = []

    def step(self) -> None:
        self.events += self.satellite.step()

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def replies(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Reply)]


@pytest.fixture(scope="module")
def models() -> Models:
    """Without a greeting, so that a satellite that says nothing is silent."""
    models = Models.load(store=Store(":memory:"))
    models.profile = replace(models.profile, sound=replace(models.profile.sound, greeting=False))
    return models


@pytest.fixture(scope="module")
def home(models: Models) -> Iterator[Home]:
    running = Home(models)
    yield running
    running.stop()


@pytest.fixture
def rooms(home: Home, models: Models) -> Iterator[Callable[..., list[Room]]]:
    with contextlib.ExitStack() as left:

        def enter(*places: str) -> list[Room]:
            entered = [Room(home, models, place) for place in places]
            for room in entered:
                left.enter_context(room.satellite).open()
            return entered

        yield enter


def live(rooms: list[Room], until: Callable[[], bool], *, limit: float = 90.0) -> None:
    """Time passes in all rooms, no faster than in the world, until something has happened."""
    begun = time.monotonic()
    while not until():
        assert time.monotonic() - begun < limit, [(room.replies, room.told) for room in rooms]
        for room in rooms:
            room.step()
        time.sleep(STEP)


def spoken(voice: Voice, text: str) -> Samples:
    return 0.5 * resample(voice.say(text), voice.rate, SAMPLE_RATE)


def test_a_request_is_answered_in_the_room_and_only_what_follows_the_wake_word_is_sent(
    rooms: Callable[..., list[Room]], voice: Voice, models: Models
) -> None:
    (room,) = rooms("kitchen")
    sent: list[bytes] = []
    send = room.link.send
    room.link.send = lambda message: (sent.append(message) if isinstance(message, bytes) else None) or send(message)  # type: ignore[method-assign,func-returns-value]
    room.card.say(spoken(voice, "this is nobody else's business"))
    live([room], lambda: room.card.position > 3 * SAMPLE_RATE)
    assert sent == []
    room.card.say(np.concatenate([spoken(voice, "computer"), spoken(voice, "what is the capital of france")]))
    live([room], lambda: bool(room.of(PlaybackEnded)))
    assert len(room.of(WakeDetected)) == 1
    assert "Paris" in room.replies[0]
    assert np.abs(room.card.output).max() > 0.1
    total = sum(map(len, sent)) / 2 / SAMPLE_RATE
    assert total < 5, "it stops sending when the turn has ended"
    assert not room.satellite.sending


def test_a_question_is_answered_without_the_wake_word_and_stop_silences(
    rooms: Callable[..., list[Room]], voice: Voice
) -> None:
    (room,) = rooms("kitchen")
    room.satellite.ask("set a timer")
    live([room], lambda: bool(room.of(PlaybackEnded)))
    room.card.say(np.concatenate([np.zeros(8000, np.float32), spoken(voice, "for twenty minutes")]))
    live([room], lambda: len(room.replies) > 1)
    assert "20 minutes" in room.replies[1]
    live([room], lambda: len(room.of(PlaybackEnded)) > 1)
    room.satellite.ask("tell me a joke")
    live([room], lambda: len(room.replies) > 2 and room.card._waiting.any())
    room.events += room.satellite.stop_speaking()
    assert not room.card._waiting.any()
    assert len(room.of(PlaybackEnded)) == 3
    ended = room.of(PlaybackEnded)[-1]
    assert isinstance(ended, PlaybackEnded)
    assert ended.interrupted


def test_stop_is_heard_in_the_room_and_silences_the_reply(
    rooms: Callable[..., list[Room]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (room,) = rooms("kitchen")
    room.satellite.ask("tell me a joke")
    live([room], lambda: bool(room.replies) and room.card._waiting.any())
    ears = room.satellite._ears.process

    def stopped(event: Event) -> Iterator[Event]:
        yield from ears(event)
        if isinstance(event, AudioChunk):
            monkeypatch.undo()
            yield StopDetected(word="stop", start=0, end=1, score=1.0)

    monkeypatch.setattr(room.satellite, "_ears", SimpleNamespace(process=stopped))
    live([room], lambda: bool(room.of(StopDetected)))
    assert not room.card._waiting.any()
    live([room], lambda: bool(room.of(PlaybackEnded)))
    (ended,) = room.of(PlaybackEnded)
    assert isinstance(ended, PlaybackEnded)
    assert ended.interrupted


@pytest.mark.parametrize("louder", [0, 1], ids=["the earlier one is louder", "the later one is louder"])
def test_of_two_satellites_that_hear_the_same_request_the_better_one_answers_alone(
    rooms: Callable[..., list[Room]], voice: Voice, louder: int
) -> None:
    near, far = rooms("kitchen", "hall")
    said = np.concatenate([spoken(voice, "computer"), spoken(voice, "what is the capital of france")])
    for place, room in enumerate((near, far)):
        late = np.zeros(3200 * place, np.float32)
        room.card.say(np.concatenate([late, said * (1.0 if place == louder else 0.3)]))
    both = [near, far]
    live(both, lambda: any(room.of(PlaybackEnded) for room in both))
    live(both, lambda: min(room.card.position for room in both) > 8 * SAMPLE_RATE)
    assert [len(room.of(WakeDetected)) for room in both] == [1, 1]
    assert [len(room.replies) for room in both] == [1 - louder, louder]
    assert both[1 - louder].told == ["another satellite answers"]
    assert len(both[1 - louder].of(Interpretation)) == 0
    # The other one is not out of the conversation for good.
    both[1 - louder].card.say(np.concatenate([np.zeros(16_000, np.float32), said]))
    live(both, lambda: len(both[1 - louder].replies) == 1)


def test_a_timer_rings_where_it_was_set_even_after_the_connection_was_lost(
    rooms: Callable[..., list[Room]], home: Home
) -> None:
    kitchen, hall = rooms("kitchen", "hall")
    kitchen.satellite.ask("set a timer for ten seconds")
    live([kitchen, hall], lambda: bool(kitchen.of(PlaybackEnded)))
    home.stop()
    live([kitchen, hall], lambda: any("trying again" in text for text in kitchen.told))
    assert not kitchen.link.send({"type": "stop"})
    home.start()
    live([kitchen, hall], lambda: len(kitchen.replies) == 2)
    assert "timer" in kitchen.replies[1].lower()
    assert hall.replies == []
    assert any("connected again" in text for text in kitchen.told)
    bell = make_bell()
    live([kitchen, hall], lambda: len(kitchen.card.output) and bool(np.abs(kitchen.card.output[-400:]).max() > 0.01))
    assert np.abs(hall.card.output).max() == 0
    assert len(bell) > 0


def test_the_wake_word_without_a_server_is_told_and_a_wrong_token_or_name_is_explained(
    rooms: Callable[..., list[Room]], home: Home, voice: Voice
) -> None:
    (room,) = rooms("kitchen")
    home.stop()
    try:
        live([room], lambda: not room.link.connected)
        room.card.say(spoken(voice, "computer"))
        live([room], lambda: bool(room.of(WakeDetected)))
        live([room], lambda: "heard the wake word, but the server cannot be reached" in room.told)
        with pytest.raises(LinkError, match="harken serve"):
            ServerLink(f"127.0.0.1:{home.port}", start=START).open()
    finally:
        home.start()
    with pytest.raises(LinkError, match="--token"):
        ServerLink(f"127.0.0.1:{home.port}", start=START, token="a wrong one").open()
    with pytest.raises(ConfigError, match="not a server"):
        ServerLink("ftp://nowhere", start=START)
    assert not room.of(TurnEnded)
