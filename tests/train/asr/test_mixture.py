"""Weights of a mixture against hand-computed ones, and sentences drawn in its proportions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from harken.asr.ngram.model import END, START
from harken.errors import ConfigError
from harken.train.asr.neural.sampler import Mixture, Sentences
from harken.train.asr.ngram.interpolation import fit_weights

LIKELY = np.array([[0.2, 0.05], [0.05, 0.2], [0.1, 0.02], [0.3, 0.05]])
"""Probabilities of four tokens in and out of the domain: the published specification's example."""


def perplexity(weights):
    return float(np.exp(-np.log(LIKELY @ weights).mean()))


@pytest.mark.parametrize(
    ("iterations", "first", "fit"),
    [(0, 0.5, 8.8358), (1, 0.672619, 8.0276), (2, 0.766779, 7.7605), (200, 0.935346, 7.5622)],
)
def test_weights_of_the_worked_example(iterations, first, fit):
    weights = fit_weights(LIKELY, iterations=iterations)
    assert weights == pytest.approx([first, 1 - first], abs=1e-6)
    assert perplexity(weights) == pytest.approx(fit, abs=1e-4)


def test_perplexity_never_rises():
    fits = [perplexity(fit_weights(LIKELY, iterations=n)) for n in range(30)]
    assert fits == sorted(fits, reverse=True)


def test_a_corpus_given_twice_shares_its_weight_and_noise_gets_none():
    rng = np.random.default_rng(0)
    good = rng.uniform(0.05, 0.3, 400)
    weights = fit_weights(np.stack([good, good, np.full(400, 1e-4)], 1))
    assert weights[0] == pytest.approx(weights[1])
    assert weights[2] < 0.01


def test_a_floor_keeps_a_corpus_visible():
    assert fit_weights(np.array([[0.5, 1e-6]] * 20), iterations=100, floor=0.005)[1] == pytest.approx(0.005, rel=0.01)


def corpus(count, words, first=4):
    return Sentences(np.arange(first, first + count * words, dtype=np.int32), np.arange(0, count * words + 1, words))


def test_corpora_are_drawn_by_their_weights():
    mixture = Mixture({"in": corpus(3000, 3), "out": corpus(3000, 3)}, {"in": 0.75, "out": 0.25})
    drawn, _ = mixture.draw(4000, np.random.default_rng(0))
    counts = np.bincount(drawn)
    assert abs(counts[0] - 3000) < 82
    assert chisquare(counts, [3000, 1000]).pvalue > 0.01


def test_a_pass_depends_on_its_generator_alone_so_that_a_resumed_run_meets_the_same_stream():
    mixture = Mixture({"in": corpus(50, 3), "out": corpus(500, 5)}, {"in": 0.3, "out": 0.7})
    whole = mixture.batches(2000, 100, np.random.default_rng([7, 1]))
    again = mixture.batches(2000, 100, np.random.default_rng([7, 1]))
    assert whole == again
    assert whole != mixture.batches(2000, 100, np.random.default_rng([7, 2]))
    assert sum(len(batch) for batch in whole) == pytest.approx(2000 / (0.3 * 4 + 0.7 * 6), abs=1)
    assert max(sum(4 if c == 0 else 6 for c, _ in batch) for batch in whole) <= 100


def test_a_small_corpus_is_not_repeated_without_end():
    mixture = Mixture({"small": corpus(10, 3), "large": corpus(5000, 3)}, {"small": 0.5, "large": 0.5}, repeats=10)
    drawn, place = mixture.draw(2000, np.random.default_rng(0))
    assert np.mean(drawn == 0) == pytest.approx(100 / 2000, abs=0.02)
    assert set(place[drawn == 0].tolist()) == set(range(10))


def test_a_batch_begins_with_the_start_and_ends_with_the_end():
    mixture = Mixture({"a": Sentences(np.array([5, 6, 7], np.int32), np.array([0, 2, 3]))}, {"a": 1.0})
    inputs, targets = mixture.batch([(0, 0), (0, 1)])
    assert inputs.tolist() == [[START, 5, 6], [START, 7, END]]
    assert targets.tolist() == [[5, 6, END], [7, END, -1]]


@pytest.mark.parametrize("weights", [{"b": 1.0}, {"a": 0.0}, {"a": -1.0}])
def test_impossible_weights_are_refused(weights):
    with pytest.raises(ConfigError, match="expected shares of a"):
        Mixture({"a": corpus(3, 2)}, weights)
