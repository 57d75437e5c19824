"""Speech as the bytes of a file or stream, in the formats that clients ask for."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator

import numpy as np
import soundfile
import soxr

from harken.audio.pcm import to_pcm
from harken.audio.writing import FORMATS
from harken.errors import ConfigError
from harken.events import Samples

PCM_RATE = 24_000
"""Hz of the format 'pcm', which has no header that could say it; OpenAI's rate."""
MEDIA_TYPES = {
    "mp3": "audio/mpeg", "opus": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav", "pcm": "audio/pcm",
}  # fmt: skip
"""Format -> its type. 'pcm' and 'opus' are sent while they are spoken; the others say their length in a header, and so
are sent when all is spoken."""


def check_format(name: str) -> str:
    """The format, if speech can be encoded in it.

    Raises:
        ConfigError: it cannot.
    """
    if name not in MEDIA_TYPES:
        raise ConfigError(f"speech cannot be sent as '{name}'; ask for one of {', '.join(MEDIA_TYPES)}")
    return name


def encode(pieces: Iterable[Samples], *, rate: int, form: str) -> Iterator[bytes]:
    """Speech in a format, piece by piece where the format allows it.

    Args:
        pieces: samples [n] in -1..1 that follow each other.
        rate: Hz of the samples.
        form: one of MEDIA_TYPES.
    """
    if form == "pcm":
        yield from _pcm(pieces, rate)
    elif form == "opus":
        yield from _opus(pieces, rate)
    elif form == "wav":
        sound = b"".join(to_pcm(piece) for piece in pieces)
        yield wav_header(len(sound), rate) + sound
    else:
        container, coding = FORMATS[form]
        file = io.BytesIO()
        soundfile.write(file, np.concatenate(list(pieces)), rate, format=container, subtype=coding)
        yield file.getvalue()


def wav_header(length: int, rate: int) -> bytes:
    """The 44 bytes before `length` bytes of 16-bit mono PCM."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + length, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16, b"data", length
    )


def _pcm(pieces: Iterable[Samples], rate: int) -> Iterator[bytes]:
    resampler = soxr.ResampleStream(rate, PCM_RATE, 1, dtype="float32")
    for piece in pieces:
        if data := to_pcm(resampler.resample_chunk(piece)):
            yield data
    yield to_pcm(resampler.resample_chunk(np.zeros(0, np.float32), last=True))


def _opus(pieces: Iterable[Samples], rate: int) -> Iterator[bytes]:
    sink = _Sink()
    container, coding = FORMATS["opus"]
    with soundfile.SoundFile(sink, "w", samplerate=rate, channels=1, format=container, subtype=coding) as file:
        for piece in pieces:
            file.write(piece)
            if data := sink.take():
                yield data
    yield sink.take()


class _Sink(io.BytesIO):
    """A file whose beginning is handed out while its end is still being written. Nothing in Ogg is rewritten."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = 0

    def take(self) -> bytes:
        """What has been written since the last call."""
        fresh = self.getvalue()[self._taken :]
        self._taken += len(fresh)
        return fresh
