"""Features of whole corpora on disk: one float16 array [frames, bins], mapped into memory, and a list of its parts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import log_mel
from harken.data.utterances import Utterance
from harken.errors import AudioError, DataError

BINS = 80
_FRAMES, _INDEX = "frames.f16", "index.jsonl"


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


def has_store(folder: Path) -> bool:
    """Whether a finished store lies there."""
    return (folder / _INDEX).is_file()


class Store:
    """Log-mel features of one corpus and split.

    Args:
        folder: as `build_store` wrote it.

    Raises:
        DataError: the folder holds no finished store.
    """

    def __init__(self, folder: Path):
        index = folder / _INDEX
        if not index.is_file():
            raise DataError(
                f"{folder} holds no features; run `harken train asr/acoustic` with its `prepare` step first"
            )
        self.entries = [Entry(**json.loads(line)) for line in index.read_text(encoding="utf-8").splitlines()]
        self._frames = np.memmap(folder / _FRAMES, np.float16, mode="r").reshape(-1, BINS)

    def __len__(self) -> int:
        return len(self.entries)

    def features(self, entry: Entry) -> NDArray[np.float32]:
        """Log-mel energies [T, 80] of one entry."""
        return self._frames[entry.start : entry.start + entry.frames].astype(np.float32)


def build_store(
    folder: Path, utterances: Iterable[Utterance], *, root: Path, report: Callable[[str], None] = print
) -> None:
    """Compute and write the features of `utterances`; unreadable recordings are reported and left out.

    The index is written last: a store without it is unfinished and is built again.

    Args:
        root: the corpus folder, to which names are made relative.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _INDEX).unlink(missing_ok=True)
    lines: list[str] = []
    start = 0
    with (folder / _FRAMES).open("wb") as out:
        for utterance in utterances:
            try:
                features = log_mel(utterance.read(), bins=BINS)
            except AudioError as error:
                report(f"left out: {error}")
                continue
            out.write(features.astype(np.float16).tobytes())
            lines.append(json.dumps(_row(utterance, root, start, len(features)), ensure_ascii=False))
            start += len(features)
    partial = folder / (_INDEX + ".part")
    partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    partial.rename(folder / _INDEX)


def _row(utterance: Utterance, root: Path, start: int, frames: int) -> dict[str, object]:
    try:
        name = str(utterance.audio.relative_to(root))
    except ValueError:
        name = utterance.audio.name
    return {
        "name": name, "corpus": utterance.corpus, "split": utterance.split, "start": start, "frames": frames,
        "text": utterance.text, "label": utterance.label, "speaker": utterance.speaker,
    }  # fmt: skip
