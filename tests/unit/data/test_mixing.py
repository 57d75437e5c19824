"""Mixing: the ratio is what was asked for, nothing clips, silence is refused."""

from __future__ import annotations

import numpy as np
import pytest

from harken.data.mixing import active_level, cut_noise, level, limit, match_level, mix_at_snr
from harken.errors import AudioError
from harken.events import Samples


def _tone(seconds: float, amplitude: float = 0.1) -> Samples:
    return (amplitude * np.sin(2 * np.pi * 440 * np.arange(int(seconds * 16000)) / 16000)).astype(np.float32)


def _noise(seconds: float, seed: int = 0) -> Samples:
    return (0.02 * np.random.default_rng(seed).standard_normal(int(seconds * 16000))).astype(np.float32)


def test_the_active_level_ignores_pauses() -> None:
    tone = _tone(1.0)
    with_pauses = np.concatenate([np.zeros(32000, np.float32), tone, np.zeros(48000, np.float32)])
    assert active_level(with_pauses) == pytest.approx(active_level(tone), abs=0.1)
    assert level(with_pauses) == pytest.approx(level(tone) - 10 * np.log10(6), abs=0.01)


@pytest.mark.parametrize("snr", [-5.0, 0.0, 10.0, 24.0])
def test_the_mixture_has_the_ratio_that_was_asked_for(snr: float) -> None:
    speech = np.concatenate([np.zeros(16000, np.float32), _tone(1.0), np.zeros(16000, np.float32)])
    mixed = mix_at_snr(speech, _noise(10.0), snr, offset=1234)
    added = mixed - speech
    assert active_level(speech) - level(added) == pytest.approx(snr, abs=0.05)


def test_a_short_noise_is_repeated() -> None:
    noise = np.arange(1, 4, dtype=np.float32)
    assert cut_noise(noise, 7, offset=1).tolist() == [2, 3, 1, 2, 3, 1, 2]


def test_a_generator_draws_pieces_inside_a_long_noise() -> None:
    noise = np.arange(1000, dtype=np.float32)
    for seed in range(20):
        piece = cut_noise(noise, 900, rng=np.random.default_rng(seed))
        assert np.all(np.diff(piece) == 1)


def test_the_same_seed_gives_the_same_mixture() -> None:
    one, two = (mix_at_snr(_tone(1.0), _noise(3.0), 5.0, rng=np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one, two)


def test_loud_mixtures_are_scaled_not_clipped() -> None:
    mixed = mix_at_snr(_tone(1.0, 0.95), _noise(1.0), -10.0)
    assert np.abs(mixed).max() <= 0.99 + 1e-6
    assert (np.abs(mixed) > 0.9899).sum() < 5


def test_match_level_reaches_the_level_or_stays_below_full_scale() -> None:
    assert active_level(match_level(_tone(1.0), -30.0)) == pytest.approx(-30, abs=0.1)
    assert np.abs(match_level(_tone(1.0), 6.0)).max() == pytest.approx(0.99, abs=1e-3)


def test_limit_leaves_quiet_sound_alone() -> None:
    tone = _tone(0.1)
    assert limit(tone) is tone


def test_silence_has_no_ratio() -> None:
    silence = np.zeros(1600, np.float32)
    with pytest.raises(AudioError, match="speech is silent"):
        mix_at_snr(silence, _noise(1.0), 10.0)
    with pytest.raises(AudioError, match="noise is silent"):
        mix_at_snr(_tone(0.1), silence, 10.0)
    with pytest.raises(AudioError, match="silent recording"):
        match_level(silence, -20.0)
    with pytest.raises(AudioError, match="no samples"):
        cut_noise(np.zeros(0, np.float32), 10)


def test_one_sample_is_a_sound() -> None:
    assert len(mix_at_snr(np.asarray([0.5], np.float32), np.asarray([0.1], np.float32), 0.0)) == 1
