"""The subword tagger: words from their units, a bidirectional LSTM over the sentence, and a CRF.

A. Abujabal and J. Gaspers 2019, "Neural Named Entity Recognition from Subword Units", and G. Lample et al. 2016,
"Neural Architectures for Named Entity Recognition". Sizes are ours; the paper's could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from harken.nlu.crf import Crf, allowed_steps

FORBIDDEN = -1e4
"""Score of a step that BIO forbids, while training."""
_TINY = 1e-30


@dataclass(frozen=True, kw_only=True)
class TaggerSizes:
    """Sizes of the network."""

    units: Mapping[str, int]
    """Width of a unit's vector by kind ('char', 'phone', 'byte'); kinds left out are not used."""
    unit_state: int = 32
    """Each direction of a unit LSTM."""
    pooled: bool = False
    """A word is the largest of each state over its units, normalised; otherwise the last states."""
    words: int = 0
    """Width of a word's own vector; 0: the model has no word table."""
    state: int = 96
    """Each direction of the sentence LSTM."""
    input_dropout: float = 0.2
    """Of the word vectors."""
    dropout: float = 0.5
    """Of the states."""
    kind_dropout: float = 0.1
    """Share of words that lose one kind of unit in training."""
    crf: bool = True
    """False: each tag by itself (softmax)."""


@dataclass(frozen=True)
class TaggerBatch:
    """Sentences of a batch; the units of each distinct word stand there once."""

    places_BT: Tensor
    """Number of the distinct word at each place; 0 beyond the end."""
    lens_B: Tensor
    words_W: Tensor
    """Row of each distinct word in the word table."""
    units: Mapping[str, tuple[Tensor, Tensor]]
    """kind -> (rows [W, longest], lengths [W])"""
    tags_BT: Tensor

    @property
    def mask(self) -> Tensor:
        """True where there is a word, [B, T]."""
        return torch.arange(self.places_BT.shape[1])[None, :] < self.lens_B[:, None]


