"""Entropy pruning of n-gram models (Stolcke 1998): drop what changes the model least, then recompute the weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats, Ints
from harken.asr.ngram.model import NgramModel, Order, histories_of, unpack
from harken.train.asr.ngram.kneser_ney import Counts


def prune_ngrams(model: NgramModel, threshold: float, counts: Counts | None = None) -> NgramModel:
    """Drop every n-gram (n >= 2) whose loss raises perplexity by less than `threshold` (relative), highest order first.

    Args:
        model: a normalised back-off model.
        threshold: e.g. 1e-8 (mild) .. 1e-6 (strong).
        counts: plain counts for the history probabilities; without them the model's own are used, which for
            Kneser-Ney models are poor (their lower orders are not marginals).
    """
    orders = list(model.orders)
    for n in range(len(orders), 1, -1):
        current = NgramModel(model.words, tuple(orders[:n]))
        keep = _divergence(current, n, counts) >= np.log1p(threshold)
        if n < len(orders) and len(orders[n]):
            keep |= np.isin(orders[n - 1].keys, histories_of(orders[n].keys))
        orders[n - 1] = Order(*(column[keep] for column in _columns(orders[n - 1])))
    return renew_backoffs(NgramModel(model.words, tuple(orders)))


def renew_backoffs(model: NgramModel) -> NgramModel:
    """The same probabilities with back-off weights that make every history sum to 1."""
    orders = list(model.orders)
    for n in range(1, len(orders)):
        partial = NgramModel(model.words, tuple(orders[: n + 1]))
        seen, lower, place = _sums(partial, n + 1)
        mass = np.clip(1 - seen, 1e-12, None) / np.clip(1 - lower, 1e-12, None)
        extended = np.zeros(len(orders[n - 1]), bool)
        extended[place] = True
        backoff = np.where(extended, np.log(mass), 0.0).astype(np.float32)
        orders[n - 1] = Order(orders[n - 1].keys, orders[n - 1].log_prob, backoff)
    last = orders[-1]
    orders[-1] = Order(last.keys, last.log_prob, np.zeros(len(last), np.float32))
    return NgramModel(model.words, tuple(orders))


def _columns(order: Order) -> tuple[Ints, NDArray[np.float32], NDArray[np.float32]]:
    return order.keys, order.log_prob, order.backoff


def _sums(model: NgramModel, n: int) -> tuple[Floats, Floats, Ints]:
    """Per history (order n - 1): sum of p of the listed words, sum of their lower-order p; and each n-gram's place."""
    table, histories = model.orders[n - 1], model.orders[n - 2]
    place = histories.find(histories_of(table.keys))
    lower = _lower(model, n)
    size = len(histories)
    seen = np.bincount(place, weights=np.exp(table.log_prob.astype(np.float64)), minlength=size)
    return np.asarray(seen, np.float64), np.asarray(np.bincount(place, np.exp(lower), size), np.float64), place


def _lower(model: NgramModel, n: int) -> Floats:
    """log p of the last word of every n-gram of order n after its history without the first word."""
    grams = unpack(model.orders[n - 1].keys, n)[:, 1:]
    return NgramModel(model.words, model.orders[: n - 1]).log_probs(grams)


def _divergence(model: NgramModel, n: int, counts: Counts | None) -> Floats:
    """Stolcke's equation 4 for the loss of each n-gram of order n alone, in nats."""
    table = model.orders[n - 1]
    seen, low_sum, place = _sums(model, n)
    log_p, log_low = table.log_prob.astype(np.float64), _lower(model, n)
    p, low = np.exp(log_p), np.exp(log_low)
    unseen = np.clip(1 - seen[place], 1e-12, None)
    before = np.log(unseen) - np.log(np.clip(1 - low_sum[place], 1e-12, None))
    after = np.log(unseen + p) - np.log(np.clip(1 - low_sum[place], 1e-12, None) + low)
    history = histories_of(table.keys)
    weight = counts.history_log_probs(history, n - 1) if counts else _own_history(model, unpack(history, n - 1))
    return np.asarray(-np.exp(weight) * (p * (log_low + after - log_p) + (after - before) * unseen))


def _own_history(model: NgramModel, histories: NDArray[np.int32]) -> Floats:
    total = np.zeros(len(histories))
    for length in range(1, histories.shape[1] + 1):
        total += np.maximum(model.log_probs(histories[:, :length]), -20.0)
    return total
