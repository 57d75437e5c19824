"""Another engine's words become transcripts; when it fails, harken's own recogniser hears the same turn."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pytest

from harken.assistant.engines.ears import EngineError
from harken.assistant.engines.recognizer import EngineRecognizer
from harken.assistant.profile import RecognizerSettings
from harken.dialogue.questions import A_YES, UNMISTAKABLE
from harken.dialogue.wishes import BADLY_HEARD
from harken.errors import PipelineError
from harken.events import (
    NOBODY_SPOKE,
    AudioChunk,
    Event,
    Hypothesis,
    Transcript,
    TurnAudio,
    TurnEnded,
    TurnStarted,
    Word,
)
from harken.languages.loading import load_locale

SOUND = np.zeros(16_000, np.float32)


class Ear:
    """Says what it is told, and fails where it is told."""

    def __init__(self, text: str, fails_at: str = ""):
        self.text, self.fails_at, self.called = text, fails_at, []

    def _call(self, name: str) -> None:
        self.called.append(name)
        if name == self.fails_at:
            raise EngineError("the engine is gone")

    def begin(self) -> None:
        self._call("begin")

    def hear(self, samples: np.ndarray) -> None:
        self._call("hear")

    def finish(self) -> str:
        self._call("finish")
        return self.text

    def drop(self) -> None:
        self.called.append("drop")


class Own:
    """Takes the place of harken's own recogniser."""

    def __init__(self) -> None:
        self.got: list[Event] = []
        self.answer_until: list[int] = []

    def expect_answer(self, until: int) -> None:
        self.answer_until.append(until)

    def process(self, event: Event) -> list[Event]:
        self.got.append(event)
        final = isinstance(event, TurnEnded)
        words = (Word(text="own", start=0, end=1, confidence=0.5),)
        best = Hypothesis(words=words, log_prob=0.0, confidence=0.5)
        return [Transcript(turn=3, hypotheses=(best,), final=final)]


def turn(reason: str = "silence") -> list[Event]:
    return [
        TurnStarted(turn=3, start=1000, reason="wake"),
        TurnAudio(turn=3, start=1000, samples=SOUND),
        TurnAudio(turn=3, start=17_000, samples=SOUND),
        TurnEnded(turn=3, end=33_000, reason=reason),
    ]


def heard(stage: EngineRecognizer, events: Sequence[Event]) -> list[Transcript]:
    return cast(list[Transcript], [answer for event in events for answer in stage.process(event)])


def stage_of(ear: Ear, own: Own | None = None) -> EngineRecognizer:
    return EngineRecognizer(ear, cast(Any, lambda: own), locale=load_locale(), confidence=0.8)


def test_the_engines_text_becomes_words_as_harken_writes_them() -> None:
    (transcript,) = heard(stage_of(Ear("Set a timer for 10 minutes.")), turn())
    assert transcript.text == "set a timer for ten minutes"
    assert (transcript.turn, transcript.final, transcript.hypotheses[0].confidence) == (3, True, 0.8)
    words = transcript.hypotheses[0].words
    assert {word.confidence for word in words} == {0.8}
    assert (words[0].start, words[-1].end) == (1000, 33_000)
    assert all(word.end <= after.start for word, after in itertools.pairwise(words))


def test_a_turn_in_which_nobody_spoke_is_not_asked_about() -> None:
    ear = Ear("thanks for watching")
    (transcript,) = heard(stage_of(ear), turn(NOBODY_SPOKE))
    assert (transcript.text, transcript.hypotheses[0].confidence) == ("", 0.0)
    assert "finish" not in ear.called


@pytest.mark.parametrize("fails_at", ["begin", "hear", "finish"])
def test_when_the_engine_fails_harken_hears_the_whole_turn_itself(fails_at: str, caplog: Any) -> None:
    ear, own = Ear("never", fails_at), Own()
    stage = stage_of(ear, own)
    stage.expect_answer(5000)
    with caplog.at_level(logging.WARNING):
        (transcript,) = heard(stage, turn())
    assert transcript.text == "own"
    assert [type(event).__name__ for event in own.got] == ["TurnStarted", "TurnAudio", "TurnAudio", "TurnEnded"]
    assert own.answer_until == [5000], "it knows of the question that was asked before it was needed"
    stage.expect_answer(0)
    assert own.answer_until == [5000, 0]
    assert ear.called.count(fails_at) == 1
    assert caplog.text.count("the engine is gone") == 1
    ear.fails_at = ""
    assert heard(stage, turn())[0].text == "never", "the next turn asks the engine again"


def test_a_reset_drops_the_turn_and_other_events_are_refused() -> None:
    ear = Ear("x")
    stage = stage_of(ear)
    heard(stage, turn()[:2])
    stage.reset()
    assert ear.called[-1] == "drop"
    assert list(stage.flush()) == []
    with pytest.raises(PipelineError, match="AudioChunk"):
        stage.process(AudioChunk(start=0, samples=SOUND))


def test_an_engine_is_believed_enough_to_act_but_not_to_unlock() -> None:
    assert max(A_YES, BADLY_HEARD) <= RecognizerSettings.engine_confidence < UNMISTAKABLE
