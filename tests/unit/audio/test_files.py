from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
import threading
import types
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from harken.audio import files
from harken.audio.files import open_audio, read_audio, write_wav
from harken.errors import AudioError

RATES = [8_000, 16_000, 22_050, 44_100, 48_000]


def noise(count: int, *, channels: int = 1, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal((count, channels))).astype(np.float32)


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, noise(100_000, channels=2), 44_100, subtype="FLOAT")
    return path


def pieces(path: Path, size: int | None) -> list[np.ndarray]:
    with open_audio(path) as recording:
        return list(recording.blocks(size))


@pytest.mark.parametrize("rate", RATES)
def test_a_recording_is_the_same_whole_and_in_pieces_of_any_size(tmp_path: Path, rate: int) -> None:
    sound = noise(3 * rate + 77)
    soundfile.write(tmp_path / "x.wav", sound, rate, subtype="FLOAT")
    whole = read_audio(tmp_path / "x.wav")
    np.testing.assert_array_equal(whole, sound[:, 0] if rate == 16_000 else soxr.resample(sound[:, 0], rate, 16_000))
    for size in (None, 999, 10 * rate):
        np.testing.assert_array_equal(np.concatenate(pieces(tmp_path / "x.wav", size)), whole)


def test_the_length_is_known_before_anything_is_read(stereo: Path) -> None:
    with open_audio(stereo) as recording:
        assert abs(recording.length - len(read_audio(stereo))) <= 1


def test_channels_are_averaged_and_pieces_are_never_empty(stereo: Path) -> None:
    parts = pieces(stereo, 100)
    assert all(len(piece) and piece.ndim == 1 and piece.dtype == np.float32 for piece in parts)
    mean = soundfile.read(stereo, dtype="float32")[0].mean(axis=1)
    np.testing.assert_allclose(np.concatenate(parts), soxr.resample(mean, 44_100, 16_000), atol=1e-6)


def test_samples_that_are_not_finite_become_zero(tmp_path: Path) -> None:
    sound = noise(16_000)
    sound[3_000:9_000] = np.nan
    soundfile.write(tmp_path / "x.wav", sound, 16_000, subtype="FLOAT")
    read = np.concatenate(pieces(tmp_path / "x.wav", 1_000))
    assert not read[3_000:9_000].any()
    np.testing.assert_array_equal(read[9_000:], sound[9_000:, 0])


@pytest.mark.parametrize(
    ("content", "said"),
    [(noise(0), "contains no samples"), (np.full((500, 1), np.nan, np.float32), "no finite sample")],
)
def test_a_recording_without_sound_is_an_error(tmp_path: Path, content: np.ndarray, said: str) -> None:
    soundfile.write(tmp_path / "x.wav", content, 16_000, subtype="FLOAT")
    for read in (read_audio, lambda path: pieces(path, None)):
        with pytest.raises(AudioError, match=said):
            read(tmp_path / "x.wav")


def test_what_is_no_recording_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("hello" * 100)
    for name, said in (
        ("empty.wav", "0 bytes"),
        ("text.wav", "text.wav"),
        ("no.wav", "does not exist"),
        ("", "folder"),
    ):
        with pytest.raises(AudioError, match=said):
            read_audio(tmp_path / name)


def test_a_recording_too_long_to_hold_is_refused_but_opened(stereo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_SECONDS", 1)
    with pytest.raises(AudioError, match="split it"):
        read_audio(stereo)
    assert sum(map(len, pieces(stereo, None))) > 30_000


@pytest.mark.parametrize("spool", [100, 10**9])
def test_a_stream_is_read_from_standard_input(stereo: Path, monkeypatch: pytest.MonkeyPatch, spool: int) -> None:
    monkeypatch.setattr(files, "_SPOOL", spool)
    monkeypatch.setattr(files.sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(stereo.read_bytes())))
    np.testing.assert_array_equal(read_audio("-"), read_audio(stereo))


def without_length(path: Path, *, length: int, riff: int) -> bytes:
    """A WAV file with another data length and size in its header."""
    content = bytearray(path.read_bytes())
    place = content.index(b"data") + 4
    content[place : place + 4], content[4:8] = struct.pack("<I", length), struct.pack("<I", riff)
    return bytes(content)


@pytest.mark.parametrize("riff", [0, 36, 0xFFFFFFFF])
@pytest.mark.parametrize("length", [0, 0xFFFFFFFF])
def test_a_wav_stream_without_a_length_is_read_to_its_end(
    stereo: Path, monkeypatch: pytest.MonkeyPatch, length: int, riff: int
) -> None:
    wanted = read_audio(stereo)
    stereo.write_bytes(content := without_length(stereo, length=length, riff=riff))
    monkeypatch.setattr(files.sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(content)))
    np.testing.assert_array_equal(read_audio("-"), wanted)
    np.testing.assert_array_equal(read_audio(stereo), wanted)
    assert stereo.read_bytes() == content


@pytest.mark.parametrize("more", [b"", b"LIST" + struct.pack("<I", 4) + b"INFO"])
def test_a_wav_file_that_is_really_empty_is_refused(tmp_path: Path, more: bytes) -> None:
    write_wav(tmp_path / "x.wav", np.zeros(0, np.float32))
    (tmp_path / "x.wav").write_bytes((tmp_path / "x.wav").read_bytes() + more)
    with pytest.raises(AudioError, match="contains no samples"):
        read_audio(tmp_path / "x.wav")


