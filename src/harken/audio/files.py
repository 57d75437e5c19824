"""Recordings in and out: any rate, channel count and format that libsndfile reads; others if ffmpeg is installed.

`read_audio` returns a recording as one array; `open_audio` returns it in pieces, in constant memory.
Both give the same samples.
"""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import soundfile
import soxr

from harken.errors import AudioError
from harken.events import SAMPLE_RATE, Samples

MAX_SECONDS = 4 * 3600
"""Longer recordings are refused by `read_audio`, which holds them in memory; `open_audio` takes any length."""

_SPOOL = 64 * 2**20
"""Bytes of a stream that are kept in memory (half an hour of 16 kHz); longer ones go to a temporary file."""
_FFMPEG_SECONDS = 1800
MAX_STREAM = 4 << 30
"""Bytes of the longest stream; one that never ends must not fill the disk."""
RATES = (1_000, 768_000)
"""Hz. A rate outside this range means a damaged header."""
_WAV_HEADER = 28
"""Bytes of a WAV file up to the end of its rate."""
_TO_THE_END = b"\xff\xff\xff\xff"
"""Data length with which libsndfile reads a WAV file to its end."""
_UNREADABLE = (soundfile.LibsndfileError, RuntimeError)


def read_audio(source: Path | str, *, rate: int = SAMPLE_RATE) -> Samples:
    """Read a recording as mono float32 samples [n] in -1..1 at `rate` Hz; '-' is a WAV stream on standard input.

    Samples that are not finite become 0, those beyond full scale are clipped; several channels are averaged.

    Raises:
        AudioError: missing, unreadable, empty, too long, or without a finite sample.
    """
    with open_audio(source, rate=rate) as recording:
        if recording.length > MAX_SECONDS * rate:
            hours = recording.length / rate / 3600
            raise AudioError(
                f"{recording.name} is {hours:.1f} h long; at most {MAX_SECONDS // 3600} h can be read at once; split it"
            )
        return np.concatenate(list(recording.blocks()))


@contextmanager
def open_audio(source: Path | str | IO[bytes], *, rate: int = SAMPLE_RATE) -> Iterator[Recording]:
    """Open a recording to read it in pieces; '-' is a WAV stream on standard input.

    Args:
        source: a path, or the bytes of a file in one of libsndfile's formats; ffmpeg never gets to see the latter.
        rate: Hz of the samples that come out.

    Raises:
        AudioError: missing, empty or unreadable.
    """
    if not isinstance(source, Path | str):
        with _opened_stream(source, "the recording") as file:
            _check_rate(file.samplerate, "the recording")
            yield Recording(file, "the recording", rate)
        return
    name = "standard input" if str(source) == "-" else str(source)
    if str(source) == "-" and sys.stdin is None:
        raise AudioError("standard input is closed; send a WAV stream, or give the path of a recording")
    with _opened_stream(sys.stdin.buffer, name) if str(source) == "-" else _opened_file(Path(source)) as file:
        _check_rate(file.samplerate, name)
        yield Recording(file, name, rate)


