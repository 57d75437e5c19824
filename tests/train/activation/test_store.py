"""Stores of features, where sound lies in them, and scenes made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harken.audio.features import log_mel
from harken.errors import DataError
from harken.train.activation.loudness import DECIBEL, frame_energy, label_speech, loudest_part, loudness
from harken.train.activation.scenes import StoredClip, colour, mix, random_noise
from harken.train.activation.store import Clip, ClipStore, write_clips
from harken.train.arrays import FACTS

from .made import recordings, store, sweep


def test_a_store_gives_back_the_frames(tmp_path: Path) -> None:
    opened = ClipStore(store(tmp_path).folder)
    for clip, (wanted, samples) in zip(opened.clips, recordings(), strict=True):
        assert (clip.label, clip.speaker, clip.split) == (wanted.label, wanted.speaker, wanted.split)
        assert np.allclose(opened.of(clip), log_mel(samples, bins=40), atol=0.02)


def test_an_unfinished_store_is_refused(tmp_path: Path) -> None:
    write_clips(tmp_path, recordings())
    (tmp_path / FACTS).unlink()
    with pytest.raises(DataError, match="prepare"):
        ClipStore(tmp_path)


def test_a_store_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no recording to put into"):
        write_clips(tmp_path, [(Clip(corpus="made", split="train"), np.zeros(100, np.float32))])


def test_the_word_is_found_in_its_recording() -> None:
    first, last = loudest_part(log_mel(sweep(400, 2400, 0.6), bins=40))
    assert first == pytest.approx(50, abs=4)
    assert last == pytest.approx(110, abs=4)


def test_loudness_counts_in_decibels_and_ignores_pauses() -> None:
    sound = sweep(400, 2400)
    long = np.concatenate([sound, np.zeros(64_000, np.float32)])
    normal, quiet, paused = (loudness(frame_energy(log_mel(s, bins=40))) for s in (sound, sound * 0.1, long))
    assert normal - quiet == pytest.approx(20 * DECIBEL, abs=0.1)
    assert paused == pytest.approx(normal, abs=0.1)


def test_labels_cover_the_speech_and_not_the_pauses() -> None:
    sound = np.concatenate([sweep(400, 2400, 0.6), sweep(300, 900, 0.6)])  # a pause of 1 s between
    labels = label_speech(log_mel(sound, bins=40))
    assert labels[55:105].all()
    assert not labels[116:204].any()
    assert labels[215:265].all()


def test_a_crop_outside_the_recording_is_filled_with_its_own_quiet(tmp_path: Path) -> None:
    opened = store(tmp_path)
    source = StoredClip(store=opened, clip=opened.clips[0])
    whole = source.store.of(source.clip)
    crop = source.crop(-30, source.clip.frames + 60, np.random.default_rng(0))
    assert np.array_equal(crop[30:-30], whole)
    assert frame_energy(crop[:30]).max() < frame_energy(whole).max() - 30 * DECIBEL


def test_added_energies_are_those_of_the_sum() -> None:
    rng = np.random.default_rng(0)
    one, two = (0.1 * rng.standard_normal((2, 16_000))).astype(np.float32)
    both = mix(log_mel(one, bins=40), log_mel(two, bins=40))
    assert np.mean(both - log_mel(one + two, bins=40)) == pytest.approx(0, abs=0.15)


def test_noise_comes_at_the_loudness_asked_for(tmp_path: Path) -> None:
    opened = store(tmp_path)
    noises = [StoredClip(store=opened, clip=clip) for clip in opened.clips if clip.corpus == "noise"]
    piece = random_noise(noises, 500, 17.0, np.random.default_rng(0))  # longer than the recording
    assert piece.shape == (500, 40)
    assert np.log(np.exp(frame_energy(piece).astype(float)).mean()) == pytest.approx(17.0, abs=0.01)


def test_colour_keeps_shape_and_is_repeatable() -> None:
    scene = np.random.default_rng(1).uniform(5, 20, (50, 40)).astype(np.float32)
    one, two = (colour(scene, np.random.default_rng(4)) for _ in range(2))
    assert one.shape == scene.shape
    assert np.array_equal(one, two)
    assert np.abs(one - scene).max() < 16
