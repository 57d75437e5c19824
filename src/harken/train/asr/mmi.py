"""Lattice-free maximum mutual information: phone sequences are learned from sentences alone, without alignments.

Povey et al., "Purely sequence-trained neural networks for ASR based on lattice-free MMI" (2016): the objective is
log sum over the alignments of the spoken sentence - log sum over the alignments of all phone sequences (equations 1-2).
Here both sums and their gradients are exact (no beam), in plain torch; the second runs over a dense phone trigram.

Topology of a phone ("chain" of that paper, 30 ms frames): its first frame scores `enter[phone]`, later ones
`stay[phone]`. Shapes: B utterances, T frames, P phones (label 0 is silence), U states of a sentence graph, K arcs into
a state, N = P + 1 histories (index P is the sentence boundary). Scores y are [B, T, 2P]: enter = y[..., :P],
stay = y[..., P:]; they are free log values that the second sum normalises.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SILENCE_ID = 0
NEVER = -1e30
"""Log score of what cannot happen; finite, so that sums over impossible states stay free of NaN."""

P_SILENCE = 0.15
"""Prior of a silence between two words."""
P_EDGE_SILENCE = 0.8
"""Prior of a silence before the first and after the last word."""

Pronunciations = Sequence[Sequence[int]]
"""Ways to say one word: phone ids each."""


@dataclass(frozen=True, kw_only=True)
class SentenceGraph:
    """All phone sequences of one sentence: optional silences, several pronunciations a word."""

    phones: NDArray[np.int64]
    """[U] phone of a state."""
    sources: NDArray[np.int64]
    """[U, K] states from which a state is entered; -1 where there are fewer than K."""
    prices: NDArray[np.float32]
    """[U, K] log prior of these arcs."""
    first: NDArray[np.float32]
    """[U] log prior of starting in a state."""
    last: NDArray[np.float32]
    """[U] log prior of ending after a state."""
    words: NDArray[np.int64]
    """[U] index of the word that a state belongs to; -1 for silences."""
    shortest: int
    """Fewest frames that the sentence can take."""


def sentence_graph(words: Sequence[Pronunciations]) -> SentenceGraph:
    """Graph of a sentence with optional silence at the edges and between words.

    Args:
        words: each word's pronunciations, none empty.
    """
    build = _Builder()
    build.add_silence(P_EDGE_SILENCE)
    for number, pronunciations in enumerate(words):
        if number:
            build.add_silence(P_SILENCE)
        build.add_word(number, pronunciations)
    build.add_silence(P_EDGE_SILENCE)
    shortest = sum(min(len(p) for p in word) for word in words)
    return build.finish(max(1, shortest))


class _Builder:
    """Grows a graph from left to right; `open` holds the arcs that lead out of what was built: (state, log prior)."""

    def __init__(self) -> None:
        self.phones: list[int] = []
        self.words: list[int] = []
        self.arcs: list[list[tuple[int, float]]] = []
        self.first: list[float] = []
        self.open: list[tuple[int, float]] = [(-1, 0.0)]  # -1: the start

    def add_silence(self, probability: float) -> None:
        self._state(SILENCE_ID, -1, [(s, w + math.log(probability)) for s, w in self.open])
        skipping = [(s, w + math.log1p(-probability)) for s, w in self.open]
        self.open = [(len(self.phones) - 1, 0.0), *skipping]

    def add_word(self, number: int, pronunciations: Pronunciations) -> None:
        entries, ends = self.open, []
        for phones in pronunciations:
            share = -math.log(len(pronunciations))
            for place, phone in enumerate(phones):
                before = [(s, w + share) for s, w in entries] if place == 0 else [(len(self.phones) - 1, 0.0)]
                self._state(phone, number, before)
            ends.append((len(self.phones) - 1, 0.0))
        self.open = ends

    def _state(self, phone: int, word: int, before: list[tuple[int, float]]) -> None:
        self.phones.append(phone)
        self.words.append(word)
        self.first.append(max((w for s, w in before if s < 0), default=NEVER))
        self.arcs.append([(s, w) for s, w in before if s >= 0])

    def finish(self, shortest: int) -> SentenceGraph:
        states, most = len(self.phones), max(1, max(len(arcs) for arcs in self.arcs))
        sources = np.full((states, most), -1, np.int64)
        prices = np.full((states, most), NEVER, np.float32)
        for state, arcs in enumerate(self.arcs):
            for place, (source, weight) in enumerate(arcs):
                sources[state, place], prices[state, place] = source, weight
        last = np.full(states, NEVER, np.float32)
        for state, weight in self.open:
            if state >= 0:
                last[state] = weight
        return SentenceGraph(
            phones=np.asarray(self.phones, np.int64), sources=sources, prices=prices,
            first=np.asarray(self.first, np.float32), last=last, words=np.asarray(self.words, np.int64),
            shortest=shortest,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class GraphBatch:
    """Sentence graphs padded to one size. Padding states cannot be entered; index U stands for 'no state'."""

    phones: Tensor  # [B, U]
    sources: Tensor  # [B, U, K]
    prices: Tensor  # [B, U, K]
    targets: Tensor  # [B, U, L] states that a state leads to
    target_prices: Tensor  # [B, U, L]
    first: Tensor  # [B, U]
    last: Tensor  # [B, U]
    windows: Tensor | None
    """[B, U, 2] first and last frame in which a state may be entered or held; None: any."""


def batch_graphs(graphs: Sequence[SentenceGraph], windows: Sequence[NDArray[np.int64]] | None = None) -> GraphBatch:
    """Pad graphs to a batch.

    Args:
        graphs: one a sentence.
        windows: [U, 2] a sentence, first and last frame of each state (inclusive), from an alignment.
    """
    states = max(len(g.phones) for g in graphs)
    reverse = [_targets(g) for g in graphs]
    return GraphBatch(
        phones=_pad([g.phones for g in graphs], (states,), 0),
        sources=_index([g.sources for g in graphs], states),
        prices=_pad([g.prices for g in graphs], (states, max(g.prices.shape[1] for g in graphs)), NEVER),
        targets=_index([t for t, _ in reverse], states),
        target_prices=_pad([p for _, p in reverse], (states, max(p.shape[1] for _, p in reverse)), NEVER),
        first=_pad([g.first for g in graphs], (states,), NEVER),
        last=_pad([g.last for g in graphs], (states,), NEVER),
        windows=None if windows is None else _pad(list(windows), (states, 2), 0),
    )


def _targets(graph: SentenceGraph) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The arcs of a graph by their source: [U, L] target states and prices."""
    leaving: list[list[tuple[int, float]]] = [[] for _ in graph.phones]
    for state, place in zip(*np.nonzero(graph.sources >= 0), strict=True):
        leaving[graph.sources[state, place]].append((int(state), float(graph.prices[state, place])))
    most = max(1, max(len(arcs) for arcs in leaving))
    targets = np.full((len(leaving), most), -1, np.int64)
    prices = np.full((len(leaving), most), NEVER, np.float32)
    for state, arcs in enumerate(leaving):
        for place, (target, price) in enumerate(arcs):
            targets[state, place], prices[state, place] = target, price
    return targets, prices


