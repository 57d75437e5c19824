"""Sub-band convolutions, and the network made of them that scores a stream.

Published method: C.-C. Kao, M. Sun, Y. Gao, S. Vitaladevuni, C. Wang, "Sub-band Convolutional Neural Networks for
Small-footprint Spoken Term Classification", Interspeech 2019 (arXiv 1907.01448). Each frequency band has its own
kernels in the first layer. Then the bands' outputs are stacked along the channels (which the paper finds best) or along
the frequency, or each band has a second layer of its own. The layer sizes and everything after the second layer are our
own: those of the paper could not be read, and a stream needs temporal layers with memory instead of one large fully
connected layer. `harken.train.activation.terms` has the network of the paper, for windows of fixed length.

Shapes: N batch, T frames, F mel bins, B bands, W bins in a band, C channels.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from harken.activation.wakeword import STRIDE
from harken.errors import ConfigError
from harken.train.activation.configs import MERGES, SubbandConfig


class BandSplitter(nn.Module):
    """Cuts F bins into B bands of W = (F + (B - 1) overlap) / B bins each.

    Raises:
        ConfigError: W would not be a whole number.
    """

    def __init__(self, bins: int, bands: int, overlap: int = 0):
        super().__init__()
        total = bins + (bands - 1) * overlap
        if bands < 1 or overlap < 0 or total % bands or total // bands <= overlap:
            raise ConfigError(
                f"{bins} bins cannot be cut into {bands} bands that share {overlap}: (bins + (bands - 1) * overlap) / "
                "bands must be a whole number above the overlap"
            )
        self.bands, self.band_width, self.step = bands, total // bands, total // bands - overlap

    def forward(self, x_NTF: Tensor) -> Tensor:
        """[N, T, F] -> [N, B, T, W]."""
        parts = [x_NTF[:, :, b * self.step : b * self.step + self.band_width] for b in range(self.bands)]
        return torch.stack(parts, 1)


class SubbandConv(nn.Module):
    """First layer: every band has its own kernels; with one band it is an ordinary convolution.

    A grouped convolution over the bands as input channels. The frequency is padded, W' = ceil(W / stride), time only if
    `padded`: T' = ceil(T / stride), otherwise T' = 1 + (T - kernel) // stride.

    Args:
        bands: B.
        kernels: C, all bands together.
        size: of a kernel, (time, frequency).
        stride: (time, frequency).
        padded: whether time is padded, too.

    Raises:
        ConfigError: the kernels cannot be divided among the bands.
    """

    def __init__(
        self,
        bands: int,
        kernels: int,
        *,
        size: tuple[int, int] = (5, 5),
        stride: tuple[int, int] = (STRIDE, 2),
        padded: bool = False,
    ):
        super().__init__()
        groups = shared(kernels, bands)
        self.conv = (
            SameConv(bands, kernels, size, stride, groups=groups)
            if padded
            else nn.Conv2d(bands, kernels, size, stride, padding=(0, size[1] // 2), groups=groups, bias=False)
        )

    def forward(self, x_NBTW: Tensor) -> Tensor:
        """[N, B, T, W] -> [N, C, T', W']: channels of band 0 first, then of band 1, ..."""
        out: Tensor = self.conv(x_NBTW)
        return out


class SameConv(nn.Conv2d):
    """A convolution without bias that gives ceil(T / stride) x ceil(F / stride) values of T x F.

    Kernels of an even size reach one value further forward than back.
    """

    def __init__(
        self, inputs: int, outputs: int, size: tuple[int, int], stride: tuple[int, int] = (1, 1), *, groups: int = 1
    ):
        back = ((size[0] - 1) // 2, (size[1] - 1) // 2)
        super().__init__(inputs, outputs, size, stride, padding=back, groups=groups, bias=False)
        self._forward = (0, 1 - size[1] % 2, 0, 1 - size[0] % 2)

    def forward(self, x_NCTF: Tensor) -> Tensor:
        """[N, C, T, F] -> [N, outputs, T', F']"""
        return super().forward(nn.functional.pad(x_NCTF, self._forward) if any(self._forward) else x_NCTF)


def shared(kernels: int, bands: int) -> int:
    """The number of bands, if the kernels can be divided among them.

    Raises:
        ConfigError: they cannot.
    """
    if kernels % bands:
        raise ConfigError(f"{kernels} kernels cannot be divided among {bands} bands; give a multiple of {bands}")
    return bands


class Merge(nn.Module):
    """How the bands meet between the first and the second layer.

    Args:
        kind: one of `MERGES`.
        bands: B.
        kernels: C of the first layer, all bands together.

    Attributes:
        channels: of what the second layer gets.
        groups: of the second layer: B if each band has kernels of its own there, too.
        rows: bands that lie one above the other in what it gets.

    Raises:
        ConfigError: there is no such merge.
    """

    def __init__(self, kind: str, bands: int, kernels: int):
        super().__init__()
        if kind not in MERGES:
            raise ConfigError(f"bands cannot be merged by '{kind}'; expected {', '.join(MERGES[:-1])} or {MERGES[-1]}")
        self.rows = bands if kind == "frequency" else 1
        self.groups = bands if kind == "late" else 1
        self.channels = kernels // self.rows

    def forward(self, x_NCTW: Tensor) -> Tensor:
        """[N, C, T, W] -> [N, channels, T, rows * W]"""
        if self.rows == 1:
            return x_NCTW
        n, _, time, width = x_NCTW.shape
        return x_NCTW.reshape(n, self.rows, self.channels, time, width).permute(0, 2, 3, 1, 4).flatten(3)


class TemporalLayer(nn.Module):
    """Depthwise convolution over time and a mix of channels, added to the input."""

    def __init__(self, width: int, dilation: int, dropout: float, *, kernel: int = 9):
        super().__init__()
        self.memory = (kernel - 1) * dilation
        self.depth = nn.Conv1d(width, width, kernel, dilation=dilation, groups=width, bias=False)
        self.mix = nn.Conv1d(width, width, 1, bias=False)
        self.norm = nn.BatchNorm1d(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x_NCT: Tensor, state_NCM: Tensor) -> tuple[Tensor, Tensor]:
        """[N, C, T] and what came before [N, C, M] -> [N, C, T] and what to remember."""
        joined = torch.cat([state_NCM, x_NCT], 2)
        out = torch.relu(self.norm(self.mix(self.depth(joined))))
        return x_NCT + self.drop(out), joined[:, :, -self.memory :]


class SubbandNet(nn.Module):
    """Log-mel frames in, one score per 20 ms out, with all memory in explicit states.

    Args:
        config: sizes.
        outputs: scores per output frame.
    """

    _FIRST, _SECOND = 5, 3  # kernel lengths in time, input frames and output frames

    def __init__(self, config: SubbandConfig | None = None, *, outputs: int = 1):
        super().__init__()
        self.config = config = config or SubbandConfig()
        self.split = BandSplitter(config.bins, config.bands, config.overlap)
        self.first = SubbandConv(config.bands, config.kernels, size=(self._FIRST, 5))
        self.first_norm = nn.BatchNorm2d(config.kernels)
        self.merge = merge = Merge(config.merge, config.bands, config.kernels)
        self.second = nn.Conv2d(
            merge.channels, config.channels, (self._SECOND, 3), padding=(0, 1), bias=False,
            groups=shared(config.channels, merge.groups),
        )  # fmt: skip
        self.second_norm = nn.BatchNorm2d(config.channels)
        self.reduced = -(-self.split.band_width // 2) * merge.rows
        self.narrow = nn.Conv1d(config.channels * self.reduced, config.width, 1, bias=False)
        self.narrow_norm = nn.BatchNorm1d(config.width)
        self.layers = nn.ModuleList(TemporalLayer(config.width, d, config.dropout) for d in config.dilations)
        self.head = nn.Conv1d(config.width, outputs, 1)

    def states(self, batch: int = 1) -> list[Tensor]:
        """The memory of a stream that has not begun: zeros, for the first, the second and all temporal layers."""
        config = self.config
        first = torch.zeros(batch, self._FIRST - STRIDE, config.bins)
        second = torch.zeros(batch, self.merge.channels, self._SECOND - 1, self.reduced)
        memory = sum(layer.memory for layer in self._temporal())
        return [first, second, torch.zeros(batch, config.width, memory)]

    def forward(
        self, x_NTF: Tensor, first: Tensor, second: Tensor, temporal: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Raw log-mel [N, T, F], T even, and states -> logits [N, T / 2, outputs] and next states."""
        x = torch.cat([first, normalize(x_NTF)], 1)
        first = x[:, -(self._FIRST - STRIDE) :]
        x = self.merge(torch.relu(self.first_norm(self.first(self.split(x)))))
        x = torch.cat([second, x], 2)
        second = x[:, :, -(self._SECOND - 1) :]
        x = torch.relu(self.second_norm(self.second(x)))
        x = x.permute(0, 1, 3, 2).flatten(1, 2)
        x = torch.relu(self.narrow_norm(self.narrow(x)))
        layers = self._temporal()
        following = []
        for layer, state in zip(layers, torch.split(temporal, [layer.memory for layer in layers], 2), strict=True):
            x, remembered = layer(x, state)
            following.append(remembered)
        return self.head(x).transpose(1, 2), first, second, torch.cat(following, 2)

    def _temporal(self) -> Sequence[TemporalLayer]:
        return [layer for layer in self.layers if isinstance(layer, TemporalLayer)]


def normalize(x: Tensor) -> Tensor:
    """Raw log-mel to about -2..2; values below the step of 16-bit sound are cut off, so that digital silence and quiet
    rooms look the same."""
    return (torch.clamp(x, min=0.0) - 10.0) / 5.0


def count_multiplies(net: SubbandNet, frames: int = 100) -> dict[str, int]:
    """Multiplies per layer for `frames` input frames of a running stream, without the normalisation layers."""
    config, steps = net.config, frames // STRIDE
    layers = {
        "first": steps * net.reduced // net.merge.rows * net.first.conv.weight.numel(),
        "second": steps * net.reduced * net.second.weight.numel(),
        "narrow": steps * net.narrow.weight.numel(),
    }
    for number, layer in enumerate(net._temporal()):
        layers[f"temporal {number}"] = steps * (layer.depth.weight.numel() + layer.mix.weight.numel())
    layers["head"] = steps * config.width * net.head.out_channels
    return layers
