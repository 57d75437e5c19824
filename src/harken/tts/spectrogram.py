"""What a speech engineer looks at: a wide-band spectrogram, and the level of a sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harken.events import Samples
from harken.tts.frames import HOP, frames_covering

STEP = 32
"""Samples from column to column of a spectrogram: 2 ms at 16 kHz."""
_WINDOW = 160
"""Samples of the Gaussian window: 10 ms, of which 5 ms count. Voices show their formants, not their harmonics."""
_FFT = 512
_PREEMPHASIS = 0.97
_AT_ONCE = 5000
"""Columns that are computed together, which bounds memory."""
_SILENT = 1e-10
"""Power of a sample below which nothing is told apart: -100 dB."""


def spectrogram(samples: Samples) -> NDArray[np.float32]:
    """Power density in dB [T, 257] of samples [n] at 16 kHz, from 0 to 8 kHz; T = ceil(n / 32).

    High frequencies are raised by 6 dB an octave, so that fricatives are seen beside vowels. Column t is centred on
    samples [32 t, 32 t + 32). Only differences of dB mean something.
    """
    count = -(-len(samples) // STEP)
    if not count:
        return np.zeros((0, _FFT // 2 + 1), np.float32)
    before = (_WINDOW - STEP) // 2
    padded = np.zeros(count * STEP + _WINDOW, np.float64)
    padded[before : before + len(samples)] = samples
    padded[1:] -= _PREEMPHASIS * padded[:-1]
    window = np.exp(-12 * ((np.arange(_WINDOW) + 0.5) / _WINDOW - 0.5) ** 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::STEP][:count]
    parts = [
        np.abs(np.fft.rfft(windows[first : first + _AT_ONCE] * window, _FFT)) ** 2
        for first in range(0, count, _AT_ONCE)
    ]
    return np.asarray(10 * np.log10(np.concatenate(parts) / _WINDOW + _SILENT), np.float32)


def level(samples: Samples) -> NDArray[np.float32]:
    """Level in dB below full scale [T] of samples [n], -100 for silence, one value for each frame of `speech_frames`.

    A value is the mean power of 30 ms around the frame's middle; a sine wave of full scale has -3 dB.
    """
    count = frames_covering(len(samples))
    power = np.zeros((count + 2) * HOP, np.float64)
    power[HOP : HOP + len(samples)] = samples.astype(np.float64) ** 2
    hops = power.reshape(-1, HOP).sum(1)
    means = (hops[:-2] + hops[1:-1] + hops[2:]) / (3 * HOP)
    return np.asarray(10 * np.log10(means + _SILENT), np.float32)
