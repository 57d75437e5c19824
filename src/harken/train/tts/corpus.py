"""Speech prepared for training the voice: samples, frames and pitch of many recordings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.events import Samples
from harken.train.arrays import Arrays, write_arrays
from harken.tts.frames import HOP, speech_frames
from harken.tts.pitch import track_pitch

ALIGNMENT = "states.json"
"""File of a corpus with the symbols of each sentence and the frames [N, 3] of their states."""
_INT16 = 32767.0
"""Stored value of full scale."""


@dataclass(frozen=True, kw_only=True)
class SpeechPiece:
    """A recording of a corpus or a part of one, 160 samples per frame."""

    samples: NDArray[np.int16]
    """[160 T]"""
    frames: NDArray[np.float16]
    """Log-mel [T, 80]."""
    hertz: NDArray[np.float32]
    """Fundamental frequency [T], interpolated where unvoiced."""
    voiced: NDArray[np.bool_]
    """[T]"""
    about: Mapping[str, Any]
    """What was stored with it: text, speaker, ..."""

    @property
    def sound(self) -> Samples:
        """The samples [160 T] as float32 in -1..1."""
        return self.samples.astype(np.float32) / np.float32(_INT16)


def write_speech(folder: Path, recordings: Iterable[tuple[Samples, Mapping[str, Any]]]) -> int:
    """Analyse recordings (samples [n] at 16 kHz, notes) and write them to a folder; return how many.

    Raises:
        DataError: there are none.
    """
    return write_arrays(folder, _analysed(recordings))


class SpeechCorpus:
    """A corpus that `write_speech` wrote, mapped from disk.

    Args:
        folder: of the corpus.

    Raises:
        DataError: it is missing or incomplete.
    """

    def __init__(self, folder: Path):
        self._arrays = Arrays(folder, "samples", "frames", "hertz", "voiced")
        self.notes = self._arrays.facts

    def __len__(self) -> int:
        return len(self.notes)

    def length(self, index: int) -> int:
        """Frames of a recording."""
        return int(self.notes[index]["frames"])

    def __getitem__(self, index: int) -> SpeechPiece:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self.cut(index, 0, self.length(index))

    def cut(self, index: int, first: int, last: int) -> SpeechPiece:
        """Frames [first, last) of a recording."""
        start = int(self.notes[index]["start"])
        rows = slice(start + first, start + last)
        return SpeechPiece(
            samples=self._arrays["samples"][rows].reshape(-1),
            frames=self._arrays["frames"][rows],
            hertz=self._arrays["hertz"][rows],
            voiced=self._arrays["voiced"][rows],
            about=self.notes[index],
        )


def _analysed(
    recordings: Iterable[tuple[Samples, Mapping[str, Any]]],
) -> Iterator[tuple[Mapping[str, Any], dict[str, NDArray[Any]]]]:
    for wave, about in recordings:
        frames = speech_frames(wave)
        hertz, voiced = track_pitch(wave)
        whole = np.zeros(len(frames) * HOP, np.float32)
        whole[: len(wave)] = wave
        samples = np.rint(np.clip(whole, -1, 1) * _INT16).astype(np.int16)
        yield about, {
            "samples": samples.reshape(-1, HOP), "frames": frames.astype(np.float16), "hertz": hertz, "voiced": voiced,
        }  # fmt: skip
