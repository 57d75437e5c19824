"""How well a recording agrees with the sounds that it is said to have, whoever speaks.

The score of the sounds where an alignment puts them is compared with the best path through a free loop of all phones
over the same steps. Both pay the same price for each phone that they enter. So a margin is 0 where no other sounds
explain the recording better, and far below 0 where something else was said.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats
from harken.audio.features import Frames


def margins(
    labels: Sequence[str], scores: Frames, phones: Sequence[str], steps: NDArray[np.int64],
    spans: Sequence[tuple[int, int]], *, price: float,
) -> Floats:  # fmt: skip
    """Natural log, at most 0, of each span of phones: theirs beyond that of the best other phones.

    Args:
        labels: P phones of the acoustic model.
        scores: [T, 2P] of the model.
        phones: [N] of the labels.
        steps: [N] that each takes, of `align_phones`; they sum to T.
        spans: half-open spans of phones; one that takes no steps has the margin 0.
        price: natural log units for entering a phone.
    """
    count = len(labels)
    enter, stay = scores[:, :count].astype(np.float64) - price, scores[:, count:].astype(np.float64)
    ends = np.cumsum(steps)
    own = np.zeros(len(phones) + 1)
    for place, (phone, start, end) in enumerate(zip(phones, ends - steps, ends, strict=True)):
        if end > start:
            code = labels.index(phone)
            own[place + 1] = enter[start, code] + stay[start + 1 : end, code].sum()
    sums = np.cumsum(own)
    borders = np.concatenate([[0], ends])
    free = [_loop(enter[borders[a] : borders[b]], stay[borders[a] : borders[b]]) for a, b in spans]
    return np.array([sums[b] - sums[a] for a, b in spans]) - free


def _loop(enter: Floats, stay: Floats) -> float:
    """Score of the best path through any phones, over all steps; 0 without any."""
    if not len(enter):
        return 0.0
    best = enter[0]
    for step in range(1, len(enter)):
        best = np.maximum(best + stay[step], best.max() + enter[step])
    return float(best.max())
