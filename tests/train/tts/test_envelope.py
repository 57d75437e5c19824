"""The filters that WORLD finds, in the vocoder's own units: what they make through our filter bank is the recording."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pyworld")

from harken.train.tts.envelope import LOWEST, filters_of
from harken.train.tts.likeness import log_spectral_distance
from harken.tts.source_filter import FFT_BINS, LEAD, FilterBank, noise, pulse_train

COUNT = 80
HERTZ = np.linspace(160, 220, COUNT).astype(np.float32)
CENTRES = np.arange(FFT_BINS) * 8000 / (FFT_BINS - 1)


def resonant(peak: float, level: float) -> np.ndarray:
    """Log amplitudes [257] with one resonance."""
    return (level - np.abs(CENTRES - peak) / 900).astype(np.float32)


def made(pulses: float, hiss: float) -> np.ndarray:
    """Samples [160 COUNT] from a resonance at 700 Hz of the pulses, one at 5 kHz of the noise."""
    filters = np.stack([resonant(700, pulses), resonant(5000, hiss)])
    bank = FilterBank(pulse_train(HERTZ), noise(COUNT * 160, np.random.default_rng(0)))
    sound = np.concatenate([bank.push(np.repeat(filters[None], 2 * COUNT, 0)), bank.flush()])
    return sound[LEAD:]


def copied(sound: np.ndarray, voiced: bool) -> np.ndarray:
    filters = filters_of(sound, HERTZ, np.full(COUNT, voiced))
    bank = FilterBank(pulse_train(HERTZ), noise(COUNT * 160, np.random.default_rng(1)))
    return np.concatenate([bank.push(filters), bank.flush()])[LEAD:]


@pytest.mark.parametrize("level", [-4.0, -6.0])
def test_a_voice_made_of_pulses_and_noise_comes_back(level: float):
    sound = made(level, level - 3)
    copy = copied(sound, voiced=True)
    assert np.sqrt(np.mean(copy**2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.15)
    assert log_spectral_distance(copy, sound) < 8


def test_noise_is_found_where_it_is():
    pulses, hiss = filters_of(made(-3, -6), HERTZ, np.ones(COUNT, np.bool_))[20:-20].mean(0)
    low, high = (CENTRES > 300) & (CENTRES < 1000), (CENTRES > 4500) & (CENTRES < 5500)
    assert pulses[low].mean() > hiss[low].mean() + 1
    assert (hiss - pulses)[high].mean() > (hiss - pulses)[low].mean() + 1


def test_without_a_voice_everything_is_noise():
    sound = made(-20, -4)
    pulses, hiss = np.moveaxis(filters_of(sound, HERTZ, np.zeros(COUNT, np.bool_)), 1, 0)
    assert (hiss > pulses + 2)[hiss > LOWEST + 2].all()
    assert np.sqrt(np.mean(copied(sound, voiced=False) ** 2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.2)


def test_there_are_two_filters_a_frame_and_silence_has_the_lowest():
    filters = filters_of(np.zeros(COUNT * 160, np.float32), HERTZ, np.zeros(COUNT, np.bool_))
    assert filters.shape == (2 * COUNT, 2, FFT_BINS)
    assert filters.dtype == np.float32
    assert filters.max() == pytest.approx(LOWEST)


def test_twice_as_loud_moves_all_audible_filters_alike():
    sound = made(-4, -6)
    once, twice = (filters_of(gain * sound, HERTZ, np.ones(COUNT, np.bool_)) for gain in (1, 2))
    np.testing.assert_allclose((twice - once)[once > LOWEST], np.log(2), atol=0.05)
