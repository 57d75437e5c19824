"""Sentences as numbers: hashed word and letter n-grams, and a small learned embedding of them.

The embedding is a bag of n-gram vectors (Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification", with
the subword n-grams of Bojanowski et al. 2017): e(s) = normalise(mean_i E[h(g_i)]) over the n-grams g_i of the sentence.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 14
"""Hash buckets of n-grams."""
_LETTERS = (3, 4, 5)
"""Sizes of letter n-grams; a word is taken with its boundaries, so 'on' gives '<on', 'on>' and '<on>'."""
MAX_IDS = 400
"""n-grams of a sentence beyond this are dropped; a spoken request has about 80."""

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]


def ngram_ids(words: Sequence[str]) -> Ids:
    """Hash buckets of the n-grams of a sentence, each once, in ascending order.

    Returns:
        int32 [k], 0 <= id < BUCKETS.
    """
    ids: set[int] = set()
    for word in words:
        ids.update(_word_ids(word))
    for left, right in zip(("<s>", *words), (*words, "</s>"), strict=True):
        ids.add(_bucket(f"{left} {right}"))
    for left, right in zip(words, words[2:], strict=False):
        ids.add(_bucket(f"{left} _ {right}"))
    return np.array(sorted(ids)[:MAX_IDS], dtype=np.int32)


@dataclass(frozen=True)
class Features:
    """A sentence as the heads read it."""

    ids: Ids
    """Buckets of its n-grams."""
    embedding: Floats
    """float32 [encoder size]"""


class Encoder:
    """The frozen embedding of the bundle.

    Args:
        table: int8 [BUCKETS, size].
        scale: what one step of the table is worth.
    """

    def __init__(self, table: NDArray[np.int8], scale: float):
        self.table, self.scale = table, scale

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """For an .npz file."""
        return {"table": self.table, "scale": np.array(self.scale)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Encoder:
        """The inverse of `arrays`."""
        return cls(arrays["table"], float(arrays["scale"].item()))

    @property
    def size(self) -> int:
        """Length of an embedding."""
        return int(self.table.shape[1])

    def features(self, words: Sequence[str]) -> Features:
        """A sentence as the heads read it."""
        ids = ngram_ids(words)
        return Features(ids, self.embed(ids))

    def embed(self, ids: Ids) -> Floats:
        """float32 [size] of length 1; zero for no n-gram."""
        if not len(ids):
            return np.zeros(self.size, dtype=np.float32)
        mean = self.table[ids].astype(np.float32).mean(axis=0) * self.scale
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-6), dtype=np.float32)


@lru_cache(maxsize=16_384)
def _word_ids(word: str) -> tuple[int, ...]:
    framed = f"<{word}>"
    grams = {framed[i : i + n] for n in _LETTERS for i in range(len(framed) - n + 1)}
    return (_bucket(f"w:{word}"), *(_bucket(gram) for gram in grams))


def _bucket(gram: str) -> int:
    return zlib.crc32(gram.encode()) % BUCKETS
