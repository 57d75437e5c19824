"""N-gram models as small tables: ids in 16 bits, probabilities and back-off weights in 8, next to a word list.

An n-gram is stored as its last word under its history (counts per history instead of repeated ids). Logs are rounded to
256 equal steps between the lowest and highest of their order. `harken.train.asr.ngram.table` writes them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Ints
from harken.asr.ngram.model import NgramModel, Order, append_words
from harken.bundle import Bundle
from harken.errors import BundleError

KIND = "ngram"
"""Kind of the bundles that hold `words.txt` and `table.npz`."""


def load_ngram(bundle: Bundle) -> NgramModel:
    """The model of a bundle of kind 'ngram'.

    Raises:
        BundleError: another kind, or tables that do not match each other.
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
                raise BundleError(f"{bundle.folder}: the tables of order {n} do not match each other; install it again")
            keys = append_words(np.repeat(keys, counts), arrays[f"word{n}"])
        backoff = _restore(arrays, f"backoff{n}") if f"backoff{n}" in arrays else np.zeros(len(keys), np.float32)
        orders.append(Order(keys, _restore(arrays, f"log_prob{n}"), backoff))
    return NgramModel(words, tuple(orders))


def _restore(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
    low, step = arrays[f"{name}.range"]
    return np.asarray(low + step * arrays[name].astype(np.float32), np.float32)
