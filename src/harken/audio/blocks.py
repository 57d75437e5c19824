"""Fixed-size blocks from chunks of any size, so that a stage's results do not depend on the chunking."""

from __future__ import annotations

import itertools

import numpy as np

from harken.events import Samples


class Blocks:
    """Collects samples and returns blocks of `size`.

    Args:
        size: samples per block.
        more: samples by which the first block after a reset is longer.
    """

    def __init__(self, size: int, *, more: int = 0):
        self.size, self._longer = size, more
        self.reset()

    def reset(self) -> None:
        """Forget what was collected."""
        self._rest: Samples = np.zeros(0, np.float32)
        self._more = self._longer

    def push(self, samples: Samples) -> list[Samples]:
        """Add samples [n]; return the blocks [size] that are now full."""
        joined = np.concatenate([self._rest, samples])
        whole = max(0, len(joined) - self._more) // self.size
        places = [0, *(self._more + n * self.size for n in range(1, whole + 1))]
        self._more = 0 if whole else self._more
        self._rest = joined[places[-1] :]
        return [joined[start:end] for start, end in itertools.pairwise(places)]

    def rest(self) -> Samples:
        """The remainder, less than a block; it is kept until `reset`."""
        return self._rest
