"""Sound written piece by piece, in the format that the ending names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from harken.audio.files import read_audio
from harken.audio.writing import FORMATS, check_ending, open_writer
from harken.errors import AudioError

TONE = (0.3 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)).astype(np.float32)


@pytest.mark.parametrize("ending", FORMATS)
def test_each_ending_gives_its_own_format_with_the_same_sound(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "deep" / f"tone.{ending.upper()}"
    with open_writer(path) as writer:
        for start in range(0, len(TONE), 4000):
            writer.write(TONE[start : start + 4000])
    assert writer.length == len(TONE)
    with soundfile.SoundFile(path) as file:
        assert (file.format, file.subtype) == FORMATS[ending]
    heard = read_audio(path)
    assert len(heard) == pytest.approx(len(TONE), abs=3000)  # mp3 pads its ends
    middle = heard[4000:12_000]
    assert float(np.sqrt(np.mean(middle**2))) == pytest.approx(0.212, abs=0.02)
    assert int(np.abs(np.fft.rfft(middle)).argmax()) == 220


@pytest.mark.parametrize("name", ["x.aac", "x.mp4", "x", "x.", "x.wave"])
def test_another_ending_is_refused_and_the_known_ones_are_listed(name: str, tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"\.wav, \.flac, \.ogg, \.opus, \.mp3"):
        check_ending(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioError, match="cannot write"), open_writer(tmp_path / "file" / "x.wav"):
        pass


def test_what_was_written_is_there_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "x.flac"
    with open_writer(path) as writer:
        for _ in range(40):
            writer.write(np.random.default_rng(0).uniform(-1, 1, 16_000).astype(np.float32))
        assert path.stat().st_size > 300_000


def test_too_loud_samples_are_clipped(tmp_path: Path) -> None:
    with open_writer(tmp_path / "x.wav") as writer:
        writer.write(np.array([2.0, -2.0, 0.0] * 100, np.float32))
    heard = read_audio(tmp_path / "x.wav")
    assert heard[0] > 0.99
    assert heard[1] < -0.99


@pytest.mark.parametrize("ending", ["wav", "ogg"])
def test_what_is_too_loud_is_clipped(ending: str, tmp_path: Path) -> None:
    with open_writer(tmp_path / f"loud.{ending}") as writer:
        writer.write(20 * TONE)
    assert np.abs(soundfile.read(tmp_path / f"loud.{ending}")[0]).max() < 1.5
