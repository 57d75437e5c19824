"""Sentences for the subword tagger as batches, its training task, and its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harken.metrics.spans import Chunk, SpanCounts, chunks, count_spans
from harken.nlu.crf import tags_of
from harken.nlu.units import LONGEST, Say, Units
from harken.train.nlu.tagger import SubwordTagger, TaggerBatch

UNKNOWN_WORD = 0
"""Row of the word table for words that training did not see."""
_READ_AT_ONCE = 128
_RARE = 2
"""A word that training saw at most so often may be exchanged for another such word."""


@dataclass(frozen=True)
class Tagged:
    """A sentence and its spans."""

    words: tuple[str, ...]
    spans: tuple[Chunk, ...]


class Encoder:
    """Turns sentences into batches.

    Args:
        units: inventories.
        kinds: kinds of units to prepare.
        words: words with a row of their own, in order from row 1; empty without a word table.
        say: phonemes of a word.
    """

    def __init__(self, units: Units, kinds: Sequence[str], words: Sequence[str], say: Say):
        self.units, self.kinds, self._say = units, tuple(kinds), say
        self.rows = {word: row for row, word in enumerate(words, 1)}
        self._types: dict[str, int] = {}
        self._tables: dict[str, list[list[int]]] = {kind: [] for kind in self.kinds}

    @property
    def sizes(self) -> dict[str, int]:
        """Rows of each table."""
        return {kind: self.units.size(kind) for kind in self.kinds} | {"word": len(self.rows) + 1}

    def types(self, words: Sequence[str]) -> NDArray[np.int64]:
        """A number for each word; equal words have equal numbers."""
        return np.array([self._type(word) for word in words], dtype=np.int64)

    def batch(
        self,
        sentences: Sequence[NDArray[np.int64]],
        tags: Sequence[NDArray[np.int64]],
        hidden: frozenset[int] = frozenset(),
    ) -> TaggerBatch:
        """A batch of sentences given by the numbers of their words; `hidden` words lose their row of the word table."""
        lens = np.array([len(sentence) for sentence in sentences])
        distinct, places = np.unique(np.concatenate(sentences), return_inverse=True)
        longest = _rounded(int(lens.max()), 3)
        shape, filled = (len(lens), longest), np.arange(longest)[None, :] < lens[:, None]
        places_BT, tags_BT = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        places_BT[filled], tags_BT[filled] = places, np.concatenate(tags)
        names = list(self._types)
        distinct = np.concatenate([distinct, np.repeat(distinct[:1], _rounded(len(distinct), 32) - len(distinct))])
        rows = [UNKNOWN_WORD if i in hidden else self.rows.get(_folded(names[i]), UNKNOWN_WORD) for i in distinct]
        units = {kind: _padded([self._tables[kind][i] for i in distinct]) for kind in self.kinds}
        return TaggerBatch(
            torch.from_numpy(places_BT), torch.from_numpy(lens), torch.tensor(rows), units, torch.from_numpy(tags_BT)
        )

    def _type(self, word: str) -> int:
        number = self._types.get(word)
        if number is None:
            number = self._types[word] = len(self._types)
            for kind in self.kinds:
                self._tables[kind].append(self.units.rows(kind, word, self._say))
        return number


class TaggerTask:
    """Trains a tagger; the best checkpoint is the one with the highest span F1 on dev.

    Args:
        network: the tagger.
        encoder: makes its batches.
        train: sentences to learn from.
        dev: sentences to choose by.
        batch: sentences of a batch.
        word_dropout: share of the words of a batch that lose their row of the word table; half of those seen once do.
        exchanged: share of the rare words that become another rare word with the same tag.
    """

    def __init__(
        self, network: SubwordTagger, encoder: Encoder, train: Sequence[Tagged], dev: Sequence[Tagged], *,
        batch: int = 32, word_dropout: float = 0.1, exchanged: float = 0.0,
    ):  # fmt: skip
        self._network, self._encoder, self._dev = network, encoder, dev
        self._batch, self._word_dropout = batch, word_dropout
        number = {tag: i for i, tag in enumerate(network.tags)}
        self._words = [encoder.types(sentence.words) for sentence in train]
        self._tags = [np.array([number[t] for t in tags_of(len(s.words), s.spans)], dtype=np.int64) for s in train]
        counts = Counter(int(i) for words in self._words for i in words)
        self._rare = {i for i, count in counts.items() if count == 1}
        self._exchanged, self._few = exchanged, np.array([counts[i] <= _RARE for i in range(max(counts) + 1)])
        self._peers = self._rare_by_tag()

    @property
    def module(self) -> nn.Module:
        return self._network

    def batches(self, epoch: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Sentences of similar length together."""
        lengths = np.array([len(words) for words in self._words])
        order = np.argsort(lengths + rng.uniform(0, 2.5, len(lengths)), kind="stable")
        parts = [order[start : start + self._batch] for start in range(0, len(order), self._batch)]
        return [parts[i] for i in rng.permutation(len(parts))]

    def loss(self, batch: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        words = [self._with_peers(self._words[i], self._tags[i], rng) for i in batch]
        hidden: frozenset[int] = frozenset()
        if self._network.reader.words is not None:
            here = np.unique(np.concatenate(words))
            chance = np.array([0.5 if int(i) in self._rare else self._word_dropout for i in here])
            hidden = frozenset(int(i) for i in here[rng.random(len(here)) < chance])
        return self._network.loss(self._encoder.batch(words, [self._tags[i] for i in batch], hidden)), {}

    def validate(self) -> Mapping[str, float]:
        pairs = zip(self._dev, self.answers(self._dev), strict=True)
        counts = sum((count_spans(s.spans, found) for s, found in pairs), SpanCounts(right=0, wanted=0, found=0))
        return {"loss": 100 - 100 * counts.f1, "f1": 100 * counts.f1}

    def _rare_by_tag(self) -> dict[int, NDArray[np.int64]]:
        words, tags = np.concatenate(self._words), np.concatenate(self._tags)
        words, tags = words[self._few[words]], tags[self._few[words]]
        return {int(tag): np.unique(words[tags == tag]) for tag in np.unique(tags)}

    def _with_peers(
        self, words: NDArray[np.int64], tags: NDArray[np.int64], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """The sentence with some of its rare words exchanged."""
        chosen = np.flatnonzero(self._few[words] & (rng.random(len(words)) < self._exchanged))
        if not len(chosen):
            return words
        words = words.copy()
        for place in chosen:
            peers = self._peers[int(tags[place])]
            words[place] = peers[rng.integers(len(peers))]
        return words

    def answers(self, sentences: Sequence[Tagged]) -> list[list[Chunk]]:
        """The spans that the network finds."""
        return find_spans(self._network, self._encoder, [sentence.words for sentence in sentences])


def find_spans(network: SubwordTagger, encoder: Encoder, sentences: Sequence[Sequence[str]]) -> list[list[Chunk]]:
    """The likeliest spans of each sentence."""
    found: list[list[Chunk]] = [[] for _ in sentences]
    order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
    crf = network.crf.decoder() if network.crf is not None else None
    network.eval()
    with torch.no_grad():
        for start in range(0, len(order), _READ_AT_ONCE):
            picked = [i for i in order[start : start + _READ_AT_ONCE] if sentences[i]]
            types = [encoder.types(sentences[i]) for i in picked]
            emissions = network.emissions(encoder.batch(types, [np.zeros_like(words) for words in types])).numpy()
            for i, rows in zip(picked, emissions, strict=True):
                own = rows[: len(sentences[i])]
                path = own.argmax(axis=1) if crf is None else crf.best(own)
                found[i] = chunks([network.tags[tag] for tag in path])
    return found


def tag_names(sentences: Sequence[Tagged]) -> list[str]:
    """'O' and both tags of each type, by name."""
    types = sorted({kind for sentence in sentences for kind, _, _ in sentence.spans})
    return ["O", *(f"{mark}-{kind}" for kind in types for mark in ("B", "I"))]


def known_words(sentences: Sequence[Tagged]) -> list[str]:
    """The words of the sentences in lower case, by name: the rows of a word table."""
    return sorted({_folded(word) for sentence in sentences for word in sentence.words})


def _folded(word: str) -> str:
    return word.lower()


def _padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    lens = np.array([len(row) for row in rows])
    table = np.zeros((len(rows), min(LONGEST, _rounded(int(lens.max()), 4))), dtype=np.int64)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return torch.from_numpy(table), torch.from_numpy(lens)


def _rounded(size: int, step: int) -> int:
    """Up to a multiple: the library prepares its work anew for each shape, which takes longer than some padding."""
    return -(-size // step) * step
