"""What the voice's networks predict: log-mel frames every 10 ms, with values from the one feature front end.

Frame t is centred on samples [160 t, 160 t + 160), so that T frames cover 160 T samples.
"""

from __future__ import annotations

import numpy as np

from harken.audio.features import FRAME_LENGTH, FRAME_SHIFT, Frames, log_mel
from harken.events import Samples

BANDS = 80
"""Mel bands of a frame."""
HOP = FRAME_SHIFT
"""Samples from frame to frame: 10 ms at 16 kHz."""

_EDGE = (FRAME_LENGTH - HOP) // 2
_QUIET = 1e-5
"""Amplitude of the noise that is mixed in before analysis (-100 dB): it gives digital silence a floor."""


def speech_frames(samples: Samples) -> Frames:
    """Log-mel frames [T, 80] of samples [n] at 16 kHz, T = ceil(n / 160)."""
    count = frames_covering(len(samples))
    padded = np.zeros(count * HOP + 2 * _EDGE, np.float32)
    padded[_EDGE : _EDGE + len(samples)] = samples
    padded += _QUIET * np.random.default_rng(0).standard_normal(len(padded)).astype(np.float32)
    return log_mel(padded, bins=BANDS)


def frames_covering(samples: int) -> int:
    """Number of frames that cover `samples` samples."""
    return -(-samples // HOP)
