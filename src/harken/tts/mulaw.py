"""Logarithmic codes of samples (mu-law) behind a pre-emphasis, so that a softmax can choose the next sample.

ITU-T G.711's curve with mu = 2^bits - 1: quiet samples are coded finely, loud ones coarsely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.errors import ConfigError
from harken.events import Samples

Codes = NDArray[np.int64]
BITS = (8, 10)
"""Fewest and most bits of a code."""


@dataclass(frozen=True, kw_only=True)
class Coding:
    """How samples become codes.

    Raises:
        ConfigError: bits or emphasis are out of range.
    """

    bits: int = 10
    """8, 9 or 10: 256, 512 or 1,024 codes."""
    emphasis: float = 0.0
    """Share of the sample before that is taken off before coding and put back afterwards; 0 codes the samples
    themselves. It lifts high frequencies above the noise of coarse codes."""

    def __post_init__(self) -> None:
        if not BITS[0] <= self.bits <= BITS[1] or not 0 <= self.emphasis < 1:
            raise ConfigError(
                f"bits = {self.bits}, emphasis = {self.emphasis}; expected {BITS[0]} to {BITS[1]} bits and "
                "0 <= emphasis < 1"
            )

    @property
    def levels(self) -> int:
        """Number of codes."""
        return int(2**self.bits)

    @property
    def silence(self) -> int:
        """The code of a sample of 0, which stands before the first one."""
        return self.levels // 2

    def encode(self, samples: Samples) -> Codes:
        """Codes [n] of samples [n] in -1..1; louder ones are clipped."""
        mu = self.levels - 1
        before = np.concatenate([np.zeros(1, np.float64), samples[:-1]])[: len(samples)]
        values = np.clip(samples - self.emphasis * before, -1, 1)
        curved = np.sign(values) * np.log1p(mu * np.abs(values)) / np.log1p(mu)
        return np.asarray(np.floor((curved + 1) / 2 * mu + 0.5), np.int64)

    def values(self) -> NDArray[np.float64]:
        """What each code stands for [levels], -1..1, before the emphasis is put back."""
        mu = self.levels - 1
        curved = 2 * np.arange(self.levels) / mu - 1
        return np.asarray(np.sign(curved) * np.expm1(np.abs(curved) * np.log1p(mu)) / mu)

    def decode(self, codes: Codes, *, before: float = 0.0) -> Samples:
        """Samples [n] of codes [n]; `before` is the sample before them."""
        values = self.values()[codes]
        if not self.emphasis:
            return values.astype(np.float32)
        out = np.empty(len(values), np.float64)
        for place, value in enumerate(values.tolist()):
            out[place] = before = value + self.emphasis * before
        return out.astype(np.float32)
