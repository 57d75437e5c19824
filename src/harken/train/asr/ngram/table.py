"""N-gram models as the small tables of a bundle, which `harken.asr.ngram.table` describes and reads."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats
from harken.asr.ngram.model import NgramModel, histories_of, last_words
from harken.errors import ConfigError

MOST_WORDS = 1 << 16

_LEVELS = 255
_FLOOR = -30.0
"""Logs below are written as this ('<s>' is never predicted, its -228 would take all the steps)."""


def ngram_files(model: NgramModel) -> dict[str, bytes]:
    """The files of a bundle.

    Raises:
        ConfigError: more than 65,536 words.
    """
    if len(model.words) > MOST_WORDS:
        raise ConfigError(f"the model has {len(model.words)} words; at most {MOST_WORDS} fit: train with fewer")
    arrays: dict[str, NDArray[Any]] = {}
    for n, order in enumerate(model.orders, 1):
        arrays[f"log_prob{n}"], arrays[f"log_prob{n}.range"] = _quantise(order.log_prob)
        if n < len(model.orders):
            arrays[f"backoff{n}"], arrays[f"backoff{n}.range"] = _quantise(order.backoff)
        if n > 1:
            history = model.orders[n - 2].find(histories_of(order.keys))
            counts = np.bincount(history, minlength=len(model.orders[n - 2]))
            arrays[f"count{n}"] = counts.astype(np.uint16 if counts.max(initial=0) < MOST_WORDS else np.uint32)
            arrays[f"word{n}"] = last_words(order.keys).astype(np.uint16)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return {"words.txt": "\n".join(model.words).encode(), "table.npz": file.getvalue()}


def _quantise(values: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Codes [N] and (lowest, step)."""
    clipped: Floats = np.maximum(values, _FLOOR).astype(np.float64)
    low = float(clipped.min(initial=0.0))
    step = max((float(clipped.max(initial=low)) - low) / _LEVELS, 1e-9)
    return np.round((clipped - low) / step).astype(np.uint8), np.array([low, step], np.float32)
