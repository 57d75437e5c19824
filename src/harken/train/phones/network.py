"""The network of the multilingual pronouncer: letters of a word and its language -> phones, letter by letter.

A. Sokolov, T. Rohlin, A. Rastrow, "Neural Machine Translation for Multilingual Grapheme-to-Phoneme Conversion",
Interspeech 2019: one network with shared weights and vocabularies for all languages, told which language it is to
speak, with the word's distribution over the languages as an additional target. In place of attention over the letters,
the decoder goes through them from the first to the last (a monotonic transducer): at each step it sees one encoded
letter and the last phones, and either says a phone or moves to the next letter. So all steps of training are computed
at once, and no letter is skipped or repeated.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harken.phones.inventory import MOST_AT_A_LETTER, NEXT, PADDING
from harken.train.phones.configs import NetworkConfig

REACH = 12
"""Distances between letters that attention tells apart."""


class _Neighbours(torch.autograd.Function):
    """[B, T, D] -> [B, T, 3 D]: each row between its left and right neighbour, zeros at the edges."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        size = x.shape[-1]
        out = x.new_zeros((*x.shape[:-1], 3 * size))
        out[:, 1:, :size] = x[:, :-1]
        out[:, :, size : 2 * size] = x
        out[:, :-1, 2 * size :] = x[:, 1:]
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        size = grad.shape[-1] // 3
        out = grad[:, :, size : 2 * size].clone()
        out[:, :-1] += grad[:, 1:, :size]
        out[:, 1:] += grad[:, :-1, 2 * size :]
        return out


