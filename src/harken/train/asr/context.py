"""Training of the hypothesis embedding: a word of a sentence against other words in its place.

Negative sampling (Mikolov et al., "Distributed representations of words and phrases", 2013) with the words to both
sides as the context, and vectors from letters too (Bojanowski et al., "Enriching word vectors with subword
information", 2017). Some words of the context are replaced, because hypotheses contain errors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from harken.asr.passes.embedding import EDGE, REACH, ContextNetwork, letter_pieces

Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class ContextConfig:
    """Size and training of the hypothesis embedding."""

    words: int = 4000
    """Words with a vector of their own, the most frequent ones."""
    buckets: int = 3000
    """Vectors for pieces of letters."""
    width: int = 32
    hidden: int = 96
    steps: int = 6000
    batch: int = 1024
    negatives: int = 128
    """Other words that stand in for each word of a batch."""
    replaced: float = 0.15
    """Share of the words of the context that are replaced."""
    rate: float = 3e-3


class Vocabulary:
    """All words of the texts: numbers, frequencies, pieces of letters.

    Args:
        counts: of all words.
        config: how many have a vector of their own.
    """

    def __init__(self, counts: Counter[str], config: ContextConfig):
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        self.words = tuple(ranked[: config.words])
        self.types = (EDGE, *ranked)
        """Every word, the edge of a sentence first."""
        self.numbers = {word: number for number, word in enumerate(self.types)}
        frequency = np.array([0.0, *(counts[word] for word in ranked)]) ** 0.75
        self.share = np.cumsum(frequency / frequency.sum())
        """Up to each type, of what replaces words."""
        pieces = [letter_pieces(word, config.buckets) for word in self.types]
        self.longest = max(map(len, pieces))
        self.pieces = np.full((len(pieces), self.longest), -1, np.int64)
        for row, own in zip(self.pieces, pieces, strict=True):
            row[: len(own)] = own

    def draw(self, count: int, rng: np.random.Generator) -> Numbers:
        """Numbers of random words, frequent ones more often."""
        return np.minimum(np.searchsorted(self.share, rng.random(count)), len(self.types) - 1)


class ContextModel(nn.Module):
    """The network as it is trained; `frozen` gives what runs."""

    def __init__(self, vocabulary: Vocabulary, config: ContextConfig):
        super().__init__()
        self.vocabulary, self.config = vocabulary, config
        own, width = len(vocabulary.words), config.width
        self.table = nn.Embedding(own + config.buckets + 1, width, padding_idx=own + config.buckets)
        nn.init.normal_(self.table.weight, std=width**-0.5)
        with torch.no_grad():
            self.table.weight[-1] = 0
        self.hidden = nn.Linear(2 * REACH * width, config.hidden)
        self.out = nn.Linear(config.hidden, width, bias=False)
        self.prior = nn.Embedding(own + 1, 1)
        nn.init.zeros_(self.prior.weight)
        pieces = np.where(vocabulary.pieces < 0, config.buckets, vocabulary.pieces) + own
        self.register_buffer("pieces", torch.from_numpy(pieces))
        self.register_buffer("counts", torch.from_numpy((vocabulary.pieces >= 0).sum(1, keepdims=True)))
        # Row of each type among the words with a vector of their own; the padding's zeros for all others and the edge.
        rows = np.full(len(vocabulary.types), own + config.buckets)
        rows[1 : own + 1] = np.arange(own)
        self.register_buffer("rows", torch.from_numpy(rows))

    def vectors(self, types: Tensor) -> Tensor:
        """Vectors [..., d] of types [...]."""
        assert isinstance(self.pieces, Tensor)
        assert isinstance(self.counts, Tensor)
        assert isinstance(self.rows, Tensor)
        letters = self.table(self.pieces[types]).sum(-2) / self.counts[types]
        vectors: Tensor = letters + self.table(self.rows[types])
        return vectors

    def priors(self, types: Tensor) -> Tensor:
        """What words score anywhere, [...]."""
        assert isinstance(self.rows, Tensor)
        scores: Tensor = self.prior(torch.clamp(self.rows[types], max=len(self.vocabulary.words)))[..., 0]
        return scores

    def loss(self, windows: Tensor, others: Tensor) -> Tensor:
        """Cross-entropy of windows [B, 2 REACH + 1] around words against other words [K] in their places."""
        used, places = torch.unique(torch.cat([windows.flatten(), others]), return_inverse=True)
        vectors = self.vectors(used)[places]
        around, negatives = vectors[: windows.numel()].reshape(*windows.shape, -1), vectors[windows.numel() :]
        left, own, right = around[:, :REACH], around[:, REACH], around[:, REACH + 1 :]
        expected = self.out(F.relu(self.hidden(torch.cat([left, right], 1).flatten(1))))
        hits = (own * expected).sum(1) + self.priors(windows[:, REACH])
        misses = expected @ negatives.T + self.priors(others)
        return F.softplus(-hits).mean() + F.softplus(misses).mean() * 4

    def frozen(self) -> ContextNetwork:
        """The network in numbers."""

        def numbers(weight: Tensor) -> NDArray[np.float32]:
            return weight.detach().numpy().astype(np.float32)

        return ContextNetwork(
            self.vocabulary.words, numbers(self.table.weight[:-1]), numbers(self.hidden.weight.T),
            numbers(self.hidden.bias), numbers(self.out.weight.T), numbers(self.prior.weight[:, 0]),
        )  # fmt: skip


def train_context(sentences: Iterable[Sequence[str]], config: ContextConfig, *, seed: int) -> ContextNetwork:
    """The hypothesis embedding of a text.

    Args:
        sentences: normalised words.
        config: size and training.
        seed: of everything random.
    """
    kept = [tuple(sentence) for sentence in sentences if len(sentence) > 1]
    vocabulary = Vocabulary(Counter(word for sentence in kept for word in sentence), config)
    torch.manual_seed(seed)
    model = ContextModel(vocabulary, config)
    optimiser = torch.optim.Adam(model.parameters(), lr=config.rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(0.02, 1 - step / config.steps))
    for windows, others in _batches(kept, vocabulary, config, np.random.default_rng(seed)):
        optimiser.zero_grad()
        model.loss(torch.from_numpy(windows), torch.from_numpy(others)).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return model.frozen()


def _batches(
    sentences: Sequence[Sequence[str]], vocabulary: Vocabulary, config: ContextConfig, rng: np.random.Generator
) -> Iterator[tuple[Numbers, Numbers]]:
    """(windows, other words) of every step, from the text as one row with edges between sentences."""
    row = [0] * REACH
    for sentence in sentences:
        row += [*(vocabulary.numbers[word] for word in sentence), *[0] * REACH]
    line = np.array(row, np.int64)
    places = np.flatnonzero(line)
    offsets = np.arange(-REACH, REACH + 1)
    for _ in range(config.steps):
        windows = line[rng.choice(places, config.batch)[:, None] + offsets]
        swap = (rng.random(windows.shape) < config.replaced) & (windows > 0) & (offsets != 0)
        windows[swap] = vocabulary.draw(int(swap.sum()), rng)
        yield windows, vocabulary.draw(config.negatives, rng)
