from __future__ import annotations

import numpy as np

from harken.assistant.loudspeaker import VirtualLoudspeaker
from harken.events import PlaybackEnded, PlaybackStarted, SpeechChunk


def chunk(samples: int, *, rate: int = 24_000, turn: int = 0) -> SpeechChunk:
    return SpeechChunk(turn=turn, samples=np.zeros(samples, np.float32), rate=rate, text_start=0, text_end=1)


def test_a_reply_sounds_for_its_own_length_whatever_its_rate() -> None:
    loudspeaker = VirtualLoudspeaker()
    assert loudspeaker.play(chunk(24_000), 1000) == [PlaybackStarted(turn=0, start=1000)]
    assert loudspeaker.play(chunk(12_000), 1000) == [], "the second piece sounds behind the first"
    assert loudspeaker.advance(1000 + 23_999) == []
    assert loudspeaker.advance(1000 + 24_000) == [PlaybackEnded(turn=0, end=25_000)]
    assert loudspeaker.advance(30_000) == []


def test_a_reply_that_is_stopped_ends_there_and_says_that_it_was_interrupted() -> None:
    loudspeaker = VirtualLoudspeaker()
    assert loudspeaker.stop(50) == []
    loudspeaker.play(chunk(24_000), 0)
    assert loudspeaker.stop(100) == [PlaybackEnded(turn=0, end=100, interrupted=True)]
    assert loudspeaker.finish() == []


def test_finishing_plays_to_the_end() -> None:
    loudspeaker = VirtualLoudspeaker()
    loudspeaker.play(chunk(24_000), 0)
    assert loudspeaker.finish() == [PlaybackEnded(turn=0, end=16_000)]


def test_reset_falls_silent() -> None:
    loudspeaker = VirtualLoudspeaker()
    loudspeaker.play(chunk(24_000), 0)
    loudspeaker.reset()
    assert not loudspeaker.playing
