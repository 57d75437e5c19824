"""What the loudspeaker was given, by position in the microphone's stream."""

from __future__ import annotations

import numpy as np

from harken.events import Samples


class Played:
    """Collects what is reported; silence where nothing was."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, Samples]] = []
        self.end: float = float("-inf")
        """Position after the last sound that is not silence."""

    def add(self, start: int, samples: Samples) -> None:
        """Samples [n] that were played from this position on."""
        loud = np.flatnonzero(samples)
        if len(loud):
            self._parts.append((start, samples))
            self.end = start + int(loud[-1]) + 1

    def cut(self, start: int, end: int) -> Samples:
        """Samples [end - start]; what is older is forgotten."""
        self._parts = [(at, part) for at, part in self._parts if at + len(part) > start]
        out = np.zeros(end - start, np.float32)
        for at, part in self._parts:
            if at < end:
                piece = part[max(0, start - at) : end - at]
                place = max(0, at - start)
                out[place : place + len(piece)] = piece
        return out
