"""The loop, with stages of a few lines: what flows back, what is left out, and that the chunking does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from harken.assistant.assistant import Assistant, typed
from harken.assistant.profile import Profile, TurnSettings
from harken.errors import AudioError
from harken.events import (
    AudioChunk,
    Event,
    FollowUpOpened,
    Hypothesis,
    PlaybackEnded,
    PlaybackStarted,
    Reply,
    SpeechChunk,
    Transcript,
    TurnAudio,
    TurnEnded,
    TurnStarted,
)
from harken.languages.loading import load_locale
from harken.stage import Pipeline


class Ears:
    """A turn begins where it is loud and ends after a second; everything fed back is remembered."""

    name, latency = "ears", 0
    consumes = (AudioChunk, PlaybackStarted, PlaybackEnded, FollowUpOpened)
    emits = (TurnStarted, TurnAudio, TurnEnded, Transcript)

    def __init__(self) -> None:
        self.fed_back: list[Event] = []
        self.reset()

    def reset(self) -> None:
        self.turn, self.end = -1, -1

    def process(self, event: Event) -> list[Event]:
        if not isinstance(event, AudioChunk):
            self.fed_back.append(event)
            return []
        end = event.start + len(event.samples)
        if self.end < 0 and np.abs(event.samples).max() > 0.5:
            self.turn, self.end = self.turn + 1, event.start + 16_000
            return [TurnStarted(turn=self.turn, start=event.start, reason="open")]
        if 0 <= self.end <= end:
            self.end = -1
            return [TurnEnded(turn=self.turn, end=end, reason="silence")]
        return []

    def flush(self) -> list[Event]:
        return [TurnEnded(turn=self.turn, end=-1, reason="flush")] if self.end >= 0 else []


class Answerer:
    """Each turn, heard or typed, is answered by a question."""

    name, latency = "answerer", 0
    consumes = (TurnEnded, Transcript, TurnAudio)
    emits = (Reply,)

    def process(self, event: Event) -> list[Event]:
        if isinstance(event, TurnAudio):
            return []
        assert isinstance(event, TurnEnded | Transcript)
        return [Reply(turn=event.turn, text="and you?", act="request", expects_answer=True)]

    def flush(self) -> list[Event]:
        return []

    def reset(self) -> None:
        """Nothing to forget."""


class FakeChain:
    profile = Profile(turn=TurnSettings(follow_up=2.0))
    stages: tuple[Any, ...] = ()
    wake = False
    locale = load_locale()

    def __init__(self) -> None:
        self.ears = Ears()
        self.pipeline = Pipeline((self.ears, Answerer()))
        self.looks = 0
        self.due: list[Reply] = []

    def pick_up_changes(self) -> bool:
        self.looks += 1
        return False

    def ring(self) -> list[Reply]:
        due, self.due = self.due, []
        return due

    def speak(self, reply: Reply) -> Iterator[Event]:
        for _ in range(2):
            samples = np.zeros(12_000, np.float32)
            yield SpeechChunk(turn=reply.turn, samples=samples, rate=24_000, text_start=0, text_end=8)

    def reset(self) -> None:
        self.pipeline.reset()

    def restart_hearing(self) -> None:
        self.ears.reset()


def made() -> tuple[Assistant, FakeChain]:
    chain = FakeChain()
    return Assistant(chain), chain  # type: ignore[arg-type]


def sound(seconds: float = 6) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    samples = np.zeros(round(16_000 * seconds), np.float32)
    samples[8000:9000] = 0.9
    return samples


def names(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_turn_runs_from_sound_to_reply_and_playback_flows_back() -> None:
    assistant, chain = made()
    said = [*assistant.process(sound()), *assistant.flush()]
    assert names(said) == [
        "TurnStarted", "TurnEnded", "Reply", "SpeechChunk", "PlaybackStarted", "SpeechChunk", "PlaybackEnded",
        "FollowUpOpened",
    ]  # fmt: skip
    assert names(chain.ears.fed_back) == ["PlaybackStarted", "PlaybackEnded", "FollowUpOpened"]
    started, ended, follow_up = chain.ears.fed_back
    assert isinstance(started, PlaybackStarted)
    assert isinstance(ended, PlaybackEnded)
    assert isinstance(follow_up, FollowUpOpened)
    assert ended.end - started.start == 16_000, "24,000 samples at 24 kHz last one second"
    assert follow_up.end - follow_up.start == 32_000, "two seconds by the profile"


@pytest.mark.parametrize("size", [1, 7, 319, 320, 5000])
def test_any_chunking_gives_the_same_events(size: int) -> None:
    def run(parts: list[Any]) -> list[str]:
        assistant, _ = made()
        said = [event for part in parts for event in assistant.process(part)] + assistant.flush()
        return [str(event)[:120] for event in said]

    samples = sound(3)
    assert run(np.array_split(samples, range(size, len(samples), size))) == run([samples])


def test_pieces_of_the_reply_come_before_the_reply_is_complete() -> None:
    assistant, chain = made()
    spoken: list[str] = []
    chain.speak = lambda reply: iter(_told(spoken, reply))  # type: ignore[method-assign]
    for event in assistant.stream(sound()):
        if isinstance(event, SpeechChunk):
            break
    assert spoken == ["first"]


def _told(spoken: list[str], reply: Reply) -> Iterator[SpeechChunk]:
    for name in ("first", "second"):
        spoken.append(name)
        yield SpeechChunk(turn=reply.turn, samples=np.zeros(10, np.float32), rate=16_000, text_start=0, text_end=1)


def test_reset_and_replay_agree() -> None:
    assistant, _ = made()
    first = names([*assistant.process(sound()), *assistant.flush()])
    assistant.reset()
    assert names([*assistant.process(sound()), *assistant.flush()]) == first


def test_a_turn_under_way_at_the_end_is_closed_by_flush() -> None:
    assistant, _ = made()
    assert names(assistant.process(sound(1))) == ["TurnStarted"]
    assert names(assistant.flush())[:2] == ["TurnEnded", "Reply"]


def test_typed_turns_are_counted_and_answered() -> None:
    assistant, _ = made()
    first, second = assistant.ask_text("Hello there!"), assistant.ask_text("again")
    assert isinstance(first[0], Transcript)
    assert first[0].text == "hello there"
    assert [event.turn for event in (first[0], second[0]) if isinstance(event, Transcript)] == [0, 1]
    assert "Reply" in names(first)


def test_a_recorded_turn_without_wake_word_is_the_whole_recording() -> None:
    assistant, _ = made()
    said = assistant.ask_audio(sound(1))
    assert names(said)[:3] == ["TurnStarted", "TurnAudio", "TurnEnded"]
    again = assistant.ask_audio(sound(1))
    assert isinstance(again[0], TurnStarted)
    assert (again[0].turn, again[0].start) == (1, 16_000)


def test_changes_are_looked_for_once_a_second_but_not_within_a_turn() -> None:
    assistant, chain = made()
    assistant.process(np.zeros(16_000 * 3, np.float32))
    assert chain.looks == 3
    assistant.process(np.full(16_000, 0.9, np.float32)[:8000])
    looks = chain.looks
    assistant.process(np.zeros(4000, np.float32))
    assert chain.looks == looks


def test_a_timer_that_is_due_is_spoken() -> None:
    assistant, chain = made()
    chain.due = [Reply(turn=-1, text="Your timer is done.", act="inform")]
    assert names(assistant.process(np.zeros(400, np.float32)))[:2] == ["Reply", "SpeechChunk"]


def test_samples_that_are_not_numbers_count_as_silence() -> None:
    assistant, _ = made()
    assert assistant.process(np.full(16_000, np.nan, np.float32)) == []
    assert assistant.process(np.full(16_000, np.inf)) == []


@pytest.mark.parametrize("samples", [np.zeros((2, 100), np.float32), np.zeros(100, np.int16)])
def test_other_than_a_row_of_floats_is_refused_with_advice(samples: Any) -> None:
    assistant, _ = made()
    with pytest.raises(AudioError, match="divide by 32768"):
        assistant.process(samples)


def test_a_typed_text_is_certain_of_every_word() -> None:
    transcript = typed("It's 3 o'clock", turn=4, position=10, locale=load_locale())
    assert isinstance(transcript.hypotheses[0], Hypothesis)
    assert transcript.final
    assert {word.confidence for word in transcript.hypotheses[0].words} == {1.0}
    assert "three" in transcript.text
