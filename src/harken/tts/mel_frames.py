"""Log-mel frames for vocoders that speak sample by sample: long windows, a hop of one 80th of a second, any rate.

The frames of `harken.tts.frames` are those of the recogniser (25 ms every 10 ms at 16 kHz). These are the ones of
J. Lorenzo-Trueba et al., "Towards achieving robust universal neural vocoding", Interspeech 2019: 80 bands from 50 Hz
up, spaced as in Slaney's Auditory Toolbox (linear below 1 kHz, logarithmic above).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import Frames
from harken.errors import AudioError, ConfigError
from harken.events import SAMPLE_RATE, Samples

BANDS = 80
LOW_HZ, HIGH_HZ = 50.0, 12_000.0
"""Lowest edge of the lowest band; highest edge of the highest one, or half the rate if that is lower."""
FLOOR = 1e-8
"""Power, relative to a full-scale sine's, of an empty band (-80 dB)."""
_BREAK_HZ, _HZ_PER_MEL, _STEP = 1000.0, 200 / 3, np.log(6.4) / 27
_PIECE = 2000
"""Frames that are analysed at once; bounds memory on long recordings."""


@dataclass(frozen=True)
class MelAnalysis:
    """Samples to frames.

    Raises:
        ConfigError: a number is out of range.
    """

    rate: int = SAMPLE_RATE
    """Samples per second."""
    window: int = 800
    """Samples in a frame: 50 ms."""
    hop: int = 200
    """Samples from frame to frame: 12.5 ms."""

    def __post_init__(self) -> None:
        if not 0 < self.hop <= self.window or self.rate < 8000:
            raise ConfigError(
                f"rate {self.rate}, window {self.window}, hop {self.hop}; expected a rate of 8000 or more and "
                "0 < hop <= window"
            )

    def count(self, samples: int) -> int:
        """Number of frames of `samples` samples: frame t is centred on sample hop * t, the last one within them."""
        return 1 + samples // self.hop

    def frames(self, samples: Samples) -> Frames:
        """Natural logs of power [T, 80] of samples [n]; a full-scale sine has 0 to 1 in its band.

        Raises:
            AudioError: there are no samples, or some are not finite.
        """
        if samples.ndim != 1 or not len(samples) or not np.isfinite(samples).all():
            raise AudioError(f"samples have shape {samples.shape} or are not finite; expected [n], n >= 1, in -1..1")
        half = self.size // 2
        padded = np.pad(samples, (half, half + self.hop))
        places = np.lib.stride_tricks.sliding_window_view(padded, self.size)[:: self.hop][: self.count(len(samples))]
        pieces = [self._analyse(places[first : first + _PIECE]) for first in range(0, len(places), _PIECE)]
        return np.concatenate(pieces)

    def _analyse(self, pieces: Samples) -> Frames:
        spectrum = np.fft.rfft(pieces * self.shape)
        power = (spectrum.real**2 + spectrum.imag**2) @ self.filters.T
        return np.log(np.maximum(power, FLOOR)).astype(np.float32)

    @property
    def size(self) -> int:
        """Points of the transform."""
        return 1 << (self.window - 1).bit_length()

    @cached_property
    def shape(self) -> NDArray[np.float64]:
        """A Hann window in the middle of the transform, scaled so that a full-scale sine has the power 1."""
        window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(self.window) + 0.5) / self.window)
        before = (self.size - self.window) // 2
        return np.pad(window * (2 / window.sum()), (before, self.size - self.window - before))

    @cached_property
    def filters(self) -> NDArray[np.float64]:
        """Triangles of height 1 over the bins of the power spectrum [80, bins]."""
        high = min(HIGH_HZ, self.rate / 2)
        edges = _hertz(np.linspace(_mel(np.array(LOW_HZ)), _mel(np.array(high)), BANDS + 2))
        bins = np.arange(self.size // 2 + 1) * self.rate / self.size
        left, middle, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
        return np.maximum(0, np.minimum((bins - left) / (middle - left), (right - bins) / (right - middle)))


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _BREAK_HZ / _HZ_PER_MEL + np.log(np.maximum(hertz, _BREAK_HZ) / _BREAK_HZ) / _STEP
    return np.where(hertz < _BREAK_HZ, hertz / _HZ_PER_MEL, above)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    start = _BREAK_HZ / _HZ_PER_MEL
    return np.where(mel < start, mel * _HZ_PER_MEL, _BREAK_HZ * np.exp(_STEP * np.maximum(mel - start, 0)))
