"""The acoustic model at run time, on the shipped bundle."""

from __future__ import annotations

import numpy as np
import pytest

from harken.asr.acoustic.model import AcousticModel, Outputs
from harken.asr.acoustic.normalizer import Normalizer
from harken.bundle import write_bundle
from harken.errors import AudioError, BundleError

BINS = 80


@pytest.fixture(scope="module")
def model() -> AcousticModel:
    return AcousticModel.load()


def _frames(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (10 + 3 * rng.standard_normal((count, BINS))).astype(np.float32)


def _stream(model: AcousticModel, x: np.ndarray, sizes: list[int]) -> np.ndarray:
    stream, parts, start = model.stream(), [], 0
    while start < len(x):
        size = sizes[len(parts) % len(sizes)]
        parts.append(stream.process(x[start : start + size]))
        start += size
    return Outputs.joined([*parts, stream.flush()]).scores


@pytest.mark.parametrize("sizes", [[1], [2, 5], [3], [7, 1, 31], [50], [1000]])
def test_any_chunking_gives_the_same_scores(model, sizes):
    x = _frames(100)
    assert np.abs(_stream(model, x, sizes) - model.scores(x)).max() < 1e-4


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 100])
def test_every_third_frame_begins_one_score(model, frames):
    assert model.scores(_frames(frames)).shape == (-(-frames // 3), 2 * len(model.labels))


def test_scores_lag_by_the_look_ahead_and_no_more(model):
    block = model.block
    first = -(-(model.look_ahead + 1) // block) * block  # steps of the blocks that hold the first score's look-ahead
    stream = model.stream()
    assert len(stream.process(_frames(3 * first - 1))) == 0
    assert len(stream.process(_frames(1))) == first - model.look_ahead
    assert len(stream.process(_frames(3 * block))) == block


def test_reset_forgets_what_was_heard(model):
    x = _frames(60)
    stream = model.stream()
    stream.process(_frames(40, seed=1))
    stream.reset()
    found = [stream.process(x), stream.flush()]
    assert np.array_equal(Outputs.joined(found).scores, model.scores(x))


def test_streams_do_not_disturb_each_other(model):
    x, stream, other = _frames(60), model.stream(), model.stream()
    found = [stream.process(x[:30])]
    early = other.process(_frames(30, seed=2))
    found += [stream.process(x[30:]), stream.flush()]
    assert np.allclose(Outputs.joined(found).scores, model.scores(x), atol=1e-4)
    assert len(early) + len(other.flush()) == 10


def test_flush_of_nothing_is_nothing(model):
    stream = model.stream()
    assert stream.flush().scores.shape == (0, 2 * len(model.labels))
    assert stream.process(np.zeros((0, BINS), np.float32)).scores.shape == (0, 2 * len(model.labels))


def test_labels_are_silence_and_the_phones(model):
    assert model.labels[0] == "SIL"
    assert len(set(model.labels)) == 40


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_frames_that_are_not_finite_are_refused(model, bad):
    x = _frames(5)
    x[2, 7] = bad
    with pytest.raises(AudioError, match="NaN or infinity"):
        model.stream().process(x)


def test_frames_of_another_width_are_refused(model):
    with pytest.raises(AudioError, match=r"expected \[frames, 80\]"):
        model.stream().process(np.zeros((4, 40), np.float32))


def test_bundle_of_another_kind_is_refused(tmp_path):
    bundle = write_bundle(tmp_path / "b", name="b", kind="vocoder", files={}, card="")
    with pytest.raises(BundleError):
        AcousticModel.from_bundle(bundle)


def test_normaliser_gives_the_same_for_any_chunking():
    normalizer = Normalizer(mean=np.full(BINS, 9.0, np.float32), deviation=np.full(BINS, 2.0, np.float32), prior=50)
    x = _frames(90)
    total, seen, parts = np.zeros(BINS), 0, []
    for start in range(0, 90, 13):
        part, total, seen = normalizer.run(x[start : start + 13], total, seen)
        parts.append(part)
    assert np.allclose(np.concatenate(parts), normalizer.whole(x), atol=1e-5)


def test_normaliser_starts_at_the_training_mean_and_learns_the_level():
    normalizer = Normalizer(mean=np.zeros(2, np.float32), deviation=np.ones(2, np.float32), prior=1)
    loud = normalizer.whole(np.full((200, 2), 8.0, np.float32))
    assert loud[0] == pytest.approx([4.0, 4.0])
    assert abs(loud[-1]).max() < 0.1
