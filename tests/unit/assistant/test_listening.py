"""The live loop on a simulated card: devices that go and come back, the tone, keys, typed turns. Stages of a few lines
take the place of the models."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from tests.unit.assistant.test_assistant import FakeChain

from harken.assistant import assistant, kept_card
from harken.assistant.kept_card import AGAIN
from harken.assistant.listening import Listening
from harken.assistant.profile import Profile, SoundSettings
from harken.assistant.simulated_card import SimulatedCard
from harken.audio.chime import make_bell, make_chime, make_greeting
from harken.events import (
    Event,
    FollowUpOpened,
    PlaybackEnded,
    PlaybackStarted,
    PlayedAudio,
    Reply,
    Samples,
    TurnEnded,
    TurnStarted,
)

LOUD = np.full(400, 0.9, np.float32)


class WakingChain(FakeChain):
    """Its turns begin as if after a wake word."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()
        heard = self.ears.process

        def process(event: Event) -> list[Event]:
            return [
                TurnStarted(turn=one.turn, start=one.start, reason="wake") if isinstance(one, TurnStarted) else one
                for one in heard(event)
            ]

        self.ears.process = process  # type: ignore[method-assign]


class Models:
    def __init__(self, **sound: Any) -> None:
        self.profile = Profile(sound=SoundSettings(**{"greeting": False, **sound}))


