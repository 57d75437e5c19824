"""Learns pairs of a letter and its phones, and an n-gram over such pairs: a pronouncer that needs minutes of one core.

M. Bisani, H. Ney, "Joint-sequence models for grapheme-to-phoneme conversion", Speech Communication 50, 2008: pairs
aligned by expectation-maximisation (section 3.1), then a smoothed n-gram over them. Here a letter has none, one or two
phones, and the smoothing is interpolated Kneser-Ney (R. Kneser, H. Ney, ICASSP 1995) with rare n-grams left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harken.asr.arrays import Floats
from harken.errors import DataError
from harken.phones.dictionary import Entries
from harken.phones.pairs import BITS, END, START, Ints, PairModel, PairOrder
from harken.phones.pronouncer import letter_ids
from harken.phones.sets import STRESSED

LetterPair = tuple[int, tuple[int, ...]]
"""A letter's id (0 for START and END) and the numbers of its phones."""

_PHONES = len(STRESSED)
_CHUNKS = 1 + _PHONES + _PHONES**2
"""None, one phone, two phones."""
_IDS = {phone: number for number, phone in enumerate(STRESSED)}


@dataclass(frozen=True, kw_only=True)
class PairConfig:
    """Size of the n-gram."""

    order: int = 7
    """Pairs, 2..7."""
    rounds: int = 5
    """Of expectation-maximisation."""
    rare: int = 3
    """Pairs seen less often are dropped with their words."""
    prune: float = 1.0
    """Nats of training likelihood that an n-gram must be worth to be listed."""


@dataclass(frozen=True)
class _Group:
    """Words of one length with pronunciations of one length."""

    letters: Ints
    """[N, L]"""
    phones: Ints
    """[N, P]"""


@dataclass(frozen=True)
class _Table:
    """N-grams of one length: packed, their probabilities, and what each is worth (nats of training likelihood)."""

    keys: Ints
    probability: Floats
    gain: Floats


def train_pronouncer(entries: Entries, config: PairConfig) -> PairModel:
    """The model of a dictionary.

    Raises:
        DataError: no entry can be aligned.
    """
    words = _align(entries, config)
    counts = Counter(pair for word in words for pair in word)
    kept = sorted(pair for pair, count in counts.items() if count >= config.rare)
    ids = {pair: number for number, pair in enumerate(kept, max(START, END) + 1)}
    if not ids or len(ids) >= 1 << BITS:
        raise DataError(f"{len(words)} aligned words give {len(ids)} pairs; expected 1..{(1 << BITS) - 3}")
    sequences = [[START, *(ids[pair] for pair in word), END] for word in words if all(pair in ids for pair in word)]
    pairs = [(0, ()), (0, ()), *kept]
    return PairModel(
        letters=np.array([letter for letter, _ in pairs], np.int16),
        phones=tuple(tuple(STRESSED[phone] for phone in phones) for _, phones in pairs),
        orders=tuple(_kneser_ney(sequences, len(pairs), config)),
    )


def _align(entries: Entries, config: PairConfig) -> list[list[LetterPair]]:
    """Letters with their phones, by the best alignment after some rounds."""
    groups = list(_groups(entries))
    if not groups:
        raise DataError("no pronunciation can be aligned with its letters; expected words with 1..2 phones a letter")
    table = np.empty((64, _CHUNKS))
    table[:, 0], table[:, 1 : 1 + _PHONES], table[:, 1 + _PHONES :] = 0.2, 0.7 / _PHONES, 0.1 / _PHONES**2
    for _ in range(config.rounds):
        counts = sum((_expected(group, table) for group in groups), np.zeros_like(table)) + 1e-9
        table = counts / counts.sum(axis=1, keepdims=True)
    return [word for group in groups for word in _best(group, table)]


