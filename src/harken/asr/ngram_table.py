"""N-gram models as small tables: ids in 16 bits, probabilities and back-off weights in 8, next to a word list.

An n-gram is stored as its last word under its history (counts per history instead of repeated ids); logs are rounded to
256 even steps between the lowest and highest of their order.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.ngram import Floats, Ints, NgramModel, Order
from harken.bundle import Bundle
from harken.errors import BundleError, ConfigError

KIND = "ngram"
"""Kind of the bundles that hold `words.txt` and `table.npz`."""
MOST_WORDS = 1 << 16

_WORD_BITS = 20
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
            history = model.orders[n - 2].find(order.keys >> _WORD_BITS)
            counts = np.bincount(history, minlength=len(model.orders[n - 2]))
            arrays[f"count{n}"] = counts.astype(np.uint16 if counts.max(initial=0) < MOST_WORDS else np.uint32)
            arrays[f"word{n}"] = (order.keys & ((1 << _WORD_BITS) - 1)).astype(np.uint16)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return {"words.txt": "\n".join(model.words).encode(), "table.npz": file.getvalue()}


def load_ngram(bundle: Bundle) -> NgramModel:
    """The model of a bundle of kind 'ngram'.

    Raises:
        BundleError: another kind, or tables that do not fit together.
    """
    bundle.expect(KIND)
    words = tuple(bundle.text("words.txt").split("\n"))
    arrays = bundle.arrays("table.npz")
    orders: list[Order] = []
    keys: Ints = np.arange(len(words), dtype=np.int64)
    for n in range(1, sum(name.startswith("log_prob") for name in arrays) // 2 + 1):
        if n > 1:
            counts = arrays[f"count{n}"].astype(np.int64)
            if len(counts) != len(keys) or counts.sum() != len(arrays[f"word{n}"]):
                raise BundleError(f"{bundle.folder}: the tables of order {n} do not fit together; install it again")
            keys = (np.repeat(keys, counts) << _WORD_BITS) | arrays[f"word{n}"]
        backoff = _restore(arrays, f"backoff{n}") if f"backoff{n}" in arrays else np.zeros(len(keys), np.float32)
        orders.append(Order(keys, _restore(arrays, f"log_prob{n}"), backoff))
    return NgramModel(words, tuple(orders))


def _quantise(values: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Codes [N] and (lowest, step)."""
    clipped: Floats = np.maximum(values, _FLOOR).astype(np.float64)
    low = float(clipped.min(initial=0.0))
    step = max((float(clipped.max(initial=low)) - low) / _LEVELS, 1e-9)
    return np.round((clipped - low) / step).astype(np.uint8), np.array([low, step], np.float32)


def _restore(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
    low, step = arrays[f"{name}.range"]
    return np.asarray(low + step * arrays[name].astype(np.float32), np.float32)
