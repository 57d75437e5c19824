"""A satellite by itself: what it plays of what a server sends."""

from __future__ import annotations

import numpy as np
import pytest

from harken.assistant import kept_card
from harken.assistant.models import Models
from harken.assistant.satellite import Satellite
from harken.assistant.server_link import Told
from harken.assistant.simulated_card import SimulatedCard
from harken.audio.chime import make_greeting
from harken.audio.pcm import to_pcm
from harken.dialogue.store import Store
from harken.events import Event, PlaybackEnded, PlaybackStarted, Reply, SpeechChunk
from harken.stage import NO_TURN
from harken.trace import to_json


class Line:
    """A server that says what it is told to."""

    connected = True

    def __init__(self) -> None:
        self.sent: list[object] = []
        self.coming: list[Told] = []

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def send(self, message: object) -> bool:
        self.sent.append(message)
        return True

    def received(self) -> list[Told]:
        coming, self.coming = self.coming, []
        return coming

    def says(self, event: Event) -> None:
        sound = to_pcm(event.samples) if isinstance(event, SpeechChunk) else b""
        self.coming.append(({"type": "event", **to_json(event)}, sound))


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def card() -> SimulatedCard:
    return SimulatedCard()


@pytest.fixture
def satellite(line: Line, card: SimulatedCard) -> Satellite:
    satellite = Satellite(Models.load(store=Store(":memory:")), card, line)
    satellite.open()
    run(satellite, 1.0)  # the greeting
    return satellite


def run(satellite: Satellite, seconds: float) -> list[Event]:
    return [event for _ in range(round(seconds * 50)) for event in satellite.step()]


def speech(turn: int) -> SpeechChunk:
    return SpeechChunk(turn=turn, samples=np.full(32_000, 0.1, np.float32), rate=16_000, text_start=0, text_end=1)


def test_a_greeting_begins_and_begins_again_when_the_card_is_back(
    satellite: Satellite, card: SimulatedCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    greeting, before = make_greeting(), len(card.output)
    assert np.array_equal(card.output[: len(greeting)], greeting)
    monkeypatch.setattr(kept_card, "AGAIN", 0.0)
    card.present = False
    run(satellite, 0.1)
    card.present = True
    run(satellite, 1.0)
    assert np.array_equal(np.trim_zeros(card.output[before:]), np.trim_zeros(greeting))


def test_what_was_on_its_way_when_a_reply_was_stopped_is_not_played(
    satellite: Satellite, line: Line, card: SimulatedCard
) -> None:
    line.says(speech(3))
    list(satellite.step())
    list(satellite.step())
    assert np.abs(card.output[-320:]).max() > 0.05
    (ended,) = satellite.stop_speaking()
    assert isinstance(ended, PlaybackEnded)
    assert ended.interrupted
    line.says(speech(3))
    for _ in range(3):
        list(satellite.step())
    assert np.abs(card.output[-640:]).max() == 0
    line.says(speech(4))
    for _ in range(2):
        list(satellite.step())
    assert np.abs(card.output[-320:]).max() > 0.05, "the next reply is played"


def test_the_rest_of_a_reply_that_comes_late_is_played(satellite: Satellite, line: Line, card: SimulatedCard) -> None:
    line.says(speech(3))
    reports = [event for _ in range(120) for event in satellite.step()]
    assert [one.interrupted for one in reports if isinstance(one, PlaybackEnded)] == [False]
    line.says(speech(3))
    for _ in range(2):
        list(satellite.step())
    assert np.abs(card.output[-320:]).max() > 0.05


def test_a_new_connection_counts_its_turns_anew(satellite: Satellite, line: Line, card: SimulatedCard) -> None:
    line.says(speech(0))
    list(satellite.step())
    line.coming.append(({"type": "lost"}, b""))
    list(satellite.step())
    line.says(speech(0))
    for _ in range(2):
        list(satellite.step())
    assert np.abs(card.output[-320:]).max() > 0.05


@pytest.mark.parametrize("turn", [NO_TURN, 3])
def test_a_timer_rings_with_the_number_of_the_last_turn_even_of_one_that_was_stopped(
    satellite: Satellite, line: Line, card: SimulatedCard, turn: int
) -> None:
    if turn != NO_TURN:
        line.says(speech(turn))
        list(satellite.step())
        assert satellite.stop_speaking()
    timer = {"timer": 1, "kind": "timer", "label": ""}
    line.says(Reply(turn=turn, text="Your timer is done.", act="inform", data=timer))
    line.says(speech(turn))
    reports = [event for _ in range(200) for event in satellite.step()]
    assert [type(one) for one in reports if isinstance(one, PlaybackStarted | PlaybackEnded)] == [
        PlaybackStarted, PlaybackEnded,
    ]  # fmt: skip
    assert np.count_nonzero(np.abs(card.output - 0.1) < 0.01) > 30_000, "its speech follows the bell"
