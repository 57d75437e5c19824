"""The shared token encoder: learnt on several label sets at once, each with a CRF of its own on the same states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from harken.metrics.spans import SpanCounts, chunks, count_spans
from harken.nlu.crf import tags_of
from harken.phones.neighbours import Neighbours
from harken.train.nlu.tagger import BothWays, CrfLayer, TaggerBatch, TaggerSizes, WordReader
from harken.train.nlu.tagger_task import Encoder, Tagged, tag_names

_MISHEARD = 0.12
"""Share of the words that are exchanged in the spoiled copy of each sentence."""


class TokenNetwork(nn.Module):
    """Word reader, sentence LSTM, and one linear layer with a CRF for each label set.

    Args:
        sizes: of reader and LSTM; a word table is not allowed, since the states must not depend on known words.
        rows: rows of each unit table.
        tags: label set -> its tags.
    """

    def __init__(self, sizes: TaggerSizes, rows: Mapping[str, int], tags: Mapping[str, Sequence[str]]):
        super().__init__()
        assert not sizes.words
        self._input_dropout, self._dropout = sizes.input_dropout, sizes.dropout
        self.reader = WordReader(sizes, rows)
        self.sentence = BothWays(self.reader.width, sizes.state)
        self.heads = nn.ModuleDict({name: nn.Linear(2 * sizes.state, len(names)) for name, names in tags.items()})
        self.crfs = nn.ModuleDict({name: CrfLayer(names) for name, names in tags.items()})

    def emissions(self, name: str, batch: TaggerBatch) -> Tensor:
        """Scores of the tags of one label set, [B, T, tags]."""
        x_BTD = F.dropout(self.reader(batch), self._input_dropout, self.training)
        states = self.sentence.states(x_BTD, batch.lens_B)
        result: Tensor = self.heads[name](F.dropout(states, self._dropout, self.training))
        return result

    def layer(self, name: str) -> CrfLayer:
        """The CRF of a label set."""
        layer = self.crfs[name]
        assert isinstance(layer, CrfLayer)
        return layer

    def loss(self, name: str, batch: TaggerBatch) -> Tensor:
        """Mean over the words of the negative log probability of the right tags."""
        scores: Tensor = self.layer(name)(self.emissions(name, batch), batch.tags_BT, batch.lens_B)
        return -scores.sum() / batch.mask.sum()


class _Batch(NamedTuple):
    name: str
    places: NDArray[np.int64]


class TokenTask:
    """Trains the network on all label sets in turn; each sentence is seen clean or with words misheard.

    Args:
        network: the network.
        encoder: makes its batches.
        sets: label set -> sentences to learn from.
        dev: label set -> sentences to choose by.
        neighbours: the words that others are taken for.
        batch: sentences of a batch.
        seed: of the misheard copies.
    """

    def __init__(
        self, network: TokenNetwork, encoder: Encoder, sets: Mapping[str, Sequence[Tagged]],
        dev: Mapping[str, Sequence[Tagged]], neighbours: Neighbours, *, batch: int, seed: int,
    ):  # fmt: skip
        self._network, self._encoder, self._dev, self._batch = network, encoder, dev, batch
        rng = np.random.default_rng([seed, 1])
        self._tags, self._words = {}, {}
        for name, sentences in sets.items():
            number = {tag: i for i, tag in enumerate(network.layer(name).tags)}
            self._tags[name] = [np.array([number[t] for t in tags_of(len(s.words), s.spans)]) for s in sentences]
            self._words[name] = [
                (encoder.types(s.words), encoder.types(neighbours.misheard(s.words, _MISHEARD, rng))) for s in sentences
            ]

    @property
    def module(self) -> nn.Module:
        return self._network

    def batches(self, epoch: int, rng: np.random.Generator) -> list[_Batch]:
        """Sentences of one label set and of similar length together."""
        parts = []
        for name, words in self._words.items():
            lengths = np.array([len(clean) for clean, _ in words])
            order = np.argsort(lengths + rng.uniform(0, 2.5, len(lengths)), kind="stable")
            parts += [_Batch(name, order[start : start + self._batch]) for start in range(0, len(order), self._batch)]
        return [parts[i] for i in rng.permutation(len(parts))]

    def loss(self, batch: _Batch, rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        spoiled = rng.random(len(batch.places)) < 0.5
        pairs = [self._words[batch.name][i] for i in batch.places]
        words = [pair[int(other)] for pair, other in zip(pairs, spoiled, strict=True)]
        tags = [self._tags[batch.name][i] for i in batch.places]
        return self._network.loss(batch.name, self._encoder.batch(words, tags)), {}

    def validate(self) -> Mapping[str, float]:
        found = {name: 100 * self._counts(name).f1 for name in self._dev}
        return {"loss": 100 - float(np.mean(list(found.values()))), **found}

    def _counts(self, name: str) -> SpanCounts:
        counts = SpanCounts(right=0, wanted=0, found=0)
        crf = self._network.layer(name).decoder()
        for sentence in self._dev[name]:
            types = self._encoder.types(sentence.words)
            rows = self._network.emissions(name, self._encoder.batch([types], [np.zeros_like(types)]))[0].numpy()
            counts += count_spans(sentence.spans, chunks([crf.tags[tag] for tag in crf.best(rows)]))
        return counts


def label_sets(sets: Mapping[str, Sequence[Tagged]]) -> dict[str, list[str]]:
    """The tags of each set."""
    return {name: tag_names(sentences) for name, sentences in sets.items()}


def copy_of_weights(network: TokenNetwork) -> dict[str, NDArray[np.float32]]:
    """Parameters of reader and sentence LSTM by name, for `token_graphs`."""
    parts = (network.reader.named_parameters(prefix="reader"), network.sentence.named_parameters(prefix="sentence"))
    return {name: value.detach().numpy().copy() for part in parts for name, value in part}
