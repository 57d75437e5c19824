"""Sounds for the tests of the always-on stages: no recordings, only numpy."""

from __future__ import annotations

import numpy as np

from harken.events import Samples


def vowel(seconds: float, *, pitch: float = 120.0, formants: tuple[float, float, float] = (700, 1200, 2500)) -> Samples:
    """A voiced sound: a glottal pulse train through three resonances, gliding pitch; amplitude about 0.3."""
    n = int(seconds * 16_000)
    time = np.arange(n) / 16_000
    phase = np.cumsum(pitch * (1 + 0.08 * np.sin(2 * np.pi * 3 * time))) / 16_000
    wave = np.zeros(n)
    for harmonic in range(1, int(4000 / pitch)):
        frequency = harmonic * pitch
        gain = sum(np.exp(-(((frequency - f) / 180) ** 2)) / (1 + i) for i, f in enumerate(formants))
        wave += (gain + 0.01) * np.sin(2 * np.pi * harmonic * phase)
    return (0.3 * wave / np.abs(wave).max()).astype(np.float32)


def babble(seconds: float, seed: int = 0) -> Samples:
    """Syllables: vowels and hisses in turn, about four a second."""
    rng = np.random.default_rng(seed)
    parts: list[Samples] = []
    while sum(map(len, parts)) < seconds * 16_000:
        parts.append((0.05 * rng.standard_normal(int(rng.uniform(600, 1600)))).astype(np.float32))
        formants = (rng.uniform(300, 800), rng.uniform(900, 2200), rng.uniform(2300, 3000))
        parts.append(vowel(rng.uniform(0.1, 0.22), pitch=rng.uniform(95, 220), formants=formants))
    return np.concatenate(parts)[: int(seconds * 16_000)]


def hush(seconds: float, seed: int = 0) -> Samples:
    """The noise of a quiet room, about -65 dB."""
    return (0.0005 * np.random.default_rng(seed).standard_normal(int(seconds * 16_000))).astype(np.float32)
