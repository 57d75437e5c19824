"""The prosody of a symbol in seven numbers: pitch and energy of its beginning, middle and end, and its duration.

After Klimkov et al., "Fine-grained robust prosody transfer for single-speaker neural text-to-speech", Interspeech 2019,
section 2: means over the three states of a forced alignment. Pitch is the logarithm of the frequency here. A state
without a voiced frame has the pitch that lies between those of its neighbours, so that the contour through all of them
has no holes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STATES = 3
"""Beginning, middle and end of a symbol."""
PITCH, ENERGY, DURATION = slice(0, STATES), slice(STATES, 2 * STATES), 2 * STATES
"""Columns of the seven numbers."""
NUMBERS = 2 * STATES + 1

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def thirds(durations: Ints) -> Ints:
    """Frames [N, 3] of the states of symbols [N] of which only the whole durations are known."""
    ends = np.rint(durations[:, None] * np.arange(1, STATES + 1) / STATES).astype(np.int64)
    return np.diff(ends, axis=1, prepend=0)


def aggregate(log_hertz: Floats, voiced: NDArray[np.bool_], level: Floats, states: Ints) -> Floats:
    """The seven numbers [N, 7] of each symbol of a recording.

    Args:
        log_hertz: natural logarithm of the fundamental frequency [T]; it counts where voiced.
        voiced: [T]
        level: log energy [T].
        states: frames [N, 3] of each state of each symbol, in order; they sum to T.

    Returns:
        Mean log Hz of each state, mean log energy of each state, frames of the symbol. A state without voiced frames
        (without frames, for energy) has what lies between its neighbours; 0 when there is none in the whole recording.

    Raises:
        ValueError: the states do not sum to T.
    """
    if states.sum() != len(level):
        raise ValueError(f"the states have {states.sum()} frames, the recording {len(level)}; they must be the same")
    owner = np.repeat(np.arange(states.size), states.reshape(-1))
    numbers = [_means(log_hertz, owner, voiced, states.size), _means(level, owner, np.ones_like(voiced), states.size)]
    return np.concatenate([*(one.reshape(-1, STATES) for one in numbers), states.sum(1, keepdims=True)], 1)


def _means(values: Floats, owner: Ints, counted: NDArray[np.bool_], size: int) -> Floats:
    """Means [size] of the counted values [T] of each owner; between the neighbours' where none counts."""
    counts = np.bincount(owner[counted], minlength=size)
    sums = np.bincount(owner[counted], values[counted], size)
    known = np.flatnonzero(counts)
    if not len(known):
        return np.zeros(size)
    return np.asarray(np.interp(np.arange(size), known, sums[known] / counts[known]))


def contour(values: NDArray[np.floating], durations: Ints) -> NDArray[np.float32]:
    """One value for each frame [F]: straight lines between the middles of the thirds of symbols.

    Args:
        values: [N, 3] of the states.
        durations: frames [N]; a symbol of 0 frames does not count.
    """
    count = int(durations.sum())
    sounding = durations > 0
    if not sounding.any():
        return np.zeros(0, np.float32)
    lengths = durations[sounding]
    starts = np.cumsum(lengths) - lengths
    middles = starts[:, None] + lengths[:, None] * (np.arange(STATES) + 0.5) / STATES
    line = np.interp(np.arange(count) + 0.5, middles.reshape(-1), values[sounding].reshape(-1))
    return np.asarray(line, np.float32)
