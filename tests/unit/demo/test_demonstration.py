from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harken.audio.files import read_audio
from harken.demo.demonstration import TIMELINE, Outcome, choose_requests, run_demo
from harken.demo.requests import OWN_VOICE, SpokenRequest
from harken.events import (
    Event,
    Hypothesis,
    Interpretation,
    Reply,
    Samples,
    SpeechChunk,
    Transcript,
    TurnEnded,
    TurnStarted,
    WakeDetected,
    Word,
)


class Hearing:
    """An assistant that understands what is loud."""

    seconds = {"wakeword": 0.5, "recognizer": 1.0, "synthesizer": 0.25}

    def __init__(self) -> None:
        self.resets = 0

    def restart_clock(self) -> None:
        """Times are made up."""

    def reset(self) -> None:
        self.resets += 1

    def flush(self) -> list[Event]:
        return []

    def say(self, text: str) -> tuple[Samples, int]:
        noise = np.random.default_rng(0).standard_normal(4000 * len(text.split()))
        return (0.1 * noise).astype(np.float32), 16_000

    def process(self, samples: Samples) -> list[Event]:
        if float(np.abs(samples).max()) < 0.5:
            return []
        word = Word(text="hello", start=0, end=100, confidence=1.0)
        return [
            WakeDetected(word="computer", start=0, end=100, score=0.9),
            TurnStarted(turn=0, start=100, reason="wake"),
            TurnEnded(turn=0, end=900, reason="silence"),
            Transcript(turn=0, hypotheses=(Hypothesis(words=(word,), log_prob=0.0, confidence=1.0),)),
            Interpretation(turn=0, text="hello", skill="talk", intent="greet", score=1.0),
            Reply(turn=0, text="Hi.", act="greet"),
            SpeechChunk(turn=0, samples=np.full(8000, 0.1, np.float32), rate=16_000, text_start=0, text_end=3),
        ]


def request(group: str, loudness: float) -> SpokenRequest:
    samples = np.full(16_000, loudness, np.float32)
    return SpokenRequest(group=group, title=f"{group} {loudness}", samples=samples, skill="talk", intent="greet")


def test_success_is_counted_per_group_and_each_reply_is_a_file(tmp_path: Path) -> None:
    told: list[Outcome] = []
    assistant: Any = Hearing()
    requests = [request("a", 0.9), request("a", 0.1), request("b", 0.9)]
    report = run_demo(assistant, requests, tmp_path, notes=["n"], progress=told.append)
    assert report.groups() == {"a": (1, 1, 2), "b": (1, 1, 1)}
    assert [one.understood for one in told] == [True, False, True]
    assert (told[0].heard, told[0].said, told[1].said) == ("hello", "Hi.", "")
    assert sorted(path.name for path in tmp_path.glob("*.wav")) == ["reply-01.wav", "reply-03.wav"]
    assert len(read_audio(tmp_path / "reply-01.wav")) == 8000
    assert (tmp_path / TIMELINE).read_bytes().startswith(b"\x89PNG")
    assert assistant.resets == 3, "each request is a conversation of its own"
    assert report.notes == ("n",)


def test_the_table_says_what_each_stage_did_and_took(tmp_path: Path) -> None:
    assistant: Any = Hearing()
    report = run_demo(assistant, [request("a", 0.9), request("a", 0.1)], tmp_path)
    rows = {stage.stage: stage for stage in report.stages}
    assert rows["wakeword"].did == "heard the wake word in 1 of 2"
    assert rows["wakeword"].rtf == pytest.approx(0.25), "half a second of work for two seconds of sound"
    assert rows["recognizer"].did == "wrote 1 words in 1 turns"
    assert rows["synthesizer"].did == "spoke 0 s" or "spoke" in rows["synthesizer"].did


def test_without_recordings_our_own_voice_asks_all_skills() -> None:
    assistant: Any = Hearing()
    requests, notes = choose_requests(assistant, None)
    assert len(requests) >= 8
    assert {one.group for one in requests} == {OWN_VOICE}
    assert len({one.skill for one in requests}) >= 5
    assert "own voice" in notes[0]
