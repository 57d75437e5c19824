"""Talking to it in a simulated room, with the shipped models: wake word, reply, follow-up, timer, stop, echo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harken.assistant import portaudio
from harken.assistant.listening import Listening
from harken.assistant.models import Models
from harken.assistant.simulated_card import SimulatedCard
from harken.data.mixing import active_level, apply_gain, match_level
from harken.data.rooms import Room, simulate_room
from harken.data.utterances import read_corpus
from harken.dialogue.clock import LOCAL
from harken.dialogue.store import Store
from harken.events import (
    Event,
    FollowUpOpened,
    PlaybackEnded,
    Reply,
    Samples,
    StopDetected,
    Transcript,
    TurnStarted,
    WakeDetected,
)

RATE = 16_000
PERSON = -26.0
"""dB of a person at the microphone."""
ROOM = Room(size=(4.2, 3.4, 2.5), source=(1.0, 1.2, 0.9), microphone=(2.2, 1.9, 0.8), rt60=0.35)


class Clock:
    """Time as the microphone hears it pass."""

    seconds = 0.0

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 3, 2, 9, 0, tzinfo=LOCAL) + dt.timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


class Kitchen:
    """A conversation in a room whose loudspeaker the microphone hears at a level relative to a person."""

    def __init__(self, models: Models, *, echo: float = -10.0, delay: float = 0.08):
        self.models, self.clock = models, models.clock
        room, voice = simulate_room(ROOM), models.voice.say("The capital of France is Paris.")
        loss = PERSON + echo - active_level(np.convolve(voice, room).astype(np.float32))
        noise = (np.random.default_rng(0).standard_normal(10 * RATE) * 10**-3.2).astype(np.float32)
        late = np.zeros(round(delay * RATE), np.float32)
        self.card = SimulatedCard(echo=np.concatenate([late, apply_gain(room, loss)]), noise=noise)
        self.listening = Listening(models, self.card, live=False)
        self.listening.open()
        self.run(1)  # the greeting

    def run(self, seconds: float, *, until: type[Event] | None = None) -> list[Event]:
        """Time passes: what happens, up to and including the step with the first event of a kind."""
        events: list[Event] = []
        for _ in range(round(seconds * 50)):
            self.clock.seconds += 0.02  # type: ignore[attr-defined]
            step = list(self.listening.step())  # to its end: what is not read does not happen
            events += step
            if until is not None and any(isinstance(event, until) for event in step):
                break
        return events

    def say(self, *words: Samples) -> None:
        """A person says words, with short pauses."""
        pause = np.zeros(1600, np.float32)
        self.card.say(np.concatenate([part for word in words for part in (match_level(word, PERSON), pause)]))

    def says(self, text: str) -> list[Event]:
        """A person, with harken's own voice, says "computer" and a request, and waits for the answer."""
        self.run(0.8)
        self.say(self.models.voice.say("computer"), self.models.voice.say(text))
        return self.run(12, until=PlaybackEnded)


@pytest.fixture(scope="module")
def models() -> Models:
    return Models.load("en", store=Store(":memory:"), clock=Clock())


@pytest.fixture
def kitchen(models: Models) -> Iterator[Kitchen]:
    kitchen = Kitchen(models)
    yield kitchen
    kitchen.listening.close()


def spoken(samples: Samples) -> Samples:
    """A recording from a little before the beginning of its word to the end."""
    power = np.square(samples[: len(samples) // 160 * 160].reshape(-1, 160)).mean(axis=1)
    active = np.flatnonzero(power > power.max() * 10**-3)
    return samples[max(0, int(active[0]) - 10) * 160 : (int(active[-1]) + 1) * 160]


def replies(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Reply)]


def heard(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Transcript) and event.final]


def test_a_request_a_question_its_answer_and_a_timer(kitchen: Kitchen) -> None:
    assert replies(kitchen.says("set a timer for ten seconds")) == ["Timer set for 10 seconds."]
    events = kitchen.says("unlock the front door")
    assert replies(events) == ["Shall I unlock the front door?"]
    assert not any(isinstance(event, TurnStarted) for event in kitchen.run(0.5)), "its own question is no answer"
    kitchen.say(kitchen.models.voice.say("yes"))
    events = kitchen.run(8, until=Reply)
    assert [event.reason for event in events if isinstance(event, TurnStarted)] == ["followup"]
    assert replies(events) == ["The front door is unlocked."]
    assert any("10 second" in text or "timer" in text.lower() for text in replies(kitchen.run(12))), "it rings"


