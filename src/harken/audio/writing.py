"""Sound written while it is made, in the format that the file's ending names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from harken.errors import AudioError
from harken.events import SAMPLE_RATE, Samples

FORMATS = {
    "wav": ("WAV", "PCM_16"), "flac": ("FLAC", "PCM_16"), "ogg": ("OGG", "VORBIS"), "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}  # fmt: skip
"""Ending -> container and coding, as libsndfile names them."""


def check_ending(path: Path) -> tuple[str, str]:
    """Container and coding of a file that is to be written, by its ending.

    Raises:
        AudioError: no format has this ending, or this build of libsndfile cannot write it.
    """
    ending = path.suffix.lower().removeprefix(".")
    endings = ", ".join(f".{name}" for name in FORMATS)
    if ending not in FORMATS:
        what = f"cannot write sound as '.{ending}'" if ending else f"{path} has no ending that names a format"
        raise AudioError(f"{what}; end the name of the file in one of {endings}")
    container, coding = FORMATS[ending]
    if not soundfile.check_format(container, coding):
        raise AudioError(f"the installed libsndfile cannot write .{ending}; choose another of {endings}")
    return container, coding


class SoundWriter:
    """A file of sound that is being written.

    Args:
        file: open for writing, mono.
        name: for messages.
    """

    def __init__(self, file: soundfile.SoundFile, name: str):
        self._file, self._name = file, name
        self.length = 0
        """Samples written so far."""

    def write(self, samples: Samples) -> None:
        """Append samples [n] in -1..1; louder ones are clipped.

        Raises:
            AudioError: the disk is full, or the file can no longer be written.
        """
        try:
            self._file.write(np.clip(samples, -1, 1))
        except (soundfile.LibsndfileError, OSError) as error:
            raise AudioError(f"cannot write {self._name} any further: {error}; check that the disk has room") from error
        self.length += len(samples)


@contextmanager
def open_writer(path: Path, *, rate: int = SAMPLE_RATE) -> Iterator[SoundWriter]:
    """A file to write sound to, piece by piece; its folder is made.

    Args:
        path: its ending is one of FORMATS.
        rate: Hz of the samples.

    Raises:
        AudioError: no format has this ending, or the file cannot be written.
    """
    container, coding = check_ending(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("wb").close()  # libsndfile would not say why it cannot be written
        name = os.fsencode(path) if os.name == "posix" else str(path)
        file = soundfile.SoundFile(name, "w", rate, 1, subtype=coding, format=container)
    except (OSError, soundfile.LibsndfileError) as error:
        why = getattr(error, "strerror", None) or error
        raise AudioError(f"cannot write {path}: {why}; choose a folder that is writable and has room") from error
    with file:
        yield SoundWriter(file, str(path))
