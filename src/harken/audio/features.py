"""The one feature front end: log-mel energies as Kaldi computes them, streaming, in numpy; and their normalisation.

25 ms Povey windows every 10 ms ("snip edges": only whole windows), DC removal, pre-emphasis 0.97, power spectrum of
512 points, triangular mel filters from 20 Hz to 8 kHz, natural log. Samples are scaled to 16-bit range as Kaldi
expects. Any chunking gives the same frames, because each frame depends only on its own 400 samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from harken.errors import AudioError
from harken.events import SAMPLE_RATE, Samples

FRAME_SHIFT = 160
"""Samples from frame to frame: 10 ms."""
FRAME_LENGTH = 400
"""Samples in a frame: 25 ms."""
FRAMES_PER_SECOND = SAMPLE_RATE // FRAME_SHIFT
LOW_HZ, HIGH_HZ = 20.0, SAMPLE_RATE / 2
"""Lowest edge of the lowest band, highest edge of the highest one."""

_FFT = 512
_PREEMPHASIS = 0.97
_INT16 = 32768.0
_FLOOR = float(np.finfo(np.float32).eps)
QUIET = 5.0
"""Mean log energy over the bands below which a frame holds no sound: zeros, dropouts and muted stretches, with or
without the rounding noise of 16 bits (2 to 4.5). Pauses in recordings have 6 to 12."""

Frames = NDArray[np.float32]


def log_mel(samples: Samples, *, bins: int = 80, warp: float = 1.0) -> Frames:
    """Log-mel energies [T, bins] of samples [n]; T = 1 + (n - 400) // 160, or 0 when n < 400.

    Args:
        samples: [n].
        bins: mel bands.
        warp: factor on the frequency axis (see `mel_filters`); 2 spreads the bands over 10 Hz to 4 kHz.
    """
    _check(samples)
    count = frame_count(len(samples))
    if count == 0:
        return np.zeros((0, bins), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(samples, FRAME_LENGTH)[::FRAME_SHIFT][:count]
    parts = [
        mel_energies(power_spectrum(windows[n : n + 3000]), bins, warp=warp) for n in range(0, count, 3000)
    ]  # bounds memory on long files
    return np.concatenate(parts)


def frame_count(samples: int) -> int:
    """Number of frames in `samples` samples."""
    return 0 if samples < FRAME_LENGTH else 1 + (samples - FRAME_LENGTH) // FRAME_SHIFT


class StreamingLogMel:
    """`log_mel` for sound that arrives in chunks.

    Args:
        bins: mel bands.
        warp: factor on the frequency axis, see `log_mel`.
    """

    def __init__(self, bins: int = 80, *, warp: float = 1.0):
        self.bins, self.warp = bins, warp
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        self._rest: Samples = np.zeros(0, np.float32)

    def process(self, samples: Samples) -> Frames:
        """Frames [t, bins] that are complete after these samples [n]; t may be 0."""
        joined = np.concatenate([self._rest, samples])
        frames = log_mel(joined, bins=self.bins, warp=self.warp)
        self._rest = joined[len(frames) * FRAME_SHIFT :]
        return frames

    def flush(self) -> Frames:
        """End the stream: an incomplete window does not give a frame (Kaldi's snip_edges)."""
        self.reset()
        return np.zeros((0, self.bins), np.float32)


def mel_filters(bins: int, *, warp: float = 1.0) -> NDArray[np.float32]:
    """Triangular filters [bins, 256] over the power spectrum's bins 0..255 (the Nyquist bin has no weight).

    Args:
        bins: number of filters.
        warp: factor on the frequency axis; training varies it to imitate other vocal-tract lengths.
    """
    return _filters(bins, warp)


@lru_cache(maxsize=64)
def _filters(bins: int, warp: float) -> NDArray[np.float32]:
    edges = np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), bins + 2)
    centres = _mel(np.arange(_FFT // 2) * SAMPLE_RATE / _FFT * warp)
    left, middle, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (centres - left) / (middle - left)
    falling = (right - centres) / (right - middle)
    filters: NDArray[np.float32] = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return filters


@lru_cache(maxsize=1)
def _window() -> NDArray[np.float64]:
    # Povey's window: a Hann window to the power 0.85.
    n = np.arange(FRAME_LENGTH)
    return np.asarray((0.5 - 0.5 * np.cos(2 * np.pi * n / (FRAME_LENGTH - 1))) ** 0.85)


def power_spectrum(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Power [T, 256] of raw windows [T, 400]; DC removal, pre-emphasis and window applied."""
    x = windows.astype(np.float64) * _INT16
    x -= x.mean(axis=1, keepdims=True)
    x[:, 1:] -= _PREEMPHASIS * x[:, :-1]
    x[:, 0] -= _PREEMPHASIS * x[:, 0]
    spectrum = np.fft.rfft(x * _window(), _FFT)[:, : _FFT // 2]
    return np.asarray(spectrum.real**2 + spectrum.imag**2, np.float32)


def mel_energies(power: NDArray[np.float32], bins: int, *, warp: float = 1.0) -> Frames:
    """Log energies [T, bins] of power spectra [T, 256]."""
    return np.asarray(np.log(np.maximum(power @ mel_filters(bins, warp=warp).T, _FLOOR)), np.float32)


def frame_level(features: Frames) -> Frames:
    """Mean log energy over the bands of each frame: [T, bins] -> [T]."""
    return np.asarray(features.mean(axis=1), np.float32)


def with_sound(features: Frames) -> Frames:
    """The frames [t, bins] of features [T, bins] that hold sound (see `QUIET`)."""
    return features[frame_level(features) >= QUIET]


def _mel(hertz: float | NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(np.asarray(hertz) / 700.0))


def _check(samples: Samples) -> None:
    if samples.ndim != 1 or not np.issubdtype(samples.dtype, np.floating):
        raise AudioError(
            f"samples have shape {samples.shape}, type {samples.dtype}; expected mono float32 [n] in -1..1"
        )


@dataclass(frozen=True, kw_only=True)
class Normalizer:
    """Running mean normalisation: each band minus its mean so far, over its training deviation.

    The mean begins at the training mean with the weight of `prior` frames, so that it needs no look-ahead and no
    warm-up: m_t = (prior * mean + x_0 + ... + x_t) / (prior + t + 1).

    Frames without sound (see `QUIET`) are no part of the mean, and are raised to that level: however long they last,
    what follows is heard as it would be without them.
    """

    mean: Frames
    """[bins]"""
    deviation: Frames
    """[bins]"""
    prior: float = 100.0
    """Frames."""

    def whole(self, features: Frames) -> Frames:
        """A recording from its start: [T, bins] -> [T, bins]."""
        normalized, _, _ = self.run(features, np.zeros(features.shape[1]), 0)
        return normalized

    def run(self, features: Frames, total: NDArray[np.float64], seen: int) -> tuple[Frames, NDArray[np.float64], int]:
        """A piece of a stream.

        Args:
            features: [t, bins].
            total: sum of all frames with sound before [bins].
            seen: number of frames with sound before.

        Returns:
            normalised frames, and `total` and `seen` after them.
        """
        level = frame_level(features)
        counted = (level >= QUIET)[:, None]
        sums = total + np.cumsum(np.where(counted, features, np.float32(0)), axis=0, dtype=np.float64)
        counts = seen + np.cumsum(counted, axis=0)
        means = (self.prior * self.mean + sums) / (self.prior + counts)
        raised = features + np.maximum(np.float32(QUIET) - level, 0)[:, None]
        normalized = ((raised - means) / self.deviation).astype(np.float32)
        if not len(features):
            return normalized, total, seen
        return normalized, sums[-1], int(counts[-1, 0])
