"""Learns to pronounce spellings: convolutions over letters, each letter gives three places, CTC aligns them to phones.

CTC: A. Graves, S. Fernandez, F. Gomez, J. Schmidhuber, "Connectionist temporal classification", ICML 2006, eq. 8.
Its use for pronunciation: K. Rao, F. Peng, H. Sak, F. Beaufays, "Grapheme-to-phoneme conversion using long short-term
memory recurrent neural networks", ICASSP 2015, section 3.2; here without recurrence, so that a word is one pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harken.errors import DataError
from harken.phones.dictionary import Entries
from harken.phones.pronouncer import LETTERS, SLOTS, SYMBOLS, letter_ids

_SYMBOL_IDS = {symbol: number for number, symbol in enumerate(SYMBOLS)}


@dataclass(frozen=True, kw_only=True)
class NetConfig:
    """Sizes of the network."""

    width: int = 192
    """Channels at the letters."""
    layers: int = 7
    """Convolutions over three letters each."""
    slot_width: int = 128
    """Channels at the places for phones."""
    slot_layers: int = 2
    dropout: float = 0.1


class PronouncerNet(nn.Module):
    """Letters -> log-probabilities of symbols at SLOTS places per letter."""

    def __init__(self, config: NetConfig):
        super().__init__()
        self.slot_width = config.slot_width
        self.letters = nn.Embedding(len(LETTERS) + 1, config.width)
        self.layers = nn.ModuleList(_Layer(config.width, config.dropout) for _ in range(config.layers))
        self.spread = nn.Linear(config.width, SLOTS * config.slot_width)
        self.slots = nn.ModuleList(_Layer(config.slot_width, config.dropout) for _ in range(config.slot_layers))
        self.norm = nn.LayerNorm(config.slot_width)
        self.out = nn.Linear(config.slot_width, len(SYMBOLS))

    def forward(self, x_BL: Tensor) -> Tensor:
        """Letter ids [B, L] of words of one length -> log-probabilities [B, L * SLOTS, symbols]."""
        h_BLD = self.letters(x_BL)
        for layer in self.layers:
            h_BLD = layer(h_BLD)
        h_BTD = self.spread(h_BLD).reshape(x_BL.shape[0], -1, self.slot_width)
        for layer in self.slots:
            h_BTD = layer(h_BTD)
        y_BTS: Tensor = self.out(self.norm(h_BTD))
        return y_BTS.log_softmax(-1)


class _Layer(nn.Module):
    """Residual convolution over three neighbours, written as one matrix product so that eight bits apply to it."""

    def __init__(self, width: int, dropout: float):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Linear(3 * width, width)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_BLD: Tensor) -> Tensor:
        padded = F.pad(self.norm(x_BLD), (0, 0, 1, 1))
        near = torch.cat([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], dim=-1)
        mixed: Tensor = self.out(F.gelu(self.mix(near)))
        return x_BLD + self.dropout(mixed)


@dataclass(frozen=True)
class _Item:
    letters: tuple[int, ...]
    ways: tuple[tuple[int, ...], ...]


class PronouncerTask:
    """Batches of words of one length; of several pronunciations one is drawn each time.

    Args:
        train: dictionary to learn.
        dev: dictionary that decides which checkpoint is the best.
        net: sizes.
        batch: words per step.

    Raises:
        DataError: nothing in `train` or `dev` can be learnt.
    """

    def __init__(self, train: Entries, dev: Entries, net: NetConfig, *, batch: int = 192):
        self.module = PronouncerNet(net)
        self.batch = batch
        self._train, self._dev = _items(train), _items(dev)
        if not self._train or not self._dev:
            raise DataError(f"{len(self._train)} words to train on and {len(self._dev)} for dev; expected some of each")

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[np.ndarray]:
        """Indices of words of one length, shuffled."""
        return _by_length(self._train, self.batch, rng)

    def loss(self, batch: np.ndarray, rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        """CTC loss per phone."""
        return self._loss([self._train[i] for i in batch], rng), {}

    def validate(self) -> Mapping[str, float]:
        """Loss per phone and the share of wrong words (best path, with stress) on dev."""
        rng = np.random.default_rng(0)
        losses, wrong = [], 0
        for batch in _by_length(self._dev, 512, rng):
            items = [self._dev[i] for i in batch]
            losses.append(float(self._loss(items, rng)) * len(items))
            wrong += sum(way not in item.ways for way, item in zip(self._best_paths(items), items, strict=True))
        return {"loss": sum(losses) / len(self._dev), "word_error": wrong / len(self._dev)}

    def _loss(self, items: Sequence[_Item], rng: np.random.Generator) -> Tensor:
        ways = [item.ways[int(rng.integers(len(item.ways)))] for item in items]
        log_probs = self.module(torch.tensor([item.letters for item in items])).transpose(0, 1)
        sizes = torch.tensor([len(way) for way in ways])
        targets = torch.tensor([symbol for way in ways for symbol in way])
        lengths = torch.full((len(items),), log_probs.shape[0])
        return F.ctc_loss(log_probs, targets, lengths, sizes, zero_infinity=True)

    def _best_paths(self, items: Sequence[_Item]) -> list[tuple[int, ...]]:
        best = self.module(torch.tensor([item.letters for item in items])).argmax(-1)
        return [tuple(int(s) for s in torch.unique_consecutive(row) if s) for row in best]


def _items(entries: Entries) -> list[_Item]:
    """What CTC can learn: spellings of known letters with room for every phone."""
    items = []
    for word, ways in entries.items():
        letters = letter_ids(word)
        coded = tuple(tuple(_SYMBOL_IDS[phone] for phone in way) for way in ways)
        coded = tuple(way for way in coded if len(way) + _repeats(way) <= SLOTS * len(letters))
        if letters and len(letters) == len(word) and coded:
            items.append(_Item(tuple(letters), coded))
    return items


def _repeats(way: Sequence[int]) -> int:
    return sum(a == b for a, b in pairwise(way))


def _by_length(items: Sequence[_Item], size: int, rng: np.random.Generator) -> list[np.ndarray]:
    order = rng.permutation(len(items))
    lengths = np.array([len(items[i].letters) for i in order])
    batches = []
    for length in np.unique(lengths):
        same = order[lengths == length]
        batches += [same[start : start + size] for start in range(0, len(same), size)]
    return [batches[i] for i in rng.permutation(len(batches))]