@pytest.mark.pack
@pytest.mark.parametrize(("echo", "after"), [(-10.0, 1.5), (0.0, 2.5)])
def test_the_wake_word_interrupts_a_reply_and_opens_the_next_turn(models: Models, echo: float, after: float) -> None:
    kitchen = Kitchen(models, echo=echo)
    wake = next(u for u in read_corpus("wake-words", "dev") if u.label == "computer" and u.speaker == "voice018")
    kitchen.listening.ask("what can you do")
    kitchen.run(after)
    kitchen.say(spoken(wake.read()), kitchen.models.voice.say("what is the capital of france"))
    events = kitchen.run(10, until=Reply)
    ended = [event for event in events if isinstance(event, PlaybackEnded)]
    assert [event.interrupted for event in ended] == [True]
    assert [event.reason for event in events if isinstance(event, TurnStarted)] == ["bargein"]
    assert replies(events) == ["The capital of France is Paris."]
    kitchen.listening.close()


@pytest.mark.pack
def test_stop_silences_a_reply_and_asks_for_nothing(kitchen: Kitchen) -> None:
    # Nothing was learned from this speaker.
    word = next(spoken(u.read()) for u in read_corpus("an4") if u.text == "stop" and u.speaker == "an4-mjgm")
    kitchen.listening.ask("what can you do")
    kitchen.run(1.5)
    kitchen.say(word)
    begun = kitchen.card.position
    events = kitchen.run(3)
    (stopped,) = [event for event in events if isinstance(event, StopDetected)]
    assert stopped.word == "stop"
    (ended,) = [event for event in events if isinstance(event, PlaybackEnded)]
    assert ended.interrupted
    assert ended.end <= begun + len(word) + 0.4 * RATE
    assert not any(isinstance(event, TurnStarted | Transcript | Reply | FollowUpOpened) for event in events)
    assert not kitchen.card.output[ended.end + 640 :].any()


@pytest.mark.parametrize("echo", [-10.0, 0.0, 5.0])
@pytest.mark.parametrize("delay", [0.03, 0.25])
def test_its_own_voice_wakes_it_not_and_answers_no_question(models: Models, echo: float, delay: float) -> None:
    kitchen = Kitchen(models, echo=echo, delay=delay)
    kitchen.listening.ask("set a computer timer for 8 seconds")
    kitchen.run(5, until=PlaybackEnded)
    kitchen.listening.ask("unlock the front door")
    events = kitchen.run(14)
    assert any(isinstance(event, FollowUpOpened) for event in events)
    assert any("computer" in text for text in replies(events)), "it rings in the follow-up, and names the wake word"
    assert not [event for event in events if isinstance(event, TurnStarted | WakeDetected | StopDetected)]
    kitchen.listening.close()


def test_the_sound_card_may_go_and_come_back_in_the_middle_of_a_reply(kitchen: Kitchen) -> None:
    kitchen.listening.ask("what can you do")
    kitchen.run(1.0)
    kitchen.card.present = False
    events = kitchen.run(0.1)
    assert [event.interrupted for event in events if isinstance(event, PlaybackEnded)] == [True]
    kitchen.card.present = True
    kitchen.listening._kept._tried -= 60
    kitchen.run(0.2)
    assert kitchen.listening.connected
    assert replies(kitchen.says("what is the capital of france")) == ["The capital of France is Paris."]


@pytest.mark.pack
def test_recorded_people_are_answered(models: Models) -> None:
    wake = next(u for u in read_corpus("wake-words", "dev") if u.label == "computer" and u.speaker == "voice018")
    orders = read_corpus("coffee-commands", "dev")[:3]
    understood = 0
    for order in orders:
        kitchen = Kitchen(models, echo=0.0)
        kitchen.run(0.8)
        kitchen.say(wake.read(), order.read())
        events = kitchen.run(20, until=PlaybackEnded)
        understood += any("coming up" in text for text in replies(events))
        kitchen.listening.close()
    assert understood >= 2


def test_the_program_answers_what_is_typed_and_shows_the_device(
    harken: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    cards: list[SimulatedCard] = []

    class Card(SimulatedCard):
        def __init__(self, *, microphone: str, loudspeaker: str) -> None:
            super().__init__()
            self.wanted, self.reads = (microphone, loudspeaker), 0
            cards.append(self)

        def read(self, timeout: float) -> Any:
            self.reads += 1
            if self.reads > 600:
                raise KeyboardInterrupt
            return super().read(timeout)

    monkeypatch.setattr(portaudio, "PortAudioCard", Card)
    ran = harken("listen", "--plain", "--microphone", "usb", stdin=b"what is the capital of france\n")
    assert ran.status == 0
    assert "listening on simulated microphone, speaking on simulated loudspeaker; say “computer”" in ran.err
    assert "you: what is the capital of france\nharken: The capital of France is Paris.\n" in ran.out
    assert cards[0].wanted == ("usb", "")
    assert cards[0].output.any(), "it was spoken"
