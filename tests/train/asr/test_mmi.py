"""The objective against an enumeration of all paths."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harken.train.asr.denominator import denominator, estimate_trigram  # noqa: E402
from harken.train.asr.mmi import batch_graphs, numerator, sentence_graph  # noqa: E402

PHONES = 3


def _scores(batch: int, frames: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(batch, frames, 2 * PHONES, generator=torch.Generator().manual_seed(seed), dtype=torch.float32)


def _runs(frames: int):
    """All (start flags) of `frames` frames: the first always enters."""
    return itertools.product([True], *[[True, False]] * (frames - 1))


def _path_score(y: np.ndarray, phones, starts) -> float:
    place, total = -1, 0.0
    for t, fresh in enumerate(starts):
        place += fresh
        total += y[t, phones[place] + (0 if fresh else PHONES)]
    return total


def _all_sequences(y: np.ndarray, table: np.ndarray) -> float:
    """Log sum over every phone sequence and alignment."""
    total = -np.inf
    for starts in _runs(len(y)):
        for phones in itertools.product(range(PHONES), repeat=sum(starts)):
            line = [PHONES, PHONES, *phones, PHONES]
            prior = sum(np.log(table[i, j, k]) for i, j, k in zip(line, line[1:], line[2:], strict=False))
            total = np.logaddexp(total, prior + _path_score(y, phones, starts))
    return total


def _sentence_sum(y: np.ndarray, graph) -> float:
    """Log sum over all state sequences of a graph."""
    total = -np.inf
    states = range(len(graph.phones))
    for starts in _runs(len(y)):
        for line in itertools.product(states, repeat=sum(starts)):
            price = graph.first[line[0]] + graph.last[line[-1]]
            for a, b in itertools.pairwise(line):
                price += max([p for s, p in zip(graph.sources[b], graph.prices[b], strict=True) if s == a] or [-1e30])
            if price > -1e20:
                total = np.logaddexp(total, price + _path_score(y, graph.phones[list(line)], starts))
    return total


@pytest.fixture(scope="module")
def trigram():
    words = [[[[1, 2]], [[2, 1], [1]]], [[[2]], [[1, 2]]]]
    return estimate_trigram(words, PHONES, np.random.default_rng(0))


def test_trigram_rows_are_distributions(trigram):
    assert torch.allclose(trigram.table.sum(-1), torch.ones(PHONES + 1, PHONES + 1), atol=1e-5)


def test_denominator_equals_enumeration(trigram):
    y = _scores(2, 5)
    found = denominator(y, torch.tensor([5, 3]), trigram)
    table = trigram.table.numpy().astype(float)
    assert float(found[0]) == pytest.approx(_all_sequences(y[0].numpy(), table), abs=1e-4)
    assert float(found[1]) == pytest.approx(_all_sequences(y[1, :3].numpy(), table), abs=1e-4)


def test_numerator_equals_enumeration():
    graphs = [sentence_graph([[[1, 2]]]), sentence_graph([[[1], [2, 1]], [[2]]])]
    y = _scores(2, 4, seed=1)
    found = numerator(y, torch.tensor([4, 3]), batch_graphs(graphs))
    assert float(found[0]) == pytest.approx(_sentence_sum(y[0].numpy(), graphs[0]), abs=1e-4)
    assert float(found[1]) == pytest.approx(_sentence_sum(y[1, :3].numpy(), graphs[1]), abs=1e-4)


@pytest.mark.parametrize("lengths", [[6, 6], [6, 4]])
def test_gradients_equal_finite_differences(trigram, lengths):
    lens = torch.tensor(lengths)
    batch = batch_graphs([sentence_graph([[[1, 2], [2]], [[1]]]), sentence_graph([[[2, 1]]])])
    y = _scores(2, 6, seed=2).requires_grad_()
    for value in (lambda x: numerator(x, lens, batch).sum(), lambda x: denominator(x, lens, trigram).sum()):
        (gradient,) = torch.autograd.grad(value(y), y)
        for place in [(0, 0, 1), (0, 3, 4), (1, 2, 2), (1, 5, 1), (0, 5, 5)]:
            step = torch.zeros_like(y)
            step[place] = 1e-2
            slope = (float(value(y.detach() + step)) - float(value(y.detach() - step))) / 2e-2
            assert float(gradient[place]) == pytest.approx(slope, abs=2e-3)


def test_each_frame_has_one_unit_of_posterior(trigram):
    y = _scores(2, 7, seed=3).requires_grad_()
    lens = torch.tensor([7, 5])
    batch = batch_graphs([sentence_graph([[[1, 2]]]), sentence_graph([[[2]]])])
    for total in (numerator(y, lens, batch), denominator(y, lens, trigram)):
        (gradient,) = torch.autograd.grad(total.sum(), y)
        assert torch.allclose(gradient.sum(2), (torch.arange(7) < lens[:, None]).float(), atol=1e-4)


def test_numerator_with_its_prior_is_below_denominator(trigram):
    y = _scores(1, 6, seed=4) * 3
    graph = sentence_graph([[[1, 2, 1]]])
    bare = graph.__class__(**{**vars(graph), "first": np.where(np.arange(5) == 1, 0, -1e30).astype(np.float32),
                              "last": np.where(np.arange(5) == 3, 0, -1e30).astype(np.float32)})  # fmt: skip
    line = [PHONES, PHONES, 1, 2, 1, PHONES]
    prior = sum(float(torch.log(trigram.table[i, j, k])) for i, j, k in zip(line, line[1:], line[2:], strict=False))
    lens = torch.tensor([6])
    assert float(numerator(y, lens, batch_graphs([bare]))) + prior < float(denominator(y, lens, trigram))


def test_wide_windows_change_nothing_and_narrow_ones_exclude():
    graph = sentence_graph([[[1, 2]]])
    y, lens = _scores(1, 6, seed=5), torch.tensor([6])
    free = numerator(y, lens, batch_graphs([graph]))
    wide = np.tile(np.array([0, 5]), (len(graph.phones), 1))
    assert torch.allclose(free, numerator(y, lens, batch_graphs([graph], [wide])))
    narrow = wide.copy()
    narrow[1] = [0, 1]
    assert float(numerator(y, lens, batch_graphs([graph], [narrow]))) < float(free)