def _pad(arrays: Sequence[NDArray[Any]], shape: tuple[int, ...], fill: float) -> Tensor:
    out = np.full((len(arrays), *shape), fill, arrays[0].dtype)
    for n, array in enumerate(arrays):
        out[n][tuple(slice(size) for size in array.shape)] = array
    return torch.from_numpy(out)


def _index(arrays: Sequence[NDArray[np.int64]], states: int) -> Tensor:
    padded = _pad(arrays, (states, max(a.shape[1] for a in arrays)), -1)
    return torch.where(padded < 0, states, padded)


def numerator(y: Tensor, lengths: Tensor, graphs: GraphBatch) -> Tensor:
    """Log sum over the alignments of each sentence, [B].

    Args:
        y: scores [B, T, 2P].
        lengths: frames of each utterance [B], each at least the sentence's `shortest`.
        graphs: the sentences.
    """
    total: Tensor = _Numerator.apply(y, lengths, graphs)  # type: ignore[no-untyped-call]
    return total


class _Numerator(torch.autograd.Function):
    """Forward-backward in the log domain. Alphas [T, B, U] are kept apart for entering and staying."""

    @staticmethod
    def forward(ctx: Any, y: Tensor, lengths: Tensor, graphs: GraphBatch) -> Tensor:
        enter, stay = _state_scores(y.detach(), graphs)
        alive = (torch.arange(len(enter))[:, None] < lengths)[..., None]  # [T, B, 1]
        entered, stayed = _alphas(enter, stay, alive, graphs)
        total = torch.logsumexp(torch.logaddexp(entered[-1], stayed[-1]) + graphs.last, 1)
        if ctx.needs_input_grad[0]:
            ctx.save_for_backward(_occupancies(y, enter, stay, alive, graphs, entered, stayed, total))
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        return ctx.saved_tensors[0] * grads[0][:, None, None], None, None