def test_a_damaged_file_is_named_with_the_place_where_it_breaks(stereo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_audio(stereo) as recording:
        blocks = recording.blocks(44_100)
        next(blocks)
        monkeypatch.setattr(soundfile.SoundFile, "read", broken)
        with pytest.raises(AudioError, match=r"stereo.wav cannot be read beyond 1.0 s \(.*lost sync"):
            list(blocks)


def broken(*_: object, **__: object) -> None:
    raise soundfile.LibsndfileError(0, prefix="lost sync: ")


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_other_formats_are_read_through_ffmpeg(tmp_path: Path) -> None:
    write_wav(tmp_path / "x.wav", noise(32_000)[:, 0])
    command = ["ffmpeg", "-v", "error", "-i", tmp_path / "x.wav", "-c:a", "pcm_s16le", tmp_path / "x.mka"]
    subprocess.run(command, check=True)
    np.testing.assert_array_equal(read_audio(tmp_path / "x.mka"), read_audio(tmp_path / "x.wav"))


def test_sound_beyond_full_scale_is_clipped(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", noise(16_000) * 1e30, 16_000, subtype="FLOAT")
    assert np.abs(read_audio(tmp_path / "x.wav")).max() == 1


@pytest.mark.parametrize("rate", [0, 1, 999, 768_001, 2**31 - 1, 2**32 - 1])
@pytest.mark.parametrize("ffmpeg", [None, "/usr/bin/ffmpeg"])
def test_a_rate_that_cannot_be_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int, ffmpeg: str | None
) -> None:
    monkeypatch.setattr(files.shutil, "which", lambda _: ffmpeg)  # with it or without: it is not even asked
    content = with_rate(tmp_path / "x.wav", rate)
    with pytest.raises(AudioError, match=rf"x\.wav says it has {rate} samples per second, .* header is damaged"):
        read_audio(tmp_path / "x.wav")
    monkeypatch.setattr(files.sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(content)))
    with pytest.raises(AudioError, match=rf"standard input says it has {rate} samples per second"):
        read_audio("-")


@pytest.mark.parametrize("rate", [1_000, 768_000])
def test_the_lowest_and_the_highest_rate_are_read(tmp_path: Path, rate: int) -> None:
    with_rate(tmp_path / "x.wav", rate)
    assert len(read_audio(tmp_path / "x.wav")) == pytest.approx(16_000 * 16_000 / rate, abs=1)


def with_rate(path: Path, rate: int) -> bytes:
    """A WAV file of 16,000 samples whose header states this rate."""
    write_wav(path, noise(16_000)[:, 0])
    content = bytearray(path.read_bytes())
    content[24:28] = struct.pack("<I", rate)
    path.write_bytes(content)
    return bytes(content)


@pytest.mark.parametrize("promised", [3 * 3600 * 32_000, 2**32 - 1])
def test_a_header_that_promises_more_than_there_is_costs_nothing(tmp_path: Path, promised: int) -> None:
    write_wav(tmp_path / "x.wav", noise(16_000)[:, 0])
    content = bytearray((tmp_path / "x.wav").read_bytes())
    content[40:44] = struct.pack("<I", promised)
    (tmp_path / "y.wav").write_bytes(content)
    np.testing.assert_array_equal(read_audio(tmp_path / "y.wav"), read_audio(tmp_path / "x.wav"))


@pytest.mark.skipif(os.name != "posix", reason="names and pipes of POSIX")
def test_a_name_that_is_no_unicode_and_a_pipe_are_read(tmp_path: Path) -> None:
    write_wav(tmp_path / "x.wav", noise(16_000)[:, 0])
    odd = tmp_path / os.fsdecode(b"\xff.wav")
    odd.write_bytes((tmp_path / "x.wav").read_bytes())
    np.testing.assert_array_equal(read_audio(odd), read_audio(tmp_path / "x.wav"))
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(odd.read_bytes()))
    writer.start()
    np.testing.assert_array_equal(read_audio(tmp_path / "pipe"), read_audio(odd))
    writer.join()


def test_what_cannot_be_reached_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, said in (
        ("x" * 5000, "File name too long"),
        ("/dev/null", "device"),
        ("a\0b", "null"),
        (tmp_path, "folder"),
    ):
        with pytest.raises(AudioError, match=said):
            read_audio(path)
    write_wav(tmp_path / "x.wav", noise(10)[:, 0])

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)  # for root nothing is forbidden
    with pytest.raises(AudioError, match="Permission denied; give the path of a recording that you may read"):
        read_audio(tmp_path / "x.wav")


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "empty"), (b"text" * 99, r"recording \(.*not rec"), (b"x" * 2000, "split")]
)
def test_a_stream_that_is_no_recording_is_explained(monkeypatch: pytest.MonkeyPatch, content: bytes, said: str) -> None:
    monkeypatch.setattr(files, "MAX_STREAM", 1000)
    monkeypatch.setattr(files.sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(content)))
    with pytest.raises(AudioError, match=said) as caught:
        read_audio("-")
    assert "object at" not in str(caught.value)


def test_a_closed_standard_input_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.sys, "stdin", None)
    with pytest.raises(AudioError, match="standard input is closed"):
        read_audio("-")


def test_a_full_disk_under_a_reply_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(AudioError, match="No space left on device; choose a folder"):
        write_wav(tmp_path / "x.wav", noise(10)[:, 0])
