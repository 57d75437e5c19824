"""The recurrent language model: tied word embedding, LSTM layers, projection, one bias a word.

The score of a word is s(w, h) = e_w . z(h) + b_w. It is trained so that exp s sums to about 1 over the vocabulary; then
it is used as ln p(w | h) as it is, without the sum (Raju et al. 2019, self-normalisation).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

State = list[tuple[Tensor, Tensor]]
"""(h, c) [B, H] of every layer."""


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Sizes of the network."""

    embedding: int = 256
    hidden: int = 512
    layers: int = 1
    dropout: float = 0.2


class WordNetwork(nn.Module):
    """Embedding [V, E], LSTM layers of H, projection to E, output tied to the embedding.

    Args:
        config: sizes.
        log_unigram: [V] ln q(w), the bias to begin with: the scores then sum to about 1 from the start.
    """

    def __init__(self, config: NetworkConfig, log_unigram: Tensor):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(len(log_unigram), config.embedding)
        self.lstm = nn.LSTM(
            config.embedding, config.hidden, config.layers, batch_first=True,
            dropout=config.dropout if config.layers > 1 else 0.0,
        )  # fmt: skip
        self.projection = nn.Linear(config.hidden, config.embedding)
        self.bias = nn.Parameter(log_unigram.clone().float())
        self.start = nn.Parameter(torch.zeros(2, config.layers, config.hidden))
        """The state before a sentence, learned: h and c of every layer."""
        self.dropout = nn.Dropout(config.dropout)
        nn.init.normal_(self.embedding.weight, std=config.embedding**-0.5)
        nn.init.normal_(self.projection.weight, std=0.1 * config.hidden**-0.5)

    def forward(self, words: Tensor) -> Tensor:
        """z [B, T, E] after each word of [B, T]."""
        h, c = (self.start[n][:, None].expand(-1, len(words), -1).contiguous() for n in (0, 1))
        out, _ = self.lstm(self.dropout(self.embedding(words)), (h, c))
        z: Tensor = self.projection(self.dropout(out))
        return z

    def scores(self, z: Tensor) -> Tensor:
        """s(w, h) [..., V] of every word."""
        return z @ self.embedding.weight.t() + self.bias

    def scores_of(self, z: Tensor, words: Tensor) -> Tensor:
        """s(w, h) [N] of one word for each z [N, E]."""
        scores: Tensor = (z * self.embedding(words)).sum(-1) + self.bias[words]
        return scores
