"""Real sentences for none of the skills, as features of the encoder: what every head learns to refuse.

An interpreter bundle holds some thousands, so that a user's skill learns from them without the corpora. Their words
cannot be read back: what is stored are embeddings and hashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.nlu.features import Features


@dataclass(frozen=True)
class Strangers:
    """Features of sentences for no skill."""

    features: tuple[Features, ...]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For an .npz file; embeddings in eight bits."""
        embeddings = np.stack([each.embedding for each in self.features])
        scale = np.float32(np.abs(embeddings).max() / 127)
        return {
            "embeddings": np.round(embeddings / scale).astype(np.int8), "scale": np.array(scale),
            "lengths": np.array([len(each.ids) for each in self.features], dtype=np.uint16),
            "ids": np.concatenate([each.ids for each in self.features]).astype(np.uint16),
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Strangers:
        """The inverse of `arrays`, but for rounding."""
        embeddings = arrays["embeddings"].astype(np.float32) * np.float32(arrays["scale"])
        ids = np.split(arrays["ids"].astype(np.int32), np.cumsum(arrays["lengths"])[:-1])
        return cls(tuple(Features(own, row) for own, row in zip(ids, embeddings, strict=True)))
