"""Traces: what is written comes back, event by event and sample by sample."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from harken.errors import DataError
from harken.events import (
    AudioChunk,
    Bin,
    Event,
    Hypothesis,
    Interpretation,
    Slot,
    SpeechChunk,
    StateChanged,
    Transcript,
    Word,
)
from harken.trace import TraceWriter, read_trace


def session() -> list[Event]:
    word = Word(text="café", start=0, end=5, confidence=0.5)
    slot = Slot(name="n", text="three", value=3, first=0, last=1, score=1.0)
    return [
        AudioChunk(start=0, samples=np.linspace(-1, 1, 5, dtype=np.float32)),
        AudioChunk(start=5, samples=np.full(1, 0.25, np.float32)),
        Transcript(
            turn=0,
            hypotheses=(Hypothesis(words=(word,), log_prob=-3.0, confidence=0.5),),
            confusion=(Bin(start=0, end=5, words=(("café", 0.5), ("", 0.5))),),
        ),
        Interpretation(
            turn=0, text="x", skill="s", intent="i", score=0.4, slots=(slot,), alternatives=(("a", "b", 0.1),)
        ),
        StateChanged(turn=0, state={"slots": {"n": 3}, "history": ["x"]}),
        SpeechChunk(turn=0, samples=np.zeros(4, np.float32), rate=22050, text_start=0, text_end=3),
    ]


def test_a_session_survives_the_trip(tmp_path: Path):
    with TraceWriter(tmp_path) as trace:
        for event in session():
            trace.write(event)
    for written, restored in zip(session(), read_trace(tmp_path), strict=True):
        assert type(written) is type(restored)
        for field in dataclasses.fields(written):
            np.testing.assert_equal(getattr(restored, field.name), getattr(written, field.name))


def test_a_compact_trace_keeps_whole_steps_exactly_and_rounds_the_rest(tmp_path: Path):
    steps = np.arange(-32768, 32768, 7)
    exact = AudioChunk(start=0, samples=(steps / 32768).astype(np.float32))
    rounded = AudioChunk(start=len(steps), samples=np.asarray([1.0, 0.1, -0.1, 1.4 / 32768, 1.6 / 32768], np.float32))
    with TraceWriter(tmp_path, compact=True) as trace:
        trace.write(exact)
        trace.write(rounded)
    first, second = (event.samples for event in read_trace(tmp_path) if isinstance(event, AudioChunk))
    np.testing.assert_array_equal(first, exact.samples)
    assert (second * 32768).tolist() == [32767, 3277, -3277, 1, 2]
    assert [path.suffix for path in tmp_path.glob("Audio*")] == [".flac"]


def test_a_line_of_another_version_is_named(tmp_path: Path):
    (tmp_path / "events.jsonl").write_text('{"event": "Telepathy", "turn": 0}\n')
    with pytest.raises(DataError, match=r"events.jsonl:1 is not a trace event"):
        list(read_trace(tmp_path))


def test_a_folder_without_events_is_no_trace(tmp_path: Path):
    with pytest.raises(DataError, match="is not a trace"):
        list(read_trace(tmp_path))


def test_an_event_comes_back_from_its_plain_values() -> None:
    from harken.errors import DataError
    from harken.events import Reply, SpeechChunk
    from harken.trace import from_json, to_json

    reply = Reply(turn=3, text="Paris.", act="inform", data={"list": [1, 2]})
    assert from_json(to_json(reply)) == reply
    samples = np.zeros(4, np.float32)
    chunk = SpeechChunk(turn=3, samples=samples, rate=16_000, text_start=0, text_end=5)
    assert from_json(to_json(chunk), samples=samples).samples is samples  # type: ignore[attr-defined]
    for broken in (
        {},
        {"event": "Nothing"},
        {"event": "Reply"},
        {"event": "Reply", "turn": 1, "colour": 2},
        {"event": []},
    ):
        with pytest.raises(DataError, match="not an event"):
            from_json(broken)
