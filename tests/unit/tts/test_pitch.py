"""Pitch tracker: known frequencies come back, silence and noise have none."""

from __future__ import annotations

import numpy as np
import pytest

from harken.tts.pitch import fill_unvoiced, track_pitch


def vowel(hertz: np.ndarray) -> np.ndarray:
    """Harmonics that fall by 12 dB an octave, as a voice's do, at hertz [T] of the frames."""
    middles = np.arange(len(hertz)) * 160 + 80
    phase = np.cumsum(np.interp(np.arange(len(hertz) * 160), middles, hertz)) * 2 * np.pi / 16000
    return sum(0.3 / k**2 * np.sin(k * phase) for k in range(1, 15)).astype(np.float32)


@pytest.mark.parametrize("hertz", [85.0, 120.0, 210.0, 330.0])
def test_a_steady_voice_is_tracked_within_a_third_of_a_semitone(hertz: float):
    tracked, voiced = track_pitch(vowel(np.full(60, hertz)))
    inner = slice(8, -8)
    assert voiced[inner].all()
    assert np.abs(1200 * np.log2(tracked[inner] / hertz)).max() < 33


def test_a_glide_is_followed():
    wanted = np.geomspace(120, 240, 100)
    tracked, voiced = track_pitch(vowel(wanted))
    inner = slice(10, -10)
    assert voiced[inner].mean() > 0.95
    assert np.median(np.abs(1200 * np.log2(tracked[inner] / wanted[inner]))) < 50


@pytest.mark.parametrize("kind", ["silence", "noise"])
def test_silence_and_noise_are_unvoiced(kind: str):
    rng = np.random.default_rng(0)
    samples = np.zeros(16000) if kind == "silence" else 0.1 * rng.standard_normal(16000)
    _, voiced = track_pitch(samples.astype(np.float32))
    assert voiced.mean() < 0.05


@pytest.mark.parametrize("count", [0, 1, 159, 160, 161, 5000])
def test_there_is_one_value_a_frame(count: int):
    hertz, voiced = track_pitch(np.zeros(count, np.float32))
    assert len(hertz) == len(voiced) == -(-count // 160)
    assert (hertz > 0).all()


def test_unvoiced_frames_lie_between_their_neighbours():
    filled = fill_unvoiced(np.array([0.0, 100, 0, 400, 0]), np.array([False, True, False, True, False]))
    np.testing.assert_allclose(filled, [100, 100, 200, 400, 400])
