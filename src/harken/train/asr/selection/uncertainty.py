"""How uncertain a slot and a recording are: binary entropy of the two candidates, in nats."""

from __future__ import annotations

import numpy as np

from harken.asr.arrays import Floats, Ints


def probability(odds: Floats) -> Floats:
    """q = p1 / (p1 + p2) from ln(p1 / p2)."""
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -500, 500))))


def entropy(odds: Floats) -> Floats:
    """h(q) = -q ln q - (1 - q) ln(1 - q) in nats: ln 2 at even odds, 0 when certain."""
    q = probability(odds)
    return np.asarray(-_times_log(q) - _times_log(1 - q))


def mean_over_recordings(values: Floats, steps: Ints, recording: Ints, count: int) -> Floats:
    """Mean of the slots' values by recording [count], weighted by their length; 0 for a recording without slots.

    Args:
        values: of the slots [N].
        steps: lengths [N].
        recording: index of each slot's recording [N].
        count: recordings.
    """
    total = np.bincount(recording, weights=steps * values, minlength=count)
    length = np.bincount(recording, weights=steps, minlength=count)
    return np.asarray(total / np.maximum(length, 1))


def _times_log(q: Floats) -> Floats:
    return np.where(q > 0, q * np.log(np.maximum(q, 1e-300)), 0.0)
