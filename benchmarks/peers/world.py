"""WORLD (Morise, Yokomori and Ozawa, IEICE 2016), the package `pyworld-prebuilt` of the extra `train`.

A vocoder to compare ours with, and a second opinion on every melody (Morise, "Harvest", Interspeech 2017).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harken.events import SAMPLE_RATE, Samples
from harken.tts.frames import HOP, frames_covering
from harken.tts.pitch import HIGHEST_HZ, LOWEST_HZ, fill_unvoiced


def copy_with_world(samples: Samples) -> Samples:
    """Sound [n] made from WORLD's own analysis of samples [n] at 16 kHz.

    Raises:
        ModuleNotFoundError: pyworld is not installed.
    """
    import pyworld

    sound = samples.astype(np.float64)
    hertz, times = pyworld.harvest(sound, SAMPLE_RATE)
    envelope = pyworld.cheaptrick(sound, hertz, times, SAMPLE_RATE)
    noise = pyworld.d4c(sound, hertz, times, SAMPLE_RATE)
    copy = pyworld.synthesize(hertz, envelope, noise, SAMPLE_RATE)
    return np.pad(copy, (0, max(0, len(samples) - len(copy))))[: len(samples)].astype(np.float32)


def track_pitch(samples: Samples) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Hertz [T] and voiced [T] of samples [n] at 16 kHz, as `harken.tts.pitch.track_pitch` gives them.

    Raises:
        ModuleNotFoundError: pyworld is not installed.
    """
    import pyworld

    count = frames_covering(len(samples))
    hertz, _ = pyworld.harvest(
        samples.astype(np.float64), SAMPLE_RATE, f0_floor=LOWEST_HZ, f0_ceil=HIGHEST_HZ,
        frame_period=1000 * HOP / SAMPLE_RATE,
    )  # fmt: skip
    hertz = np.pad(hertz[:count], (0, max(0, count - len(hertz))))
    voiced = hertz > 0
    return fill_unvoiced(hertz, voiced).astype(np.float32), voiced
