"""The acoustic model's networks: symbols to durations, pitch and energy, and these to frames.

After Łańcucki, "FastPitch: Parallel text-to-speech with pitch prediction", ICASSP 2021 (pitch and energy of each symbol
are predicted, and added to its code before it is repeated for its duration), with convolutions only, so that the
decoder streams; durations come from an alignment made beforehand. Pitch and energy have three values for each symbol,
after Klimkov et al. (`harken.tts.prosody`), which the decoder sees as contours over the frames. It works in steps of
20 ms and gives two frames per step, which halves its cost.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from harken.train.tts.configs import VoiceConfig
from harken.tts.frames import BANDS
from harken.tts.prosody import STATES

OUTPUTS = BANDS + 2
"""Normalised log-mel, normalised log pitch, voicing (a logit)."""
POSITIONS = 3
"""Inputs of a frame in addition to its symbol's code: share of the symbol done, share left, log duration."""


class ResidualBlock(nn.Module):
    """Residual convolution over [B, T, C]."""

    def __init__(self, channels: int, kernel: int, dilation: int, dropout: float):
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.wide = nn.Conv1d(channels, channels, kernel, padding=dilation * (kernel // 2), dilation=dilation)
        self.point = nn.Linear(channels, channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        normed = self.norm(x)
        if mask is not None:  # beyond the end it must look like the padding of a single recording
            normed = normed * mask
        y: Tensor = x + self.dropout(self.point(F.gelu(self.wide(normed.transpose(1, 2)).transpose(1, 2))))
        return y


class SymbolPredictor(nn.Module):
    """Numbers for each symbol, [B, N, C] -> [B, N, `outputs`]."""

    def __init__(self, channels: int, outputs: int, dropout: float):
        super().__init__()
        hidden = channels // 2
        self.first = nn.Conv1d(channels, hidden, 3, padding=1)
        self.norm = nn.LayerNorm(hidden)
        self.second = nn.Conv1d(hidden, hidden, 3, padding=1)
        self.dropout = nn.Dropout(min(0.5, 3 * dropout))
        self.exit = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        masked = x if mask is None else x * mask
        y = self.dropout(self.norm(F.relu(self.first(masked.transpose(1, 2)).transpose(1, 2))))
        masked = y if mask is None else y * mask
        y = self.dropout(F.relu(self.second(masked.transpose(1, 2)).transpose(1, 2)))
        out: Tensor = self.exit(y)
        return out


class SymbolEncoder(nn.Module):
    """Symbols [B, N] -> codes [B, N, C], log(1 + frames) [B, N], normalised pitch and energy of states [B, N, 3]."""

    def __init__(self, symbols: int, config: VoiceConfig):
        super().__init__()
        self.embedding = nn.Embedding(symbols, config.width)
        dropout = config.dropout
        self.blocks = nn.ModuleList(ResidualBlock(config.width, 5, d, dropout) for d in config.encoder)
        self.norm = nn.LayerNorm(config.width)
        self.duration = SymbolPredictor(config.width, 1, dropout)
        self.pitch = SymbolPredictor(config.width, STATES, dropout)
        self.energy = SymbolPredictor(config.width, STATES, dropout)

    def forward(self, symbols: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        x = self.embedding(symbols)
        for block in self.blocks:
            x = block(x, mask)
        x = self.norm(x)
        return x, self.duration(x, mask)[..., 0], self.pitch(x, mask), self.energy(x, mask)


class FrameDecoder(nn.Module):
    """Codes of frames [B, F, C + 2 + 3] (code, pitch, energy, position), F even -> [B, F, 82]."""

    def __init__(self, config: VoiceConfig):
        super().__init__()
        self.entry = nn.Conv1d(config.width + 2 + POSITIONS, config.wide, 4, stride=2, padding=1)
        self.blocks = nn.ModuleList(ResidualBlock(config.wide, 3, d, config.dropout) for d in config.decoder)
        self.norm = nn.LayerNorm(config.wide)
        self.exit = nn.Linear(config.wide, 2 * OUTPUTS)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        half = None if mask is None else mask[:, ::2]
        y = self.entry((x if mask is None else x * mask).transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            y = block(y, half)
        out: Tensor = self.exit(self.norm(y)).reshape(x.shape[0], x.shape[1], OUTPUTS)
        return out


class VoiceNet(nn.Module):
    """Both networks."""

    def __init__(self, symbols: int, config: VoiceConfig):
        super().__init__()
        self.encoder = SymbolEncoder(symbols, config)
        self.decoder = FrameDecoder(config)


def mask_of(lens: Sequence[int]) -> Tensor:
    """[B, longest, 1]: 1 up to the end of each row, 0 beyond it."""
    places = torch.arange(max(lens))
    return (places[None, :] < torch.tensor(list(lens))[:, None]).float()[..., None]
