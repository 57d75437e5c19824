"""What a speech engineer looks at: where a tone is, when, and how loud."""

from __future__ import annotations

import numpy as np
import pytest

from harken.tts.frames import speech_frames
from harken.tts.spectrogram import STEP, level, spectrogram

RATE = 16_000


def tone(hertz: float, seconds: float = 0.5, loud: float = 0.5) -> np.ndarray:
    return (loud * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE)).astype(np.float32)


@pytest.mark.parametrize("hertz", [500, 3000, 7000])
def test_a_tone_is_where_it_belongs(hertz: float) -> None:
    column = spectrogram(tone(hertz))[100]
    assert abs(column.argmax() * 8000 / 256 - hertz) <= 40


def test_a_tone_is_seen_when_it_sounds() -> None:
    columns = spectrogram(np.concatenate([np.zeros(8000, np.float32), tone(1000), np.zeros(8000, np.float32)]))
    loud = np.flatnonzero(columns.max(1) > columns.max() - 20)
    assert loud[0] * STEP == pytest.approx(8000, abs=80)
    assert loud[-1] * STEP == pytest.approx(16000, abs=80)


def test_high_frequencies_are_raised() -> None:
    low, high = (spectrogram(tone(hertz))[100].max() for hertz in (1000, 4000))
    assert high - low == pytest.approx(11, abs=2)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 5000 * STEP + 7])
def test_columns_cover_the_sound(length: int) -> None:
    samples = np.zeros(length, np.float32)
    assert spectrogram(samples).shape == (-(-length // STEP), 257)
    assert len(level(samples)) == len(speech_frames(samples))


def test_long_sounds_are_computed_in_parts_without_seams() -> None:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 5100 * STEP).astype(np.float32)
    np.testing.assert_allclose(spectrogram(samples)[4900:5090], spectrogram(samples[4800 * STEP :])[100:290], rtol=1e-4)


def test_the_level_is_that_of_full_scale() -> None:
    assert level(tone(1000, loud=1.0))[20] == pytest.approx(-3, abs=0.1)
    assert level(tone(1000, loud=0.1))[20] == pytest.approx(-23, abs=0.1)
    assert level(np.zeros(1600, np.float32))[5] == pytest.approx(-100)