def _state_scores(y: Tensor, graphs: GraphBatch) -> tuple[Tensor, Tensor]:
    """Scores of entering and staying by state, [T, B, U] each."""
    batch, frames, outputs = y.shape
    index = graphs.phones[:, None].expand(batch, frames, graphs.phones.shape[1])
    enter = torch.gather(y[..., : outputs // 2], 2, index).transpose(0, 1)
    stay = torch.gather(y[..., outputs // 2 :], 2, index).transpose(0, 1)
    if graphs.windows is not None:
        time = torch.arange(frames)[:, None, None]
        outside = (time < graphs.windows[..., 0]) | (time > graphs.windows[..., 1])
        enter, stay = enter.masked_fill(outside, NEVER), stay.masked_fill(outside, NEVER)
    return enter.contiguous(), stay.contiguous()


def _alphas(enter: Tensor, stay: Tensor, alive: Tensor, graphs: GraphBatch) -> tuple[Tensor, Tensor]:
    frames, batch, states = enter.shape
    index, arcs = graphs.sources.reshape(batch, -1), graphs.sources.shape
    entered, stayed = torch.empty_like(enter), torch.empty_like(stay)
    padded = torch.full((batch, states + 1), NEVER)
    all_alive = alive.flatten(1).all(1).tolist()
    entered[0], stayed[0] = graphs.first + enter[0], NEVER
    for t in range(1, frames):
        both = torch.logaddexp(entered[t - 1], stayed[t - 1])
        padded[:, :states] = both
        coming = torch.logsumexp(torch.gather(padded, 1, index).view(arcs) + graphs.prices, 2)
        torch.add(coming, enter[t], out=entered[t])
        torch.add(both, stay[t], out=stayed[t])
        if not all_alive[t]:  # a finished utterance keeps its last state
            entered[t] = torch.where(alive[t], entered[t], entered[t - 1])
            stayed[t] = torch.where(alive[t], stayed[t], stayed[t - 1])
    return entered.clamp_(min=NEVER), stayed.clamp_(min=NEVER)


def _occupancies(
    y: Tensor, enter: Tensor, stay: Tensor, alive: Tensor, graphs: GraphBatch,
    entered: Tensor, stayed: Tensor, total: Tensor,
) -> Tensor:  # fmt: skip
    """Gradient [B, T, 2P]: posteriors of entering and staying, summed over the states of a phone."""
    betas = _betas(enter, stay, alive, graphs)
    size = y.shape[2] // 2
    gradient = torch.zeros_like(y)
    index = graphs.phones[:, None].expand(*y.shape[:2], graphs.phones.shape[1])
    for part, alpha in ((gradient[..., :size], entered), (gradient[..., size:], stayed)):
        posterior = torch.exp(alpha + betas - total[:, None]) * alive
        part.scatter_add_(2, index, posterior.transpose(0, 1))
    return gradient


def _betas(enter: Tensor, stay: Tensor, alive: Tensor, graphs: GraphBatch) -> Tensor:
    """Log sum of everything after being in a state at a frame, [T, B, U]."""
    frames, batch, states = enter.shape
    index, arcs = graphs.targets.reshape(batch, -1), graphs.targets.shape
    betas = torch.empty_like(enter)
    padded = torch.full((batch, states + 1), NEVER)
    all_alive = alive.flatten(1).all(1).tolist()
    betas[-1] = graphs.last
    for t in range(frames - 1, 0, -1):
        padded[:, :states] = betas[t] + enter[t]
        going = torch.logsumexp(torch.gather(padded, 1, index).view(arcs) + graphs.target_prices, 2)
        torch.logaddexp(going, betas[t] + stay[t], out=betas[t - 1])
        if not all_alive[t]:
            betas[t - 1] = torch.where(alive[t], betas[t - 1], betas[t])
    return betas.clamp_(min=NEVER)
