"""Golden traces: each stage alone, fed what it was fed when the trace was recorded, says what it said then.

If a change was meant: `python -m tests.golden.record`, and read what changed with `git diff`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.golden.record import CONVERSATIONS, FOLDER, make_assistant, record

from harken.events import AudioChunk, Event, FollowUpOpened, Reply, Transcript, TurnStarted, WakeSuspected
from harken.stage import Stage
from harken.trace import read_trace

_CLOSE = 2e-3
"""By which numbers may differ between machines, relatively or absolutely; of samples, absolutely."""


@cache
def trace(name: str) -> tuple[Event, ...]:
    return tuple(read_trace(FOLDER / name))


def stages(name: str) -> dict[str, Stage]:
    """The stages of a new assistant; each loads what it needs when it is fed."""
    return {stage.name: stage for stage in make_assistant(typed=CONVERSATIONS[name].typed).chain.stages}


def fed(name: str, stage: Stage) -> list[Event]:
    """What a stage takes. What is suspected in a chunk reaches the judge before the chunk, as in the pipeline."""
    given, held = list[Event](), list[Event]()
    for event in trace(name):
        if isinstance(event, AudioChunk) and WakeSuspected in stage.consumes:
            given, held = [*given, *held], [event]
        else:
            given.append(event)
    return [event for event in [*given, *held] if isinstance(event, stage.consumes)]


def difference(found: Any, wanted: Any, where: str = "") -> str:
    """The first place where two values are not alike; '' when they are."""
    if isinstance(wanted, np.ndarray):
        if len(found) != len(wanted):
            return f"{where}: {len(found)} samples instead of {len(wanted)}"
        worst = float(np.abs(found - wanted).max()) if len(wanted) else 0.0
        return "" if worst <= _CLOSE else f"{where}: samples differ by {worst:.4f}"
    if isinstance(wanted, float):
        alike = math.isclose(found, wanted, rel_tol=_CLOSE, abs_tol=_CLOSE)
        return "" if alike else f"{where}: {found} instead of {wanted}"
    if dataclasses.is_dataclass(wanted) and not isinstance(wanted, type):
        if type(found) is not type(wanted):
            return f"{where}: {type(found).__name__} instead of {type(wanted).__name__}"
        found, wanted = ({f.name: getattr(one, f.name) for f in dataclasses.fields(one)} for one in (found, wanted))
    if isinstance(wanted, Mapping):
        if found.keys() != wanted.keys():
            return f"{where}: {sorted(found)} instead of {sorted(wanted)}"
        return next((d for key in wanted if (d := difference(found[key], wanted[key], f"{where}.{key}"))), "")
    if isinstance(wanted, list | tuple):
        pairs = enumerate(zip(found, wanted, strict=False))
        inner = next((d for n, pair in pairs if (d := difference(*pair, f"{where}[{n}]"))), "")
        return inner or ("" if len(found) == len(wanted) else f"{where}: {len(found)} instead of {len(wanted)}")
    return "" if found == wanted else f"{where}: {found!r} instead of {wanted!r}"


CASES = [(name, stage.name) for name in CONVERSATIONS for stage in stages(name).values() if fed(name, stage)]


def test_every_stage_is_replayed() -> None:
    assert {stage for _, stage in CASES} == set(stages("time-in-tokyo"))


@pytest.mark.parametrize(("name", "stage"), CASES)
def test_each_stage_alone_says_what_it_said(name: str, stage: str) -> None:
    made = stages(name)
    alone, found = made[stage], list[Event]()
    for event in fed(name, alone):
        for out in alone.process(event):
            found.append(out)
            if stage == "gate" and isinstance(out, made["recognizer"].consumes):
                list(made["recognizer"].process(out))  # the gate asks it whether the request is complete
    wanted = [event for event in trace(name) if isinstance(event, alone.emits)]
    assert difference([*found, *alone.flush()], wanted, stage) == ""


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_whole_assistant_says_what_it_said(name: str) -> None:
    made = make_assistant(typed=CONVERSATIONS[name].typed)
    found: list[Event] = []
    for event in trace(name):
        if isinstance(event, AudioChunk):
            found += made.process(event.samples)
        elif CONVERSATIONS[name].typed and isinstance(event, Transcript):
            found += made.ask_text(event.text)
    found += made.flush()
    for kind in {type(event) for event in (*trace(name), *found)} - {AudioChunk}:
        now, then = ([event for event in events if type(event) is kind] for events in (found, trace(name)))
        assert difference(now, then, kind.__name__) == ""


def test_the_second_line_of_the_timer_needed_no_wake_word() -> None:
    events = trace("timer-follow-up")
    assert [event.reason for event in events if isinstance(event, TurnStarted)] == ["wake", "followup"]
    assert len([event for event in events if isinstance(event, FollowUpOpened)]) == 1


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_traces_are_of_the_conversations_that_would_be_recorded(name: str) -> None:
    replies = [event.text for event in trace(name) if isinstance(event, Reply)]
    wanted = [line.reply for line in CONVERSATIONS[name].lines]
    assert all(part in reply for part, reply in zip(wanted, replies, strict=True))


def test_recording_a_typed_conversation_anew_gives_the_same_trace(tmp_path: Path) -> None:
    record("front-door", tmp_path)
    assert difference(list(read_trace(tmp_path)), list(trace("front-door"))) == ""


def test_a_difference_is_told_with_its_place() -> None:
    one: Sequence[Event] = [Reply(turn=0, text="a", act="inform", data={"n": 1.0})]
    assert difference([Reply(turn=0, text="a", act="inform", data={"n": 1.001})], one, "x") == ""
    assert (
        difference([Reply(turn=0, text="a", act="inform", data={"n": 1.01})], one, "x")
        == "x[0].data.n: 1.01 instead of 1.0"
    )
    assert (
        difference([Reply(turn=0, text="b", act="inform", data={"n": 1.0})], one, "x")
        == "x[0].text: 'b' instead of 'a'"
    )
    assert difference([], one, "x") == "x: 0 instead of 1"
    assert (
        difference([AudioChunk(start=0, samples=np.zeros(2, np.float32))], one, "x")
        == "x[0]: AudioChunk instead of Reply"
    )
