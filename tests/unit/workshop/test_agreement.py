"""Whether a recording says a text, and which of its words it may not say."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from harken.asr.acoustic.model import AcousticModel
from harken.events import Samples
from harken.tts.voice import Voice
from harken.workshop.agreement import LEAST, LEAST_WORD, Doubt, agrees, doubts, evidence
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
    found = doubted("The kitchen light is certainly on, and it is 7:30.", TEXT)
    assert (found[0].word, found[0].more) == ("is", True)
    assert "something may be said there after 'is'" in str(found[0])
    before = doubted("Certainly the kitchen light is on, and it is 7:30.", TEXT)
    assert [(doubt.word, doubt.more) for doubt in before] == [("", True)]
    assert "before the first word" in str(before[0])


def test_each_word_is_doubted_by_itself() -> None:
    (line,) = voice().read("One two.")
    first, second = (1, 4), (5, 7)
    assert line.symbols[4] == " "
    stretches = [Stretch(*first, -20.0), Stretch(4, 5, -8.9), Stretch(*second, -11.9)]
    alignment = Alignment(durations=np.full(len(line.symbols), 10), stretches=tuple(stretches), margin=-2.9)
    found = doubts([line], "One two.", alignment)
    assert [(doubt.word, doubt.more, doubt.at) for doubt in found] == [("One", False, 0.1)]


def test_a_short_word_needs_more_evidence_for_each_phone() -> None:
    assert evidence(-10, 1) > evidence(-100, 10)
    assert evidence(-12, 2) == -3
    assert evidence(0, 1) > LEAST_WORD
