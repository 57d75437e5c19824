"""Fixed-size blocks out of chunks of any size: what makes a stage's answers independent of the chunking."""

from __future__ import annotations

import numpy as np

from harken.events import Samples


class Blocks:
    """Collects samples and hands out blocks of `size`.

    Args:
        size: samples per block.
    """

    def __init__(self, size: int):
        self.size = size
        self.reset()

    def reset(self) -> None:
        """Forget what was collected."""
        self._rest: Samples = np.zeros(0, np.float32)

    def push(self, samples: Samples) -> list[Samples]:
        """Add samples [n]; return the blocks [size] that are now full."""
        joined = np.concatenate([self._rest, samples])
        whole = len(joined) // self.size
        self._rest = joined[whole * self.size :]
        return [joined[n * self.size : (n + 1) * self.size] for n in range(whole)]

    def rest(self) -> Samples:
        """What is left, fewer than `size` samples; it stays until `reset`."""
        return self._rest
