"""The acoustic network: log-mel frames to scores of entering and staying in each phone, with a bounded look-ahead.

Factored time-delay layers in the manner of TDNN-F (Povey et al., "Semi-orthogonal low-rank matrix factorization for
deep neural networks", 2018): a linear bottleneck that sees three frames, then a rectified expansion, on a residual
path with layer norm. Time is the first axis, so that a shift in time is a view and every product a plain one.

Shapes: T output frames of 30 ms, B utterances, d width. Three 10 ms frames enter together as one step of 3 x 80.
A layer sees `left` steps back and `right` steps ahead; before the start there is nothing (zeros), at the end the caller
repeats the last frame `look_ahead` times, so that training, whole files and streams give the same scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harken.asr.acoustic import STEP_FRAMES


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Size and reach of the network."""

    bins: int = 80
    width: int = 256
    bottleneck: int = 128
    hidden: int = 512
    left: tuple[int, ...] = (1, 1, 2, 2, 3, 3, 4, 4, 3, 3)
    """Steps that each layer looks back."""
    right: tuple[int, ...] = (1, 1, 1, 1, 1, 1, 1, 0, 0, 0)
    """Steps that each layer looks ahead; the first layer adds one."""
    dropout: float = 0.1
    speaker: int = 0
    """Size of the i-vector that enters with every step; 0: none."""
    speaker_hidden: int = 64


