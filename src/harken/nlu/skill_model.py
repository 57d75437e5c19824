"""The trained parts of a skill, and the files of a bundle that hold them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.bundle import Bundle
from harken.nlu.features import Encoder
from harken.nlu.heads import Head
from harken.nlu.tagger import Tagger

KIND = "interpreter"
"""Kind of the bundles with an encoder and the parts of many skills."""
ENCODER_FILE = "encoder.npz"
THRESHOLD = 0.5
"""Minimum probability for acting on a sentence that no template covers; bundles have their own."""


@dataclass(frozen=True)
class SkillModel:
    """What training adds to a skill: its head, and its tagger when it has slots."""

    head: Head
    tagger: Tagger | None
    threshold: float = THRESHOLD

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For an .npz file; the threshold is stored elsewhere."""
        arrays: dict[str, NDArray[Any]] = {f"head.{name}": array for name, array in self.head.arrays().items()}
        if self.tagger is not None:
            arrays |= {f"tagger.{name}": array for name, array in self.tagger.arrays().items()}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], threshold: float = THRESHOLD) -> SkillModel:
        """The inverse of `arrays`."""
        head, tagger = (
            {key.removeprefix(part): array for key, array in arrays.items() if key.startswith(part)}
            for part in ("head.", "tagger.")
        )
        return cls(Head.from_arrays(head), Tagger.from_arrays(tagger) if tagger else None, threshold)


def model_file(skill: str) -> str:
    """Name of a skill's file in a bundle."""
    return f"skill-{skill}.npz"


def model_bytes(model: SkillModel) -> bytes:
    """The trained parts as an .npz file; the same weights give the same bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **model.arrays())  # type: ignore[arg-type]
    return buffer.getvalue()


def read_model(bundle: Bundle, skill: str) -> SkillModel | None:
    """The trained parts of one skill; None when the bundle has none."""
    file = model_file(skill)
    if file not in bundle.info["files"]:
        return None
    threshold = float(bundle.features.get("thresholds", {}).get(skill, THRESHOLD))
    return SkillModel.from_arrays(bundle.arrays(file), threshold)


def read_encoder(bundle: Bundle) -> Encoder:
    """The embedding of an interpreter bundle."""
    return Encoder.from_arrays(bundle.arrays(ENCODER_FILE))
