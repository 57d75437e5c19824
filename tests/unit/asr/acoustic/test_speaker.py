"""What i-vectors hear: the phone filter against all paths, cepstra whole and in a stream."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from harken.asr.acoustic.speaker import (
    PhoneFilter,
    StepFeatures,
    prune_posteriors,
    step_features,
    with_edges,
)
from harken.errors import AudioError

BINS = 80


def _scores(*shape: int, seed: int = 0) -> np.ndarray:
    return (3 * np.random.default_rng(seed).normal(size=shape)).astype(np.float32)


def _filter(phones: int, seed: int = 0) -> PhoneFilter:
    rng = np.random.default_rng(seed)
    return PhoneFilter(bigram=rng.dirichlet(np.ones(phones), phones), start=rng.dirichlet(np.ones(phones)), scale=0.7)


def test_filter_sums_over_all_paths():
    phones, steps = 3, 4
    model, scores = _filter(phones), _scores(steps, 2 * phones)
    total = np.zeros(phones)
    for path in itertools.product(range(2 * phones), repeat=steps):  # below `phones`: entered; above: held
        here = [move % phones for move in path]
        if path[0] >= phones or any(m >= phones and here[t] != here[t + 1] for t, m in enumerate(path[1:])):
            continue
        chance = model.start[here[0]]
        for t, move in enumerate(path[1:]):
            chance *= 1.0 if move >= phones else model.bigram[here[t], here[t + 1]]
        total[here[-1]] += chance * np.exp(0.7 * sum(scores[t, move] for t, move in enumerate(path)))
    assert np.allclose(model.whole(scores)[-1], total / total.sum(), atol=1e-10)


@pytest.mark.parametrize("model", [PhoneFilter(), _filter(7)], ids=["uniform", "bigram"])
def test_rows_sum_to_one(model):
    found = model.whole(_scores(30, 14))
    assert np.allclose(found.sum(-1), 1)
    assert (found >= 0).all()


@pytest.mark.parametrize("sizes", [[1], [2, 0, 5], [29], [40]])
def test_any_chunking_gives_the_same_posteriors(sizes):
    model, scores = _filter(7), _scores(40, 14)
    state, parts, start, turn = None, [], 0, 0
    while start < len(scores):
        end = start + sizes[turn % len(sizes)]
        part, state = model.run(scores[start:end], state)
        parts.append(part)
        start, turn = end, turn + 1
    assert np.allclose(np.concatenate(parts), model.whole(scores), atol=1e-12, rtol=0)


def test_a_batch_is_its_rows():
    model, scores = _filter(5), _scores(4, 20, 10)
    found = model.whole(scores)
    assert found.shape == (4, 20, 5)
    for row, one in zip(found, scores, strict=True):
        assert np.allclose(row, model.whole(one), atol=1e-12)


def test_a_constant_a_step_changes_nothing_and_extreme_scores_survive():
    model, scores = _filter(5), _scores(20, 10)
    moved = scores + 50 * np.random.default_rng(3).normal(size=(20, 1))
    assert np.allclose(model.whole(moved), model.whole(scores), atol=1e-9)
    assert np.allclose(model.whole(1000 * scores).sum(-1), 1)


def test_nothing_in_nothing_out():
    found, state = PhoneFilter().run(np.zeros((0, 10)), None)
    assert found.shape == (0, 5)
    assert state is None


def test_pruning_keeps_the_best_few():
    rows = np.array([[0.4, 0.3, 0.2, 0.06, 0.02, 0.02, 0.0], [0.2, 0.19, 0.18, 0.17, 0.16, 0.1, 0.0]])
    kept = prune_posteriors(rows)
    assert np.allclose(kept.sum(-1), 1)
    assert np.allclose(kept[0], np.array([0.4, 0.3, 0.2, 0.06, 0, 0, 0]) / 0.96)
    assert np.allclose(kept[1], np.array([0.2, 0.19, 0.18, 0.17, 0.16, 0, 0]) / 0.9)
    assert np.allclose(prune_posteriors(np.full((1, 100), 0.01)), 0.01)  # none is likelier than another
    assert np.allclose(prune_posteriors(rows[:, :2]), rows[:, :2] / rows[:, :2].sum(-1, keepdims=True))


def test_pruning_works_on_batches_and_on_nothing():
    posteriors = PhoneFilter().whole(_scores(3, 8, 20))
    assert np.array_equal(prune_posteriors(posteriors)[1], prune_posteriors(posteriors[1]))
    assert prune_posteriors(np.zeros((0, 10))).shape == (0, 10)


def _frames(count: int) -> np.ndarray:
    return np.random.default_rng(count).normal(size=(count, BINS)).astype(np.float32)


def _cepstra(x: np.ndarray) -> np.ndarray:
    """Cosine sums and slopes at every frame [T, 40], edges repeated."""
    cosines = np.cos(np.pi / BINS * np.outer(np.arange(BINS) + 0.5, np.arange(20))) * np.sqrt(2 / BINS)
    cosines[:, 0] = 1 / np.sqrt(BINS)
    static = np.pad(x, ((2, 2), (0, 0)), mode="edge") @ cosines
    slopes = sum(k * (static[2 + k : len(x) + 2 + k] - static[2 - k : len(x) + 2 - k]) for k in (1, 2)) / 10
    return np.concatenate([static[2:-2], slopes], axis=1)


def test_slopes_are_changes_per_frame():
    ramp = np.arange(12)[:, None] * np.ones(BINS)
    assert np.allclose(step_features(with_edges(ramp))[1:-1, 20], np.sqrt(BINS))  # a rise of 1 a frame in every band
    assert np.allclose(step_features(with_edges(np.ones((4, BINS))))[:, 20:], 0)
    assert step_features(with_edges(np.zeros((0, BINS)))).shape == (0, 40)


@pytest.mark.parametrize("frames", [3, 5, 6, 30, 32])
def test_a_step_is_its_middle_frame(frames):
    found = step_features(with_edges(_frames(frames)))
    assert found.shape == (-(-frames // 3), 40)
    assert np.allclose(found, _cepstra(_frames(frames))[1::3], atol=1e-12)


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 5, 6, 7, 40])
@pytest.mark.parametrize("sizes", [[1], [2, 0, 5], [3], [40]])
def test_step_features_in_a_stream_are_those_of_the_whole(frames, sizes):
    x, stream = _frames(frames), StepFeatures()
    parts, start, turn = [], 0, 0
    while start < frames:
        end = start + sizes[turn % len(sizes)]
        parts.append(stream.process(x[start:end]))
        start, turn = end, turn + 1
    ready = sum(map(len, parts))
    assert ready == (frames - 1) // 3
    parts.append(stream.flush())
    assert np.allclose(np.concatenate(parts), step_features(with_edges(x)), atol=1e-12)
    assert stream.flush().shape == (0, 40)


def test_step_needs_only_the_frames_it_names():
    x = _frames(30)
    changed = x.copy()
    changed[: 3 * 4 - 1], changed[3 * 4 + 4 :] = 9, -9
    assert np.allclose(step_features(with_edges(x))[4], step_features(with_edges(changed))[4], atol=1e-12)


def test_wrong_numbers_of_frames_are_refused():
    with pytest.raises(AudioError, match="3n \\+ 2"):
        step_features(_frames(6))
