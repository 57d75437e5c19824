"""Models mixed: probabilities are weighted means, every history sums to 1, weights find the text that fits."""

from __future__ import annotations

import numpy as np
import pytest

from harken.errors import ConfigError
from harken.train.asr.ngram.interpolation import interpolate, mixture_weights
from harken.train.asr.ngram.kneser_ney import choose_vocabulary, count_ngrams, train_kneser_ney

WORDS = "a b c d".split()


def some_text(seed, weights, count=300):
    rng = np.random.default_rng(seed)
    return [list(rng.choice(WORDS, int(rng.integers(1, 6)), p=weights)) for _ in range(count)]


@pytest.fixture(scope="module")
def texts():
    return some_text(0, [0.7, 0.1, 0.1, 0.1]), some_text(1, [0.1, 0.1, 0.1, 0.7])


@pytest.fixture(scope="module")
def models(texts):
    words = choose_vocabulary([*texts[0], *texts[1]], 10)
    return [train_kneser_ney(count_ngrams(text, words)) for text in texts]


def test_listed_probabilities_are_weighted_means(models):
    mixed = interpolate(models, [0.3, 0.7])
    for order in (1, 2, 3):
        table = mixed.orders[order - 1]
        grams = np.stack([(table.keys >> (20 * place)) & (2**20 - 1) for place in reversed(range(order))], 1)
        wanted = 0.3 * np.exp(models[0].log_probs(grams)) + 0.7 * np.exp(models[1].log_probs(grams))
        assert np.allclose(np.exp(table.log_prob), wanted, atol=1e-6)


@pytest.mark.parametrize("history", [(), ("a",), ("b", "d"), ("d", "d")])
def test_every_history_sums_to_one(models, history):
    mixed = interpolate(models, [0.5, 0.5])
    ids = [mixed.ids[word] for word in history]
    everything = [n for n in range(len(mixed.words)) if n != 1]  # all but the sentence's start
    grams = np.array([[*ids, n] for n in everything], np.int32)
    assert np.exp(mixed.log_probs(grams)).sum() == pytest.approx(1, abs=1e-4)


def test_a_model_mixed_with_itself_stays_what_it_is(models):
    mixed = interpolate([models[0], models[0]], [0.4, 0.6])
    text = some_text(7, [0.25] * 4, 50)
    assert mixed.perplexity(text).value == pytest.approx(models[0].perplexity(text).value, rel=1e-4)


def test_the_weight_goes_to_the_model_of_the_text(models):
    like_first, like_second = some_text(2, [0.7, 0.1, 0.1, 0.1]), some_text(3, [0.1, 0.1, 0.1, 0.7])
    assert mixture_weights(models, [like_first])[0] > 0.9
    balanced = mixture_weights(models, [like_first, like_second[:30]])
    assert 0.3 < balanced[0] < 0.7  # a short text counts like a long one
    assert sum(balanced) == pytest.approx(1)


def test_a_mixture_suits_both_texts_better_than_either_alone(models):
    held_out = some_text(4, [0.7, 0.1, 0.1, 0.1], 100) + some_text(5, [0.1, 0.1, 0.1, 0.7], 100)
    mixed = interpolate(models, [0.5, 0.5])
    assert mixed.perplexity(held_out).value < min(model.perplexity(held_out).value for model in models)


def test_models_of_other_words_and_wrong_weights_are_refused(models):
    other = train_kneser_ney(count_ngrams([["x"], ["y", "x"]], choose_vocabulary([["x", "y"]], 5)))
    with pytest.raises(ConfigError, match="vocabular"):
        interpolate([models[0], other], [0.5, 0.5])
    with pytest.raises(ConfigError, match="a sum of 1"):
        interpolate(models, [0.5, 0.6])
