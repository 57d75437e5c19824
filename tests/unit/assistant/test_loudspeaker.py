from __future__ import annotations

import numpy as np

from harken.assistant.loudspeaker import VirtualLoudspeaker
from harken.events import FollowUpOpened, PlaybackEnded, PlaybackStarted, Reply, SpeechChunk, TurnStarted


def chunk(samples: int, *, rate: int = 24_000, turn: int = 0) -> SpeechChunk:
    return SpeechChunk(turn=turn, samples=np.zeros(samples, np.float32), rate=rate, text_start=0, text_end=1)


def reply(*, asks: bool) -> Reply:
    return Reply(turn=0, text="which milk?", act="request", expects_answer=asks)


def test_a_reply_sounds_for_its_own_length_whatever_its_rate() -> None:
    speaker = VirtualLoudspeaker(follow_up=0)
    events = (reply(asks=False), chunk(24_000), chunk(12_000))
    assert [report for event in events for report in speaker.play(event, 1000)] == [PlaybackStarted(turn=0, start=1000)]
    assert speaker.advance(1000 + 23_999) == []
    assert speaker.advance(1000 + 24_000) == [PlaybackEnded(turn=0, end=25_000)]
    assert speaker.advance(30_000) == []


def test_a_question_opens_a_follow_up_when_it_has_been_asked() -> None:
    speaker = VirtualLoudspeaker(follow_up=500)
    speaker.play(reply(asks=True), 0)
    speaker.play(chunk(24_000), 0)
    assert speaker.advance(20_000)[1] == FollowUpOpened(turn=0, start=16_000, end=16_500)


def test_a_turn_that_begins_while_the_reply_sounds_cuts_it_off() -> None:
    speaker = VirtualLoudspeaker(follow_up=500)
    speaker.play(reply(asks=True), 0)
    speaker.play(chunk(24_000), 0)
    assert speaker.play(TurnStarted(turn=1, start=50, reason="bargein"), 100) == [PlaybackEnded(turn=0, end=100)]
    assert speaker.finish() == []


def test_finishing_plays_to_the_end() -> None:
    speaker = VirtualLoudspeaker(follow_up=0)
    speaker.play(chunk(24_000), 0)
    assert speaker.finish() == [PlaybackEnded(turn=0, end=16_000)]


def test_reset_falls_silent() -> None:
    speaker = VirtualLoudspeaker(follow_up=0)
    speaker.play(chunk(24_000), 0)
    speaker.reset()
    assert not speaker.playing
