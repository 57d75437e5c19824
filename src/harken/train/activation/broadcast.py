"""Broadcasted residual learning: a small modern network for spoken words, over one band or several.

Published method: B. Kim, S. Chang, J. Lee, D. Sung, "Broadcasted Residual Learning for Efficient Keyword Spotting",
Interspeech 2021 (arXiv 2106.04140). A block looks at frequencies with a two-dimensional depthwise convolution, averages
over the frequencies, looks at time with a one-dimensional one, and adds the result to all frequencies again (section
3.1). Sub-spectral normalisation (S. Chang et al., ICASSP 2021) normalises parts of the frequency axis apart: the idea
of sub-bands at almost no cost. With several bands, each has its own kernels in the first layer (Kao et al. 2019), and
all later layers are as much narrower in frequency as the bands.

Shapes here: [N, C, F, T], so that parts of the frequency axis are neighbours in memory.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from harken.errors import ConfigError
from harken.train.activation.configs import TermConfig
from harken.train.activation.multiplies import Layers
from harken.train.activation.subband import Merge, SubbandConv

_DILATIONS = (1, 2, 4, 8)
_HALVING = (1, 2)
"""Stages that halve the frequencies."""


class SubSpectralNorm(nn.Module):
    """Batch normalisation of each channel in each of `parts` equal parts of the frequency axis."""

    def __init__(self, channels: int, parts: int):
        super().__init__()
        self.parts = parts
        self.norm = nn.BatchNorm2d(channels * parts)

    def forward(self, x_NCFT: Tensor) -> Tensor:
        """[N, C, F, T] -> the same shape; F a multiple of `parts`."""
        n, channels, bins, time = x_NCFT.shape
        parts = x_NCFT.reshape(n, channels * self.parts, bins // self.parts, time)
        out: Tensor = self.norm(parts)
        return out.reshape(n, channels, bins, time)


class BroadcastBlock(nn.Module):
    """x + f2(x) + BC(f1(mean over frequencies of f2(x))), or without x where the number of channels changes."""

    def __init__(self, inputs: int, outputs: int, *, stride: int, dilation: int, parts: int, dropout: float):
        super().__init__()
        self.change = inputs != outputs or stride > 1
        self.inputs, self.outputs, self.stride = inputs, outputs, stride
        if self.change:
            self.mix = nn.Conv2d(inputs, outputs, 1, bias=False)
            self.mix_norm = nn.BatchNorm2d(outputs)
        self.along = nn.Conv2d(outputs, outputs, (3, 1), (stride, 1), padding=(1, 0), groups=outputs, bias=False)
        self.along_norm = SubSpectralNorm(outputs, parts)
        self.depth = nn.Conv1d(outputs, outputs, 3, padding=dilation, dilation=dilation, groups=outputs, bias=False)
        self.depth_norm = nn.BatchNorm1d(outputs)
        self.point = nn.Conv1d(outputs, outputs, 1, bias=False)
        self.drop = nn.Dropout1d(dropout)

    def forward(self, x_NCFT: Tensor) -> Tensor:
        """[N, C, F, T] -> [N, C', F', T]"""
        x = torch.relu(self.mix_norm(self.mix(x_NCFT))) if self.change else x_NCFT
        rows = self.along_norm(self.along(x))
        over_time = nn.functional.silu(self.depth_norm(self.depth(rows.mean(2))))
        sums = rows + self.drop(self.point(over_time))[:, :, None]
        out: Tensor = torch.relu(sums if self.change else sums + x)
        return out

    def count(self, name: str, layers: Layers) -> None:
        """Add the layers."""
        if self.change:
            layers.convolution(f"{name} mix", self.outputs)
        layers.convolution(f"{name} along", self.outputs, (1, 3), stride=(1, self.stride), groups=self.outputs)
        bins, layers.bins = layers.bins, 1
        layers.convolution(f"{name} depth", self.outputs, (3, 1), groups=self.outputs)
        layers.convolution(f"{name} point", self.outputs)
        layers.bins = bins


class BroadcastBody(nn.Module):
    """First convolution per band, merge, four stages of blocks, a convolution over all frequencies, mean over time.

    Raises:
        ConfigError: a merge that it does not have, not as many depths as widths, or a frequency axis that cannot be cut
            into `normalised` parts.
    """

    def __init__(self, config: TermConfig, band_width: int, outputs: int):
        super().__init__()
        if config.merge == "late":
            raise ConfigError("'broadcast' has no merge 'late'; expected channels or frequency")
        if len(config.widths) != len(config.depths):
            raise ConfigError(
                f"there are {len(config.widths)} widths and {len(config.depths)} depths; "
                "expected one of each for every stage"
            )
        self.config, self.outputs = config, outputs
        self.first = SubbandConv(config.bands, config.kernels, size=(5, 5), stride=(config.stride[0], 2), padded=True)
        self.first_norm = nn.BatchNorm2d(config.kernels)
        self.merge = Merge(config.merge, config.bands, config.kernels)
        blocks, bins = _blocks(config, self.merge.channels, -(-band_width // 2) * self.merge.rows)
        self.blocks, self.rows = nn.ModuleList(blocks), min(5, bins)
        width = config.widths[-1]
        self.over = nn.Conv2d(width, width, (self.rows, 5), padding=(0, 2), groups=width, bias=False)
        self.mix = nn.Conv2d(width, config.last, 1, bias=False)
        self.mix_norm = nn.BatchNorm2d(config.last)
        self.head = nn.Linear(config.last, outputs)

    def forward(self, x_NBTW: Tensor) -> Tensor:
        """[N, B, T, W] -> [N, outputs]"""
        x = self.merge(torch.relu(self.first_norm(self.first(x_NBTW)))).transpose(2, 3).contiguous()
        for block in self.blocks:
            x = block(x)
        x = torch.relu(self.mix_norm(self.mix(self.over(x))))
        out: Tensor = self.head(x.mean((2, 3)))
        return out

    def count(self, layers: Layers) -> None:
        """Add the layers."""
        config = self.config
        layers.convolution("first", config.kernels, (5, 5), stride=(config.stride[0], 2), groups=config.bands)
        layers.bins, layers.channels = layers.bins * self.merge.rows, self.merge.channels
        for number, block in enumerate(self.blocks):
            assert isinstance(block, BroadcastBlock)
            block.count(f"block {number}", layers)
        layers.bins += 1 - self.rows
        layers.convolution("over", layers.channels, (5, self.rows), groups=layers.channels)
        layers.convolution("mix", config.last)
        layers.time = layers.bins = 1
        layers.dense("head", self.outputs)


def _blocks(config: TermConfig, channels: int, bins: int) -> tuple[list[BroadcastBlock], int]:
    """The blocks of all stages, and the number of frequencies after them."""
    blocks = []
    for stage, (width, depth) in enumerate(zip(config.widths, config.depths, strict=True)):
        for number in range(depth):
            stride = 2 if stage in _HALVING and number == 0 else 1
            bins = -(-bins // stride)
            if bins % config.normalised:
                raise ConfigError(
                    f"{bins} frequencies of stage {stage + 1} cannot be normalised in {config.normalised} equal parts"
                )
            blocks.append(
                BroadcastBlock(
                    channels,
                    width,
                    stride=stride,
                    dilation=_DILATIONS[stage % len(_DILATIONS)],
                    parts=config.normalised,
                    dropout=config.dropout,
                )
            )
            channels = width
    return blocks, bins
