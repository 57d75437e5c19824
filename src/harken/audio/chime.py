"""The short tone that says "I am listening"."""

from __future__ import annotations

import numpy as np

from harken.events import SAMPLE_RATE, Samples

RATE = SAMPLE_RATE
_LEVEL = 0.1  # -20 dB: clearly softer than speech
_NOTES = ((784.0, 0.00), (1175.0, 0.06))  # Hz, and the second at which each begins: a fifth, upwards
_LENGTH = 0.18  # seconds: short enough to be over before the first word of a request is


def make_chime() -> Samples:
    """Samples [n] at 16 kHz."""
    time = np.arange(round(_LENGTH * RATE)) / RATE
    tone = np.zeros(len(time))
    for frequency, begin in _NOTES:
        since = np.maximum(time - begin, 0)
        tone += np.sin(2 * np.pi * frequency * since) * np.minimum(since / 0.005, 1) * np.exp(-since / 0.03)
    return (_LEVEL * tone).astype(np.float32)
