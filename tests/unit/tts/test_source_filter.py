"""Sources and filters of the vocoder: power, pitch, minimum phase, and any chunking gives the same sound."""

from __future__ import annotations

import numpy as np
import pytest

from harken.tts.source_filter import FFT, FFT_BINS, STEP, FilterBank, minimum_phase, noise, pulse_train, window


@pytest.mark.parametrize("hertz", [90.0, 200.0, 333.3])
def test_pulses_have_unit_power_and_their_harmonics(hertz: float):
    sound = pulse_train(np.full(100, hertz, np.float32))
    assert np.mean(sound**2) == pytest.approx(1, abs=0.03)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    for harmonic in (1, 2, 5):
        place = round(hertz * harmonic)
        assert spectrum[place - 3 : place + 4].max() > 50 * np.median(spectrum)


def test_pulses_glide_without_clicks():
    steady = np.abs(np.diff(pulse_train(np.full(100, 190.0, np.float32)), 2)).max()
    gliding = np.abs(np.diff(pulse_train(np.linspace(180, 200, 100).astype(np.float32)), 2)).max()
    assert gliding < 1.2 * steady


def test_no_frames_give_no_pulses():
    assert len(pulse_train(np.zeros(0, np.float32))) == 0


def test_minimum_phase_keeps_the_amplitude_and_gathers_the_energy_early():
    rng = np.random.default_rng(0)
    smooth = np.convolve(rng.standard_normal(FFT_BINS + 40), np.hanning(41) / 20, "valid").astype(np.float32)
    spectrum = minimum_phase(smooth[:FFT_BINS])
    np.testing.assert_allclose(np.log(np.abs(spectrum)), smooth[:FFT_BINS], atol=1e-3)
    impulse = np.fft.irfft(spectrum, FFT)
    assert np.sum(impulse[:64] ** 2) > 0.95 * np.sum(impulse**2)


def test_windows_sum_to_one():
    total = window()[:STEP] + window()[STEP:]
    np.testing.assert_allclose(total, 1, atol=1e-6)


@pytest.mark.parametrize("sizes", [[24], [1] * 24, [5, 7, 1, 11]])
def test_any_chunking_gives_the_same_sound(sizes: list[int]):
    rng = np.random.default_rng(1)
    filters = rng.standard_normal((24, 2, FFT_BINS)).astype(np.float32) * 0.3
    pulses, hiss = pulse_train(np.full(12, 150, np.float32)), noise(12 * 160, rng)
    whole = FilterBank(pulses, hiss).push(filters)
    bank, place, parts = FilterBank(pulses, hiss), 0, []
    for size in sizes:
        parts.append(bank.push(filters[place : place + size]))
        place += size
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-5)