class Recording:
    """An open recording, read once from its beginning to its end.

    Args:
        file: at its beginning.
        name: for messages.
        rate: Hz of the samples that come out.
    """

    def __init__(self, file: soundfile.SoundFile, name: str, rate: int):
        self._file, self.name, self._rate = file, name, rate

    @property
    def length(self) -> int:
        """Approximate number of samples, according to the file's header."""
        return int(self._file.frames * self._rate / self._file.samplerate)

    def blocks(self, size: int | None = None) -> Iterator[Samples]:
        """The sound in pieces: mono float32 [n] in -1..1, n >= 1; their sum is the same for any `size`.

        Samples that are not finite become 0; several channels are averaged.

        Args:
            size: samples of the file that are read at once; one second by default.

        Raises:
            AudioError: the file is damaged, or contains no samples or no finite one.
        """
        rate = int(self._file.samplerate)
        resampler = soxr.ResampleStream(rate, self._rate, 1, dtype="float32") if rate != self._rate else None
        for piece in self._cleaned(size or rate):
            block = piece if resampler is None else resampler.resample_chunk(piece)
            if len(block):
                yield block
        if resampler is not None and len(rest := resampler.resample_chunk(np.zeros(0, np.float32), last=True)):
            yield rest

    def _cleaned(self, size: int) -> Iterator[Samples]:
        taken, finite = 0, False
        while len(piece := self._read(size, taken)):
            taken += len(piece)
            good = np.isfinite(piece)
            finite = finite or bool(good.any())
            yield np.clip(piece if good.all() else np.where(good, piece, np.float32(0)), -1, 1)
        if not taken:
            raise AudioError(f"{self.name} contains no samples; give a recording with sound in it")
        if not finite:
            raise AudioError(f"{self.name} contains no finite sample (all are NaN or infinite); record it again")

    def _read(self, size: int, taken: int) -> Samples:
        try:
            samples = self._file.read(size, dtype="float32", always_2d=True)
        except _UNREADABLE as error:
            place = taken / self._file.samplerate
            raise AudioError(
                f"{self.name} cannot be read beyond {place:.1f} s ({error}); convert it to WAV or FLAC"
            ) from error
        return np.ascontiguousarray(samples[:, 0]) if samples.shape[1] == 1 else samples.mean(axis=1, dtype=np.float32)


def resample(samples: Samples, rate: int, wanted: int) -> Samples:
    """Samples [n] at `rate` Hz -> [about n * wanted / rate] at `wanted` Hz."""
    if rate == wanted:
        return samples
    return np.asarray(soxr.resample(samples, rate, wanted), np.float32)


def write_wav(path: Path, samples: Samples, rate: int = SAMPLE_RATE) -> None:
    """Write samples [n] in -1..1 as 16-bit WAV; louder ones are clipped.

    Raises:
        AudioError: the file cannot be written.
    """
    encoded = io.BytesIO()
    soundfile.write(encoded, np.clip(samples, -1, 1), rate, format="WAV", subtype="PCM_16")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded.getvalue())
    except OSError as error:
        why = error.strerror or error
        raise AudioError(f"cannot write {path}: {why}; choose a folder that is writable and has room") from error


@contextmanager
def _opened_file(path: Path) -> Iterator[soundfile.SoundFile]:
    try:
        facts = path.stat()
        if stat.S_ISFIFO(facts.st_mode):
            with path.open("rb") as stream, _opened_stream(stream, str(path)) as file:
                yield file
            return
        if stat.S_ISREG(facts.st_mode):
            path.open("rb").close()  # libsndfile would not say why it cannot be read
    except (FileNotFoundError, NotADirectoryError):
        raise AudioError(f"{path} does not exist; give the path of a recording (wav, flac, ogg, opus, mp3)") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise AudioError(f"{path} cannot be read: {why}; give the path of a recording that you may read") from error
    if not stat.S_ISREG(facts.st_mode):
        what = "is a folder" if path.is_dir() else "is a device"
        raise AudioError(f"{path} {what}; give the path of a recording (wav, flac, ogg, opus, mp3)")
    if facts.st_size == 0:
        raise AudioError(f"{path} is empty (0 bytes); give a recording with sound in it")
    opening: AbstractContextManager[soundfile.SoundFile]
    with path.open("rb") as stream:
        if _unknown_length(stream) is not None:
            stream.seek(0)
            with _opened_stream(stream, str(path)) as file:
                yield file
            return
    try:
        # As bytes, because soundfile cannot encode a name that is not Unicode.
        opening = soundfile.SoundFile(os.fsencode(path) if os.name == "posix" else str(path))
    except (*_UNREADABLE, TypeError) as error:  # soundfile's TypeError: '.raw' has no header with a rate
        with path.open("rb") as stream:
            _check_header(stream.read(_WAV_HEADER), str(path))
        opening = _converted(path, _reason(error))
    with opening as file:
        yield file


