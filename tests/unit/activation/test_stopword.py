"""The stop word counts while the assistant speaks, and only then."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from harken.activation.stopword import StopWordSpotter
from harken.errors import PipelineError
from harken.events import (
    AudioChunk,
    Event,
    NotDetected,
    PlaybackEnded,
    PlaybackStarted,
    SpeechActivity,
    StopDetected,
    TurnStarted,
    WakeDetected,
)


class Spotter:
    """Finds the word in every loud chunk."""

    latency = 123

    def __init__(self) -> None:
        self.resets = 0
        self.told: list[Event] = []

    def process(self, chunk: Event) -> list[Event]:
        self.told.append(chunk)
        if not isinstance(chunk, AudioChunk):
            return []
        end = chunk.start + len(chunk.samples)
        loud = bool(np.abs(chunk.samples).max() > 0.5)
        return [WakeDetected(word="stop", start=chunk.start, end=end, score=0.9)] if loud else []

    def flush(self) -> list[Event]:
        return [NotDetected(word="stop", end=0, score=0.0)]

    def reset(self) -> None:
        self.resets += 1


def chunk(start: int) -> AudioChunk:
    return AudioChunk(start=start, samples=np.ones(320, np.float32))


def stage() -> StopWordSpotter:
    return StopWordSpotter(cast(Any, Spotter()))


def test_it_is_heard_only_while_a_reply_plays() -> None:
    spotter = stage()
    assert spotter.process(chunk(0)) == []
    spotter.process(PlaybackStarted(turn=0, start=320))
    assert spotter.process(chunk(320)) == [StopDetected(word="stop", start=320, end=640, score=0.9)]
    spotter.process(PlaybackEnded(turn=0, end=640))
    assert spotter.process(chunk(640)) == []


def test_it_is_told_who_speaks_while_a_reply_plays() -> None:
    inner = Spotter()
    spotter = StopWordSpotter(cast(Any, inner))
    speech = SpeechActivity(start=0, end=1280, speech=True, score=0.9)
    spotter.process(speech)
    assert inner.told == []
    spotter.process(PlaybackStarted(turn=0, start=0))
    assert spotter.process(speech) == []
    assert inner.told == [speech]
    assert spotter.latency == 123


def test_each_reply_begins_afresh_and_a_second_piece_of_it_does_not() -> None:
    inner = Spotter()
    spotter = StopWordSpotter(cast(Any, inner))
    spotter.process(PlaybackStarted(turn=0, start=0))
    spotter.process(PlaybackStarted(turn=1, start=320))
    assert inner.resets == 1
    spotter.process(PlaybackEnded(turn=1, end=640))
    spotter.process(PlaybackStarted(turn=2, start=960))
    assert inner.resets == 2


def test_the_end_of_the_stream_tells_nothing_of_a_word_that_was_not_said() -> None:
    spotter = stage()
    assert spotter.flush() == []
    spotter.process(PlaybackStarted(turn=0, start=0))
    assert spotter.flush() == []
    spotter.reset()
    assert spotter.process(chunk(0)) == [], "after a reset nothing plays"


def test_other_events_are_refused() -> None:
    with pytest.raises(PipelineError, match="TurnStarted"):
        stage().process(TurnStarted(turn=0, start=0, reason="wake"))
