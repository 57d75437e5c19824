"""Features of whole corpora on disk, and the place of each recording among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import log_mel
from harken.data.utterances import Utterance
from harken.errors import AudioError
from harken.train.arrays import Arrays, write_arrays

BINS = 80
"""Mel bands of the acoustic models."""
_FRAMES = "frames"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One recording's place in a store."""

    name: str
    """Path of the recording relative to its corpus, the same on every machine."""
    corpus: str
    split: str
    start: int
    """First frame in the store (10 ms frames)."""
    frames: int
    text: str | None
    label: str | None
    speaker: str | None


class FeatureStore:
    """Log-mel features of one corpus and split.

    Args:
        folder: as `write_feature_store` wrote it.

    Raises:
        DataError: the folder holds no finished store.
    """

    def __init__(self, folder: Path):
        arrays = Arrays(folder, _FRAMES)
        self.entries = [Entry(**facts) for facts in arrays.facts]
        self._frames = arrays[_FRAMES]

    def __len__(self) -> int:
        return len(self.entries)

    def features(self, entry: Entry) -> NDArray[np.float32]:
        """Log-mel energies [T, 80] of one entry."""
        return np.asarray(self._frames[entry.start : entry.start + entry.frames], np.float32)


def write_feature_store(
    folder: Path, utterances: Iterable[Utterance], *, root: Path, report: Callable[[str], None] = print
) -> None:
    """Compute and write the features of `utterances`; unreadable recordings are reported and left out.

    Args:
        root: the corpus folder, to which names are made relative.

    Raises:
        DataError: there is no readable one.
    """

    def analysed() -> Iterator[tuple[dict[str, Any], dict[str, NDArray[np.float16]]]]:
        for utterance in utterances:
            try:
                features = log_mel(utterance.read(), bins=BINS)
            except AudioError as error:
                report(f"left out: {error}")
                continue
            yield _facts(utterance, root), {_FRAMES: features.astype(np.float16)}

    write_arrays(folder, analysed())


def _facts(utterance: Utterance, root: Path) -> dict[str, Any]:
    try:
        name = str(utterance.audio.relative_to(root))
    except ValueError:
        name = utterance.audio.name
    return {
        "name": name, "corpus": utterance.corpus, "split": utterance.split, "text": utterance.text,
        "label": utterance.label, "speaker": utterance.speaker,
    }  # fmt: skip
