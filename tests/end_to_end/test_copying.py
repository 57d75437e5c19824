"""`harken vocode`: a copy through a vocoder, by default the voices' own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from harken.audio.files import read_audio
from harken.tts.frames import speech_frames

Harken = Callable[..., Any]


def test_a_copy_is_as_long_and_sounds_alike(harken: Harken, recordings: Path, tmp_path: Path) -> None:
    ran = harken("vocode", recordings / "request.wav", tmp_path / "copy.flac", "--json")
    assert ran.status == 0
    (answer,) = ran.lines()
    original, copy = read_audio(recordings / "request.wav"), read_audio(tmp_path / "copy.flac")
    assert len(copy) == len(original)
    assert abs(answer["duration"] - len(copy) / 16_000) < 1e-3
    one, other = (speech_frames(sound).mean(1) for sound in (original, copy))
    assert np.corrcoef(one, other)[0, 1] > 0.95


def test_the_same_seed_makes_the_same_copy(harken: Harken, recordings: Path, tmp_path: Path) -> None:
    for name, seed in {"one": "1", "again": "1", "two": "2"}.items():
        ran = harken("vocode", recordings / "request.wav", tmp_path / f"{name}.wav", "--seed", seed)
        assert (ran.status, "s of sound in" in ran.out) == (0, True)
    one, again, two = ((tmp_path / f"{name}.wav").read_bytes() for name in ("one", "again", "two"))
    assert one == again
    assert one != two


def test_a_picture_shows_the_original_and_the_copy(harken: Harken, recordings: Path, tmp_path: Path) -> None:
    ran = harken("vocode", recordings / "request.wav", tmp_path / "copy.wav", "--picture", tmp_path / "x.png")
    assert (ran.status, f"; {tmp_path / 'x.png'} shows both" in ran.out) == (0, True)
    with Image.open(tmp_path / "x.png") as picture:
        pixels = np.asarray(picture.convert("L")).astype(float)
    spectra = [pixels[top : top + 380, 124:-124] for top in (86, 86 + len(pixels) // 2 - 12)]
    assert np.corrcoef(*(spectrum.ravel() for spectrum in spectra))[0, 1] > 0.5
    ran = harken("vocode", recordings / "request.wav", tmp_path / "no.wav", "--picture", tmp_path / "x.pdf")
    assert (ran.status, "ends in .png" in ran.err) == (2, True)
    assert not (tmp_path / "no.wav").exists()


def test_what_is_no_vocoder_is_refused(harken: Harken, recordings: Path, tmp_path: Path) -> None:
    ran = harken("vocode", recordings / "request.wav", tmp_path / "copy.wav", "--vocoder", "vad")
    assert (ran.status, "expected a vocoder" in ran.err) == (2, True)
    ran = harken("vocode", recordings / "request.wav", tmp_path / "copy.aac")
    assert (ran.status, ".flac" in ran.err) == (2, True)
    ran = harken("vocode", tmp_path / "missing.wav", tmp_path / "copy.wav")
    assert (ran.status, "does not exist" in ran.err) == (1, True)
    assert not list(tmp_path.glob("copy.*"))
