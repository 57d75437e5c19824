"""The two raw sounds that the vocoder's filters shape: a pulse train at the voice's pitch, and noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harken.events import SAMPLE_RATE, Samples
from harken.tts.frames import HOP


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