class TimeDelay(nn.Module):
    """Linear map of the steps t - left, t and t + right: [T + right, B, n] -> [T, B, m]."""

    def __init__(self, inputs: int, outputs: int, left: int, right: int):
        super().__init__()
        self.taps = 3 if right else 2
        self.linear = nn.Linear(inputs, self.taps * outputs, bias=False)
        nn.init.normal_(self.linear.weight, std=(self.taps * inputs) ** -0.5)
        self.outputs, self.left, self.right = outputs, left, right

    def forward(self, x: Tensor) -> Tensor:
        """Steps before the first count as zeros."""
        parts = self.linear(x)
        return self.combine(F.pad(parts[..., : self.outputs], (0, 0, 0, 0, self.left, 0)), parts[..., self.outputs :])

    def combine(self, past: Tensor, rest: Tensor) -> Tensor:
        """Add the taps: `past` begins `left` steps before `rest`."""
        steps = rest.shape[0] - self.right
        total = past[:steps] + rest[:steps, :, : self.outputs]
        return total + rest[self.right :, :, self.outputs :] if self.right else total

    def stream(self, x: Tensor, alive: Tensor, past: Tensor, ahead: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same for a stream.

        Args:
            x: new steps [n, B, inputs]; the outputs lag `right` steps behind them.
            alive: [n, 1, 1], 0 for steps before the start.
            past: first taps of earlier steps [left + right, B, m].
            ahead: other taps of earlier steps [right, B, (taps - 1) m].

        Returns:
            outputs [n, B, m], the next `past` and `ahead`.
        """
        parts = self.linear(x) * alive
        past = torch.cat([past, parts[..., : self.outputs]])
        rest = torch.cat([ahead, parts[..., self.outputs :]])
        steps = x.shape[0]  # not len(x), which the exporter would take for a constant
        return self.combine(past, rest), past[steps:], rest[steps:]


class Block(nn.Module):
    """One residual layer: norm, time-delay bottleneck, rectified expansion."""

    def __init__(self, config: NetworkConfig, left: int, right: int):
        super().__init__()
        self.norm = nn.LayerNorm(config.width)
        self.delay = TimeDelay(config.width, config.bottleneck, left, right)
        self.up = nn.Linear(config.bottleneck, config.hidden)
        self.down = nn.Linear(config.hidden, config.width)
        nn.init.normal_(self.down.weight, std=0.5 * config.hidden**-0.5)
        nn.init.zeros_(self.down.bias)
        self.dropout = config.dropout

    def forward(self, x: Tensor) -> Tensor:
        """[T + right, B, d] -> [T, B, d]."""
        change = self._change(self.delay(self.norm(x)))
        return x[: change.shape[0]] + change

    def stream(self, x: Tensor, alive: Tensor, state: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """New steps with the caches [past, ahead, residual]."""
        bottleneck, past, ahead = self.delay.stream(self.norm(x), alive, state[0], state[1])
        waiting = torch.cat([state[2], x])
        steps = x.shape[0]
        return waiting[:steps] + self._change(bottleneck), [past, ahead, waiting[steps:]]

    def _change(self, bottleneck: Tensor) -> Tensor:
        hidden = F.relu(self.up(bottleneck))
        if self.training and self.dropout:
            hidden = hidden * _shared_dropout(hidden, self.dropout)
        changed: Tensor = self.down(hidden)
        return changed


def _shared_dropout(x: Tensor, rate: float) -> Tensor:
    """One mask [1, B, d] for all steps: a frame cannot be guessed from its neighbours, and masks cost nothing."""
    return (torch.rand(1, *x.shape[1:]) >= rate).to(x.dtype) / (1 - rate)


class SpeakerBranch(nn.Module):
    """An i-vector through a layer of its own (Arsikere et al. 2019), joined to the features: [..., R] -> [..., hidden].

    It begins at zero: before anything is learned, and as long as i-vector and bias are zero, the network gives exactly
    what it gives without the branch.
    """

    def __init__(self, rank: int, hidden: int):
        super().__init__()
        self.linear = nn.Linear(rank, hidden)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, w: Tensor) -> Tensor:
        """Values in -1..1."""
        return torch.tanh(self.linear(w))


class AcousticNetwork(nn.Module):
    """Normalised features, and i-vectors if it is made for them, to scores [B, T, 2P]."""

    def __init__(self, config: NetworkConfig, phones: int):
        super().__init__()
        self.config, self.phones = config, phones
        self.speaker = SpeakerBranch(config.speaker, config.speaker_hidden) if config.speaker else None
        beside = config.speaker_hidden if config.speaker else 0
        self.first = TimeDelay(STEP_FRAMES * config.bins + beside, config.width, 1, 1)
        self.blocks = nn.ModuleList(
            Block(config, left, right) for left, right in zip(config.left, config.right, strict=True)
        )
        self.last = nn.LayerNorm(config.width)
        self.out = nn.Linear(config.width, 2 * phones)
        nn.init.normal_(self.out.weight, std=0.3 * config.width**-0.5)
        nn.init.zeros_(self.out.bias)

    @property
    def look_ahead(self) -> int:
        """Steps (30 ms) that must follow a step before its scores are known."""
        return 1 + sum(self.config.right)

    def forward(self, x: Tensor, w: Tensor | None = None) -> Tensor:
        """Features [B, 3 (T + look_ahead), bins] -> scores [B, T, 2P]; `data.pad` adds the steps after the end.

        Args:
            x: normalised features.
            w: i-vectors [B, T + look_ahead, R] of the steps, for a network that takes them; None: zeros.
        """
        steps = x.reshape(x.shape[0], -1, STEP_FRAMES * x.shape[2])
        y = self.first(self._beside(steps, w).transpose(0, 1))
        for block in self.blocks:
            y = block(y)
        scores: Tensor = self.out(self.last(y))
        return scores.transpose(0, 1)

    def _beside(self, steps: Tensor, w: Tensor | None) -> Tensor:
        if self.speaker is None:
            return steps
        if w is None:
            w = steps.new_zeros(*steps.shape[:2], self.config.speaker)
        return torch.cat([steps, self.speaker(w)], 2)

    def stream(
        self, x: Tensor, place: Tensor, state: list[Tensor], w: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
        """Scores of a stream, `look_ahead` steps late: the first `look_ahead` are to be dropped.

        Args:
            x: new features [1, n, 3 bins].
            place: [1] steps seen before, as float.
            state: caches as `initial_state` makes them.
            w: i-vectors [1, n, R] of the new steps.

        Returns:
            scores [1, n, 2P], the last hidden layer, normalised [1, n, width], the next place, the next caches.
        """
        steps = self._beside(x, w).transpose(0, 1)
        time = place + torch.cumsum(torch.ones_like(steps[:, 0, 0]), 0) - 1.0
        alive = (time >= 0).to(x.dtype)[:, None, None]
        y, *kept = self.first.stream(steps, alive, state[0], state[1])
        lag, after = 1, list(kept)
        for number, block in enumerate(self.blocks):
            assert isinstance(block, Block)
            alive = (time >= lag).to(x.dtype)[:, None, None]
            y, caches = block.stream(y, alive, state[2 + 3 * number : 5 + 3 * number])
            after += caches
            lag += block.delay.right
        hidden = self.last(y)
        return self.out(hidden).transpose(0, 1), hidden.transpose(0, 1), time[-1:] + 1.0, after

    def initial_state(self) -> list[Tensor]:
        """Caches of a stream that has not begun."""
        state = [*_caches(self.first)]
        for block in self.blocks:
            assert isinstance(block, Block)
            state += [*_caches(block.delay), torch.zeros(block.delay.right, 1, self.config.width)]
        return state


def _caches(delay: TimeDelay) -> tuple[Tensor, Tensor]:
    past = torch.zeros(delay.left + delay.right, 1, delay.outputs)
    return past, torch.zeros(delay.right, 1, (delay.taps - 1) * delay.outputs)


def steps_of(frames: int) -> int:
    """Output steps of a number of feature frames; an unfinished step counts."""
    return -(-frames // STEP_FRAMES)
