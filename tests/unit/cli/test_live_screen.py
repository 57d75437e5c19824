"""What a live conversation shows: lines, JSON, meters."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from harken.assistant.turn_watch import TurnTimes
from harken.cli import live_screen
from harken.cli.live_screen import JsonScreen, LineScreen, Meters, TerminalScreen, open_screen, panel
from harken.events import (
    NOBODY_SPOKE,
    Event,
    Hypothesis,
    PlaybackEnded,
    PlaybackStarted,
    Reply,
    SpeechActivity,
    SpeechChunk,
    StageFailed,
    StopDetected,
    Transcript,
    TurnEnded,
    TurnStarted,
    WakeDetected,
    Word,
)

TIMES = TurnTimes(turn=0, endpoint=0.5, words=0.05, meaning=0.02, reply=0.01, voice=0.02)


def transcript(text: str, *, final: bool = True) -> Transcript:
    words = tuple(Word(text=word, start=0, end=1, confidence=1.0) for word in text.split())
    return Transcript(turn=0, hypotheses=(Hypothesis(words=words, log_prob=0.0, confidence=1.0),), final=final)


CONVERSATION: list[Event] = [
    SpeechActivity(start=0, end=1280, speech=True, score=0.9),
    WakeDetected(word="computer", start=0, end=100, score=0.98),
    TurnStarted(turn=0, start=100, reason="wake"),
    transcript("what time", final=False),
    TurnEnded(turn=0, end=9000, reason="silence"),
    transcript("what time is it"),
    Reply(turn=0, text="It is [9] PM.", act="inform"),
    PlaybackStarted(turn=0, start=9000),
    StopDetected(word="stop", start=1, end=2, score=0.9),
    PlaybackEnded(turn=0, end=9999, interrupted=True),
    TurnEnded(turn=1, end=9000, reason=NOBODY_SPOKE),
    transcript(""),
    StageFailed(turn=1, stage="dialogue", message="broken"),
]
LINES = [
    "wake: computer (0.98)",
    "you: what time is it",
    "harken: It is [9] PM.",
    "wake: stop (0.90)",
    "wake: nobody spoke",
    "you: (no words recognised)",
    "error: dialogue: broken",
]


def test_plain_lines_tell_the_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    screen = LineScreen()
    for event in CONVERSATION:
        screen.see(event)
    screen.times(TIMES)
    screen.tell("the microphone is gone")
    printed = capsys.readouterr()
    assert printed.out.splitlines()[:-1] == LINES
    assert printed.out.splitlines()[-1] == "   600 ms: end-point 500, words 50, meaning 20, reply 10, voice 20"
    assert printed.err == "harken: the microphone is gone\n"


def test_what_was_typed_is_shown_as_it_was_typed() -> None:
    typed = Transcript(turn=0, hypotheses=transcript("9 pm").hypotheses, written="9 p.m.?")
    assert list(live_screen.said(typed)) == [("you", "9 p.m.?")]


def test_json_has_every_event_on_a_line_without_its_samples(capsys: pytest.CaptureFixture[str]) -> None:
    screen = JsonScreen()
    screen.see(CONVERSATION[1])
    screen.see(SpeechChunk(turn=0, samples=np.zeros(7, np.float32), rate=16_000, text_start=0, text_end=1))
    screen.times(TIMES)
    screen.tell("gone")
    printed = capsys.readouterr()
    first, second, third = (json.loads(line) for line in printed.out.splitlines())
    assert (first["event"], first["word"]) == ("WakeDetected", "computer")
    assert second["samples"] == {"count": 7}
    assert third["total"] == pytest.approx(0.6)
    assert printed.err == "harken: gone\n"


def test_the_meters_follow_the_conversation() -> None:
    meters, states = Meters(), []
    for event in CONVERSATION[:11]:
        meters.see(event)
        states.append(meters.state)
    assert states == ["waiting"] * 2 + ["listening"] * 2 + ["thinking"] * 3 + ["speaking"] * 2 + ["waiting"] * 2
    assert meters.speech == 0.9


def test_a_turn_without_words_waits_again() -> None:
    meters = Meters()
    for event in (TurnEnded(turn=0, end=1, reason="silence"), transcript("")):
        meters.see(event)
    assert meters.state == "waiting"


def test_the_panel_shows_level_scores_partial_words_and_what_is_typed() -> None:
    out = Console(file=io.StringIO(), width=100)
    out.print(panel(Meters(level=-35.0, speech=0.5, wake={"computer": 1.0}, partial="set a ti", line="[x] hel")))
    text = out.file.getvalue()  # type: ignore[attr-defined]
    assert all(part in text for part in ("-35 dB", "0.50", "computer", "set a ti", "[x] hel", "space: talk now"))
    assert "█" * 20 in text, "a score of 1 fills the bar"
    assert "█" * 10 + "·" * 10 in text


class Live:
    def __init__(self) -> None:
        self.console = Console(file=io.StringIO(), width=100)
        self.drawn = 0

    def update(self, panel: Any, *, refresh: bool) -> None:
        self.drawn += 1


def test_a_terminal_prints_the_lines_above_meters_that_are_not_drawn_too_often() -> None:
    live, now = Live(), [0.0]
    screen = TerminalScreen(live, clock=lambda: now[0])
    for event in CONVERSATION:
        screen.see(event)
    screen.times(TIMES)
    screen.tell("gone")
    text = live.console.file.getvalue()  # type: ignore[attr-defined]
    assert "It is [9] PM." in text
    assert "600 ms" in text
    assert "gone" in text
    for now[0] in (0.0, 0.02, 0.05, 0.1, 0.12):
        screen.draw(Meters())
    assert live.drawn == 2


def test_the_screen_fits_the_output() -> None:
    for options, kind in (
        ({"as_json": True, "plain": False}, JsonScreen),
        ({"as_json": False, "plain": True}, LineScreen),
        ({"as_json": False, "plain": False}, LineScreen),
    ):
        with open_screen(**options) as screen:
            assert isinstance(screen, kind), "no terminal here, so no meters"