def _groups(entries: Entries) -> Iterator[_Group]:
    sorted_in: dict[tuple[int, int], list[tuple[list[int], list[int]]]] = {}
    for word, ways in entries.items():
        letters = letter_ids(word)
        for way in ways:
            if len(letters) == len(word) and 0 < len(way) <= 2 * len(letters):
                pair = (letters, [_IDS[phone] for phone in way])
                sorted_in.setdefault((len(letters), len(way)), []).append(pair)
    for rows in sorted_in.values():
        yield _Group(np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.int64))


def _chunks(group: _Group) -> tuple[Ints, Ints, Ints]:
    """Table columns of nothing [N, 1], one phone [N, P], two phones [N, P-1]."""
    phones = group.phones
    two = 1 + _PHONES + phones[:, :-1] * _PHONES + phones[:, 1:]
    return np.zeros((len(phones), 1), np.int64), 1 + phones, two


def _expected(group: _Group, table: Floats) -> Floats:
    """Expected counts of (letter, phones) under all alignments: forward and backward sums."""
    letters, chunks = group.letters, _chunks(group)
    size, length = letters.shape
    places = group.phones.shape[1] + 1
    forward, backward = np.zeros((length + 1, size, places)), np.zeros((length + 1, size, places))
    forward[0, :, 0] = backward[length, :, -1] = 1
    for place in range(length):
        for taken, columns in enumerate(chunks):
            moved = forward[place][:, : places - taken] * table[letters[:, place, None], columns]
            forward[place + 1][:, taken:] += moved
    counts = np.zeros(table.size)
    for place in range(length - 1, -1, -1):
        for taken, columns in enumerate(chunks):
            chance = table[letters[:, place, None], columns] * backward[place + 1][:, taken:]
            backward[place][:, : places - taken] += chance
            share = forward[place][:, : places - taken] * chance / forward[length][:, -1:]
            cells = np.broadcast_to(letters[:, place, None] * _CHUNKS + columns, share.shape)
            counts += np.bincount(cells.ravel(), weights=share.ravel(), minlength=table.size)
    return counts.reshape(table.shape)


def _best(group: _Group, table: Floats) -> Iterator[list[LetterPair]]:
    """Most probable alignment of each word."""
    letters, chunks = group.letters, _chunks(group)
    size, length = letters.shape
    places = group.phones.shape[1] + 1
    best = np.full((length + 1, size, places), -np.inf)
    taken_at = np.zeros((length + 1, size, places), np.int8)
    best[0, :, 0] = 0
    logs = np.log(table)
    for place in range(length):
        for taken, columns in enumerate(chunks):
            moved = best[place][:, : places - taken] + logs[letters[:, place, None], columns]
            better = moved > best[place + 1][:, taken:]
            best[place + 1][:, taken:][better] = moved[better]
            taken_at[place + 1][:, taken:][better] = taken
    for row in range(size):
        word: list[LetterPair] = []
        end = places - 1
        for place in range(length, 0, -1):
            start = end - int(taken_at[place, row, end])
            word.append((int(letters[row, place - 1]), tuple(int(p) for p in group.phones[row, start:end])))
            end = start
        yield word[::-1]


def _kneser_ney(sequences: Sequence[Sequence[int]], size: int, config: PairConfig) -> list[PairOrder]:
    """Tables of orders 1.., interpolated, then without what matters least and with weights renewed."""
    counted = _counts(sequences, config.order)
    unigrams = _unigrams(counted, size)
    tables = [_Table(np.arange(size, dtype=np.int64), unigrams, np.full(size, np.inf))]
    for order in range(2, config.order + 1):
        keys, plain = counted[order - 1]
        values = _continuations(keys, plain, counted[order][0], order) if order < config.order else plain
        _, place = np.unique(keys >> BITS, return_inverse=True)
        discount = _discount(values)
        total = np.bincount(place, values)
        free = (discount * np.bincount(place) / total)[place]
        inherited = free * tables[-1].probability[np.searchsorted(tables[-1].keys, keys & _mask(order - 1))]
        probability = np.maximum(values - discount, 0) / total[place] + inherited
        tables.append(_Table(keys, probability, plain * np.log(probability / inherited)))
    return _with_weights(_pruned(tables, config.prune))


