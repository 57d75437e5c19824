"""N-gram language models up to trigrams: probabilities and perplexity. Natural logarithms throughout.

A model is a table per order, sorted by packed key, with the backed-off probability rule
p(w | h) = table(h, w) if listed, else backoff(h) * p(w | h without its first word).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats, Ints
from harken.errors import ConfigError

UNKNOWN, START, END = 0, 1, 2
"""Ids of '<unk>', '<s>' and '</s>': the first three words of every model."""
SPECIAL = ("<unk>", "<s>", "</s>")
MAX_ORDER = 3
WORD_BITS = 20
"""Bits of a word's id in a key: three ids fit into one 64-bit key."""
MAX_VOCABULARY = 1 << WORD_BITS


def pack(grams: NDArray[np.int32] | Ints) -> Ints:
    """Keys [N] of id tuples [N, n <= 3]; a row with a negative id (before the sentence) gets -1: no key."""
    keys: Ints = np.zeros(len(grams), np.int64)
    for column in range(grams.shape[1]):
        keys = append_words(keys, np.maximum(grams[:, column], 0).astype(np.int64))
    return np.where((grams < 0).any(axis=1), np.int64(-1), keys)


def unpack(keys: Ints, n: int) -> NDArray[np.int32]:
    """Id tuples [N, n] of keys [N]."""
    columns = [last_words(keys >> (WORD_BITS * (n - 1 - place))) for place in range(n)]
    return np.stack(columns, axis=1).astype(np.int32)


def append_words(keys: Ints, words: Ints) -> Ints:
    """Keys [N] of n-grams with another word at the end."""
    return (keys << WORD_BITS) | words


def histories_of(keys: Ints) -> Ints:
    """Keys [N] of n-grams without their last words."""
    return keys >> WORD_BITS


def last_words(keys: Ints) -> Ints:
    """Ids [N] of the last words of n-grams."""
    return suffixes_of(keys, 1)


def suffixes_of(keys: Ints, n: int) -> Ints:
    """Keys [N] of the last n words of n-grams."""
    return keys & ((1 << (WORD_BITS * n)) - 1)


def first_words(keys: Ints, n: int) -> Ints:
    """Ids [N] of the first words of n-grams of n words."""
    return keys >> (WORD_BITS * (n - 1))


@dataclass(frozen=True)
class Order:
    """The listed n-grams of one length."""

    keys: Ints
    """[N] packed ids, ascending."""
    log_prob: NDArray[np.float32]
    """[N] natural log of p(last word | words before)."""
    backoff: NDArray[np.float32]
    """[N] natural log of the weight of shorter histories after this n-gram; 0 where nothing extends it."""

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, keys: Ints) -> Ints:
        """Places [M] of keys [M]; -1 where not listed."""
        if not len(self.keys):
            return np.full(len(keys), -1, np.int64)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


@dataclass(frozen=True)
class Perplexity:
    """How well a model predicts sentences; unknown words are left out of `value` and counted apart."""

    value: float
    tokens: int
    """Predicted words and sentence ends."""
    unknown: int
    words: int

    @property
    def unknown_rate(self) -> float:
        """Share of running words outside the vocabulary, 0..1."""
        return self.unknown / max(self.words, 1)


@dataclass(frozen=True)
class NgramModel:
    """A back-off model.

    Attributes:
        words: vocabulary by id; the first three are '<unk>', '<s>', '</s>'.
        orders: unigrams (every id in turn), bigrams, trigrams.

    Raises:
        ConfigError: more than 3 orders, 2**20 words, or a vocabulary without the special words.
    """

    words: tuple[str, ...]
    orders: tuple[Order, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.orders) <= MAX_ORDER or len(self.words) > MAX_VOCABULARY:
            raise ConfigError(
                f"got an n-gram model of order {len(self.orders)} with {len(self.words)} words; "
                f"orders 1..{MAX_ORDER} and up to {MAX_VOCABULARY} words are possible: train a smaller one"
            )
        if self.words[:3] != SPECIAL:
            raise ConfigError(f"the vocabulary begins with {self.words[:3]}; expected {SPECIAL}")

    @cached_property
    def ids(self) -> dict[str, int]:
        """Word -> id."""
        return {word: number for number, word in enumerate(self.words)}

    def encode(self, words: Iterable[str]) -> NDArray[np.int32]:
        """Ids [n] of words; unknown ones become '<unk>'."""
        ids = self.ids
        return np.array([ids.get(word, UNKNOWN) for word in words], np.int32)

    def log_probs(self, grams: NDArray[np.int32]) -> Floats:
        """log p(last | before) [M] of id tuples [M, n], cut to the model's order; a negative id stands for no word."""
        grams = grams[:, -len(self.orders) :]
        n = grams.shape[1]
        table = self.orders[n - 1]
        place = table.find(pack(grams))
        listed: Floats = table.log_prob[place].astype(np.float64)
        if n == 1:
            return listed
        rest = ~(place >= 0)
        if rest.any():
            listed[rest] = self.backoffs(grams[rest, :-1]) + self.log_probs(grams[rest, 1:])
        return listed

    def backoffs(self, histories: NDArray[np.int32]) -> Floats:
        """log backoff weight [M] of histories [M, n]; 0 where not listed."""
        table = self.orders[histories.shape[1] - 1]
        place = table.find(pack(histories))
        return np.asarray(np.where(place >= 0, table.backoff[place], 0.0), np.float64)

    def perplexity(self, sentences: Iterable[Sequence[str]]) -> Perplexity:
        """Perplexity over sentences, ends included, unknown words excluded."""
        coded = [self.encode(sentence) for sentence in sentences]
        grams = windows(coded, len(self.orders))
        known = grams[:, -1] != UNKNOWN
        scores = self.log_probs(grams[known])
        mean = float(scores.mean()) if len(scores) else 0.0
        return Perplexity(float(np.exp(-mean)), int(known.sum()), int((~known).sum()), sum(map(len, coded)))


def windows(sentences: Sequence[NDArray[np.int32]], order: int) -> NDArray[np.int32]:
    """Every predicted token with its history: [M, order], padded with -1 before '<s>'."""
    parts = []
    for sentence in sentences:
        padded = np.concatenate([np.full(order - 1, -1), [START], sentence, [END]]).astype(np.int32)
        parts.append(np.lib.stride_tricks.sliding_window_view(padded, order)[1:])
    return np.concatenate(parts) if parts else np.zeros((0, order), np.int32)
