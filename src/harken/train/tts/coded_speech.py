"""Speech prepared for vocoders that learn sample by sample: samples and mel frames of many recordings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import Frames
from harken.events import Samples
from harken.train.arrays import Arrays, write_arrays
from harken.tts.mel_frames import FLOOR, MelAnalysis

_INT16 = 32767.0
"""Stored value of full scale."""


@dataclass(frozen=True)
class Cut:
    """Consecutive frames of a recording and the samples that the inner ones of them govern."""

    frames: Frames
    """[T, 80], with `margin` frames more on both sides than there are samples for."""
    samples: Samples
    """[2 + hop * (T - 2 margin)], beginning with the two before the first frame that counts."""


def write_coded_speech(
    folder: Path, recordings: Iterable[tuple[Samples, Mapping[str, Any]]], analysis: MelAnalysis
) -> int:
    """Analyse recordings (samples [n] at the analysis' rate, notes) and write them to a folder; return how many.

    Raises:
        DataError: there are none.
    """
    return write_arrays(folder, _analysed(recordings, analysis))


class CodedSpeech:
    """Recordings that `write_coded_speech` wrote, mapped from disk.

    Raises:
        DataError: the folder is missing or incomplete.
    """

    def __init__(self, folder: Path):
        self._arrays = Arrays(folder, "samples", "frames")
        self.notes = self._arrays.facts

    def __len__(self) -> int:
        return len(self.notes)

    def length(self, index: int) -> int:
        """Frames of a recording."""
        return int(self.notes[index]["frames"])

    def cut(self, index: int, first: int, last: int, *, margin: int, decibel: float = 0.0) -> Cut:
        """Frames [first - margin, last + margin) of a recording and the samples of [first, last), at another level.

        `first - margin` must be at least 0 and `last + margin` at most the recording's length.
        """
        start, gain = int(self.notes[index]["start"]), np.float32(10 ** (decibel / 20))
        frames = self._arrays["frames"][start + first - margin : start + last + margin].astype(np.float32)
        samples = self._arrays["samples"][start + first : start + last].reshape(-1)
        before = self._arrays["samples"][start + first - 1, -2:] if first else np.zeros(2, np.int16)
        louder = np.maximum(frames + 2 * np.log(gain), np.float32(np.log(FLOOR)))
        return Cut(louder, np.concatenate([before, samples]) * (gain / np.float32(_INT16)))


def _analysed(
    recordings: Iterable[tuple[Samples, Mapping[str, Any]]], analysis: MelAnalysis
) -> Iterator[tuple[Mapping[str, Any], dict[str, NDArray[Any]]]]:
    for wave, about in recordings:
        frames = analysis.frames(wave)
        whole = np.zeros(len(frames) * analysis.hop, np.float32)
        whole[: len(wave)] = wave
        samples = np.rint(np.clip(whole, -1, 1) * _INT16).astype(np.int16)
        yield about, {"samples": samples.reshape(-1, analysis.hop), "frames": frames.astype(np.float16)}
