"""A loudspeaker that is somewhere else."""

from __future__ import annotations

import numpy as np

from harken.events import PlaybackEnded, PlaybackStarted, SpeechChunk
from harken.serving.loudspeakers import ReportedLoudspeaker


def piece(turn: int) -> SpeechChunk:
    return SpeechChunk(turn=turn, samples=np.zeros(9, np.float32), rate=16_000, text_start=0, text_end=1)


def test_it_plays_from_the_first_piece_until_it_is_said_to_be_silent() -> None:
    speaker = ReportedLoudspeaker()
    assert not speaker.playing
    assert speaker.play(piece(4), 100) == [PlaybackStarted(turn=4, start=100)]
    assert speaker.play(piece(4), 200) == speaker.advance(10**9) == speaker.finish() == []
    assert speaker.playing
    assert speaker.ended(300, interrupted=False) == [PlaybackEnded(turn=4, end=300)]
    assert not speaker.playing
    assert speaker.ended(400, interrupted=False) == []


def test_it_falls_silent_when_it_is_stopped() -> None:
    speaker = ReportedLoudspeaker()
    speaker.play(piece(4), 100)
    assert speaker.stop(150) == [PlaybackEnded(turn=4, end=150, interrupted=True)]
    assert speaker.stop(160) == []
    speaker.play(piece(5), 200)
    speaker.reset()
    assert not speaker.playing
