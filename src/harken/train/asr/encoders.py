"""Encoders of equal size for comparison: the LSTM stack of the paper's family, time-delay layers, limited attention.

All map stacked features [T + ahead, B, n] to [T, B, width] and look exactly `ahead` steps (30 ms) past a step at most,
so that they can be compared at equal latency. Before the start there is nothing (zeros); the caller adds the steps
after the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harken.errors import ConfigError
from harken.train.asr.acoustic import Block, NetworkConfig, TimeDelay

ENCODER_KINDS = ("lstm", "delay", "attention")


@dataclass(frozen=True, kw_only=True)
class EncoderConfig:
    """Kind and size. About 1.5 million parameters with 240 inputs: lstm 3 x 256, delay 9 x 192, attention 5 x 136."""

    kind: str = "lstm"
    """One of KINDS."""
    layers: int = 3
    width: int = 256
    ahead: int = 5
    """Steps of look-ahead."""


def make_encoder(config: EncoderConfig, inputs: int) -> nn.Module:
    """The encoder of a configuration.

    Raises:
        ConfigError: an unknown kind, with the known ones; more look-ahead than its layers can have.
    """
    if config.kind == "lstm":
        return LstmEncoder(config, inputs)
    if config.kind == "delay":
        if config.ahead > config.layers + 1:
            raise ConfigError(
                f"{config.ahead} steps of look-ahead came with {config.layers} delay layers, which have "
                f"{config.layers + 1} at most; give more layers or less look-ahead"
            )
        return DelayEncoder(config, inputs)
    if config.kind == "attention":
        return AttentionEncoder(config, inputs)
    raise ConfigError(f"encoder kind '{config.kind}' is unknown; expected one of {', '.join(ENCODER_KINDS)}")


class LstmEncoder(nn.Module):
    """Unidirectional LSTM layers whose outputs lag `ahead` steps behind their inputs."""

    def __init__(self, config: EncoderConfig, inputs: int):
        super().__init__()
        self.ahead = config.ahead
        self.lstm = nn.LSTM(inputs, config.width, config.layers)

    def forward(self, x: Tensor) -> Tensor:
        """[T + ahead, B, n] -> [T, B, width]."""
        y: Tensor = self.lstm(x)[0]
        return y[self.ahead :]


class DelayEncoder(nn.Module):
    """The factored time-delay layers of `harken.train.asr.acoustic`; the first `ahead` of them look one step ahead."""

    def __init__(self, config: EncoderConfig, inputs: int):
        super().__init__()
        width, layers = config.width, config.layers
        sizes = NetworkConfig(width=width, bottleneck=width // 2, hidden=2 * width, dropout=0.0)
        self.first = TimeDelay(inputs, width, 1, 1 if config.ahead else 0)
        right = [int(n + 1 < config.ahead) for n in range(layers)]
        self.blocks = nn.ModuleList(Block(sizes, 1 + n % 4, right[n]) for n in range(layers))
        self.last = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """[T + ahead, B, n] -> [T, B, width]."""
        y = self.first(x)
        for block in self.blocks:
            y = block(y)
        normed: Tensor = self.last(y)
        return normed


class AttentionEncoder(nn.Module):
    """Convolution and attention over the last 64 steps in turns (after Gulati et al., "Conformer", 2020).

    Causal but for the look-ahead of the convolutions.
    """

    def __init__(self, config: EncoderConfig, inputs: int):
        super().__init__()
        self.first = nn.Linear(inputs, config.width)
        right = [config.ahead // config.layers + int(n < config.ahead % config.layers) for n in range(config.layers)]
        self.layers = nn.ModuleList(_AttentionLayer(config.width, r) for r in right)
        self.last = nn.LayerNorm(config.width)

    def forward(self, x: Tensor) -> Tensor:
        """[T + ahead, B, n] -> [T, B, width]."""
        y = self.first(x)
        for layer in self.layers:
            y = layer(y)
        normed: Tensor = self.last(y)
        return normed


class _AttentionLayer(nn.Module):
    """Convolution over 9 steps, attention with relative positions by a learned bias, and a wide layer."""

    past = 64
    heads = 4
    taps = 9

    def __init__(self, width: int, right: int):
        super().__init__()
        self.right = right
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.gate = nn.Linear(width, 2 * width)
        self.depthwise = nn.Conv1d(width, width, self.taps, groups=width)
        self.mix = nn.Linear(width, width)
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.bias = nn.Parameter(torch.zeros(self.heads, self.past + 1))
        self.wide = nn.Sequential(nn.Linear(width, 4 * width), nn.SiLU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        """[T + right, B, width] -> [T, B, width]."""
        y = F.glu(self.gate(self.norms[0](x)), 2)
        y = F.pad(y, (0, 0, 0, 0, self.taps - 1 - self.right, 0)).permute(1, 2, 0)
        y = self.mix(F.silu(self.depthwise(y).permute(2, 0, 1)))
        x = x[: y.shape[0]] + y
        x = x + self._attend(self.norms[1](x))
        changed: Tensor = x + self.wide(self.norms[2](x))
        return changed

    def _attend(self, x: Tensor) -> Tensor:
        steps, batch, width = x.shape
        parts = self.project(x).reshape(steps, batch, 3, self.heads, -1).permute(2, 1, 3, 0, 4)
        time = torch.arange(steps)
        back = time[:, None] - time
        allowed = (back >= 0) & (back <= self.past)
        bias = self.bias[:, back.clamp(0, self.past)].masked_fill(~allowed, float("-inf"))
        attended = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask=bias.to(x.dtype))
        mixed: Tensor = self.out(attended.permute(2, 0, 1, 3).reshape(steps, batch, width))
        return mixed
