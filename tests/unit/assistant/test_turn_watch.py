"""How long a turn took, stage by stage, from events and a clock that is turned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from harken.assistant.turn_watch import TurnTimes, TurnWatch
from harken.events import Event, Hypothesis, Interpretation, Reply, SpeechChunk, Transcript, TurnEnded, Word


def transcript(turn: int, *, end: int = 16_000, final: bool = True) -> Transcript:
    word = Word(text="hello", start=0, end=end, confidence=1.0)
    return Transcript(turn=turn, hypotheses=(Hypothesis(words=(word,), log_prob=0.0, confidence=1.0),), final=final)


def chunk(turn: int) -> SpeechChunk:
    return SpeechChunk(turn=turn, samples=np.zeros(10, np.float32), rate=16_000, text_start=0, text_end=1)


def meaning(turn: int) -> Interpretation:
    return Interpretation(turn=turn, text="hello", skill="", intent="", score=1.0)


def watched(*steps: tuple[float, Event], voice: bool = True) -> list[TurnTimes]:
    now = [0.0]
    watch = TurnWatch(voice=voice, clock=lambda: now[0])
    out = []
    for time, event in steps:
        now[0] = time
        out.append(watch.see(event))
    return [one for one in out if one is not None]


def test_the_wait_is_divided_among_the_stages() -> None:
    (times,) = watched(
        (0.5, transcript(3, final=False)),
        (1.0, TurnEnded(turn=3, end=24_000, reason="silence")),
        (1.1, transcript(3)),
        (1.3, meaning(3)),
        (1.6, Reply(turn=3, text="hi", act="inform")),
        (2.0, chunk(3)),
        (2.5, chunk(3)),
    )
    assert times.turn == 3
    assert (times.endpoint, times.words, times.meaning, times.reply, times.voice) == pytest.approx(
        (0.5, 0.1, 0.2, 0.3, 0.4)
    )
    assert (times.after_decision, times.total) == pytest.approx((1.0, 1.5))


def test_without_a_voice_the_reply_is_the_end() -> None:
    (times,) = watched(
        (1.0, TurnEnded(turn=0, end=24_000, reason="silence")),
        (1.1, transcript(0)),
        (1.2, meaning(0)),
        (1.4, Reply(turn=0, text="hi", act="inform")),
        voice=False,
    )
    assert (times.voice, times.after_decision) == pytest.approx((0.0, 0.4))


def test_other_turns_rings_and_turns_without_an_answer_have_no_times() -> None:
    assert not watched(
        (0.0, Reply(turn=7, text="Your timer is over.", act="inform")),
        (0.1, chunk(7)),
        (1.0, TurnEnded(turn=8, end=24_000, reason="timeout")),
        (1.1, TurnEnded(turn=9, end=24_000, reason="silence")),
        (1.2, Reply(turn=7, text="Your timer is over.", act="inform")),
        (1.3, chunk(9)),
    )
