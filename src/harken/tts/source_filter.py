"""Source and filter: two raw sounds, a pulse train at the voice's pitch and noise, and the filters that shape them.

Each 5 ms piece passes through its own minimum-phase filters; the pieces are overlap-added.

A harmonic-plus-noise source with neural filters, after Liu, Chen and Yu, "Neural homomorphic vocoder", Interspeech 2020
(section 2: time-varying filters given by their spectra); here the spectra are predicted directly and made minimum
phase through the cepstrum, which keeps the shape of glottal pulses compact without learning any phase.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harken.events import SAMPLE_RATE, Samples
from harken.tts.frames import HOP

STEP = HOP // 2
"""Samples from filter to filter: 5 ms, short enough for plosives."""
FFT = 512
"""Filters ring for up to FFT - 2 * STEP samples: 22 ms."""
FFT_BINS = FFT // 2 + 1
LEAD = STEP // 2
"""Samples by which a piece begins before its own 5 ms: half a window is 10 ms."""

Spectra = NDArray[np.complex64]


def pulse_train(hertz: NDArray[np.float32]) -> Samples:
    """All harmonics of the pitch below 8 kHz, in cosine phase, with unit power.

    Args:
        hertz: fundamental frequency [T] of the frames' middles, > 0; log-linear between them.

    Returns:
        [160 T] samples. Every harmonic k of sum_k cos(k p) is summed in closed form (Dirichlet's kernel).
    """
    count = len(hertz) * HOP
    if count == 0:
        return np.zeros(0, np.float32)
    middles = np.arange(len(hertz)) * HOP + HOP / 2
    frequency = np.exp(np.interp(np.arange(count), middles, np.log(np.maximum(hertz, 1.0).astype(np.float64))))
    phase = np.cumsum(frequency) * (2 * np.pi / SAMPLE_RATE)
    # The highest harmonic fades in and out, or its sudden appearance would click.
    limit = SAMPLE_RATE / 2 / frequency
    harmonics = np.floor(limit)
    fade = limit - harmonics
    half = 0.5 * np.sin(0.5 * phase)
    safe = np.where(np.abs(half) < 1e-6, 1.0, half)
    kernel = np.where(np.abs(half) < 1e-6, harmonics, 0.5 * np.sin((harmonics + 0.5) * phase) / safe * 0.5 - 0.5)
    total = kernel + (fade - 1) * np.cos(harmonics * phase)
    return np.asarray(total * np.sqrt(2 / np.maximum(limit - 0.5, 1.0)), np.float32)


def noise(count: int, rng: np.random.Generator) -> Samples:
    """White Gaussian noise [count] with unit power."""
    return rng.standard_normal(count, np.float32)


def minimum_phase(log_amplitude: NDArray[np.float32]) -> Spectra:
    """Spectra [..., 257] of the minimum-phase filters with these log amplitudes [..., 257]."""
    cepstrum = np.fft.irfft(log_amplitude, FFT)
    return np.asarray(np.exp(np.fft.rfft(cepstrum * folding_weights())), np.complex64)


def folding_weights() -> NDArray[np.float32]:
    """Weights [512] that turn a real cepstrum into that of the minimum-phase filter."""
    weights = np.zeros(FFT, np.float32)
    weights[0] = weights[FFT // 2] = 1
    weights[1 : FFT // 2] = 2
    return weights


def window() -> NDArray[np.float32]:
    """Hann window [160]; copies every 80 samples sum to one."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(2 * STEP) + 0.5) / (2 * STEP)), np.float32)


class FilterBank:
    """Filters a pulse train and noise; pieces of any length give the same sound as the whole.

    Args:
        pulses: [160 T] samples.
        hiss: noise [160 T].
    """

    def __init__(self, pulses: Samples, hiss: Samples):
        # Piece j is centred at sample 80 j + 40 of the source, so it begins LEAD samples before its frame.
        self._sources = [np.pad(source, (LEAD, 2 * STEP)) for source in (pulses, hiss)]
        self._done = 0
        self._tail = np.zeros(FFT, np.float32)

    def push(self, log_amplitude: NDArray[np.float32]) -> Samples:
        """Sound of the next filters [S, 2, 257] (for pulses, for noise): [80 S] samples, LEAD samples late."""
        count = len(log_amplitude)
        if count == 0:
            return np.zeros(0, np.float32)
        start = self._done * STEP
        total = np.zeros((count, FFT_BINS), np.complex64)
        for which, source in enumerate(self._sources):
            pieces = np.lib.stride_tricks.sliding_window_view(source[start:], 2 * STEP)[: count * STEP : STEP]
            total += np.fft.rfft(pieces * window(), FFT) * minimum_phase(log_amplitude[:, which])
        self._done += count
        return self._overlap(np.fft.irfft(total, FFT).astype(np.float32))

    def flush(self) -> Samples:
        """The last LEAD samples."""
        return self._tail[:LEAD]

    def _overlap(self, pieces: Samples) -> Samples:
        """Add pieces [S, 512] every 80 samples; return the [80 S] samples that no later piece changes."""
        count = len(pieces)
        out = np.zeros(count * STEP + FFT, np.float32)
        out[:FFT] = self._tail
        for n, piece in enumerate(pieces):
            out[n * STEP : n * STEP + FFT] += piece
        self._tail = out[count * STEP :]
        return out[: count * STEP]
