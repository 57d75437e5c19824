"""Which languages a spelling may belong to: the word's language distribution, a second target of the pronouncer.

A. Sokolov, T. Rohlin, A. Rastrow, Interspeech 2019, have such a vector without saying how they make it. Here it is the
mean of two distributions: alike for all languages whose word lists have the spelling; and the posterior of a character
5-gram for each language, smoothed as by I. Witten and T. Bell, IEEE Transactions on Information Theory 37, 1991.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from harken.phones.inventory import PADDING, UNKNOWN, Inventory, normal_word

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

ORDER = 5
_BITS = 12
"""Of a letter's number in a packed n-gram."""
_EDGE = PADDING
_FLOOR = 1e-3


def language_distributions(
    words: Mapping[str, Iterable[str]], inventory: Inventory, *, share: float = 0.5
) -> dict[str, Floats]:
    """Normal word -> probabilities of the languages [languages], which sum to 1.

    Args:
        words: language -> its words.
        inventory: rows of letters and languages.
        share: weight of the character n-grams; 0 leaves only the word lists.
    """
    rows = {language: inventory.language(language) for language in words}
    holders: dict[str, list[int]] = {}
    for language, listed in words.items():
        for word in dict.fromkeys(map(normal_word, listed)):
            holders.setdefault(word, []).append(rows[language])
    table = np.zeros((len(holders), len(inventory.languages)), np.float32)
    for place, held in enumerate(holders.values()):
        table[place, held] = 1 / len(held)
    if share:
        spellings = [inventory.rows(word) or [UNKNOWN] for word in holders]
        table = (1 - share) * table + share * _posteriors(spellings, table > 0)
    table += _FLOOR
    table /= table.sum(axis=1, keepdims=True)
    return dict(zip(holders, table, strict=True))


def _posteriors(spellings: Sequence[Sequence[int]], held: NDArray[np.bool_]) -> Floats:
    """[words, languages]: p(language | spelling), all languages being as likely beforehand."""
    places, letters, word = _positions(spellings)
    n_languages = held.shape[1]
    chance = np.full((1, n_languages), 1.0 / (letters.max() + 1), np.float32)
    ids = np.zeros(len(places), np.int64)
    key = np.zeros(len(places), np.int64)
    for order in range(1, ORDER + 1):
        key = key | letters[places - order + 1] << _BITS * (order - 1)
        _, first, fresh = np.unique(key, return_index=True, return_inverse=True)
        _, history = np.unique(key[first] >> _BITS, return_inverse=True)
        counts = _counts(fresh, len(first), held[word])
        total, kinds = (_summed(part, history) for part in (counts, (counts > 0).astype(np.float32)))
        below = chance[ids[first]]
        weight = total + kinds
        chance = np.where(weight > 0, (counts + kinds * below) / np.maximum(weight, 1), below)
        ids = fresh
    starts = np.flatnonzero(np.diff(word, prepend=-1))
    scores = np.add.reduceat(np.log(chance)[ids], starts, axis=0)
    shares: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def _positions(spellings: Sequence[Sequence[int]]) -> tuple[Ints, Ints, Ints]:
    """Places of the predicted letters in one long sequence with edges between the words, the sequence, their words."""
    sizes = np.array([len(spelled) for spelled in spellings])
    stride = sizes + ORDER
    starts = np.cumsum(stride) - stride + ORDER - 1
    letters = np.full(int(stride.sum()), _EDGE, np.int64)
    flat = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
    letters[flat] = np.concatenate([np.asarray(spelled, np.int64) for spelled in spellings])
    predicted = sizes + 1  # the edge behind a word is predicted, too
    places = np.repeat(starts - (np.cumsum(predicted) - predicted), predicted) + np.arange(predicted.sum())
    return places, letters, np.repeat(np.arange(len(spellings)), predicted)


def _counts(ids: Ints, size: int, held: NDArray[np.bool_]) -> Floats:
    """[n-grams, languages] how often each occurs in the words of each language."""
    columns = [np.bincount(ids[held[:, row]], minlength=size) for row in range(held.shape[1])]
    return np.stack(columns, axis=1).astype(np.float32)


def _summed(values: Floats, groups: Ints) -> Floats:
    """[n-grams, languages]: sums over the n-grams of the same history."""
    columns = [np.bincount(groups, values[:, row])[groups] for row in range(values.shape[1])]
    return np.stack(columns, axis=1).astype(np.float32)
