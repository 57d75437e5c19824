"""The fast layer gives what torch's own layer gives, forward and backward."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from harken.train.tts.recurrence import mean_code_loss, run_codes  # noqa: E402

LEVELS, WIDTH, HIDDEN, FRAMES, HOP, BATCH = 7, 3, 5, 4, 3, 2


@pytest.fixture
def layer() -> nn.GRU:
    torch.manual_seed(0)
    return nn.GRU(LEVELS + WIDTH, HIDDEN).double()


@pytest.fixture
def codes() -> Tensor:
    return torch.randint(0, LEVELS, (FRAMES * HOP, BATCH), generator=torch.Generator().manual_seed(1))


@pytest.fixture
def frames() -> Tensor:
    return torch.randn(FRAMES, BATCH, WIDTH, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


def plain(layer: nn.GRU, frames: Tensor, codes: Tensor) -> Tensor:
    coded = nn.functional.one_hot(codes, LEVELS).double()
    states: Tensor = layer(torch.cat([coded, frames.repeat_interleave(HOP, 0)], 2))[0]
    return states


def fast(layer: nn.GRU, frames: Tensor, codes: Tensor, *, narrow: bool = False) -> Tensor:
    bias = layer.bias_ih_l0 + torch.cat([layer.bias_hh_l0[: 2 * HIDDEN], frames.new_zeros(HIDDEN)])
    steady = frames @ layer.weight_ih_l0[:, LEVELS:].t() + bias
    table = layer.weight_ih_l0[:, :LEVELS].t()
    return run_codes(table, steady, layer.weight_hh_l0.t(), layer.bias_hh_l0[2 * HIDDEN :], codes, narrow=narrow)


def test_states_are_those_of_the_plain_layer(layer: nn.GRU, frames: Tensor, codes: Tensor) -> None:
    torch.testing.assert_close(fast(layer, frames, codes), plain(layer, frames, codes))


def test_gradients_are_those_of_the_plain_layer(layer: nn.GRU, frames: Tensor, codes: Tensor) -> None:
    grads = []
    for run in (plain, fast):
        layer.zero_grad()
        below = frames.clone().requires_grad_()
        states = run(layer, below, codes)
        (states * torch.arange(states.numel(), dtype=states.dtype).reshape(states.shape).sin()).sum().backward()
        grads.append([below.grad, *(value.grad for value in layer.parameters())])
    for ours, theirs in zip(*grads, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_narrow_products_change_the_states_a_little(layer: nn.GRU, frames: Tensor, codes: Tensor) -> None:
    layer = layer.float()
    gap = (fast(layer, frames.float(), codes, narrow=True) - plain(layer.double(), frames, codes)).abs().max()
    assert 1e-5 < gap < 2e-2


def test_loss_and_gradients_are_those_of_layers_and_cross_entropy() -> None:
    torch.manual_seed(3)
    shapes = [(2500, HIDDEN), (HIDDEN, 4), (4,), (4, LEVELS), (LEVELS,)]
    values = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    wanted = torch.randint(0, LEVELS, (2500,))
    results = []
    for ours in (True, False):
        for value in values:
            value.grad = None
        states, w1, b1, w2, b2 = values
        if ours:
            loss = mean_code_loss(states, (w1, b1), (w2, b2), wanted, narrow=False)
        else:
            loss = nn.functional.cross_entropy(torch.relu(states @ w1 + b1) @ w2 + b2, wanted)
        (3 * loss).backward()
        results.append([loss.detach(), *(value.grad for value in values)])
    for ours_, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours_, theirs)
