"""How the voice joins sentences: faded ends against clicks, peaks bent instead of clipped, places that only grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harken.errors import ConfigError
from harken.languages.loading import load_locale
from harken.tts.acoustic import Plan
from harken.tts.manner import Manner
from harken.tts.voice import Piece, Voice

FADE = 80
"""Samples: 5 ms."""


class Even:
    """Acoustic model and vocoder in one: ten frames a symbol, and a sound that is `level` throughout."""

    def __init__(self, level: float):
        self.level = level
        self.seeds: list[int] = []
        self.plans: list[tuple[float, bool]] = []

    def plan(
        self, symbols: Sequence[str], *, rate: float, question: bool, manners: Sequence[Manner] = (),
        prosody: None = None,
    ) -> Plan:  # fmt: skip
        self.plans.append((rate, question))
        count = len(symbols)
        tune = np.zeros((count, 3), np.float32)
        return Plan(
            codes=np.zeros((count, 1), np.float32), pitch=tune, energy=tune, durations=np.full(count, 10, np.int64)
        )

    def decode(self, plan: Plan) -> Any:
        count = plan.frames
        return SimpleNamespace(frames=np.zeros((count, 80)), hertz=np.ones(count), voiced=np.ones(count, np.bool_))

    def stream(self, frames: Any, hertz: Any, voiced: Any, *, chunk: int, seed: int) -> Iterator[Any]:
        self.seeds.append(seed)
        for start in range(0, len(frames), chunk):
            yield np.full(160 * min(chunk, len(frames) - start), self.level, np.float32)


def pronounce(word: str) -> list[str]:
    return ["AH0", "T"]


def voice_of(even: Even, *, name: str = "voice") -> Voice:
    return Voice(even, even, pronounce, locale=load_locale(), name=name)  # type: ignore[arg-type]


def pieces(text: str, level: float = 0.5) -> list[Piece]:
    even = Even(level)
    return list(voice_of(even).stream(text))


def said(text: str, level: float = 0.5) -> Any:
    return np.concatenate([piece.samples for piece in pieces(text, level)])


def test_a_sentence_rises_from_silence_and_falls_back_within_five_milliseconds() -> None:
    sound = said("one two three.")
    ramp = 0.5 * np.arange(1, FADE + 1) / FADE
    np.testing.assert_allclose(sound[:FADE], ramp, atol=1e-6)
    np.testing.assert_allclose(sound[-FADE:], ramp[::-1], atol=1e-6)
    np.testing.assert_allclose(sound[FADE:-FADE], 0.5, atol=1e-6)


def test_each_sentence_of_a_text_fades_but_no_piece_within_one() -> None:
    parts = pieces("One two three four five six. One two three four five six.")
    assert len(parts) >= 4
    quiet = [(piece.samples[0] < 0.01, piece.samples[-1] < 0.01) for piece in parts]
    half = len(parts) // 2
    assert quiet == [(True, False), *[(False, False)] * (half - 2), (False, True)] * 2


@pytest.mark.parametrize("level", [0.9, -0.9, 0.3])
def test_what_is_not_too_loud_is_left_alone(level: float) -> None:
    np.testing.assert_allclose(said("one two three.", level)[FADE:-FADE], level, atol=1e-6)


@pytest.mark.parametrize("level", [0.95, 1.0, 1.5, 40.0])
def test_peaks_are_bent_softly_below_full_scale(level: float) -> None:
    middle = said("one two three.", level)[FADE:-FADE]
    np.testing.assert_allclose(middle, 0.9 + 0.1 * np.tanh((level - 0.9) / 0.1), atol=1e-6)
    np.testing.assert_allclose(said("one two three.", -level)[FADE:-FADE], -middle, atol=1e-6)
    assert np.abs(middle).max() <= 1


def test_each_sentence_has_its_own_noise() -> None:
    even = Even(0.5)
    list(voice_of(even).stream("One. Two. Three."))
    assert even.seeds == [0, 1, 2]


def test_a_piece_ends_where_in_the_text_its_sound_ends() -> None:
    text = "one two three four five six."
    parts = pieces(text)
    # Of ten frames each: silence, then two phones and a gap a word. 40 end behind the first gap, 80 within "three".
    assert [(piece.start, piece.end) for piece in parts][:2] == [(0, 3), (3, 13)]
    assert parts[-1].end == len(text)
    assert [len(piece.samples) for piece in parts[:-1]] == [40 * 160] * (len(parts) - 1)


@pytest.mark.parametrize("rate", [0.249, 4.001])
def test_rates_beyond_the_limits_are_refused(rate: float) -> None:
    even = Even(0.5)
    with pytest.raises(ConfigError, match=r"give one between 0\.25 and 4\.0"):
        voice_of(even).say("one", rate=rate)


@pytest.mark.parametrize("rate", [0.25, 4.0])
def test_the_limits_themselves_are_allowed(rate: float) -> None:
    even = Even(0.5)
    assert len(voice_of(even).say("one", rate=rate))


def test_rate_and_tune_of_each_sentence_are_handed_on() -> None:
    even = Even(0.5)
    voice = voice_of(even, name="even")
    voice.say("One two? Three.")
    voice.say("One.", rate=2.0)
    list(voice.stream("One."))
    assert even.plans == [(1.0, True), (1.0, False), (2.0, False), (1.0, False)]
    assert voice.name == "even"
