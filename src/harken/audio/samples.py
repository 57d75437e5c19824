"""Sound from callers: is it what the assistant expects?"""

from __future__ import annotations

import numpy as np

from harken.errors import AudioError
from harken.events import Samples


def checked_samples(samples: Samples) -> Samples:
    """Samples [n] as float32 in -1..1; those that are not finite count as 0, those beyond full scale are clipped.

    Raises:
        AudioError: they are not a row of floats.
    """
    given = np.asarray(samples)
    if given.ndim != 1 or given.dtype.kind != "f":
        raise AudioError(
            f"samples are {given.dtype} of shape {given.shape}; expected one row of floats in -1..1 at 16 kHz "
            "(int16: divide by 32768; several channels: average them)"
        )
    finite = np.nan_to_num(given, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(finite, -1, 1).astype(np.float32, copy=False)
