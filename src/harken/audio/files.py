"""Recordings in and out: any rate, channel count and format that libsndfile reads; ffmpeg, if present, for others."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile
import soxr

from harken.errors import AudioError
from harken.events import SAMPLE_RATE, Samples

MAX_SECONDS = 4 * 3600
"""Longer recordings are refused by `read_audio`, which holds them in memory; `harken transcribe` streams instead."""


def read_audio(source: Path | str, *, rate: int = SAMPLE_RATE) -> Samples:
    """Read a recording as mono float32 samples [n] in -1..1 at `rate` Hz; '-' is a WAV stream on standard input.

    Samples that are not finite become 0; several channels are averaged.

    Raises:
        AudioError: missing, unreadable, empty, too long, or without a finite sample.
    """
    name = "standard input" if str(source) == "-" else str(source)
    samples, found_rate = _decode(source, name)
    if samples.size == 0:
        raise AudioError(f"{name} holds no samples; give a recording with sound in it")
    if len(samples) > MAX_SECONDS * found_rate:
        hours = len(samples) / found_rate / 3600
        raise AudioError(f"{name} is {hours:.1f} h long; at most {MAX_SECONDS // 3600} h are read at once: split it")
    return resample(_clean(samples, name), found_rate, rate)


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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.clip(samples, -1, 1), rate, format="WAV", subtype="PCM_16")
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError(f"cannot write {path}: {error}; choose a folder that exists and is writable") from error


def _decode(source: Path | str, name: str) -> tuple[Samples, int]:
    if str(source) == "-":
        return _decode_bytes(sys.stdin.buffer.read(), name)
    path = Path(source)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise AudioError(f"{name} {what}; give the path of a recording (wav, flac, ogg, opus, mp3)")
    if path.stat().st_size == 0:
        raise AudioError(f"{name} is empty (0 bytes); give a recording with sound in it")
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        return _decode_with_ffmpeg(path, str(error))
    return _mono(samples), int(rate)


def _decode_bytes(content: bytes, name: str) -> tuple[Samples, int]:
    try:
        samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise AudioError(f"{name} is not a readable recording ({error}); send a WAV stream") from error
    return _mono(samples), int(rate)


def _decode_with_ffmpeg(path: Path, why: str) -> tuple[Samples, int]:
    program = shutil.which("ffmpeg")
    if program is None:
        raise AudioError(f"{path} cannot be read ({why}); convert it to WAV or FLAC, or install ffmpeg")
    command = [program, "-v", "error", "-nostdin", "-i", str(path), "-f", "wav", "-ac", "1", "-"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        raise AudioError(f"{path}: ffmpeg did not finish in 300 s; convert it to WAV first") from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise AudioError(
            f"{path} is not a readable recording ({said[-1] if said else why}); expected wav, flac, ogg, ..."
        )
    return _decode_bytes(done.stdout, str(path))


def _mono(samples: Samples) -> Samples:
    # The mean of one channel is itself, but copying it would cost memory on long files.
    return samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1, dtype=np.float32)


def _clean(samples: Samples, name: str) -> Samples:
    finite = np.isfinite(samples)
    if finite.all():
        return np.ascontiguousarray(samples)
    if not finite.any():
        raise AudioError(f"{name} holds no finite sample (all NaN or infinite); record it again")
    return np.where(finite, samples, np.float32(0)).astype(np.float32)
