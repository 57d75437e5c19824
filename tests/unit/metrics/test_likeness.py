"""Spectrum and pitch of copies, against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harken.errors import DataError
from harken.metrics.likeness import mel_cepstral_distortion, pitch_errors

RNG = np.random.default_rng(0)


def test_one_cosine_over_the_bands_is_one_cepstrum() -> None:
    # 0.5 * 0.8 cos(pi k (b + 1/2) / B) has c_k = 0.4: distance 10 / ln 10 * sqrt(2) * 0.4
    flat = np.zeros((3, 40), np.float32)
    wave = np.tile(0.8 * np.cos(math.pi * 5 * (np.arange(40) + 0.5) / 40), (3, 1)).astype(np.float32)
    assert mel_cepstral_distortion(flat, wave) == pytest.approx(10 / math.log(10) * math.sqrt(2) * 0.4, rel=1e-5)


def test_the_level_alone_is_no_distortion_and_fine_detail_neither() -> None:
    frames = RNG.standard_normal((5, 80)).astype(np.float32)
    fine = np.cos(math.pi * 30 * (np.arange(80) + 0.5) / 80).astype(np.float32)
    assert mel_cepstral_distortion(frames, frames + 3 + fine) == pytest.approx(0, abs=1e-5)


def test_silence_of_the_original_does_not_count() -> None:
    original = np.zeros((4, 40), np.float32)
    original[2:] = -20  # 87 dB below the rest
    copy = original.copy()
    copy[2:] += RNG.standard_normal((2, 40))
    assert mel_cepstral_distortion(original, copy) == 0
    assert mel_cepstral_distortion(copy, original[:2]) == 0


def test_pitch_by_hand() -> None:
    hertz, other = np.array([100, 100, 100, 100], np.float32), np.array([103, 96, 200, 100, 7], np.float32)
    voiced, other_voiced = np.array([True, True, False, True]), np.array([True, True, True, False, True])
    found = pitch_errors(hertz, voiced, other, other_voiced)
    assert found == (pytest.approx(math.sqrt((9 + 16) / 2)), pytest.approx(50))


def test_unvoiced_speech_has_no_pitch_error() -> None:
    still = np.zeros(3, bool)
    found = pitch_errors(np.full(3, 100, np.float32), still, np.full(3, 90, np.float32), ~still)
    assert (math.isnan(found.hertz), found.voicing) == (True, 100)


def test_nothing_cannot_be_compared() -> None:
    with pytest.raises(DataError, match="cannot be compared"):
        mel_cepstral_distortion(np.zeros((0, 80), np.float32), np.zeros((2, 80), np.float32))
    with pytest.raises(DataError, match="no frames"):
        pitch_errors(np.zeros(0, np.float32), np.zeros(0, bool), np.zeros(0, np.float32), np.zeros(0, bool))
