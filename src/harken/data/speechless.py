"""Sound in which nobody speaks: digital silence, noises, hum, tones and clicks, made from a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harken.data.mixing import limit
from harken.events import SAMPLE_RATE, Samples

LOUDEST, SOFTEST = -6.0, -80.0
"""Range of the level, dB: from the hiss of a quiet microphone to very loud."""
_MAINS = (50.0, 60.0)
_HARMONICS = 8
_CLICKS = 3.0
"""Clicks a second, on average."""

Draw = Callable[[int, np.random.Generator], np.ndarray]


def speechless(kind: str, seconds: float, rng: np.random.Generator) -> Samples:
    """Samples [n] of a kind of `KINDS` at a random level.

    Args:
        kind: name.
        seconds: length.
        rng: draws the sound, its pitch and its level.
    """
    samples = KINDS[kind](max(1, round(seconds * SAMPLE_RATE)), rng)
    peak = float(np.abs(samples).max())
    level = 10 ** (rng.uniform(SOFTEST, LOUDEST) / 20)
    return limit(np.asarray(samples * (level / peak if peak else 0.0), np.float32))


def _zeros(count: int, rng: np.random.Generator) -> np.ndarray:
    return np.zeros(count)


def _white(count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal(count)


def _pink(count: int, rng: np.random.Generator) -> np.ndarray:
    spectrum = np.fft.rfft(rng.standard_normal(count))
    return np.asarray(np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), count))


def _hum(count: int, rng: np.random.Generator) -> np.ndarray:
    time, mains = np.arange(count) / SAMPLE_RATE, float(rng.choice(_MAINS))
    heights = rng.uniform(0, 1, _HARMONICS) / np.arange(1, _HARMONICS + 1)
    phases = rng.uniform(0, 2 * np.pi, _HARMONICS)
    parts = [
        height * np.sin(2 * np.pi * mains * order * time + phase)
        for order, (height, phase) in enumerate(zip(heights, phases, strict=True), 1)
    ]
    return np.asarray(np.sum(parts, axis=0))


def _tone(count: int, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(np.sin(2 * np.pi * rng.uniform(100, 4000) * np.arange(count) / SAMPLE_RATE))


def _clicks(count: int, rng: np.random.Generator) -> np.ndarray:
    samples = np.where(rng.random(count) < _CLICKS / SAMPLE_RATE, rng.choice([-1.0, 1.0], count), 0.0)
    samples[int(rng.integers(count))] = 1.0
    return samples


KINDS: dict[str, Draw] = {
    "zeros": _zeros, "white noise": _white, "pink noise": _pink, "hum": _hum, "tone": _tone, "clicks": _clicks,
}  # fmt: skip
"""Kinds of sound without speech that need no recording."""
