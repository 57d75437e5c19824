"""A store of made-up recordings: a 'word' that is a rising sweep, 'speech' that falls and stays, noises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from harken.events import Samples
from harken.train.activation.store import Clip, ClipStore, write_clips


def sweep(low: float, high: float, seconds: float = 0.6) -> Samples:
    """A tone that glides, amplitude 0.3, with 0.5 s of near silence before and after."""
    n = int(seconds * 16_000)
    phase = 2 * np.pi * np.cumsum(np.linspace(low, high, n)) / 16_000
    quiet = 1e-4 * np.random.default_rng(0).standard_normal(8000)
    return np.concatenate([quiet, 0.3 * np.sin(phase), quiet]).astype(np.float32)


def recordings(seed: int = 0) -> Iterator[tuple[Clip, Samples]]:
    """The word by eight speakers, other sounds by as many, three noises; in both splits."""
    rng = np.random.default_rng(seed)
    for split in ("train", "dev"):
        for n in range(8):
            pitch = rng.uniform(300, 500)
            clip = Clip(corpus="made", split=split, speaker=f"s{n}", label="word")
            yield clip, sweep(pitch, 6 * pitch, rng.uniform(0.5, 0.7))
            for high in (0.3, 1.0, 2.0):
                yield (
                    Clip(corpus="made", split=split, speaker=f"s{n}", label="other"),
                    sweep(4 * pitch, 4 * pitch * high),
                )
        for n in range(3):
            noise = (0.05 * rng.standard_normal(32_000)).astype(np.float32)
            yield Clip(corpus="noise", split=split, speaker=f"n{n}", label="hiss"), noise


def store(folder: Path) -> ClipStore:
    """All of them, written and opened."""
    return write_clips(folder, recordings())
