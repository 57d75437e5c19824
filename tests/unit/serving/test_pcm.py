"""PCM in and out, however it is cut."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.audio.pcm import to_pcm
from harken.errors import AudioError
from harken.serving.pcm import PcmReader

RNG = np.random.default_rng(4)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[first:last] for first, last in itertools.pairwise(edges)]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6), st.sampled_from([1, 2, 3]))
def test_any_bytes_cut_anywhere_give_the_same_samples(data: bytes, places: list[int], channels: int) -> None:
    whole = PcmReader(channels=channels).read(data)
    reader = PcmReader(channels=channels)
    pieces = np.concatenate([reader.read(piece) for piece in cut(data, places)])
    assert np.array_equal(whole, pieces)
    assert len(whole) == len(data) // (2 * channels)
    assert whole.dtype == np.float32
    assert len(whole) == 0 or (np.abs(whole).max() <= 1)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_another_rate_becomes_16_khz(rate: int) -> None:
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.float32)
    reader = PcmReader(rate)
    data = to_pcm(tone)
    heard = np.concatenate([reader.read(data[place : place + 999]) for place in range(0, len(data), 999)])
    assert 0.9 * 16_000 < len(heard) <= 16_000
    spectrum = np.abs(np.fft.rfft(heard[2000:10_000]))
    assert np.argmax(spectrum) * 16_000 / 8000 == pytest.approx(440, abs=3)


def test_two_channels_are_averaged() -> None:
    left, right = np.float32([0.5, 0.25]), np.float32([-0.5, 0.75])
    assert PcmReader(channels=2).read(to_pcm(np.stack([left, right], axis=1).ravel())).tolist() == [0.0, 0.5]


def test_there_and_back_is_the_same_and_loud_sound_is_clipped() -> None:
    steps = RNG.integers(-32_768, 32_768, 1000)
    samples = (steps / 32_768).astype(np.float32)
    assert np.array_equal(PcmReader().read(to_pcm(samples)), samples)
    assert np.frombuffer(to_pcm(np.float32([2.0, -2.0])), "<i2").tolist() == [32_767, -32_768]


@pytest.mark.parametrize(
    ("rate", "channels"), [(7_999, 1), (48_001, 1), (0, 1), (-16_000, 1), (16_000, 0), (16_000, 9)]
)
def test_what_is_no_sound_of_speech_is_refused(rate: int, channels: int) -> None:
    with pytest.raises(AudioError, match="send"):
        PcmReader(rate, channels=channels)
