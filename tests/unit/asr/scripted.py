"""An acoustic model that hears what a script says, and sound of the length for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tests.unit.asr.toy import PHONES

from harken.asr.acoustic.model import Outputs
from harken.asr.transcripts import SAMPLES_PER_STEP

AB = [("A", 4), ("B", 4)]
CD = [("C", 4), ("D", 4)]


class Scripted:
    """An acoustic model that hears what the script says, whatever the sound is; and the one stream of it."""

    look_ahead = 0

    def __init__(self, script: Sequence[tuple[str, int]]):
        self._rows = planted(script)
        self.forgotten = 0
        """How often the speaker was forgotten."""
        self.reset()

    def stream(self) -> Scripted:
        return self

    def reset(self) -> None:
        self.forgotten += 1
        self.restart()

    def restart(self) -> None:
        self._given = self._taken = 0

    def process(self, features: np.ndarray) -> Outputs:
        self._taken += len(features)
        return Outputs(self._until(self._taken // 3))

    def flush(self) -> Outputs:
        rows = self._until(-(-self._taken // 3))
        self.restart()
        return Outputs(rows)

    def _until(self, last: int) -> np.ndarray:
        first, self._given = self._given, last
        return self._rows[first:last]


def planted(script: Sequence[tuple[str, int]]) -> np.ndarray:
    rows = np.full((sum(frames for _, frames in script), 2 * len(PHONES)), -20.0, np.float32)
    at = 0
    for phone, frames in script:
        begun = frames if phone == "SIL" else 1  # a stretch may begin anywhere in a pause
        rows[at : at + begun, PHONES.index(phone)] = 0.0
        rows[at + 1 : at + frames, len(PHONES) + PHONES.index(phone)] = 0.0
        at += frames
    return rows


def sound(frames: int) -> np.ndarray:
    """Samples that give so many decoder frames."""
    return np.zeros(frames * SAMPLES_PER_STEP + 240, np.float32)


class Noisy(Scripted):
    """A script that is heard badly: normal noise on every score, the same for the same seed; it never ends.

    Args:
        script: repeated for ever.
        noise: its standard deviation, natural log units.
        seed: of the noise of one repetition.
    """

    def __init__(self, script: Sequence[tuple[str, int]], *, noise: float = 0.0, seed: int = 0):
        super().__init__(script)
        spread = np.random.default_rng(seed).normal(0, 1, self._rows.shape)
        self._rows = (np.maximum(self._rows, -3 * noise if noise else -20.0) + noise * spread).astype(np.float32)

    def _until(self, last: int) -> np.ndarray:
        first, self._given = self._given, last
        return self._rows[np.arange(first, last) % len(self._rows)]
