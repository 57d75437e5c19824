"""Spoken terms at run time: which second is looked at, and the same answers for any chunking."""

from __future__ import annotations

import numpy as np
import pytest

from harken.activation.front_end import BLOCK
from harken.activation.terms import TermClassifier, TermStream, cut, window_start
from harken.audio.features import log_mel
from harken.errors import BundleError
from harken.events import SAMPLE_RATE

FRAMES, BINS = 40, 20


class LoudestBand:
    """Stands for a bundle whose network says in which half of the bands there is more energy."""

    labels = ("low", "high")

    def __init__(self, warp: float = 1.0):
        self.features = {"bins": BINS, "frames": FRAMES, "warp": warp}

    def expect(self, kind: str) -> LoudestBand:
        if kind != "terms":
            raise BundleError(f"no {kind}")
        return self

    def session(self) -> LoudestBand:
        return self

    def run(self, x: np.ndarray) -> dict[str, np.ndarray]:
        assert x.shape == (1, FRAMES, BINS)
        return {"y": np.stack([x[0, :, : BINS // 2].mean(), x[0, :, BINS // 2 :].mean()])[None].astype(np.float32)}


def _tone(hertz: float, seconds: float = 0.6) -> np.ndarray:
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.3 * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


def test_the_likeliest_term_is_named_with_its_probability() -> None:
    classifier = TermClassifier(LoudestBand())
    term, probability = classifier.classify(_tone(200))
    assert term == "low"
    assert 0.5 < probability <= 1
    assert classifier.classify(_tone(6000))[0] == "high"


def test_with_twice_the_warp_the_bands_end_at_half_the_frequency() -> None:
    assert TermClassifier(LoudestBand()).classify(_tone(1500))[0] == "low"
    assert TermClassifier(LoudestBand(warp=2.0)).classify(_tone(1500))[0] == "high"
    tone = _tone(1500)
    assert log_mel(tone, bins=BINS, warp=2.0).mean(0).argmax() > log_mel(tone, bins=BINS).mean(0).argmax()


def test_of_a_long_recording_the_loudest_part_is_looked_at() -> None:
    quiet = 0.001 * _tone(6000, 3.0)
    quiet[20_000 : 20_000 + 9_600] += _tone(200)
    frames = log_mel(quiet, bins=BINS)
    start = window_start(frames, FRAMES)
    assert 20_000 / 160 - 1 <= start <= (20_000 + 9_600) / 160 - FRAMES + 1
    assert TermClassifier(LoudestBand()).classify(quiet)[0] == "low"


def test_a_short_recording_lies_in_the_middle_of_the_window() -> None:
    frames = np.ones((11, BINS), np.float32)
    window = cut(frames, window_start(frames, FRAMES), FRAMES)
    assert np.flatnonzero(window[:, 0]).tolist() == list(range(14, 25))


@pytest.mark.parametrize("size", [1, 333, BLOCK, 5000])
def test_a_stream_says_the_same_for_any_chunking(size: int) -> None:
    samples = np.concatenate([_tone(200), _tone(6000)])
    stream = TermStream(TermClassifier(LoudestBand()))
    whole = stream.process(samples)
    stream.process(samples[: BLOCK + 333])  # a rest that does not fill a block is forgotten, too
    stream.reset()
    parts = [scores for at in range(0, len(samples), size) for scores in stream.process(samples[at : at + size])]
    assert [scores.end for scores in parts] == [scores.end for scores in whole] == list(range(BLOCK, 19_201, BLOCK))
    assert all(np.array_equal(one.probabilities, other.probabilities) for one, other in zip(parts, whole, strict=True))


def test_a_stream_looks_at_the_last_second_alone() -> None:
    samples = np.concatenate([_tone(200, 2.0), _tone(6000, 0.8)])
    classifier = TermClassifier(LoudestBand())
    last = TermStream(classifier).process(samples)[-1]
    assert last.end == len(samples)
    frames = log_mel(samples, bins=BINS)
    assert np.allclose(last.probabilities, classifier.probabilities(frames[-FRAMES:]), atol=1e-6)
    assert last.probabilities.argmax() == 1


def test_what_is_no_number_counts_as_silence() -> None:
    broken = _tone(200)
    broken[::7] = np.nan
    assert np.isfinite(TermClassifier(LoudestBand()).classify(broken)[1])
    scores = TermStream(TermClassifier(LoudestBand())).process(broken)
    assert scores
    assert all(np.isfinite(score.probabilities).all() for score in scores)


def test_a_stream_uses_the_warp_of_its_network() -> None:
    last = [TermStream(TermClassifier(LoudestBand(warp))).process(_tone(1500))[-1] for warp in (1.0, 2.0)]
    assert [int(scores.probabilities.argmax()) for scores in last] == [0, 1]


def test_digital_silence_is_no_quieter_than_a_quiet_room_when_the_loudest_part_is_sought() -> None:
    frames = np.full((2 * FRAMES, BINS), -15.9, np.float32)
    frames[:2] = 30
    frames[FRAMES:] = 6
    assert window_start(frames, FRAMES) == 2 - 2


def test_a_bundle_of_another_kind_is_refused() -> None:
    class Other(LoudestBand):
        def expect(self, kind: str) -> LoudestBand:
            raise BundleError(f"a voice; expected kind '{kind}'")

    with pytest.raises(BundleError, match="'terms'"):
        TermClassifier(Other())
