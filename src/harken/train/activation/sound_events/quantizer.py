"""Straight-through quantisation: the forward and backward pass see quantised weights, the optimiser a master copy.

A. Polino, R. Pascanu, D. Alistarh, "Model compression via distillation and quantization", ICLR 2018; levels and
buckets as in `harken.activation.packing`, whose arithmetic this uses, so that training and the packed file agree
exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from harken.activation.packing import BUCKET, PLAIN, is_coded, quantize


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weights: Tensor, bits: int, bucket: int, rng: np.random.Generator | None) -> Tensor:
        return torch.from_numpy(quantize(weights.detach().numpy(), bits=bits, bucket=bucket, rng=rng))

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, None, None, None]:
        return gradients[0], None, None, None


def straight_through(
    weights: Tensor, *, bits: int, bucket: int = BUCKET, rng: np.random.Generator | None = None
) -> Tensor:
    """Quantised weights whose gradient passes unchanged to `weights`; `rng` rounds stochastically."""
    quantised: Tensor = _StraightThrough.apply(weights, bits, bucket, rng)  # type: ignore[no-untyped-call]
    return quantised


def quantized_parameters(net: nn.Module, *, bits: int, bucket: int = BUCKET) -> dict[str, Tensor]:
    """Quantised stand-ins, by name, for the parameters that a packed file codes; none for `PLAIN` bits."""
    if bits == PLAIN:
        return {}
    return {
        name: straight_through(value, bits=bits, bucket=bucket)
        for name, value in net.named_parameters()
        if is_coded(tuple(value.shape), bits)
    }
