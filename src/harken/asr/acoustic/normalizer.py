"""What the acoustic model takes: feature frames, their running mean normalisation, how many make a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float32]

STEP = 3
"""Feature frames (10 ms) of one step (30 ms)."""


@dataclass(frozen=True, kw_only=True)
class Normalizer:
    """Running mean normalisation: each band minus its mean so far, over its training deviation.

    The mean begins at the training mean with the weight of `prior` frames, so that it needs no look-ahead and no
    warm-up: m_t = (prior * mean + x_0 + ... + x_t) / (prior + t + 1).
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
            total: sum of all frames before [bins].
            seen: number of frames before.

        Returns:
            normalised frames, and `total` and `seen` after them.
        """
        sums = total + np.cumsum(features, axis=0, dtype=np.float64)
        weight = self.prior + seen + 1 + np.arange(len(features))
        means = (self.prior * self.mean + sums) / weight[:, None]
        normalized = ((features - means) / self.deviation).astype(np.float32)
        return normalized, sums[-1] if len(sums) else total, seen + len(features)
