"""The filters of a recording, which the vocoder learns to predict: analysis by WORLD, in the units of our filters.

CheapTrick (Morise, "CheapTrick, a spectral envelope estimator for high-quality speech synthesis", Speech Communication
2015) gives the envelope without the harmonics, D4C (Morise, "D4C, a band-aperiodicity estimator", Speech Communication
2016) the share of noise. Both come from the package pyworld; the pitch is our own.
"""

from __future__ import annotations

import numpy as np
import pyworld
from numpy.typing import NDArray

from harken.events import SAMPLE_RATE, Samples
from harken.tts.frames import HOP
from harken.tts.source_filter import FFT_BINS, STEP

LOWEST = -11.0
"""Log amplitude below which differences are never heard (-95 dB)."""
_APART = 5.0
"""By how many nats one of the two filters may be below the other: 43 dB."""
_SIZE = 4 * (FFT_BINS - 1)
"""WORLD's transform, twice as long as that of our filters."""


def filters_of(samples: Samples, hertz: NDArray[np.float32], voiced: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Log amplitudes of the filters that make a recording from pulses and noise.

    Args:
        samples: [160 T] at 16 kHz, -1..1.
        hertz: fundamental frequency [T] of the frames' middles.
        voiced: [T]

    Returns:
        [2 T, 2, 257] for pulses and noise, every 5 ms; LOWEST at least.
    """
    times = (np.arange(2 * len(hertz)) + 0.5) * STEP / SAMPLE_RATE
    middles = (np.arange(len(hertz)) + 0.5) * HOP / SAMPLE_RATE
    pitch = np.exp(np.interp(times, middles, np.log(hertz.astype(np.float64))))
    pitch = np.where(np.interp(times, middles, voiced.astype(np.float64)) > 0.5, pitch, 0.0)
    sound = samples.astype(np.float64)
    power = pyworld.cheaptrick(sound, pitch, times, SAMPLE_RATE, fft_size=_SIZE)[:, ::2]
    share = pyworld.d4c(sound, pitch, times, SAMPLE_RATE, fft_size=_SIZE)[:, ::2].clip(1e-4, 1 - 1e-9)
    level = 0.5 * np.log(power + 1e-16)
    pulses, hiss = level + 0.5 * np.log1p(-np.square(share)), level + np.log(share)
    both = np.stack([np.maximum(pulses, hiss - _APART), np.maximum(hiss, pulses - _APART)], 1)
    return np.asarray(np.maximum(both, LOWEST), np.float32)
