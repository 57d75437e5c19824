"""What people say into a reply is heard behind a filter, and only while somebody speaks besides the loudspeaker."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from harken.activation.over_echo import WordsOverEcho
from harken.errors import PipelineError
from harken.events import (
    AudioChunk,
    EchoAlone,
    Event,
    NotDetected,
    PlaybackEnded,
    PlaybackStarted,
    PlayedAudio,
    Samples,
    SpeechActivity,
    StopDetected,
    WakeDetected,
)

BLOCK = 320


class Spotter:
    """Finds the word in every chunk while somebody speaks."""

    latency = 123

    def __init__(self, word: str = "stop") -> None:
        self.word, self.resets, self.speech = word, 0, False
        self.told: list[SpeechActivity] = []
        self.heard: list[AudioChunk] = []

    def process(self, event: Event) -> list[Event]:
        if isinstance(event, SpeechActivity):
            self.told.append(event)
            self.speech = event.speech
            return []
        assert isinstance(event, AudioChunk)
        self.heard.append(event)
        end = event.start + len(event.samples)
        return [WakeDetected(word=self.word, start=event.start, end=end, score=0.9)] if self.speech else []

    def flush(self) -> list[Event]:
        return [NotDetected(word=self.word, end=0, score=0.0)]

    def reset(self) -> None:
        self.resets += 1


class Own(Spotter):
    """Finds the word where the sound is loud."""

    def process(self, event: Event) -> list[Event]:
        if isinstance(event, SpeechActivity):
            self.told.append(event)
            return []
        assert isinstance(event, AudioChunk)
        self.heard.append(event)
        loud = np.flatnonzero(np.abs(event.samples) > 0.8)
        return [WakeDetected(word=self.word, start=0, end=1, score=0.9)] if len(loud) else []


def over(inner: Spotter, own: Spotter | None = None) -> WordsOverEcho:
    return WordsOverEcho(cast(Any, inner), own=cast(Any, own or Own()), stops=("stop",))


def chunk(start: int) -> AudioChunk:
    return AudioChunk(start=start, samples=np.full(BLOCK, 0.1, np.float32))


def sound(seconds: float, seed: int = 0) -> Samples:
    return (np.random.default_rng(seed).standard_normal(round(seconds * 16_000)) * 0.1).astype(np.float32)


def pour(stage: WordsOverEcho, microphone: Samples, played: Samples | None, size: int = BLOCK) -> list[Event]:
    stage.process(PlaybackStarted(turn=0, start=0))
    found = []
    for start in range(0, len(microphone), size):
        if played is not None:
            stage.process(PlayedAudio(start=start, samples=played[start : start + size]))
        found += stage.process(AudioChunk(start=start, samples=microphone[start : start + size]))
    return found


def test_words_are_heard_only_while_a_reply_plays_and_each_reply_begins_afresh() -> None:
    inner = Spotter()
    stage = over(inner)
    assert stage.process(chunk(0)) == []
    assert inner.heard == []
    stage.process(PlaybackStarted(turn=0, start=BLOCK))
    stage.process(PlaybackStarted(turn=1, start=BLOCK))
    assert inner.resets == 1
    assert stage.process(chunk(BLOCK)) == [StopDetected(word="stop", start=BLOCK, end=2 * BLOCK, score=0.9)]
    stage.process(PlaybackEnded(turn=1, end=2 * BLOCK))
    assert stage.process(chunk(2 * BLOCK)) == []
    stage.process(PlaybackStarted(turn=2, start=3 * BLOCK))
    assert inner.resets == 2
    assert stage.latency == 123 + BLOCK


@pytest.mark.parametrize(
    ("share", "listens", "alone"), [(0.03, False, True), (0.05, True, True), (0.09, True, True), (0.11, True, False)]
)
def test_it_listens_for_words_before_it_is_sure_that_somebody_speaks(share: float, listens: bool, alone: bool) -> None:
    inner = Spotter()
    stage = over(inner)
    stage._filter.filtered = lambda event: iter([(event, share)] if isinstance(event, AudioChunk) else [])  # type: ignore[method-assign,assignment,misc,return-value]
    stage.process(PlaybackStarted(turn=0, start=0))
    stage.process(PlayedAudio(start=0, samples=sound(0.02)))
    found = stage.process(chunk(0))
    assert inner.told[-1].speech is listens
    assert any(isinstance(event, StopDetected) for event in found) is listens
    assert any(isinstance(event, EchoAlone) and event.alone for event in found) is alone


def test_any_other_word_than_those_that_silence_is_a_wake_word() -> None:
    (found,) = pour(over(Spotter("computer")), sound(0.02), None)
    assert found == WakeDetected(word="computer", start=0, end=BLOCK, score=0.9)


@pytest.mark.parametrize(
    ("back", "word", "counts"), [(0.3, "stop", 0), (1.9, "stop", 0), (2.2, "stop", 1), (0.3, "go", 1)]
)
def test_a_word_that_the_loudspeaker_has_just_said_does_not_count(back: float, word: str, counts: int) -> None:
    inner, own = Spotter(), Own(word)
    stage = over(inner, own)
    stage.process(PlaybackStarted(turn=0, start=0))
    played = np.full(4800, 0.1, np.float32)
    said = 64_000 - round(back * 16_000)
    played[1000] = 0.9
    stage.process(PlayedAudio(start=said - 1000, samples=played))
    for start in range(0, 64_000 - BLOCK, BLOCK):
        stage._filter.process(AudioChunk(start=start, samples=np.zeros(BLOCK, np.float32)))
    assert len(stage.process(AudioChunk(start=64_000 - BLOCK, samples=sound(0.02)))) == counts
    assert own.resets == 1, "it begins afresh"
    assert own.told[0].speech
    assert own.told[0].start == own.heard[0].start == 32_000
    assert len(own.heard[0].samples) == 32_000


def test_nobody_speaks_where_the_loudspeaker_explains_what_is_heard() -> None:
    played = sound(2)
    room = np.zeros(1600, np.float32)
    room[[400, 700, 1500]] = 0.5, 0.2, -0.1
    inner = Spotter()
    found = pour(over(inner), np.convolve(played, room)[: len(played)].astype(np.float32), played)
    news = [event for event in found if isinstance(event, EchoAlone)]
    spoken = [event.speech for event in inner.told]
    assert not any(spoken[50:]), "after a second in the room"
    assert news[-1].alone
    assert news[-1].start < 16_000
    assert inner.told[60].score < 0.05
    assert (inner.told[60].start, inner.told[60].end) == (60 * BLOCK, 61 * BLOCK)


@pytest.mark.parametrize("decibel", [10.0, 0.0, -5.0])
def test_a_person_is_noticed_above_and_below_the_level_of_the_echo(decibel: float) -> None:
    played, person = sound(3), np.zeros(48_000, np.float32)
    person[32_000:40_000] = sound(0.5, seed=1) * 10 ** (decibel / 20)
    inner = Spotter()
    found = pour(over(inner), (0.5 * played + 0.5 * person).astype(np.float32), played)
    assert {event.start // 16_000 for event in found if isinstance(event, StopDetected) and event.start > 16_000} == {2}
    left = np.concatenate([event.samples for event in inner.heard])[34_000:40_000]
    spoken = 0.5 * person[34_000:40_000]
    assert 0.7 < float(np.dot(left, spoken) / np.dot(spoken, spoken)) < 1.1, "the person stays whole"


def test_what_nobody_played_is_not_taken_out() -> None:
    inner = Spotter()
    pour(over(inner), sound(1), None)
    assert all(event.speech and event.score == pytest.approx(1.0) for event in inner.told)
    assert np.array_equal(np.concatenate([event.samples for event in inner.heard]), sound(1))


def test_chunks_of_any_size_are_judged_by_the_same_blocks() -> None:
    played = sound(1)
    first, second = Spotter(), Spotter()
    pour(over(first), 0.5 * played, played)
    pour(over(second), 0.5 * played, played, size=1600)
    assert [event.score for event in second.told] == pytest.approx([event.score for event in first.told], abs=1e-6)


def test_it_tells_when_the_echo_is_alone_and_when_no_longer() -> None:
    played, quiet = sound(2), sound(1.5, seed=2) * 0.001
    stage = over(Spotter())
    late = np.concatenate([np.zeros(1600, np.float32), 0.5 * played])  # the last of it arrives after its end
    microphone = (
        np.concatenate([late, np.zeros(22_400, np.float32)])
        + np.concatenate([0.001 * sound(2, 3), quiet, quiet])[:56_000]
    )
    found = pour(stage, microphone.astype(np.float32), np.concatenate([played, np.zeros(24_000, np.float32)]))
    news = [(event.start, event.alone) for event in found if isinstance(event, EchoAlone)]
    assert [alone for _, alone in news] == [True, False] * (len(news) // 2), "only changes are told"
    heard_until = 33_600
    assert [alone for start, alone in news if start <= heard_until][-1], "until its end"
    assert not news[-1][1]
    assert news[-1][0] <= 32_000 + 28 * BLOCK + BLOCK, "what is played no longer is no echo"


def test_after_a_reset_the_echo_is_told_anew() -> None:
    stage, played = over(Spotter()), sound(1)
    for _ in range(2):
        found = pour(stage, 0.5 * played, played)
        assert [event.alone for event in found if isinstance(event, EchoAlone)] == [True]
        stage.reset()


def test_only_the_last_seconds_of_what_was_played_are_kept() -> None:
    stage, played = over(Spotter()), sound(5)
    pour(stage, 0.5 * played, played)
    kept = sum(len(part) for _, part in stage._played._parts)
    assert 32_000 <= kept <= 32_000 + 2 * BLOCK


def test_silence_is_nobody() -> None:
    inner = Spotter()
    assert pour(over(inner), np.zeros(3200, np.float32), None) == [], "and no echo either"
    assert not any(event.speech for event in inner.told)


def test_the_end_and_a_reset_reach_filter_and_spotter() -> None:
    inner = Spotter()
    stage = over(inner)
    assert stage.flush() == []
    stage.process(PlaybackStarted(turn=0, start=0))
    stage.process(chunk(0))
    assert stage.process(AudioChunk(start=BLOCK, samples=np.ones(100, np.float32))) == []
    assert stage.flush() == [StopDetected(word="stop", start=BLOCK, end=BLOCK + 100, score=0.9)]
    stage.reset()
    assert stage.process(chunk(0)) == [], "after a reset nothing plays"
    with pytest.raises(PipelineError, match="SpeechActivity"):
        stage.process(SpeechActivity(start=0, end=1, speech=True, score=1.0))
