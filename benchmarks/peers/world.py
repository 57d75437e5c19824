"""WORLD (Morise, Yokomori and Ozawa, IEICE 2016), the package `pyworld`: pitch, envelope and aperiodicity to sound."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from harken.events import SAMPLE_RATE, Samples


def copy_with_world(world: ModuleType, samples: Samples) -> Samples:
    """Sound [n] made from WORLD's own analysis of samples [n]."""
    sound = samples.astype(np.float64)
    hertz, times = world.harvest(sound, SAMPLE_RATE)
    envelope = world.cheaptrick(sound, hertz, times, SAMPLE_RATE)
    noise = world.d4c(sound, hertz, times, SAMPLE_RATE)
    copy = world.synthesize(hertz, envelope, noise, SAMPLE_RATE)
    return np.pad(copy, (0, max(0, len(samples) - len(copy))))[: len(samples)].astype(np.float32)