class _SmoothedLoss(torch.autograd.Function):
    """Mean cross-entropy with label smoothing, in few passes over the logits [N, V]."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, target: Tensor, smoothing: float) -> Tensor:
        shifted = logits.float()
        shifted = shifted - shifted.max(dim=1, keepdim=True).values
        mean, picked = shifted.mean(dim=1), shifted.gather(1, target[:, None])[:, 0]
        share = shifted.exp_()
        total = share.sum(dim=1, keepdim=True)
        ctx.save_for_backward(share.div_(total), target)
        ctx.smoothing, ctx.kind = smoothing, logits.dtype
        log_total = total[:, 0].log()
        return (log_total - (1 - smoothing) * picked - smoothing * mean).mean()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        share, target = ctx.saved_tensors
        n, size = share.shape
        share = share - ctx.smoothing / size
        share.scatter_add_(1, target[:, None], share.new_full((n, 1), ctx.smoothing - 1))
        return (share * (grad / n)).to(ctx.kind), None, None


class _Block(nn.Module):
    def __init__(self, config: NetworkConfig):
        super().__init__()
        width = config.width
        self.heads, self.dropout = config.heads, config.dropout
        self.before_attention, self.before_inner = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attend, self.attended = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.inner, self.outer = nn.Linear(3 * width, config.inner), nn.Linear(config.inner, width)
        self.distance = nn.Parameter(torch.zeros(config.heads, 2 * REACH + 1))

    def attention(self, x: Tensor, keep: Tensor) -> Tensor:
        """Weights [B, heads, T, T]; rows sum to 1, letters that are padding have exactly 0."""
        return self._weights(*self._split(x)[:2], keep)

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        query, key, value = self._split(x)
        mixed = (self._weights(query, key, keep) @ value).transpose(1, 2).reshape(x.shape)
        x = x + _whole_features(self.attended(mixed), self.dropout, self.training)
        near = self.before_inner(x) * keep[:, :, None]
        near = _neighbours(near)
        inner = F.relu(self.inner(near))
        return x + _whole_features(self.outer(inner), self.dropout, self.training)

    def _split(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        batch, length, width = x.shape
        parts = self.attend(self.before_attention(x)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        return query, key, value

    def _weights(self, query: Tensor, key: Tensor, keep: Tensor) -> Tensor:
        places = torch.arange(query.shape[2])
        distance = (places[None] - places[:, None]).clamp(-REACH, REACH) + REACH
        scores = query @ key.transpose(2, 3) * query.shape[3] ** -0.5 + self.distance[:, distance].to(query.dtype)
        scores = scores.masked_fill(keep[:, None, None, :] == 0, float("-inf"))
        weights: Tensor = scores.softmax(dim=-1).to(query.dtype)
        return weights


class Network(nn.Module):
    """The encoder and the decoder.

    Args:
        config: size.
        letters: rows of the letter table, padding and unknown included.
        phones: outputs, NEXT included.
        languages: number of languages.
    """

    def __init__(self, config: NetworkConfig, *, letters: int, phones: int, languages: int):
        super().__init__()
        self.config = config
        self.letters = nn.Embedding(letters, config.width, padding_idx=PADDING)
        self.languages = nn.Embedding(languages, config.width)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.blocks))
        self.last, self.memory = nn.LayerNorm(config.width), nn.Linear(config.width, config.joint)
        self.past = nn.Embedding(phones, config.phone_width)
        self.recall = nn.Linear(config.phone_width * config.history, config.joint) if config.history else None
        self.said = nn.Embedding(MOST_AT_A_LETTER + 1, config.joint)
        self.out = nn.Linear(config.joint, phones)
        self.origin = nn.Linear(config.width, languages)
        for table in (self.letters, self.languages, self.past, self.said):
            nn.init.normal_(table.weight, std=0.1)

    def encode(self, letters: Tensor, languages: Tensor) -> tuple[Tensor, Tensor]:
        """Encoded letters [B, T, joint], and the logits of the word's languages [B, languages].

        Args:
            letters: [B, T], padded with PADDING.
            languages: [B], the language to speak. The second result does not depend on it.
        """
        keep = (letters != PADDING).to(self._kind)
        x = self.letters(letters).to(self._kind)
        x = self.blocks[0](_whole_features(x, self.config.dropout / 2, self.training), keep)
        origin = self.origin((x * keep[:, :, None]).sum(1) / keep.sum(1, keepdim=True))
        spoken = self.languages(languages).to(x.dtype)[:, None]
        if self.config.conditioning == "embedding":
            x = x + spoken
        elif self.config.conditioning == "token":
            x, keep = torch.cat([spoken, x], 1), torch.cat([torch.ones_like(keep[:, :1]), keep], 1)
        for block in self.blocks[1:]:
            x = block(x, keep)
        if self.config.conditioning == "token":
            x = x[:, 1:]
        elif self.config.conditioning == "decoder":
            x = x + spoken
        return self.memory(_whole_features(self.last(x), self.config.dropout, self.training)), origin

    def decode(self, memory: Tensor, past: Tensor, said: Tensor) -> Tensor:
        """Logits [N, phones] of what comes next, NEXT being the step to the next letter.

        Args:
            memory: [N, joint], the encoded letter of each step.
            past: [N, history], the last phones, the most recent last; NEXT where there was none yet.
            said: [N], phones said at this letter so far.
        """
        hidden = memory + self.said(said).to(memory.dtype)
        if self.recall is not None:
            if self.training and self.config.history_dropout:
                hide = torch.rand(past.shape) < self.config.history_dropout
                past = past.masked_fill(hide, NEXT)
            hidden = hidden + self.recall(self.past(past).flatten(1)).to(memory.dtype)
        logits: Tensor = self.out(F.relu(hidden))
        return logits

    @property
    def _kind(self) -> torch.dtype:
        return torch.bfloat16 if torch.is_autocast_enabled("cpu") else torch.float32


def smoothed_loss(logits: Tensor, target: Tensor, smoothing: float) -> Tensor:
    """Mean over N of the cross-entropy [N, V] against targets of which `smoothing` is spread over all outputs."""
    loss: Tensor = _SmoothedLoss.apply(logits, target, smoothing)  # type: ignore[no-untyped-call]
    return loss


def _neighbours(x: Tensor) -> Tensor:
    near: Tensor = _Neighbours.apply(x)  # type: ignore[no-untyped-call]
    return near


def _whole_features(x: Tensor, share: float, training: bool) -> Tensor:
    """Dropout of the same features at all letters of a word."""
    if not training or not share:
        return x
    mask = (torch.rand(x.shape[0], 1, x.shape[2]) >= share).to(x.dtype) / (1 - share)
    return x * mask
