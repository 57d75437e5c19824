"""hibari-tts, a small English synthesiser, as a yardstick: `pip install --no-deps hibari-tts`."""

from __future__ import annotations

import importlib
import importlib.util

import numpy as np
from numpy.typing import NDArray

from harken.audio.files import resample
from harken.events import SAMPLE_RATE

NAME = "hibari-tts (heart)"


def available() -> bool:
    """Whether the package is installed."""
    return importlib.util.find_spec("hibari") is not None


class Hibari:
    """The synthesiser with the voice that is in its package."""

    def __init__(self) -> None:
        self._speaker = importlib.import_module("hibari").Hibari(threads=1)

    def say(self, text: str) -> NDArray[np.float32]:
        """The speech of a text [n] at 16 kHz."""
        return resample(np.asarray(self._speaker(text), np.float32), int(self._speaker.sample_rate), SAMPLE_RATE)
