"""Another engine speaks; what it does not say, harken's own voice says."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest

from harken.assistant.engines.ears import EngineError
from harken.assistant.engines.voice import EngineVoice
from harken.events import Samples
from harken.tts.voice import Voice

SOUND = np.full(800, 0.5, np.float32)
TEXT = "It is late. Good night."


class Mouth:
    """Sends so many pieces of each sentence, then fails if it is to."""

    def __init__(self, pieces: int, *, fails: bool):
        self.pieces, self.fails, self.said = pieces, fails, []

    def speak(self, text: str) -> Iterator[Samples]:
        self.said.append(text)
        yield np.zeros(0, np.float32)
        for _ in range(self.pieces):
            yield SOUND
        if self.fails:
            raise EngineError("the service is gone")


@pytest.fixture(scope="module")
def own() -> Voice:
    return Voice.load()


def spoken(mouth: Mouth, own: Voice) -> list[tuple[bool, int, int]]:
    """Of each piece: whether the service said it, and its place in the text."""
    voice = EngineVoice(cast(Any, mouth), lambda: own, name="wyoming://test")
    return [(np.array_equal(piece.samples, SOUND), piece.start, piece.end) for piece in voice.speak(voice.read(TEXT))]


def test_a_service_gets_each_sentence_with_its_letters(own: Voice) -> None:
    mouth = Mouth(2, fails=False)
    pieces = spoken(mouth, own)
    assert [text.strip() for text in mouth.said] == ["It is late.", "Good night."]
    assert all(engine for engine, _, _ in pieces)
    assert len(pieces) == 4
    assert pieces[-1][2] == len(TEXT)
    assert all(before[2] == after[1] for before, after in itertools.pairwise(pieces))


@pytest.mark.parametrize("fails", [False, True])
def test_a_sentence_without_sound_is_said_by_harken(own: Voice, caplog: pytest.LogCaptureFixture, fails: bool) -> None:
    pieces = spoken(Mouth(0, fails=fails), own)
    assert pieces
    assert not any(engine for engine, _, _ in pieces)
    assert (pieces[0][1], pieces[-1][2]) == (0, len(TEXT))
    assert "harken's own voice" in caplog.text


def test_a_sentence_that_breaks_off_is_not_said_twice(own: Voice) -> None:
    assert [engine for engine, _, _ in spoken(Mouth(1, fails=True), own)] == [True, True]