def _unigrams(counted: Sequence[tuple[Ints, Ints]], size: int) -> Floats:
    """Shares of the pairs by distinct left neighbours, a little for every pair; START is never predicted."""
    kinds = np.bincount(counted[1][0] & _mask(1), minlength=size).astype(np.float64)
    kinds[START] = 0
    discount = 0.5
    return np.asarray((np.maximum(kinds - discount, 0) + discount * (kinds > 0).sum() / size) / kinds.sum())


def _discount(values: Ints) -> float:
    """n1 / (n1 + 2 n2) of Ney, Essen and Kneser 1994; one half where the counts are too few."""
    ones, twos = int((values == 1).sum()), int((values == 2).sum())
    return ones / (ones + 2 * twos) if ones and twos else 0.5


def _pruned(tables: Sequence[_Table], threshold: float) -> list[_Table]:
    """Without n-grams whose loss costs less than `threshold` nats of training likelihood; histories of the rest stay.

    K. Seymore, R. Rosenfeld, "Scalable backoff language models", ICSLP 1996 (weighted difference).
    """
    kept: list[_Table] = []
    needed = np.zeros(0, np.int64)
    for table in reversed(tables):
        keep = (table.gain >= threshold) | np.isin(table.keys, needed)
        kept.append(_Table(table.keys[keep], table.probability[keep], table.gain[keep]))
        needed = np.unique(kept[-1].keys >> BITS)
    return kept[::-1]


def _mask(order: int) -> int:
    return (1 << BITS * order) - 1


def _counts(sequences: Sequence[Sequence[int]], order: int) -> list[tuple[Ints, Ints]]:
    """Per order the packed n-grams inside words and how often they occur."""
    stream = np.array([number for word in sequences for number in word], np.int64)
    which = np.cumsum(stream == START)
    tables, packed = [], np.zeros(len(stream), np.int64)
    for n in range(1, order + 1):
        packed = (packed[: len(stream) - n + 1] << BITS) | stream[n - 1 :] if n > 1 else stream
        inside = which[: len(packed)] == which[n - 1 :]
        keys, counts = np.unique(packed[inside], return_counts=True)
        tables.append((keys, counts.astype(np.int64)))
    return tables


def _continuations(keys: Ints, plain: Ints, longer: Ints, order: int) -> Ints:
    """Distinct left neighbours; n-grams that begin a word have none and keep their plain counts."""
    suffixes, kinds = np.unique(longer & _mask(order), return_counts=True)
    values = np.zeros(len(keys), np.int64)
    values[np.searchsorted(keys, suffixes)] = kinds
    first = keys >> BITS * (order - 1) == START
    values[first] = plain[first]
    return values


def _with_weights(tables: Sequence[_Table]) -> list[PairOrder]:
    """Back-off weights that make the probabilities after every history sum to one."""
    model: list[PairOrder] = []
    for order, table in enumerate(tables, 1):
        logs = np.log(np.maximum(table.probability, 1e-30)).astype(np.float32)
        if order > 1:
            histories = model[-1]
            place = np.searchsorted(histories.keys, table.keys >> BITS)
            shorter = PairModel.score(model, table.keys & _mask(order - 1), order - 1)
            seen = np.bincount(place, table.probability, len(histories.keys))
            below = np.bincount(place, np.exp(shorter), len(histories.keys))
            weight = np.log(np.maximum(1 - seen, 1e-9) / np.maximum(1 - below, 1e-9))
            model[-1] = PairOrder(histories.keys, histories.log_prob, np.where(seen > 0, weight, 0).astype(np.float32))
        model.append(PairOrder(table.keys, logs, np.zeros(len(logs), np.float32)))
    return model