class BothWays(nn.Module):
    """A bidirectional LSTM on padded sequences whose padding changes nothing."""

    def __init__(self, width: int, state: int):
        super().__init__()
        self.ahead, self.behind = (nn.LSTM(width, state, batch_first=True) for _ in range(2))

    def forward(self, x_BTD: Tensor, lens_B: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(states [B, T, state] from the left, from the right, the order that reverses each sequence [B, T])."""
        places = torch.arange(x_BTD.shape[1])[None, :]
        order = torch.where(places < lens_B[:, None], lens_B[:, None] - 1 - places, places)
        turned = torch.gather(x_BTD, 1, order[:, :, None].expand_as(x_BTD))
        # Half the time of a step is spent here; at run time and for all figures the numbers have 32 bits.
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.training):
            (ahead, _), (behind, _) = self.ahead(x_BTD), self.behind(turned)
        return ahead.float(), behind.float(), order

    def states(self, x_BTD: Tensor, lens_B: Tensor) -> Tensor:
        """Both states at each place, [B, T, 2 state]."""
        ahead, behind, order = self(x_BTD, lens_B)
        return torch.cat([ahead, torch.gather(behind, 1, order[:, :, None].expand_as(behind))], dim=2)

    def largest(self, x_BTD: Tensor, lens_B: Tensor) -> Tensor:
        """The largest value of each state over the places, [B, 2 state]."""
        ahead, behind, _ = self(x_BTD, lens_B)
        beyond = torch.arange(x_BTD.shape[1])[None, :, None] >= lens_B[:, None, None]
        both = torch.cat([ahead, behind], dim=2).masked_fill(beyond, -torch.inf)
        result: Tensor = both.max(dim=1).values
        return result

    def last(self, x_BTD: Tensor, lens_B: Tensor) -> Tensor:
        """The last state of each direction, [B, 2 state]."""
        ahead, behind, _ = self(x_BTD, lens_B)
        rows = torch.arange(len(lens_B))
        return torch.cat([ahead[rows, lens_B - 1], behind[rows, lens_B - 1]], dim=1)


class WordReader(nn.Module):
    """Words as vectors: one for each kind of unit side by side, and the word table's if there is one.

    Args:
        sizes: of the network.
        rows: rows of each table: the kinds of units, and 'word' for the word table.
    """

    def __init__(self, sizes: TaggerSizes, rows: Mapping[str, int]):
        super().__init__()
        self._kind_dropout = sizes.kind_dropout
        self.tables = nn.ModuleDict({kind: nn.Embedding(rows[kind], width) for kind, width in sizes.units.items()})
        self.readers = nn.ModuleDict({kind: BothWays(width, sizes.unit_state) for kind, width in sizes.units.items()})
        width = 2 * sizes.unit_state
        self.norms = nn.ModuleDict({kind: nn.LayerNorm(width) for kind in sizes.units} if sizes.pooled else {})
        self.words = nn.Embedding(rows["word"], sizes.words) if sizes.words else None
        self.width = sizes.words + 2 * sizes.unit_state * len(sizes.units)
        self.rows = 0
        """Of all tables together."""
        for table in self.modules():
            if isinstance(table, nn.Embedding):
                spread = 1.0 if sizes.pooled and table is not self.words else 0.3
                nn.init.uniform_(table.weight, -spread, spread)
                self.rows += table.num_embeddings

    def forward(self, batch: TaggerBatch) -> Tensor:
        """[B, T, width]; in training some words lose one of their vectors."""
        parts = [vectors[batch.places_BT] for vectors in self.vectors(batch)]
        if self.training and len(parts) > 1:
            shape = parts[0].shape[:2]
            lost = torch.where(torch.rand(shape) < self._kind_dropout, torch.randint(len(parts), shape), len(parts))
            parts = [part * (lost != number)[:, :, None] for number, part in enumerate(parts)]
        return torch.cat(parts, dim=2)

    def vectors(self, batch: TaggerBatch) -> list[Tensor]:
        """Vectors of the distinct words, [W, width of the kind] each."""
        found = []
        for kind, (rows, lens) in batch.units.items():
            reader = self.readers[kind]
            assert isinstance(reader, BothWays)
            vectors = self.tables[kind](rows)
            found.append(self.norms[kind](reader.largest(vectors, lens)) if self.norms else reader.last(vectors, lens))
        return [*found, self.words(batch.words_W)] if self.words is not None else found


class CrfLayer(nn.Module):
    """Weights between tags.

    Args:
        tags: tag names; 'O' is the first.
    """

    def __init__(self, tags: Sequence[str]):
        super().__init__()
        self.tags = tuple(tags)
        self.steps = nn.Parameter(torch.zeros(len(tags), len(tags)))
        self.start, self.stop = (nn.Parameter(torch.zeros(len(tags))) for _ in range(2))
        allowed, first = allowed_steps(tags)
        self._allowed, self._first = (torch.from_numpy(part).clamp(min=FORBIDDEN) for part in (allowed, first))

    def forward(self, emissions_BTK: Tensor, tags_BT: Tensor, lens_B: Tensor) -> Tensor:
        """log P(tags) of each sentence, [B]."""
        steps, start = self.steps + self._allowed, self.start + self._first
        return crf_log_likelihood(emissions_BTK, tags_BT, lens_B, steps, start, self.stop)

    def decoder(self) -> Crf:
        """The weights as they decode."""
        allowed, first = allowed_steps(self.tags)
        steps, start, stop = (part.detach().numpy() for part in (self.steps, self.start, self.stop))
        return Crf(self.tags, steps + allowed, start + first, stop)


class SubwordTagger(nn.Module):
    """The network.

    Args:
        sizes: its sizes.
        rows: rows of each table: the kinds of units, and 'word' for the word table.
        tags: tag names; 'O' is the first.
    """

    def __init__(self, sizes: TaggerSizes, rows: Mapping[str, int], tags: Sequence[str]):
        super().__init__()
        self.sizes, self.tags = sizes, tuple(tags)
        self.reader = WordReader(sizes, rows)
        self.sentence = BothWays(self.reader.width, sizes.state)
        self.hidden = nn.Linear(2 * sizes.state, sizes.state)
        self.emit = nn.Linear(sizes.state, len(tags))
        self.crf = CrfLayer(tags) if sizes.crf else None

    def emissions(self, batch: TaggerBatch) -> Tensor:
        """Scores of the tags at each place, [B, T, tags]."""
        drop = self.sizes.dropout
        x_BTD = F.dropout(self.reader(batch), self.sizes.input_dropout, self.training)
        states = F.dropout(self.sentence.states(x_BTD, batch.lens_B), drop, self.training)
        result: Tensor = self.emit(torch.tanh(self.hidden(states)))
        return result

    def loss(self, batch: TaggerBatch) -> Tensor:
        """Mean over the words of the negative log probability of the right tags."""
        emissions, mask = self.emissions(batch), batch.mask
        if self.crf is None:
            return F.cross_entropy(emissions[mask], batch.tags_BT[mask])
        scores: Tensor = self.crf(emissions, batch.tags_BT, batch.lens_B)
        return -scores.sum() / mask.sum()


def crf_log_likelihood(
    emissions_BTK: Tensor, tags_BT: Tensor, lens_B: Tensor, steps: Tensor, start: Tensor, stop: Tensor
) -> Tensor:
    """log P(tags) of each sentence, [B]; the forward algorithm with probabilities scaled at each word."""
    size = len(lens_B)
    factors = torch.exp(steps)
    alpha = start + emissions_BTK[:, 0]
    for place in range(1, emissions_BTK.shape[1]):
        top = alpha.max(dim=1, keepdim=True).values
        summed = torch.log((torch.exp(alpha - top) @ factors).clamp(min=_TINY)) + top
        alpha = torch.where((place < lens_B)[:, None], summed + emissions_BTK[:, place], alpha)
    partition = torch.logsumexp(alpha + stop, dim=1)
    mask = torch.arange(emissions_BTK.shape[1])[None, :] < lens_B[:, None]
    words = (torch.gather(emissions_BTK, 2, tags_BT[:, :, None])[:, :, 0] * mask).sum(dim=1)
    between = (steps[tags_BT[:, :-1], tags_BT[:, 1:]] * mask[:, 1:]).sum(dim=1)
    ends = start[tags_BT[:, 0]] + stop[tags_BT[torch.arange(size), lens_B - 1]]
    return words + between + ends - partition
