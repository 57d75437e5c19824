"""Mel frames: how many, what a tone and a gain do to them, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from harken.errors import AudioError, ConfigError
from harken.tts.mel_frames import FLOOR, MelAnalysis

ANALYSES = pytest.mark.parametrize("analysis", [MelAnalysis(), MelAnalysis(24_000, 1200, 300)], ids=["16k", "24k"])


def tone(hertz: float, rate: int, *, level: float = 1.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(rate) / rate)).astype(np.float32)


@ANALYSES
@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_there_is_a_frame_for_every_hop_and_one_more(analysis: MelAnalysis, extra: int) -> None:
    count = 7 * analysis.hop + extra
    frames = analysis.frames(np.zeros(count, np.float32))
    assert frames.shape == (1 + count // analysis.hop, 80)
    assert len(frames) == analysis.count(count)


@ANALYSES
def test_twice_the_level_moves_every_band_by_the_same(analysis: MelAnalysis) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(analysis.rate // 2).astype(np.float32)
    np.testing.assert_allclose(analysis.frames(2 * noise) - analysis.frames(noise), 2 * np.log(2), atol=1e-4)


@ANALYSES
def test_a_full_scale_tone_has_power_one_in_its_band_alone(analysis: MelAnalysis) -> None:
    edges = band_centres(analysis)
    for band in (20, 45, 70):
        middle = analysis.frames(tone(edges[band], analysis.rate))[40]
        assert int(middle.argmax()) == band
        assert middle[band] == pytest.approx(0.5, abs=0.5)
        assert middle[: band - 4].max() < -9


def band_centres(analysis: MelAnalysis) -> np.ndarray:
    """Linear below 1 kHz with 66.7 Hz a step, then 27 steps for a factor of 6.4."""
    high = min(12_000, analysis.rate / 2)
    steps = np.linspace(50 / (200 / 3), 15 + 27 * np.log(high / 1000) / np.log(6.4), 82)
    return np.where(steps < 15, steps * 200 / 3, 1000 * 6.4 ** ((steps - 15) / 27))[1:-1]


@ANALYSES
def test_a_frame_is_centred_on_its_first_sample(analysis: MelAnalysis) -> None:
    click = np.zeros(20 * analysis.hop, np.float32)
    click[10 * analysis.hop] = 1
    levels = analysis.frames(click).mean(1)
    assert int(levels.argmax()) == 10
    assert levels[9] == pytest.approx(levels[11], abs=0.05)


def test_silence_is_at_the_floor() -> None:
    np.testing.assert_allclose(MelAnalysis().frames(np.zeros(1000, np.float32)), np.log(FLOOR), rtol=1e-6)


def test_a_long_recording_is_analysed_like_its_parts() -> None:
    analysis = MelAnalysis(hop=40, window=160)
    samples = np.random.default_rng(1).standard_normal(2100 * 40).astype(np.float32)
    whole, part = analysis.frames(samples), analysis.frames(samples[1900 * 40 :])
    np.testing.assert_allclose(whole[1910:2090], part[10:190], atol=1e-4)


def test_wrong_sound_is_refused() -> None:
    for wrong in (np.zeros(0, np.float32), np.zeros((3, 2), np.float32), np.array([np.nan], np.float32)):
        with pytest.raises(AudioError, match="expected \\[n\\]"):
            MelAnalysis().frames(wrong)
    with pytest.raises(ConfigError, match="hop <= window"):
        MelAnalysis(hop=900)
