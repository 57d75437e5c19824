"""Which phones each letter of a word stands for, in any language: monotonic alignments by expectation-maximisation.

A letter has 0..`MOST` phones; the chance of an alignment is the product over the letters of
p(number of phones | letter) * p(phone | letter). The expectations are sums over all alignments (forward and
backward); the answer is the most probable one. After M. Bisani and H. Ney, Speech Communication 50, 2008, section 3.1,
with the two factors in place of a joint table, so that a phone that a letter rarely has needs no pair of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Word = tuple[Sequence[int], Sequence[int]]
"""Letters and phones, as numbers from 0."""

MOST = 5
"""Phones of a letter, at most."""
_PRIOR = np.array([0.2, 0.7, 0.08, 0.015, 0.004, 0.001])
"""First guess of how many phones a letter has."""
_FLOOR = 1e-6
_CHUNK = 512
"""Words that are aligned at once."""
_LEARNT_FROM = 24
"""Chunks of words, spread over all lengths, that the tables are learnt from, at most about twice as many."""


@dataclass
class _Tables:
    counts: Floats
    """[letters, MOST + 1]"""
    phones: Floats
    """[letters, phones]"""


@dataclass(frozen=True)
class _Group:
    """Words padded to one length; in the order of `places`."""

    places: Ints
    letters: Ints
    """[N, L], padded with 0."""
    phones: Ints
    """[N, P], padded with 0."""
    sizes: tuple[Ints, Ints]
    """Letters and phones of each word."""


def align(words: Sequence[Word], *, rounds: int = 6) -> list[NDArray[np.int8] | None]:
    """How many phones each letter of each word has [L]; None where a word has more phones than its letters can hold.

    Args:
        words: of one language.
        rounds: of expectation-maximisation.
    """
    answers: list[NDArray[np.int8] | None] = [None] * len(words)
    groups = _groups(_renumbered(words))
    if not groups:
        return answers
    n_letters = 1 + max(int(group.letters.max()) for group in groups)
    n_phones = 1 + max(int(group.phones.max()) for group in groups)
    tables = _Tables(np.tile(_PRIOR, (n_letters, 1)), np.full((n_letters, n_phones), 1.0 / n_phones))
    learnt_from = groups[:: -(-len(groups) // _LEARNT_FROM)]
    for _ in range(rounds):
        fresh = _Tables(np.full_like(tables.counts, _FLOOR), np.full_like(tables.phones, _FLOOR))
        for group in learnt_from:
            _expect(group, tables, fresh)
        fresh.counts /= fresh.counts.sum(axis=1, keepdims=True)
        fresh.phones /= fresh.phones.sum(axis=1, keepdims=True)
        tables = fresh
    for group in groups:
        for place, counts, size in zip(group.places, _best(group, tables), group.sizes[0], strict=True):
            answers[int(place)] = counts[: int(size)]
    return answers


def _renumbered(words: Sequence[Word]) -> list[Word]:
    """The words with letters and phones counted from 0 without gaps, so that the tables are small."""
    sides = []
    for side in (0, 1):
        flat = np.concatenate([np.asarray(word[side], np.int64) for word in words]) if words else np.zeros(0, np.int64)
        ends = np.cumsum([len(word[side]) for word in words])
        sides.append(np.split(np.unique(flat, return_inverse=True)[1], ends[:-1]))
    return list(zip(*sides, strict=True))


def _groups(words: Sequence[Word]) -> list[_Group]:
    """Alignable words, those of like length together."""
    fit = [i for i, (letters, phones) in enumerate(words) if 0 < len(phones) <= MOST * len(letters)]
    fit.sort(key=lambda i: (len(words[i][0]), len(words[i][1])))
    return [_group(words, fit[start : start + _CHUNK]) for start in range(0, len(fit), _CHUNK)]


def _group(words: Sequence[Word], places: Sequence[int]) -> _Group:
    sides = []
    for side in (0, 1):
        sizes = np.array([len(words[i][side]) for i in places])
        table = np.zeros((len(places), int(sizes.max())), np.int64)
        table[np.arange(table.shape[1]) < sizes[:, None]] = np.concatenate([np.asarray(words[i][side]) for i in places])
        sides.append((table, sizes))
    return _Group(np.asarray(places), sides[0][0], sides[1][0], (sides[0][1], sides[1][1]))


def _emissions(group: _Group, tables: _Tables, place: int) -> list[Floats]:
    """For n = 0..MOST: chance [N, P + 1 - n] that the letter at `place` has the n phones from each start on."""
    letter = group.letters[:, place]
    one = tables.phones[letter[:, None], group.phones]
    width = one.shape[1]
    chances, product = [], np.ones((len(one), width + 1))
    for n in range(min(MOST, width) + 1):
        if n:
            product = product[:, : width + 1 - n] * one[:, n - 1 :]
        chances.append(product * tables.counts[letter, n][:, None])
    return chances


def _expect(group: _Group, tables: _Tables, fresh: _Tables) -> None:
    """Add the expected counts of a group. Sums are scaled at each letter to stay in range."""
    (n_words, longest), width = group.letters.shape, group.phones.shape[1]
    emissions = [_emissions(group, tables, place) for place in range(longest)]
    forward = np.zeros((longest + 1, n_words, width + 1))
    forward[0, :, 0] = 1
    for place in range(longest):
        for n, chance in enumerate(emissions[place]):
            forward[place + 1][:, n:] += forward[place][:, : width + 1 - n] * chance
        forward[place + 1] /= np.maximum(forward[place + 1].sum(axis=1, keepdims=True), 1e-300)
    backward = np.zeros((n_words, width + 1))
    rows = np.arange(n_words)
    for place in range(longest - 1, -1, -1):
        last = group.sizes[0] == place + 1
        backward[rows[last], group.sizes[1][last]] = 1
        before, shares = np.zeros_like(backward), []
        for n, chance in enumerate(emissions[place]):
            moved = chance * backward[:, n:]
            before[:, : width + 1 - n] += moved
            shares.append(forward[place][:, : width + 1 - n] * moved)
        total = np.maximum(sum(share.sum(axis=1) for share in shares), 1e-300)
        letter, spoken = group.letters[:, place], np.zeros((n_words, width))
        for n, share in enumerate(shares):
            share /= total[:, None]
            fresh.counts[:, n] += np.bincount(letter, share.sum(axis=1), len(fresh.counts))
            for offset in range(n):
                spoken[:, offset : width - n + 1 + offset] += share
        cells = letter[:, None] * fresh.phones.shape[1] + group.phones
        fresh.phones += np.bincount(cells.ravel(), spoken.ravel(), fresh.phones.size).reshape(fresh.phones.shape)
        backward = before / np.maximum(before.sum(axis=1, keepdims=True), 1e-300)


def _best(group: _Group, tables: _Tables) -> NDArray[np.int8]:
    """Phones of each letter [N, L] in the most probable alignment."""
    (n_words, longest), width = group.letters.shape, group.phones.shape[1]
    best = np.full((n_words, width + 1), -np.inf)
    best[:, 0] = 0
    scores, taken = [best], np.zeros((longest, n_words, width + 1), np.int8)
    for place in range(longest):
        after = np.full_like(best, -np.inf)
        for n, chance in enumerate(_emissions(group, tables, place)):
            moved = best[:, : width + 1 - n] + np.log(np.maximum(chance, 1e-300))
            better = moved > after[:, n:]
            after[:, n:][better] = moved[better]
            taken[place][:, n:][better] = n
        best = after
        scores.append(best)
    counts, rows = np.zeros((n_words, longest), np.int8), np.arange(n_words)
    end = group.sizes[1].copy()
    for place in range(longest - 1, -1, -1):
        inside = place < group.sizes[0]
        counts[inside, place] = taken[place, rows[inside], end[inside]]
        end[inside] -= counts[inside, place]
    return counts
