"""When each phone of a known sentence was said: the best path through the acoustic model's scores, for any speaker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic.model import AcousticModel
from harken.audio.features import Frames
from harken.errors import DataError

_NEVER = -1e30


def align_phones(
    model: AcousticModel, scores: Frames, phones: Sequence[str], optional: Sequence[bool]
) -> NDArray[np.int64]:
    """Steps [N] (30 ms) that each phone takes; they sum to T.

    Args:
        model: whose labels name the phones.
        scores: [T, 2P] of the model.
        phones: [N] labels of the model, among them silences.
        optional: [N] whether a phone may take no time at all; two neighbours may not both be so.

    Raises:
        DataError: there are fewer steps than phones that must be there.
    """
    fewest = len(phones) - sum(optional)
    if len(scores) < max(1, fewest):
        raise DataError(
            f"the recording has {len(scores)} steps of 30 ms, but its text has {fewest} sounds; give a recording of "
            "all the words, or the words that it says"
        )
    codes = np.array([model.labels.index(phone) for phone in phones])
    enter, stay = scores[:, codes], scores[:, len(model.labels) + codes]
    skips = np.array([place > 1 and optional[place - 1] for place in range(len(phones))])
    best = np.full(len(phones), _NEVER)
    best[0] = enter[0, 0]
    if optional[0] and len(phones) > 1:
        best[1] = enter[0, 1]
    moves = np.zeros(scores.shape[:1] + best.shape, np.int8)
    for step in range(1, len(scores)):
        one = np.concatenate([[_NEVER], best[:-1]])
        two = np.where(skips, np.concatenate([[_NEVER, _NEVER], best[:-2]])[: len(best)], _NEVER)
        entered, held = np.maximum(one, two) + enter[step], best + stay[step]
        moves[step] = np.where(held >= entered, 0, np.where(two > one, 2, 1))
        best = np.maximum(held, entered)
    place = len(phones) - 1
    if optional[-1] and len(phones) > 1 and best[-2] > best[-1]:
        place -= 1
    steps = np.zeros(len(phones), np.int64)
    for step in range(len(scores) - 1, -1, -1):
        steps[place] += 1
        place -= int(moves[step, place])
    return steps
