"""What is told about the time that a turn took."""

from __future__ import annotations

import numpy as np

from harken.events import (
    Hypothesis,
    Interpretation,
    Reply,
    SpeechChunk,
    Transcript,
    TurnEnded,
    TurnStarted,
    Word,
)
from harken.serving.latency import TurnClock


def transcript(turn: int, *, final: bool = True, written: str = "") -> Transcript:
    word = Word(text="hello", start=0, end=1, confidence=1.0)
    return Transcript(
        turn=turn, hypotheses=(Hypothesis(words=(word,), log_prob=0.0, confidence=1.0),), final=final, written=written
    )


def test_times_count_from_the_end_of_the_turn_and_processor_time_from_its_start() -> None:
    now, used = [0.0], {"recognizer": 1.0, "voice": 2.0}
    clock = TurnClock(lambda: dict(used), clock=lambda: now[0])
    seen = []
    for at, event in (
        (0.0, TurnStarted(turn=3, start=0, reason="wake")),
        (1.0, transcript(3, final=False)),
        (2.0, TurnEnded(turn=3, end=9, reason="silence")),
        (2.1, transcript(3)),
        (2.2, Interpretation(turn=3, text="", skill="", intent="", score=1.0)),
        (2.25, Reply(turn=2, text="ring", act="inform")),
        (2.3, Reply(turn=3, text="", act="inform")),
        (2.5, SpeechChunk(turn=3, samples=np.zeros(1, np.float32), rate=16_000, text_start=0, text_end=1)),
        (2.9, SpeechChunk(turn=3, samples=np.zeros(1, np.float32), rate=16_000, text_start=0, text_end=1)),
    ):
        now[0] = at
        seen.append({step: round(took, 3) for step, took in clock.see(event).items()})
    assert seen == [{}, {}, {}, {"transcript": 0.1}, {"interpretation": 0.2}, {}, {"reply": 0.3}, {"speech": 0.5}, {}]
    used["recognizer"] += 0.25
    assert clock.message() == {
        "type": "latency", "turn": 3, "processor": {"recognizer": 250.0},
        "after_end": {"transcript": 100.0, "interpretation": 200.0, "reply": 300.0, "speech": 500.0},
    }  # fmt: skip


def test_a_typed_turn_begins_and_ends_with_its_text() -> None:
    now = [5.0]
    clock = TurnClock(dict, clock=lambda: now[0])
    assert clock.see(transcript(0, written="hello")) == {"transcript": 0.0}
    now[0] = 5.5
    assert clock.see(Reply(turn=0, text="hi", act="inform")) == {"reply": 0.5}
    clock.see(transcript(1, written="again"))
    now[0] = 5.75
    assert clock.see(Reply(turn=1, text="hi", act="inform")) == {"reply": 0.25}
