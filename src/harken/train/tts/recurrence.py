"""A recurrent layer with gates over long sequences of codes, in the form that trains fastest on a CPU.

The layer is that of `torch.nn.GRU` with a one-hot code and a slowly changing vector as input. Three things make it
fast. The code's product with its weights is a row of a table, and the vector's is computed once per frame. Nothing is
recorded step by step: forward and backward pass are written out, and the gradient of the recurrent weights is one
product at the end. On request gates and products are bfloat16; the running state and the weights keep their precision.

K. Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014 (gates as in torch: the reset
gate acts on the product); backward pass by the chain rule.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

sigmoid_backward, tanh_backward = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward
_ROWS = 1024
"""Rows of scores that are worked on at once: they fit into the processor's cache."""


def run_codes(table: Tensor, steady: Tensor, weight: Tensor, bias: Tensor, codes: Tensor, *, narrow: bool) -> Tensor:
    """States [N, B, H] of the layer, beginning with zeros.

    Args:
        table: what each code adds to the gates [Q, 3 H], gates in the order reset, update, new.
        steady: what each frame adds to them [F, B, 3 H], with the biases; N must be a multiple of F.
        weight: from the state to the gates [H, 3 H].
        bias: of the new state's product, inside the reset gate [H].
        codes: [N, B] integers, each the input of its own step.
        narrow: products in bfloat16.
    """
    states: Tensor = _RunCodes.apply(table, steady, weight, bias, codes, narrow)  # type: ignore[no-untyped-call]
    return states


def mean_code_loss(
    states: Tensor, affine: tuple[Tensor, Tensor], output: tuple[Tensor, Tensor], codes: Tensor, *, narrow: bool
) -> Tensor:
    """Mean cross entropy (nats) of codes [M] after two affine layers with a rectifier between them and a softmax.

    The scores [M, Q] never exist at once: each piece of rows leaves its gradient behind and is forgotten.

    Args:
        states: [M, H].
        affine: weight [H, F] and bias [F].
        output: weight [F, Q] and bias [Q].
        codes: [M] integers.
        narrow: products in bfloat16.
    """
    loss: Tensor = _CodeLoss.apply(states, *affine, *output, codes, narrow)  # type: ignore[no-untyped-call]
    return loss


class _RunCodes(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, table: Tensor, steady: Tensor, weight: Tensor, bias: Tensor, codes: Tensor, narrow: bool
    ) -> Tensor:
        kind = torch.bfloat16 if narrow else table.dtype
        (count, batch), size = codes.shape, len(weight)
        hop = count // len(steady)
        states = table.new_zeros(count + 1, batch, size, dtype=kind)
        gates = table.new_empty(count, batch, 2 * size, dtype=kind)
        news, held = (table.new_empty(count, batch, size, dtype=kind) for _ in range(2))
        matrix = weight.to(kind)
        to_gates, to_new = matrix[:, : 2 * size].contiguous(), matrix[:, 2 * size :].contiguous()
        rows, frames, offset = table.to(kind), steady.to(kind), bias.to(kind)
        state, own = table.new_zeros(batch, size), rows.new_empty(batch, 3 * size)
        for step in range(count):
            torch.index_select(rows, 0, codes[step], out=own)
            own += frames[step // hop]
            torch.addmm(own[:, : 2 * size], states[step], to_gates, out=gates[step]).sigmoid_()
            torch.addmm(offset, states[step], to_new, out=held[step])
            torch.addcmul(own[:, 2 * size :], gates[step, :, :size], held[step], out=news[step]).tanh_()
            torch.lerp(news[step].to(table.dtype), state, gates[step, :, size:].to(table.dtype), out=state)
            states[step + 1] = state
        ctx.save_for_backward(table, weight, codes, states, gates, news, held)
        ctx.frames = len(steady)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        table, weight, codes, states, gates, news, held = ctx.saved_tensors
        (count, batch), size, kind = codes.shape, len(weight), states.dtype
        hop, back = count // ctx.frames, weight.t().contiguous().to(kind)
        d_table, d_steady = torch.zeros_like(table), table.new_zeros(ctx.frames, batch, 3 * size)
        d_product = states.new_empty(count, batch, 3 * size)
        total, outer = table.new_zeros(batch, size), table.new_empty(batch, 3 * size)
        for step in range(count - 1, -1, -1):
            reset, update = gates[step].split(size, 1)
            total += grad[step]
            above = total.to(kind)
            d_new = tanh_backward(torch.addcmul(above, above, update, value=-1), news[step])
            open_gates = torch.cat([d_new * held[step], above * (states[step] - news[step])], 1)
            d_gates = sigmoid_backward(open_gates, gates[step])
            d_product[step, :, : 2 * size] = d_gates
            torch.mul(d_new, reset, out=d_product[step, :, 2 * size :])
            outer[:, : 2 * size], outer[:, 2 * size :] = d_gates, d_new
            d_table.index_add_(0, codes[step], outer)
            d_steady[step // hop] += outer
            total.mul_(update).add_(torch.mm(d_product[step], back))
        flat = d_product.reshape(-1, 3 * size)
        d_weight = (states[:-1].reshape(-1, size).t() @ flat).to(weight.dtype)
        d_bias = flat[:, 2 * size :].sum(0, dtype=weight.dtype)
        return d_table, d_steady, d_weight, d_bias, None, None


class _CodeLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, states: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, codes: Tensor, narrow: bool
    ) -> Tensor:
        kind = torch.bfloat16 if narrow else w1.dtype
        first, second, first_bias, second_bias = (value.to(kind) for value in (w1, w2, b1, b2))
        first_back, second_back = first.t().contiguous(), second.t().contiguous()
        grads = [torch.zeros_like(value) for value in (w1, b1, w2, b2)]
        d_states, total = torch.empty_like(states), w1.new_zeros(())
        for start in range(0, len(codes), _ROWS):
            rows = slice(start, start + _ROWS)
            below, wanted = states[rows].to(kind), codes[rows, None]
            hidden = torch.addmm(first_bias, below, first).relu_()
            chances = torch.addmm(second_bias, hidden, second).softmax(1, dtype=w1.dtype)
            total -= chances.gather(1, wanted).log().sum()
            chances.scatter_add_(1, wanted, chances.new_full(wanted.shape, -1))
            narrowed = chances.to(kind)
            grads[2] += torch.mm(hidden.t(), narrowed)
            grads[3] += chances.sum(0)
            d_hidden = torch.mm(narrowed, second_back).mul_(hidden > 0)
            grads[0] += torch.mm(below.t(), d_hidden)
            grads[1] += d_hidden.sum(0, dtype=w1.dtype)
            d_states[rows] = torch.mm(d_hidden, first_back)
        ctx.save_for_backward(d_states, *grads)
        ctx.count = len(codes)
        loss: Tensor = total / ctx.count
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        return (*(value * (grad / ctx.count) for value in ctx.saved_tensors), None, None)
