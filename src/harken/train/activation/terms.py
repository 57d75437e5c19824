"""The sub-band network that names the word in a window of sound: the paper's own, and a modern small one.

Published method: Kao et al., Interspeech 2019 (see `harken.train.activation.subband`). One class for all variants: the
full-band network has one band. The paper's network ('plain') has two convolutions and a fully connected layer; its
sizes are ours. 'broadcast' has the same bands before broadcasted residual blocks (`harken.train.activation.broadcast`).

Shapes: N batch, T frames, F mel bins, B bands, W bins in a band, C channels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from harken.errors import ConfigError
from harken.train.activation.broadcast import BroadcastBody
from harken.train.activation.configs import TermConfig
from harken.train.activation.multiplies import Layers
from harken.train.activation.subband import BandSplitter, Merge, SameConv, SubbandConv, shared


class TermNet(nn.Module):
    """Log-mel frames of a window in, a logit for each word out.

    Each bin is taken relative to its mean over the window, so that level and microphone matter little.

    Args:
        config: sizes.
        outputs: words.

    Raises:
        ConfigError: sizes that do not fit together, or no such body or merge.
    """

    def __init__(self, config: TermConfig | None = None, *, outputs: int):
        super().__init__()
        self.config = config = config or TermConfig()
        if config.body not in ("plain", "broadcast"):
            raise ConfigError(f"there is no body '{config.body}'; expected plain or broadcast")
        self.outputs = outputs
        self.deviation: Tensor
        self.register_buffer("deviation", torch.ones(config.bins))
        self.split = BandSplitter(config.bins, config.bands, config.overlap)
        kind = PlainBody if config.body == "plain" else BroadcastBody
        self.body: PlainBody | BroadcastBody = kind(config, self.split.band_width, outputs)

    def forward(self, x_NTF: Tensor) -> Tensor:
        """Raw log-mel [N, T, F] with T = `config.frames` -> logits [N, outputs]."""
        out: Tensor = self.body(self.split(without_mean(x_NTF) / self.deviation))
        return out

    def layers(self) -> Layers:
        """The layers with their multiplications and weights."""
        config = self.config
        count = Layers(time=config.frames, bins=self.split.band_width, channels=config.bands)
        self.body.count(count)
        return count


class PlainBody(nn.Module):
    """Convolution per band, pooling, merge, convolution, fully connected."""

    def __init__(self, config: TermConfig, band_width: int, outputs: int):
        super().__init__()
        self.config, self.outputs = config, outputs
        self.first = SubbandConv(
            config.bands, config.kernels, size=pair(config.first), stride=pair(config.stride), padded=True
        )
        self.pool = nn.MaxPool2d(pair(config.pool), ceil_mode=True)
        self.first_norm = nn.BatchNorm2d(config.kernels)
        self.merge = merge = Merge(config.merge, config.bands, config.kernels)
        groups = shared(config.channels, merge.groups)
        self.second = SameConv(merge.channels, config.channels, pair(config.second), groups=groups)
        self.second_norm = nn.BatchNorm2d(config.channels)
        count = Layers(time=config.frames, bins=band_width, channels=config.bands)
        self.count(count)
        size = count.listed[2].product
        self.drop = nn.Dropout(config.dropout)
        self.hidden = nn.Linear(size, config.hidden) if config.hidden else None
        self.head = nn.Linear(config.hidden or size, outputs)

    def forward(self, x_NBTW: Tensor) -> Tensor:
        """[N, B, T, W] -> [N, outputs]"""
        x = self.seen_by_second(x_NBTW)
        x = torch.relu(self.second_norm(self.second(x))).flatten(1)
        if self.hidden is not None:
            x = torch.relu(self.hidden(self.drop(x)))
        out: Tensor = self.head(self.drop(x))
        return out

    def seen_by_second(self, x_NBTW: Tensor) -> Tensor:
        """What the second layer gets: [N, C, T', W']."""
        x = self.first(x_NBTW)
        if self.training:
            x = x.contiguous(memory_format=torch.channels_last)  # the same numbers, in half the time
        merged: Tensor = self.merge(torch.relu(self.first_norm(self.pool(x))))
        return merged

    def count(self, count: Layers) -> None:
        """Add the layers."""
        config, merge = self.config, self.merge
        count.convolution("first", config.kernels, pair(config.first), stride=pair(config.stride), groups=config.bands)
        count.pool(pair(config.pool))
        count.bins, count.channels = count.bins * merge.rows, merge.channels
        count.convolution("second", config.channels, pair(config.second), groups=merge.groups)
        if config.hidden:
            count.dense("hidden", config.hidden)
        count.dense("head", self.outputs)


def without_mean(x_NTF: Tensor) -> Tensor:
    """Each bin minus its mean over the window; values below the step of 16-bit sound are cut off."""
    x = torch.clamp(x_NTF, min=0.0)
    return x - x.mean(1, keepdim=True)


def pair(size: tuple[int, ...]) -> tuple[int, int]:
    """(time, frequency) from a setting.

    Raises:
        ConfigError: it is not two positive numbers.
    """
    if len(size) != 2 or min(size) < 1:
        raise ConfigError(f"a size is {list(size)}; expected [time, frequency], both 1 or more")
    return size[0], size[1]