@contextmanager
def _opened_stream(stream: IO[bytes], name: str) -> Iterator[soundfile.SoundFile]:
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as kept:
        while piece := stream.read(1 << 20):
            if kept.tell() + len(piece) > MAX_STREAM:
                raise AudioError(f"{name} is longer than {MAX_STREAM >> 30} GiB; save it to a file and split it")
            kept.write(piece)
        if not kept.tell():
            raise AudioError(f"{name} is empty (0 bytes); send a WAV stream")
        with _open_kept(kept, name) as file:
            yield file


@contextmanager
def _converted(path: Path, why: str) -> Iterator[soundfile.SoundFile]:
    """A file that libsndfile cannot read, as converted by ffmpeg."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise AudioError(f"{path} cannot be read ({why}); convert it to WAV or FLAC, or install ffmpeg")
    # The whitelist keeps a playlist from making ffmpeg open network addresses.
    command = [program, "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-i", str(path)]
    command += ["-f", "wav", "-ac", "1", "-"]
    with tempfile.TemporaryFile() as kept:
        try:
            done = subprocess.run(command, stdout=kept, stderr=subprocess.PIPE, timeout=_FFMPEG_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise AudioError(f"{path}: ffmpeg did not finish in {_FFMPEG_SECONDS} s; convert it to WAV") from None
        if done.returncode or not kept.seek(0, os.SEEK_END):
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise AudioError(
                f"{path} is not a readable recording ({said[-1] if said else why}); expected wav, flac, ogg, ..."
            )
        with _open_kept(kept, str(path)) as file:
            yield file


def _open_kept(kept: IO[bytes], name: str) -> soundfile.SoundFile:
    place = _unknown_length(kept)
    if place is not None:
        kept.seek(place)
        kept.write(_TO_THE_END)
    kept.seek(0)
    try:
        return soundfile.SoundFile(kept)
    except _UNREADABLE as error:
        kept.seek(0)
        _check_header(kept.read(_WAV_HEADER), name)
        raise AudioError(
            f"{name} is not a readable recording ({_reason(error)}); send WAV, FLAC, Ogg, Opus or MP3"
        ) from error


def _unknown_length(file: IO[bytes]) -> int | None:
    """Where a WAV file says that its data is 0 bytes long although sound follows; None for all others.

    Programs that write to a pipe cannot return to the header when they know the length.
    """
    file.seek(0, os.SEEK_END)
    size, place = file.tell(), 12
    file.seek(0)
    head = file.read(place)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    while place + 8 < size:
        file.seek(place)
        name, length = file.read(4), int.from_bytes(file.read(4), "little")
        if name == b"data":
            return place + 4 if length == 0 and not _is_chunk(file.read(8), size - place - 16) else None
        place += 8 + length + length % 2
    return None


def _is_chunk(head: bytes, rest: int) -> bool:
    """Whether 8 bytes are the name and length of a chunk that fits into the rest of its file."""
    return len(head) == 8 and head[:4].isalnum() and int.from_bytes(head[4:], "little") <= rest


def _check_header(head: bytes, name: str) -> None:
    """If libsndfile refused a WAV file because of its rate, name the rate: libsndfile does not mention a rate of 0."""
    if len(head) == _WAV_HEADER and head[:4] == b"RIFF" and head[8:16] == b"WAVEfmt ":
        _check_rate(int.from_bytes(head[24:28], "little"), name)


def _check_rate(rate: int, name: str) -> None:
    if not RATES[0] <= rate <= RATES[1]:
        raise AudioError(
            f"{name} says it has {rate} samples per second, expected {RATES[0]} to {RATES[1]}: its header is damaged; "
            "write the file again"
        )


def _reason(error: Exception) -> str:
    """libsndfile's message, without the object that it refers to."""
    return str(getattr(error, "error_string", error)).rstrip(".")
