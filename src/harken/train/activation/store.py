"""A folder of log-mel frames of many recordings: one memory-mapped array and a line of facts per recording."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import log_mel
from harken.errors import DataError
from harken.events import Samples
from harken.train.activation.loudness import frame_energy, loudest_part, loudness

log = logging.getLogger(__name__)

BINS = 40
"""Mel bands that wake word and end-pointing share."""

Frames16 = NDArray[np.float16]

_FRAMES, _CLIPS = "frames.npy", "clips.jsonl"


@dataclass(frozen=True, kw_only=True)
class Clip:
    """What is known of one stored recording."""

    corpus: str
    split: str
    speaker: str = ""
    label: str = ""
    variant: str = ""
    """'' for the recording as it is, else what was done to it: 'room', 'speed', ..."""
    start: int = 0
    """First frame in the store."""
    frames: int = 0
    first: int = 0
    """First frame, counted from `start`, of the loudest connected part: the word in a recording of a word."""
    last: int = 0
    """One past its last frame."""
    loudness: float = 0.0
    """Natural log of the mean energy of the active frames."""

    @property
    def end(self) -> int:
        """One past the last frame in the store."""
        return self.start + self.frames


class Store:
    """An opened folder: `frames` [N, BINS] float16 (on disk) and `clips`.

    Raises:
        DataError: the folder holds no finished store.
    """

    def __init__(self, folder: Path):
        if not (folder / _CLIPS).is_file():
            raise DataError(f"{folder} holds no features; run the recipe's prepare step first")
        self.folder = folder
        self.frames: Frames16 = np.load(folder / _FRAMES, mmap_mode="r", allow_pickle=False)
        with (folder / _CLIPS).open(encoding="utf-8") as lines:
            self.clips = [Clip(**json.loads(line)) for line in lines]

    def of(self, clip: Clip) -> NDArray[np.float32]:
        """Frames [clip.frames, BINS] of a clip."""
        return np.asarray(self.frames[clip.start : clip.end], np.float32)

    @property
    def hours(self) -> float:
        """Hours of sound."""
        return len(self.frames) / 360_000


def write_store(folder: Path, recordings: Iterable[tuple[Clip, Samples]]) -> Store:
    """Compute the frames of all recordings and write the folder; the facts come last, as the mark that it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _CLIPS).unlink(missing_ok=True)
    parts: list[Frames16] = []
    clips: list[Clip] = []
    position = 0
    for clip, samples in recordings:
        frames = log_mel(samples, bins=BINS).astype(np.float16)
        if len(frames) == 0:
            log.warning("a recording of %s (%s) is shorter than one window and left out", clip.corpus, clip.label)
            continue
        clips.append(_with_facts(clip, frames, position))
        parts.append(frames)
        position += len(frames)
    if not clips:
        raise DataError(f"no recording of 25 ms or more to put into {folder}; is the data folder right?")
    np.save(folder / _FRAMES, np.concatenate(parts), allow_pickle=False)
    lines = "".join(json.dumps(asdict(clip)) + "\n" for clip in clips)
    fresh = folder / f".{_CLIPS}"
    fresh.write_text(lines, encoding="utf-8")
    fresh.replace(folder / _CLIPS)
    return Store(folder)


def _with_facts(clip: Clip, frames16: Frames16, position: int) -> Clip:
    frames = frames16.astype(np.float32)
    first, last = loudest_part(frames)
    level = loudness(frame_energy(frames))
    return replace(clip, start=position, frames=len(frames), first=first, last=last, loudness=level)
