"""Modified Kneser-Ney estimation (Chen and Goodman 1999, equations 24-26), interpolated, in numpy.

Lower orders count in how many contexts a word was seen (continuation counts); n-grams that begin a sentence have no
left context and keep their plain counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats, Ints
from harken.asr.ngram.model import (
    END,
    MAX_ORDER,
    SPECIAL,
    START,
    UNKNOWN,
    NgramModel,
    Order,
    first_words,
    histories_of,
    pack,
    suffixes_of,
)
from harken.errors import DataError


@dataclass(frozen=True)
class Counts:
    """Plain counts of a text.

    Attributes:
        words: vocabulary by id.
        keys: per order the packed n-grams that occur, ascending.
        counts: per order how often.
    """

    words: tuple[str, ...]
    keys: tuple[Ints, ...]
    counts: tuple[Ints, ...]

    def history_log_probs(self, keys: Ints, n: int) -> Floats:
        """log share [M] of histories of n words among all tokens; unseen ones count as seen half a time."""
        listed, counts = self.keys[n - 1], self.counts[n - 1]
        place = np.minimum(np.searchsorted(listed, keys), len(listed) - 1)
        seen = np.where(listed[place] == keys, counts[place], 0.5)
        return np.asarray(np.log(seen / self.counts[0].sum()))


def choose_vocabulary(sentences: Iterable[Sequence[str]], size: int, *, minimum: int = 1) -> tuple[str, ...]:
    """The most frequent words (ties in alphabetical order) seen at least `minimum` times, special words first."""
    seen: Counter[str] = Counter()
    for sentence in sentences:
        seen.update(sentence)
    ranked = sorted(((-count, word) for word, count in seen.items() if count >= minimum))[:size]
    return SPECIAL + tuple(word for _, word in ranked)


def count_ngrams(sentences: Iterable[Sequence[str]], words: tuple[str, ...], *, order: int = MAX_ORDER) -> Counts:
    """Count all n-grams up to `order`; words outside `words` count as '<unk>'.

    Raises:
        DataError: there is no sentence.
    """
    ids = {word: number for number, word in enumerate(words)}
    stream = [n for sentence in sentences for n in (START, *(ids.get(word, UNKNOWN) for word in sentence), END)]
    tokens = np.array(stream, np.int32)
    if not len(tokens):
        raise DataError("there are no sentences to count; give the trainer some text")
    keys, counts = [], []
    for n in range(1, order + 1):
        listed, often = np.unique(pack(_ngrams(tokens, n)), return_counts=True)
        keys.append(listed)
        counts.append(often.astype(np.int64))
    return Counts(words, tuple(keys), tuple(counts))


def train_kneser_ney(counts: Counts) -> NgramModel:
    """The interpolated modified Kneser-Ney model of the counts, with its highest order unpruned."""
    order = len(counts.keys)
    adjusted = [_continuations(counts, n) for n in range(1, order)] + [counts.counts[-1]]
    probabilities = _unigrams(counts, adjusted[0])
    dense_keys = np.arange(len(counts.words), dtype=np.int64)
    tables: list[tuple[Ints, Floats]] = [(dense_keys, probabilities)]
    weights: list[Floats] = []
    for n in range(2, order + 1):
        keys, values = counts.keys[n - 1], adjusted[n - 1]
        lower_keys, lower = tables[-1]
        place = np.searchsorted(lower_keys, histories_of(keys))
        discounted, backoff = _discount(values, place, len(lower_keys))
        inherited = lower[np.searchsorted(lower_keys, suffixes_of(keys, n - 1))]
        weights.append(backoff)
        tables.append((keys, discounted + backoff[place] * inherited))
    weights.append(np.ones(len(tables[-1][0])))
    return NgramModel(counts.words, tuple(_table(k, p, w) for (k, p), w in zip(tables, weights, strict=True)))


def _table(keys: Ints, probabilities: Floats, weights: Floats) -> Order:
    # '<s>' is never predicted: its probability is 0, written as a large negative number as in ARPA files (-99).
    logs = np.log(np.maximum(probabilities, 1e-99))
    return Order(keys, logs.astype(np.float32), np.log(np.maximum(weights, 1e-30)).astype(np.float32))


def _ngrams(tokens: NDArray[np.int32], n: int) -> NDArray[np.int32]:
    """N-grams [M, n] inside sentences: '<s>' only in front (alone it counts as a history), '</s>' only at the end."""
    windows: NDArray[np.int32] = np.lib.stride_tricks.sliding_window_view(tokens, n)
    if n == 1:
        return windows
    return np.asarray(windows[(windows[:, 1:] != START).all(axis=1)])


def _continuations(counts: Counts, n: int) -> Ints:
    """Adjusted counts of order n: distinct left neighbours, or plain counts after '<s>'."""
    keys, plain = counts.keys[n - 1], counts.counts[n - 1]
    suffixes, kinds = np.unique(suffixes_of(counts.keys[n], n), return_counts=True)
    adjusted = np.zeros(len(keys), np.int64)
    adjusted[np.searchsorted(keys, suffixes)] = kinds
    if n > 1:
        first = first_words(keys, n) == START
        adjusted[first] = plain[first]
    return adjusted


def _unigrams(counts: Counts, adjusted: Ints) -> Floats:
    """p(w) of every id: discounted continuation counts, the rest spread evenly over the vocabulary without '<s>'."""
    dense = np.zeros(len(counts.words), np.int64)
    dense[counts.keys[0]] = adjusted
    dense[START] = 0
    listed = np.flatnonzero(dense)
    discounted, backoff = _discount(dense[listed], np.zeros(len(listed), np.int64), 1)
    probabilities = np.full(len(dense), backoff[0] / (len(dense) - 1))
    probabilities[listed] += discounted
    probabilities[START] = 0.0
    return probabilities


def _discount(values: Ints, group: Ints, groups: int) -> tuple[Floats, Floats]:
    """Discounted relative frequencies [N] within groups, and the mass [groups] that the discounts free (1 if empty)."""
    amounts = np.concatenate([[0.0], _discounts(values)])[np.minimum(values, 3)]
    total = np.bincount(group, weights=values, minlength=groups)
    freed = np.bincount(group, weights=np.minimum(amounts, values), minlength=groups)
    share = np.maximum(values - amounts, 0.0) / np.maximum(total[group], 1)
    return share, np.where(total > 0, freed / np.maximum(total, 1), 1.0)


def _discounts(values: Ints) -> Floats:
    """D1, D2, D3+ from the counts of counts; fixed ones where the text is too small to estimate them."""
    n1, n2, n3, n4 = (float((values == k).sum()) for k in (1, 2, 3, 4))
    if min(n1, n2, n3, n4) == 0:
        return np.array([0.5, 0.75, 1.0])
    y = n1 / (n1 + 2 * n2)
    wanted = np.array([1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
    return np.asarray(np.clip(wanted, [0.01, 0.01, 0.01], [1.0, 2.0, 3.0]))
