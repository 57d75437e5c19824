"""Linear interpolation of n-gram models, so that a small text of the right kind counts next to a large one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from harken.asr.arrays import Floats, Ints
from harken.asr.ngram.model import UNKNOWN, NgramModel, Order, histories_of, unpack, windows
from harken.errors import ConfigError
from harken.train.asr.ngram.pruning import renew_backoffs


def interpolate(models: Sequence[NgramModel], weights: Sequence[float]) -> NgramModel:
    """One back-off model of several over the same words (Stolcke 2002, static mixing).

    Every n-gram that any of them lists gets the weighted mean of their probabilities; back-off weights follow, so that
    each history sums to 1 again.

    Args:
        models: of one vocabulary and order.
        weights: not negative, 1 in sum.

    Raises:
        ConfigError: the models have different words or orders, or the weights are invalid.
    """
    first = models[0]
    if any(model.words != first.words or len(model.orders) != len(first.orders) for model in models):
        raise ConfigError(
            "got models with different vocabularies or orders; train them with the same word list and order"
        )
    if len(weights) != len(models) or min(weights) < 0 or abs(sum(weights) - 1) > 1e-6:
        raise ConfigError(f"got weights {list(weights)} for {len(models)} models; expected one each, with a sum of 1")
    keys = [_union(models, 0)]
    for n in range(1, len(first.orders)):
        keys.append(_union(models, n))
    for n in range(len(keys) - 1, 0, -1):  # whatever is extended must be listed itself
        keys[n - 1] = np.union1d(keys[n - 1], histories_of(keys[n]))
    orders = [_order(models, weights, n + 1, listed) for n, listed in enumerate(keys)]
    return renew_backoffs(NgramModel(first.words, tuple(orders)))


def mixture_weights(
    models: Sequence[NgramModel], texts: Sequence[Sequence[Sequence[str]]], *, iterations: int = 50
) -> list[float]:
    """Weights under which held-out texts are likeliest, by expectation and maximisation; each text counts the same.

    Args:
        models: of one vocabulary.
        texts: sentences of each held-out text; unknown words are left out.
        iterations: of the estimate.
    """
    order = len(models[0].orders)
    grams = [windows([models[0].encode(sentence) for sentence in text], order) for text in texts]
    known = [text_grams[text_grams[:, -1] != UNKNOWN] for text_grams in grams]
    share = np.concatenate([np.full(len(text_grams), 1 / (len(known) * len(text_grams))) for text_grams in known])
    likely = np.stack([np.exp(model.log_probs(np.concatenate(known))) for model in models], 1)
    return [float(weight) for weight in fit_weights(likely, share, iterations=iterations)]


def fit_weights(likely: Floats, share: Floats | None = None, *, iterations: int = 50, floor: float = 0.0) -> Floats:
    """Weights [M] of a linear mixture by expectation and maximisation, from equal ones; perplexity never rises.

    Args:
        likely: [N, M] probability of each token under each model.
        share: [N] what each token counts, 1 in sum; the same for all when None.
        iterations: of the estimate.
        floor: least weight of a model afterwards, so that a corpus remains visible.
    """
    tokens, models = likely.shape
    share = np.full(tokens, 1 / tokens) if share is None else share
    weights = np.full(models, 1 / models)
    for _ in range(iterations):
        blame = likely * weights
        weights = share @ (blame / blame.sum(1, keepdims=True))
    weights = np.maximum(weights, floor)
    return np.asarray(weights / weights.sum())


def _union(models: Sequence[NgramModel], n: int) -> Ints:
    return reduce(np.union1d, [model.orders[n].keys for model in models])


def _order(models: Sequence[NgramModel], weights: Sequence[float], n: int, keys: Ints) -> Order:
    grams = unpack(keys, n)
    total: Floats = np.zeros(len(keys))
    for model, weight in zip(models, weights, strict=True):
        total += weight * np.exp(model.log_probs(grams))
    return Order(keys, np.log(np.maximum(total, 1e-30)).astype(np.float32), np.zeros(len(keys), np.float32))
