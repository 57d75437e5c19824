"""The sum over all phone sequences, weighted by a dense phone trigram, with an exact gradient. Shapes as in `mmi`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harken.train.asr.mmi import P_EDGE_SILENCE, P_SILENCE, SILENCE_ID, Pronunciations


class PhoneTrigram:
    """P(k | i, j), Witten-Bell smoothed (Witten and Bell 1991, method C).

    Args:
        table: [N, N, N] by i, j, k; index P is the sentence boundary.
    """

    def __init__(self, table: Tensor):
        self.table = table
        size = len(table) - 1
        self.first = table[size, size, :size].contiguous()  # [k]
        self.step = table[:, :size, :size].permute(1, 0, 2).contiguous()  # [j, i, k]
        self.back = self.step.transpose(1, 2).contiguous()  # [j, k, i]
        self.last = table[:, :size, size].T.contiguous()  # [j, i]


def estimate_trigram(
    sentences: Iterable[Sequence[Pronunciations]], phones: int, rng: np.random.Generator, *, draws: int = 2
) -> PhoneTrigram:
    """Trigram of the training sentences; silences and pronunciations are drawn at random, as the numerator allows.

    Args:
        sentences: words with their pronunciations.
        phones: P, silence included.
        rng: for silences and pronunciations.
        draws: how often each sentence is counted.
    """
    size = phones + 1
    counts = np.zeros((size, size, size))
    for words in sentences:
        for _ in range(draws):
            line = [phones, phones, *_draw(words, rng), phones]
            np.add.at(counts, (line[:-2], line[1:-1], line[2:]), 1.0)
    pairs = counts.sum(0)
    single = (pairs.sum(0) + 0.5) / (pairs.sum(0) + 0.5).sum()
    table = _witten_bell(counts, _witten_bell(pairs, single)[None])
    return PhoneTrigram(torch.tensor(table, dtype=torch.float32))


def _draw(words: Sequence[Pronunciations], rng: np.random.Generator) -> list[int]:
    line = [SILENCE_ID] * int(rng.random() < P_EDGE_SILENCE)
    for number, pronunciations in enumerate(words):
        if number and rng.random() < P_SILENCE:
            line.append(SILENCE_ID)
        line += pronunciations[int(rng.integers(len(pronunciations)))]
    return line + [SILENCE_ID] * int(rng.random() < P_EDGE_SILENCE)


def _witten_bell(counts: np.ndarray[Any, Any], lower: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    total, kinds = counts.sum(-1, keepdims=True), (counts > 0).sum(-1, keepdims=True)
    return np.where(total > 0, (counts + kinds * lower) / np.maximum(total + kinds, 1e-9), lower)


def denominator(y: Tensor, lengths: Tensor, trigram: PhoneTrigram) -> Tensor:
    """Log sum over all phone sequences and alignments, [B].

    Args:
        y: scores [B, T, 2P].
        lengths: frames of each utterance [B].
        trigram: prior of phone sequences.
    """
    total: Tensor = _Denominator.apply(y, lengths, trigram)  # type: ignore[no-untyped-call]
    return total


class _Denominator(torch.autograd.Function):
    """Forward-backward with one scale a frame. Alphas are [j, B, i]: the last phone outermost, so that a step is one
    batched product [j; B, i] x [j; i, k] without copies. Entering and staying are kept as one sum."""

    @staticmethod
    def forward(ctx: Any, y: Tensor, lengths: Tensor, trigram: PhoneTrigram) -> Tensor:
        top = y.detach().amax(2)  # [B, T]
        enter, stay = _exponentials(y.detach(), top)
        alive = torch.arange(y.shape[1])[:, None] < lengths  # [T, B]
        alphas, scales = _alphas(enter, stay, alive, trigram)
        end = torch.einsum("jbi,ji->b", alphas[-1], trigram.last)
        total = torch.log(scales).sum(0) + (top * alive.T).sum(1) + torch.log(end)
        if ctx.needs_input_grad[0]:
            ctx.save_for_backward(_occupancies(enter, stay, alive, trigram, alphas, scales, end))
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        return ctx.saved_tensors[0] * grads[0][:, None, None], None, None


def _exponentials(y: Tensor, top: Tensor) -> tuple[Tensor, Tensor]:
    """exp(score - frame's greatest) of entering and staying: [T, P, B, 1] each."""
    size = y.shape[2] // 2
    values = torch.exp(y - top[..., None]).permute(1, 2, 0).contiguous()[..., None]
    return values[:, :size], values[:, size:]


def _alphas(enter: Tensor, stay: Tensor, alive: Tensor, trigram: PhoneTrigram) -> tuple[Tensor, Tensor]:
    """Alphas [T, j, B, i], each frame summing to 1, and the scales [T, B] taken out."""
    frames, size, batch = enter.shape[:3]
    alphas, scales = torch.zeros(frames, size, batch, size + 1), torch.ones(frames, batch)
    all_alive = alive.all(1).tolist()
    alphas[0, :, :, size] = trigram.first[:, None] * enter[0, ..., 0]
    for t in range(frames):
        now = alphas[t]
        if t:
            torch.mul(alphas[t - 1], stay[t], out=now)
            now[..., :size] += torch.bmm(alphas[t - 1], trigram.step).permute(2, 1, 0) * enter[t]
        scale = now.sum((0, 2))
        if not all_alive[t]:  # a finished utterance keeps its last state
            scale = torch.where(alive[t], scale, 1.0)
            now[:, ~alive[t]] = alphas[t - 1][:, ~alive[t]]
        scales[t] = scale
        now /= scale[:, None]
    return alphas, scales


def _occupancies(
    enter: Tensor, stay: Tensor, alive: Tensor, trigram: PhoneTrigram, alphas: Tensor, scales: Tensor, end: Tensor
) -> Tensor:
    """Gradient [B, T, 2P]."""
    frames, size, batch = enter.shape[:3]
    entering, staying = torch.zeros(frames, size, batch), torch.zeros(frames, size, batch)
    all_alive = alive.all(1).tolist()
    beta = (trigram.last[:, None] / end[:, None]).expand(size, batch, size + 1)
    for t in range(frames - 1, -1, -1):
        here = (alphas[t] * beta).sum(2)
        if t == 0:
            entering[0] = here * alive[0]
            break
        from_stay = beta * (stay[t] / scales[t][:, None])
        held = (alphas[t - 1] * from_stay).sum(2)
        staying[t] = held * alive[t]
        entering[t] = (here - held) * alive[t]
        coming = beta[..., :size] * (enter[t] / scales[t][:, None])  # [k, B, j]
        fresh = torch.baddbmm(from_stay, coming.permute(2, 1, 0), trigram.back)
        beta = fresh if all_alive[t] else torch.where(alive[t][:, None], fresh, beta)
    return torch.cat([entering, staying], 1).permute(2, 0, 1).contiguous()
