"""Whether a recording says a text, and which of its words it may not say."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from harken.asr.acoustic.model import AcousticModel
from harken.events import Samples
from harken.tts.symbols import MARKS
from harken.tts.voice import Voice
from harken.workshop.agreement import LEAST, Doubt, agrees, doubts, evidence
from harken.workshop.following import Alignment, Stretch, align

TEXT = "The kitchen light is on, and it is 7:30."


@cache
def voice() -> Voice:
    return Voice.load("voice-kathleen")


@cache
def model() -> AcousticModel:
    return AcousticModel.load()


@cache
def said(text: str) -> Samples:
    return voice().say(text)


def aligned(recording: str, text: str) -> Alignment:
    return align([symbol for line in voice().read(text) for symbol in line.symbols], said(recording), model())


def doubted(recording: str, text: str) -> list[Doubt]:
    return doubts(voice().read(text), text, aligned(recording, text))


def test_a_recording_of_the_text_agrees_without_doubts() -> None:
    assert agrees(aligned(TEXT, TEXT))
    assert aligned(TEXT, TEXT).margin > LEAST / 2
    assert doubted(TEXT, TEXT) == []


@pytest.mark.parametrize("text", ["My mother brought some bread, or would you?", "Please.", TEXT + " Good morning."])
def test_a_recording_of_other_words_does_not_agree(text: str) -> None:
    assert not agrees(aligned("He never went to school before eleven in the morning.", text))


def test_a_word_that_is_another_is_named_with_its_time() -> None:
    (doubt,) = doubted(TEXT, "The kitchen motor is on, and it is 7:30.")
    assert (doubt.word, doubt.more) == ("motor", False)
    assert 0.3 < doubt.at < 1.2
    assert str(doubt) == f"'motor' may be another word there (at {doubt.at:.1f} s)"


def test_a_number_is_named_as_it_is_written() -> None:
    found = doubted(TEXT, "The kitchen light is on, and it is 4:30.")
    assert [doubt.word for doubt in found if not doubt.more] == ["4:30"]


def test_words_that_the_text_does_not_have_are_noticed() -> None:
    (doubt,) = doubted(TEXT + " Good morning to you.", TEXT)
    assert (doubt.word, doubt.more) == ("7:30", True)
    assert "something may be said there after '7:30'" in str(doubt)
    (doubt,) = doubted("Good morning, mother. " + TEXT, TEXT)
    assert (doubt.word, doubt.more, doubt.at) == ("", True, 0)
    assert "before the first word" in str(doubt)


def test_a_pause_beside_a_doubtful_word_is_not_doubted_as_well() -> None:
    (line,) = voice().read("One two three.")
    assert [place for place, symbol in enumerate(line.symbols) if symbol in MARKS] == [0, 4, 7, 11]

    def found(*margins: float) -> list[tuple[str, bool, float]]:
        spans = ((0, 1), (1, 4), (4, 5), (5, 7), (7, 8), (8, 11), (11, 12))
        stretches = tuple(Stretch(*span, margin) for span, margin in zip(spans, margins, strict=True))
        alignment = Alignment(durations=np.full(len(line.symbols), 10), stretches=stretches, margin=-2.9)
        return [(doubt.word, doubt.more, doubt.at) for doubt in doubts([line], "One two three.", alignment)]

    assert found(0, -20, -30, -11.9, 0, -14, -8) == [("One", False, 0.1)]
    assert found(0, 0, -15, -20, 0, -20, 0) == [("two", False, 0.5), ("three", False, 0.8)]
    assert found(0, -20, 0, 0, -10, 0, -10) == [("One", False, 0.1), ("two", True, 0.7), ("three", True, 1.1)]
    assert found(-10, 0, 0, 0, 0, 0, 0) == [("", True, 0.0)]


def test_a_short_word_needs_more_evidence_for_each_phone() -> None:
    assert evidence(Stretch(4, 5, -10)) > evidence(Stretch(4, 14, -100))
    assert evidence(Stretch(4, 6, -12)) == -3
