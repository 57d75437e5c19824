"""Griffin and Lim, "Signal estimation from modified short-time Fourier transform", IEEE TASSP 1984: a vocoder without a
model. It seeks the phase whose sound has the given magnitudes; here they are unfolded from mel frames."""

from __future__ import annotations

import numpy as np

from harken.audio.features import Frames
from harken.events import Samples
from harken.tts.mel_frames import MelAnalysis

ROUNDS = 32


def griffin_lim(frames: Frames, analysis: MelAnalysis, *, rng: np.random.Generator, rounds: int = ROUNDS) -> Samples:
    """Sound [hop * (T - 1)] of frames [T, 80]."""
    unfold = np.linalg.pinv(analysis.filters)
    wanted = np.sqrt(np.maximum(np.exp(frames.astype(np.float64)) @ unfold.T, 0))
    phase = np.exp(2j * np.pi * rng.random(wanted.shape))
    sound = _overlap(wanted * phase, analysis)
    for _ in range(rounds):
        spectrum = _spectra(sound, analysis, len(wanted))
        sound = _overlap(wanted * spectrum / np.maximum(np.abs(spectrum), 1e-12), analysis)
    half = analysis.size // 2
    return sound[half : half + analysis.hop * (len(frames) - 1)].astype(np.float32)


def _spectra(sound: np.ndarray, analysis: MelAnalysis, count: int) -> np.ndarray:
    pieces = np.lib.stride_tricks.sliding_window_view(sound, analysis.size)[:: analysis.hop][:count]
    return np.fft.rfft(pieces * analysis.shape)


def _overlap(spectra: np.ndarray, analysis: MelAnalysis) -> np.ndarray:
    """The sound whose spectra are nearest to these, in the sense of least squares."""
    pieces = np.fft.irfft(spectra, analysis.size) * analysis.shape
    length = analysis.hop * (len(pieces) - 1) + analysis.size
    out, weight = np.zeros(length), np.full(length, 1e-12)
    for number, piece in enumerate(pieces):
        place = slice(number * analysis.hop, number * analysis.hop + analysis.size)
        out[place] += piece
        weight[place] += analysis.shape**2
    return out / np.maximum(weight, 1e-3 * weight.max())
