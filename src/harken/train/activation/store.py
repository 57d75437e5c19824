"""Log-mel frames of many recordings, and facts about each: where its loudest part is, and how loud it is."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.activation.front_end import BINS
from harken.audio.features import FRAMES_PER_SECOND, log_mel
from harken.events import Samples
from harken.train.activation.loudness import frame_energy, loudest_part, loudness
from harken.train.arrays import Arrays, write_arrays

log = logging.getLogger(__name__)

Frames16 = NDArray[np.float16]

_FRAMES = "frames"


@dataclass(frozen=True, kw_only=True)
class Clip:
    """Facts about one stored recording."""

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


class ClipStore:
    """An opened folder: `frames` [N, BINS] float16 (on disk) and `clips`.

    Raises:
        DataError: the folder does not contain a complete store.
    """

    def __init__(self, folder: Path):
        arrays = Arrays(folder, _FRAMES)
        self.folder = folder
        self.frames: Frames16 = arrays[_FRAMES]
        self.clips = [Clip(**facts) for facts in arrays.facts]

    def of(self, clip: Clip) -> NDArray[np.float32]:
        """Frames [clip.frames, BINS] of a clip."""
        return np.asarray(self.frames[clip.start : clip.end], np.float32)

    @property
    def hours(self) -> float:
        """Hours of sound."""
        return len(self.frames) / (3600 * FRAMES_PER_SECOND)


def write_clips(folder: Path, recordings: Iterable[tuple[Clip, Samples]]) -> ClipStore:
    """Compute the frames of all recordings and write the folder; too short ones are named and left out.

    Raises:
        DataError: there is no recording of 25 ms or more.
    """
    write_arrays(folder, _analysed(recordings))
    return ClipStore(folder)


def _analysed(recordings: Iterable[tuple[Clip, Samples]]) -> Iterator[tuple[dict[str, Any], dict[str, Frames16]]]:
    for clip, samples in recordings:
        frames = log_mel(samples, bins=BINS).astype(np.float16)
        if len(frames) == 0:
            log.warning("a recording of %s (%s) is shorter than one window and was left out", clip.corpus, clip.label)
            continue
        yield asdict(_with_facts(clip, frames.astype(np.float32))), {_FRAMES: frames}


def _with_facts(clip: Clip, frames: NDArray[np.float32]) -> Clip:
    first, last = loudest_part(frames)
    return replace(clip, first=first, last=last, loudness=loudness(frame_energy(frames)))
