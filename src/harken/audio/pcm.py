"""Sound as 16-bit little-endian PCM."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harken.events import Samples

WIDTH = 2
"""Bytes of a sample."""
FULL_SCALE = 32_768
"""Steps of 1.0."""


def in_steps(samples: Samples) -> NDArray[np.int16]:
    """Samples [n] in -1..1 as 16-bit integers; louder ones are clipped."""
    return np.clip(np.rint(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)


def to_pcm(samples: Samples) -> bytes:
    """Samples [n] in -1..1 as PCM; louder ones are clipped."""
    return in_steps(samples).astype("<i2").tobytes()


def from_pcm(data: bytes, *, channels: int = 1) -> Samples:
    """PCM as samples [n] in -1..1; interleaved channels are averaged, and what is left of a sample is dropped."""
    whole = len(data) - len(data) % (WIDTH * channels)
    steps = np.frombuffer(data[:whole], "<i2").reshape(-1, channels)
    return np.asarray(steps.mean(axis=1, dtype=np.float32) / np.float32(FULL_SCALE))
