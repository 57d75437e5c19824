"""Fundamental frequency of speech: normalised cross-correlation, one path through it by dynamic programming.

After Talkin, "A robust algorithm for pitch tracking (RAPT)", 1995: the correlation of eq. 3.7 with its additive
constant against quiet frames, the preference for short lags, and the cost of jumps; candidates lie on a fixed
logarithmic grid instead of being picked.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import FRAMES_PER_SECOND
from harken.audio.files import resample
from harken.events import SAMPLE_RATE, Samples
from harken.tts.frames import frames_covering

Floats = NDArray[np.float64]

LOWEST_HZ, HIGHEST_HZ = 60.0, 420.0
_RATE = 8000
_WINDOW = 256
"""Correlated samples: 32 ms, two periods of the lowest voice."""
_STEPS_PER_OCTAVE = 36
_FFT = 1024
_SHORT_LAGS = 0.12
"""How much less the longest lag counts: multiples of the period correlate as well as the period itself."""
_UNVOICED = 0.42
"""Correlation that a voiced frame must exceed."""
_SWITCH = 0.25
"""Cost of a change between voiced and unvoiced."""
_JUMP = 0.06
"""Cost of each grid step between frames."""
_REACH = 6
"""Farthest grid steps from frame to frame: two tones in 10 ms."""


def track_pitch(samples: Samples) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Fundamental frequency of speech, one value for each frame of `speech_frames`.

    Args:
        samples: [n] at 16 kHz.

    Returns:
        Hertz [T], interpolated where unvoiced (the middle of the range when nothing is voiced), and voiced [T].
    """
    count = frames_covering(len(samples))
    if count == 0:
        return np.zeros(0, np.float32), np.zeros(0, np.bool_)
    grid = LOWEST_HZ * 2 ** (np.arange(_grid_size()) / _STEPS_PER_OCTAVE)
    correlation = _correlate(samples, count)
    lags = _RATE / grid
    score = _at(correlation, lags) * (1 - _SHORT_LAGS * lags / lags[0])
    path = _best_path(score)
    voiced = path >= 0
    hertz = np.where(voiced, _refine(correlation, lags[np.maximum(path, 0)]), 0.0)
    return fill_unvoiced(hertz, voiced).astype(np.float32), voiced


def fill_unvoiced(hertz: Floats, voiced: NDArray[np.bool_]) -> Floats:
    """Hertz [T] with the unvoiced frames interpolated in log frequency between their voiced neighbours."""
    if not voiced.any():
        return np.full(len(hertz), 160.0)
    places = np.flatnonzero(voiced)
    return np.asarray(np.exp(np.interp(np.arange(len(hertz)), places, np.log(hertz[places]))))


def _grid_size() -> int:
    return int(np.log2(HIGHEST_HZ / LOWEST_HZ) * _STEPS_PER_OCTAVE) + 1


def _correlate(samples: Samples, count: int) -> Floats:
    """Normalised cross-correlation [T, lags] around each frame's middle, lags 0.._RATE / LOWEST_HZ + 2."""
    lags = int(_RATE / LOWEST_HZ) + 3
    low = resample(samples, SAMPLE_RATE, _RATE)
    span, hop = _WINDOW + lags, _RATE // FRAMES_PER_SECOND
    before = span // 2 - hop // 2
    padded = np.zeros(count * hop + 2 * span, np.float64)
    padded[before : before + len(low)] = low[: len(padded) - before]
    frames = np.lib.stride_tricks.sliding_window_view(padded, span)[: count * hop : hop]
    frames = frames - frames.mean(1, keepdims=True)
    # Correlate the first _WINDOW samples with the whole span, for all lags at once.
    product = np.conj(np.fft.rfft(frames[:, :_WINDOW], _FFT)) * np.fft.rfft(frames, _FFT)
    cross = np.fft.irfft(product, _FFT)[:, :lags]
    power = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    energy = (power[:, _WINDOW:] - power[:, :-_WINDOW])[:, :lags]
    floor = 1e-3 * energy[:, 0].max() + 1e-7  # keeps frames 30 dB below the loudest from looking voiced
    return np.asarray(cross / (np.sqrt(energy[:, :1] * energy) + floor))


def _at(correlation: Floats, lags: Floats) -> Floats:
    """Values [T, L] at fractional lags [L], linear between samples (the signal is narrow-band)."""
    whole = lags.astype(int)
    part = lags - whole
    return np.asarray(correlation[:, whole] * (1 - part) + correlation[:, whole + 1] * part)


def _best_path(score: Floats) -> NDArray[np.int64]:
    """Grid index of each frame, -1 where unvoiced, maximising score minus the costs of change."""
    count, size = score.shape
    offsets = np.arange(-_REACH, _REACH + 1)
    penalty = _JUMP * np.abs(offsets)
    back = np.zeros((count, size + 1), np.int64)
    best, silent = score[0] - _UNVOICED, 0.0
    for t in range(1, count):
        padded = np.pad(best, _REACH, constant_values=-np.inf)
        options = np.lib.stride_tricks.sliding_window_view(padded, 2 * _REACH + 1) - penalty
        choice = options.argmax(1)
        stay = options[np.arange(size), choice]
        start = silent - _SWITCH
        back[t, :size] = np.where(stay >= start, np.arange(size) + offsets[choice], size)
        stop = int(best.argmax())
        back[t, size] = stop if best[stop] - _SWITCH > silent else size
        silent = max(silent, float(best[stop]) - _SWITCH)
        best = np.maximum(stay, start) + score[t] - _UNVOICED
    path = np.empty(count, np.int64)
    path[-1] = int(best.argmax()) if best.max() > silent else size
    for t in range(count - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return np.where(path == size, -1, path)


def _refine(correlation: Floats, lags: Floats) -> Floats:
    """Hertz [T] after a parabola through the correlation's three values around each lag [T]."""
    rows = np.arange(len(lags))
    near = np.clip(np.rint(lags).astype(int), 2, correlation.shape[1] - 3)
    around = near[:, None] + np.arange(-2, 3)
    peak = near - 2 + correlation[rows[:, None], around].argmax(1)
    peak = np.clip(peak, 1, correlation.shape[1] - 2)
    left, middle, right = (correlation[rows, peak + n] for n in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.where(bend < -1e-9, 0.5 * (left - right) / np.where(bend < -1e-9, bend, 1.0), 0.0)
    return np.asarray(np.clip(_RATE / (peak + np.clip(shift, -1, 1)), LOWEST_HZ, HIGHEST_HZ))
