"""The acoustic model at run time, on the shipped bundle."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from harken.asr.acoustic.model import AcousticModel, Outputs
from harken.audio.features import QUIET, Normalizer, frame_level, log_mel
from harken.bundle import write_bundle
from harken.errors import AudioError, BundleError
from harken.onnx import Session

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


@pytest.mark.parametrize(
    "muted", [np.zeros(32000), np.tile([1, 0, -1, 0], 8000) / 32768], ids=["zeros", "rounding noise"]
)
def test_what_follows_silence_of_any_length_is_normalised_as_without_it(muted):
    normalizer = Normalizer(mean=np.full(BINS, 12, np.float32), deviation=np.full(BINS, 4, np.float32), prior=50)
    speech = _frames(120)
    silent = log_mel(muted.astype(np.float32))
    both = normalizer.whole(np.concatenate([speech[:40], silent, speech[40:]]))
    assert np.array_equal(np.delete(both, np.s_[40 : 40 + len(silent)], axis=0), normalizer.whole(speech))
    mean = (50 * normalizer.mean + speech[:40].sum(0)) / 90
    assert frame_level(both[40:60] * 4 + mean) == pytest.approx(np.full(20, QUIET), abs=1e-3)


def test_a_frame_just_loud_enough_counts_and_a_quieter_one_is_raised_to_it():
    normalizer = Normalizer(mean=np.zeros(2, np.float32), deviation=np.ones(2, np.float32), prior=1)
    quietest = np.array([[QUIET - 1, QUIET + 1]], np.float32)
    _, total, seen = normalizer.run(quietest, np.zeros(2), 0)
    assert (seen, total.tolist()) == (1, [4.0, 6.0])
    lower, total, seen = normalizer.run(quietest - 3, np.zeros(2), 0)
    assert (seen, total.tolist(), lower.tolist()) == (0, [0.0, 0.0], [[4.0, 6.0]])


def test_a_quiet_recording_of_speech_holds_sound():
    hum = 1e-3 * np.sin(2 * np.pi * 200 * np.arange(16000) / 16000)
    assert (
        frame_level(log_mel((hum + 1e-4 * np.random.default_rng(0).standard_normal(16000)).astype(np.float32))).min()
        > QUIET
    )


def tiny_model(*, hidden: bool) -> AcousticModel:
    """Scores are the first 8 of the 240 inputs of a step, the hidden layer the next 3; both come one step late."""
    onnx = pytest.importorskip("onnx", reason="makes a graph")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT

    def tensor(name: str, shape: list[int | str]) -> Any:
        return helper.make_tensor_value_info(name, kind, shape)

    def numbers(name: str, values: list[int]) -> Any:
        return helper.make_tensor(name, onnx.TensorProto.INT64, [len(values)], values)

    constants = {"zero": 0, "eight": 8, "eleven": 11, "one": 1, "two": 2, "last": -1, "end": 2**31}
    nodes = [
        helper.make_node("Concat", ["state.0", "x"], ["both"], axis=1),
        helper.make_node("Slice", ["both", "zero", "last", "one"], ["late"]),
        helper.make_node("Slice", ["both", "last", "end", "one"], ["next_state.0"]),
        helper.make_node("Slice", ["late", "zero", "eight", "two"], ["y"]),
        helper.make_node("Slice", ["late", "eight", "eleven", "two"], ["hidden"]),
    ]
    outputs = [tensor("y", [1, "steps", 8]), tensor("next_state.0", [1, 1, 3 * BINS])]
    graph = helper.make_graph(
        nodes, "tiny", [tensor("x", [1, "steps", 3 * BINS]), tensor("state.0", [1, 1, 3 * BINS])],
        [*outputs, *([tensor("hidden", [1, "steps", 3])] if hidden else [])],
        [numbers(name, [value]) for name, value in constants.items()],
    )  # fmt: skip
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    plain = Normalizer(mean=np.zeros(BINS, np.float32), deviation=np.ones(BINS, np.float32), prior=1e9)
    session = Session(made.SerializeToString())
    return AcousticModel(labels=("SIL", "A", "B", "C"), look_ahead=1, normalizer=plain, session=session)


@pytest.mark.parametrize("sizes", [[1], [3], [7, 1, 31], [1000]])
def test_a_hidden_layer_comes_step_by_step_with_the_scores(sizes):
    x, stream = _frames(30), tiny_model(hidden=True).stream()
    cuts = np.cumsum(list(itertools.islice(itertools.cycle(sizes), 30)))
    parts = [*(stream.process(part) for part in np.split(x, cuts[cuts < 30])), stream.flush()]
    found, steps = Outputs.joined(parts), x.reshape(10, 3 * BINS)
    assert np.allclose(found.scores, steps[:, :8], atol=1e-4)
    assert np.allclose(found.hidden, steps[:, 8:11], atol=1e-4)
    assert all(part.hidden is None or len(part.hidden) == len(part.scores) for part in parts)


def test_a_model_without_a_hidden_layer_gives_none():
    stream = tiny_model(hidden=False).stream()
    outputs = Outputs.joined([stream.process(_frames(60)), stream.flush()])
    assert len(outputs) == 20
    assert outputs.hidden is None


def test_streams_in_several_threads_give_what_they_give_alone(model):
    sounds = [_frames(150, seed) for seed in range(4)]
    alone = [model.scores(x) for x in sounds]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(model.scores, sounds))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_what_streams_share_cannot_be_exchanged(model):
    with pytest.raises(AttributeError):
        model.labels = ()
