"""The recurrent detector in torch, as `harken.activation.sound_network` runs it, and batch normalisation folded in.

Teacher and student are the same network in two sizes.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from harken.activation.front_end import BINS
from harken.activation.packing import Weights
from harken.activation.sound_network import KERNELS, NOTHING, STRIDES
from harken.train.activation.sound_events.configs import SoundNetConfig
from harken.train.activation.sound_events.material import LABELS

CLASSES = (*LABELS, NOTHING)
"""What the outputs stand for."""


class SoundNet(nn.Module):
    """Normalised frames [B, T, 40], T a multiple of 8, to logits [B, T / 8, classes].

    Args:
        config: sizes.
    """

    def __init__(self, config: SoundNetConfig):
        super().__init__()
        self.config = config
        sizes = zip((1, *config.channels), config.channels, KERNELS, STRIDES, strict=False)
        self.convs = nn.ModuleList(nn.Conv2d(a, b, kernel, stride=stride) for a, b, kernel, stride in sizes)
        self.norms: nn.ModuleList = nn.ModuleList(nn.BatchNorm2d(channels) for channels in config.channels)
        self.gru = nn.GRU(config.channels[-1] * BINS // 8, config.hidden, batch_first=True)
        self.out = nn.Linear(config.hidden, len(CLASSES))

    def forward(self, frames: Tensor, weights: Mapping[str, Tensor] | None = None) -> Tensor:
        """Logits; `weights` stand in for the parameters of their names."""
        used = {**dict(self.named_parameters()), **(weights or {})}
        x = frames[:, None]
        for n, (kernel, stride) in enumerate(zip(KERNELS, STRIDES, strict=True)):
            side = kernel[1] // 2
            padded = functional.pad(x, (side, side, kernel[0] - stride[0], 0))
            x = functional.conv2d(padded, used[f"convs.{n}.weight"], used[f"convs.{n}.bias"], stride)
            x = functional.relu(self.norms[n](x))
        x = self._dropped(x.permute(0, 2, 1, 3).flatten(2))
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        start = x.new_zeros(1, len(x), self.config.hidden)
        hidden, _ = torch.gru(x, start, [used[f"gru.{name}"] for name in names], True, 1, 0.0, False, False, True)
        return functional.linear(self._dropped(hidden), used["out.weight"], used["out.bias"])

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.config.dropout, self.training)


def fold_norms(net: SoundNet) -> SoundNet:
    """The same function (of a network in eval mode) without batch normalisation: it becomes part of the convolutions.

    w' = w * gamma / sqrt(variance + eps), b' = (b - mean) * gamma / sqrt(variance + eps) + beta.
    """
    folded = copy.deepcopy(net)
    with torch.no_grad():
        for conv, norm in zip(folded.convs, folded.norms, strict=True):
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            assert conv.bias is not None
            assert norm.running_mean is not None
            assert norm.running_var is not None
            factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            conv.weight.mul_(factor[:, None, None, None])
            conv.bias.sub_(norm.running_mean).mul_(factor).add_(norm.bias)
    folded.norms = nn.ModuleList(nn.Identity() for _ in folded.norms)
    return folded


def pool(logits: Tensor, heard: Tensor) -> Tensor:
    """Mean [B, classes] of the logits [B, t, classes] of the steps that hold sound (heard [B, t])."""
    kept = torch.where(heard.any(dim=1, keepdim=True), heard, True).to(logits.dtype)[:, :, None]
    return (logits * kept).sum(dim=1) / kept.sum(dim=1)


def arrays(net: SoundNet) -> dict[str, Weights]:
    """The parameters of a folded network, by name, float32."""
    return {name: np.asarray(value.detach().numpy(), np.float32) for name, value in net.named_parameters()}


def parameter_count(net: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(value.numel() for value in net.parameters())