class World:
    """A conversation on a simulated card, what it told people, and a clock turned by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **sound: Any):
        monkeypatch.setattr(assistant, "Chain", WakingChain)
        monkeypatch.setattr(kept_card, "_PATIENCE", 0.0)
        self.card, self.told, self.now = SimulatedCard(), [], 100.0
        self.listening = Listening(
            cast(Any, Models(**sound)), self.card, live=False, tell=self.told.append, clock=lambda: self.now
        )
        self.listening.open()
        self.events: list[Event] = []

    def run(self, seconds: float) -> list[Event]:
        """Time passes at the microphone."""
        events = [event for _ in range(round(seconds * 50)) for event in self.listening.step()]
        self.now += seconds
        self.events += events
        return events

    def output(self) -> Samples:
        return self.card.output


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def kinds(events: list[Event]) -> list[str]:
    """Names of the events; this chain leaves it to others to take out the echo."""
    return [type(event).__name__ for event in events if not isinstance(event, PlayedAudio)]


def test_a_spoken_turn_is_answered_aloud_and_followed_up(world: World) -> None:
    world.card.say(LOUD)
    events = world.run(3)
    assert kinds(events) == [
        "TurnStarted", "TurnEnded", "Reply", "SpeechChunk", "PlaybackStarted", "SpeechChunk", "PlaybackEnded",
        "FollowUpOpened",
    ]  # fmt: skip
    ended = next(event for event in events if isinstance(event, PlaybackEnded))
    started = next(event for event in events if isinstance(event, PlaybackStarted))
    assert ended.end - started.start == pytest.approx(16_000, abs=640), "the reply lasts a second"


def test_a_short_tone_answers_the_wake_word_if_wanted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.card.say(LOUD)
    world.run(0.5)
    tone = make_chime()
    assert np.abs(world.output()).max() == pytest.approx(np.abs(tone).max())
    assert 0.1 < len(tone) / 16_000 < 0.3
    silent = World(monkeypatch, tone=False)
    silent.card.say(LOUD)
    silent.run(0.5)
    assert not silent.output().any()


def test_a_greeting_begins_and_begins_again_when_the_card_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, greeting=True)
    events = world.run(2)
    greeting = make_greeting()
    assert np.array_equal(world.output()[: len(greeting)], greeting)
    assert not world.output()[len(greeting) :].any()
    reported = np.concatenate([event.samples for event in events if isinstance(event, PlayedAudio)])
    assert np.array_equal(reported[: len(greeting)], greeting), "the echo filter is told"
    assert not kinds(events), "nobody takes it for speech"
    before = len(world.output())
    world.card.present = False
    world.run(0.1)
    world.card.present = True
    for _ in range(3):
        world.run(AGAIN)
    assert np.array_equal(np.trim_zeros(world.output()[before:]), np.trim_zeros(greeting))


def test_there_is_no_greeting_if_none_is_wanted_or_no_echo_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    for sound in ({"greeting": False}, {"greeting": True, "echo": False}):
        world = World(monkeypatch, **sound)
        world.run(2)
        assert not world.output().any()


def test_a_bell_rings_before_a_timer_is_announced(world: World) -> None:
    due = {"timer": 1, "kind": "timer", "label": "pasta"}
    cast(Any, world.listening.assistant.chain).due = [Reply(turn=0, text="Your timer is over.", act="inform", data=due)]
    events = world.run(4)
    bell = make_bell()
    assert kinds(events) == ["Reply", "SpeechChunk", "PlaybackStarted", "SpeechChunk", "PlaybackEnded"]
    ended = next(event for event in events if isinstance(event, PlaybackEnded))
    assert ended.end / 16_000 == pytest.approx(len(bell) / 16_000 + 1, abs=0.1), "the speech follows the bell"
    assert np.abs(world.output()).max() == pytest.approx(np.abs(bell).max())


def test_an_answer_and_a_delayed_request_ring_no_bell(world: World) -> None:
    for data in ({}, {"timer": 1, "kind": "action", "label": ""}):
        cast(Any, world.listening.assistant.chain).due = [Reply(turn=0, text="Done.", act="inform", data=data)]
        assert "Reply" in kinds(world.run(2))
    assert not world.output().any()


def test_a_card_that_goes_ends_the_turn_is_told_once_and_used_again_when_it_is_back(world: World) -> None:
    world.card.say(LOUD)
    world.run(0.2)
    world.card.present = False
    events = world.run(1.0)
    assert [event.reason for event in events if isinstance(event, TurnEnded)] == ["silence"], "nobody can be heard"
    assert not world.listening.connected
    assert world.listening.level == -100
    world.run(3 * AGAIN)
    assert len(world.told) == 1
    assert "trying again every 2 s" in world.told[0]
    world.card.present = True
    world.now += AGAIN
    world.run(0.1)
    assert world.listening.connected
    assert "listening again after" in world.told[1]
    world.card.say(LOUD)
    assert "Reply" in kinds(world.run(2))


def test_it_does_not_try_again_at_every_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    world.card.present = False
    world.run(0.02)
    monkeypatch.setattr(world.card, "open", lambda: tried.append(world.now))
    world.run(0.5)
    assert tried == []
    world.now += AGAIN
    world.run(0.5)
    assert len(tried) == 1


def test_a_reply_to_nobody_does_not_seem_to_play_for_ever(world: World) -> None:
    world.card.present = False
    world.run(0.1)
    events = world.listening.ask("hello")
    assert "Reply" in kinds(events)
    world.run(0.1)
    world.card.present = True
    world.now += AGAIN
    world.run(0.5)
    assert not world.output().any(), "an old reply is not played when the loudspeaker is back"
    world.card.say(LOUD)
    assert "FollowUpOpened" in kinds(world.run(3))


def test_what_is_typed_stops_what_is_being_said(world: World) -> None:
    world.listening.ask("hello")
    world.run(0.2)
    events = world.listening.ask("and now")
    assert kinds(events)[:2] == ["PlaybackEnded", "Transcript"]
    ended = events[0]
    assert isinstance(ended, PlaybackEnded)
    assert ended.interrupted


def test_the_key_silences_a_reply_and_opens_the_ear_without_a_wake_word(world: World) -> None:
    world.listening.ask("hello")
    world.run(0.2)
    first, second = world.listening.assistant.open_turn()
    assert isinstance(first, PlaybackEnded)
    assert isinstance(second, FollowUpOpened)
    assert (second.end - second.start) / 16_000 == Profile().turn.no_speech
    world.card.say(LOUD)
    world.run(0.2)
    assert world.listening.assistant.open_turn() == [], "somebody speaks already"


def test_lost_sound_is_told_now_and_then(world: World) -> None:
    world.run(0.1)
    world.card.lost = 1600
    world.run(0.1)
    world.card.lost = 3200
    world.run(0.1)
    assert world.told == ["0.10 s of sound were lost: this machine is too busy to keep up with the microphone"]
    world.now += 10
    world.run(0.1)
    assert len(world.told) == 2


def test_the_level_is_that_of_the_sound_heard_last(world: World) -> None:
    world.card.say(np.full(320, 0.1, np.float32))
    world.run(0.02)
    assert world.listening.level == pytest.approx(-20, abs=0.1)


def test_closing_ends_the_assistant_and_lets_go_of_the_card(world: World) -> None:
    with world.listening:
        pass
    assert cast(Any, world.listening.assistant.chain).closed
    assert not world.card._open
