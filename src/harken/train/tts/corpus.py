"""Speech made ready for the voice's trainings: samples, frames and pitch of many recordings in flat, mapped arrays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.errors import DataError
from harken.events import Samples
from harken.tts.frames import BANDS, HOP, speech_frames
from harken.tts.pitch import track_pitch

INDEX = "index.json"
ALIGNMENT = "alignment.json"
"""File of a corpus with the symbols of each sentence and how long each lasts."""
_INT16 = 32767.0


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One recording of a corpus, 160 samples to a frame."""

    samples: NDArray[np.int16]
    """[160 T]"""
    frames: NDArray[np.float16]
    """Log-mel [T, 80]."""
    hertz: NDArray[np.float32]
    """Fundamental frequency [T], interpolated where unvoiced."""
    voiced: NDArray[np.bool_]
    """[T]"""
    about: Mapping[str, Any]
    """What the maker of the corpus wrote beside it: text, speaker, ..."""


def write_speech(folder: Path, recordings: Iterable[tuple[Samples, Mapping[str, Any]]]) -> int:
    """Analyse recordings (samples [n] at 16 kHz, notes) and write them to a folder; return how many.

    Raises:
        DataError: there are none.
    """
    samples, frames, hertz, voiced, notes = [], [], [], [], []
    for wave, about in recordings:
        analysed = speech_frames(wave)
        frequency, has_pitch = track_pitch(wave)
        whole = np.zeros(len(analysed) * HOP, np.float32)
        whole[: len(wave)] = wave
        samples.append(np.rint(np.clip(whole, -1, 1) * _INT16).astype(np.int16))
        frames.append(analysed.astype(np.float16))
        hertz.append(frequency)
        voiced.append(has_pitch)
        notes.append({**about, "frames": len(analysed)})
    if not notes:
        raise DataError("there is no recording to prepare; name corpora and splits that hold some")
    folder.mkdir(parents=True, exist_ok=True)
    for name, parts in (("samples", samples), ("frames", frames), ("hertz", hertz), ("voiced", voiced)):
        np.save(folder / f"{name}.npy", np.concatenate(parts))
    (folder / INDEX).write_text(json.dumps(notes, ensure_ascii=False), encoding="utf-8")
    return len(notes)


class SpeechCorpus:
    """What `write_speech` wrote, mapped from disk.

    Args:
        folder: of one corpus.

    Raises:
        DataError: it is not there or incomplete.
    """

    def __init__(self, folder: Path):
        try:
            self.notes: list[dict[str, Any]] = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            self._arrays = {
                name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
                for name in ("samples", "frames", "hertz", "voiced")
            }
        except (OSError, ValueError) as error:
            raise DataError(f"{folder} holds no prepared speech ({error}); run the recipe's `prepare` first") from error
        self._starts = np.concatenate([[0], np.cumsum([int(note["frames"]) for note in self.notes])])
        if self._arrays["frames"].shape != (self._starts[-1], BANDS):
            raise DataError(f"{folder}: index and frames disagree; run the recipe's `prepare` again")

    def __len__(self) -> int:
        return len(self.notes)

    def length(self, index: int) -> int:
        """Frames of a recording."""
        return int(self._starts[index + 1] - self._starts[index])

    def __getitem__(self, index: int) -> Recording:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self.cut(index, 0, self.length(index))

    def cut(self, index: int, first: int, last: int) -> Recording:
        """Frames [first, last) of a recording."""
        start, end = self._starts[index] + first, self._starts[index] + last
        return Recording(
            samples=self._arrays["samples"][start * HOP : end * HOP],
            frames=self._arrays["frames"][start:end],
            hertz=self._arrays["hertz"][start:end],
            voiced=self._arrays["voiced"][start:end],
            about=self.notes[index],
        )
