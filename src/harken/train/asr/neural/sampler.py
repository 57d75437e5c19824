"""Sentences of several corpora in the proportions of a mixture, batch by batch.

A pass draws a corpus for every sentence by the weights, then a sentence of it. No generator state is kept: a pass
depends on the generator it is given, so a resumed run meets the same stream.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.asr.ngram.model import END, START
from harken.errors import ConfigError

Ids = NDArray[np.int32]


@dataclass(frozen=True)
class Sentences:
    """The sentences of a corpus as ids, one after the other.

    Attributes:
        ids: [N] words of all sentences, without marks of start and end.
        starts: [M + 1] place of each sentence, and the end of the last.
    """

    ids: Ids
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Words of each sentence [M]."""
        return np.diff(self.starts)

    def sentence(self, number: int) -> Ids:
        """The words of one sentence."""
        return self.ids[self.starts[number] : self.starts[number + 1]]


@dataclass(frozen=True)
class Mixture:
    """Corpora and their weights.

    Attributes:
        corpora: by name.
        weights: name -> share of the sentences drawn; corpora without one are not drawn from.
        repeats: a sentence of a corpus is drawn at most this often in a pass, on average.
    """

    corpora: Mapping[str, Sentences]
    weights: Mapping[str, float]
    repeats: float = 10.0

    def __post_init__(self) -> None:
        unknown = sorted(set(self.weights) - set(self.corpora))
        if unknown or not sum(self.weights.values()) > 0 or min(self.weights.values()) < 0:
            raise ConfigError(
                f"got the weights {dict(self.weights)}; expected shares of {', '.join(self.corpora)}, not all 0"
            )

    def draw(self, sentences: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(corpus, sentence) of each of as many draws; corpora count in the order of `weights`."""
        names = list(self.weights)
        share = np.array([self.weights[name] for name in names], np.float64)
        sizes = np.array([len(self.corpora[name]) for name in names])
        share = _capped(share / share.sum(), self.repeats * sizes / sentences)
        corpus = rng.choice(len(names), sentences, p=share)
        return corpus.astype(np.int64), (rng.random(sentences) * sizes[corpus]).astype(np.int64)

    def batches(self, tokens: int, size: int, rng: np.random.Generator) -> list[list[tuple[int, int]]]:
        """A pass of about `tokens` words and ends, cut into batches of about `size`: sentences of like length together.

        Returns:
            (corpus, sentence) pairs of each batch, for `batch`.
        """
        names = list(self.weights)
        share = np.array([self.weights[name] for name in names], np.float64)
        mean = float(np.dot(share / share.sum(), [self.corpora[name].lengths.mean() + 1 for name in names]))
        corpus, place = self.draw(max(1, round(tokens / mean)), rng)
        lengths = np.zeros(len(corpus), np.int64)
        for number, name in enumerate(names):
            lengths[corpus == number] = self.corpora[name].lengths[place[corpus == number]] + 1
        order = np.lexsort((rng.random(len(lengths)), lengths))
        cuts, used = [0], 0
        for at, number in enumerate(order):
            if used and used + lengths[number] > size:
                cuts.append(at)
                used = 0
            used += int(lengths[number])
        pieces = np.split(order, cuts[1:])
        pairs = list(zip(corpus.tolist(), place.tolist(), strict=True))
        return [[pairs[number] for number in pieces[n].tolist()] for n in rng.permutation(len(pieces)).tolist()]

    def batch(self, chosen: Sequence[tuple[int, int]]) -> tuple[Ids, Ids]:
        """Inputs [B, T] that begin with START, and targets [B, T] that end with END; -1 after the end."""
        names = list(self.weights)
        return padded([self.corpora[names[corpus]].sentence(place) for corpus, place in chosen])


def padded(sentences: Sequence[Ids]) -> tuple[Ids, Ids]:
    """Inputs and targets [B, T] of sentences; see `Mixture.batch`."""
    longest = max(map(len, sentences)) + 1
    inputs = np.full((len(sentences), longest), END, np.int32)
    targets = np.full((len(sentences), longest), -1, np.int32)
    for row, words in enumerate(sentences):
        inputs[row, 0], inputs[row, 1 : len(words) + 1] = START, words
        targets[row, : len(words)], targets[row, len(words)] = words, END
    return inputs, targets


def _capped(share: NDArray[np.float64], most: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of which none exceeds its limit, as long as the limits leave room; what they cut goes to the others."""
    capped = np.zeros(len(share), bool)
    while True:
        free = share * ~capped
        rest = 1.0 - most[capped].sum()
        if free.sum() <= 0 or rest <= 0:
            return np.asarray(share / share.sum())
        shares = np.where(capped, most, rest * free / free.sum())
        over = ~capped & (shares > most)
        if not over.any():
            return np.asarray(shares / shares.sum())
        capped |= over
