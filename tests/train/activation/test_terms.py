"""The network for spoken terms: what the paper says about bands and merges, costs, and what it learns."""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harken.errors import ConfigError  # noqa: E402
from harken.train.activation.configs import MARGIN, TermConfig  # noqa: E402
from harken.train.activation.term_task import TermData, TermTask, vary  # noqa: E402
from harken.train.activation.terms import TermNet  # noqa: E402

LARGE = TermConfig(first=(20, 8), stride=(1, 1), pool=(2, 2), kernels=64, channels=64, second=(10, 4), hidden=0)
"""The network of the papers that first spotted words by convolutions."""
SMALL = TermConfig(stride=(1, 1), pool=(1, 3))
"""A reconstruction that saves as much as the paper says."""
TINY = TermConfig(kernels=8, channels=8, hidden=6, frames=30)
BROADCAST = TermConfig(body="broadcast", kernels=16, stride=(1, 1), normalised=5)


def _net(config: TermConfig, outputs: int = 12) -> TermNet:
    torch.manual_seed(0)
    return TermNet(config, outputs=outputs).eval()


def test_networks_called_equal_in_cost_are() -> None:
    from harken.recipes.activation.terms.arms import ARMS, EQUAL_COST

    costs = {arm.name: _net(arm.net).layers().multiplies for arm in ARMS}
    assert all(0.92 < costs[method] / costs[baseline] < 1 for method, baseline in EQUAL_COST)


@pytest.mark.parametrize(
    ("bands", "overlap", "kernels", "multiplies"),
    [(1, 0, 64, 201_456_640), (2, 0, 64, 100_728_320), (2, 8, 64, 120_873_984), (4, 0, 64, 50_364_160)],
)
def test_the_large_network_costs_what_the_formula_says(bands: int, overlap: int, kernels: int, multiplies: int) -> None:
    net = _net(replace(LARGE, bands=bands, overlap=overlap, kernels=kernels))
    assert net.layers().multiplies == multiplies


def test_the_reconstruction_saves_as_much_as_the_paper() -> None:
    full = _net(SMALL).layers().multiplies
    two = _net(replace(SMALL, bands=2, overlap=2)).layers().multiplies
    three = _net(replace(SMALL, bands=3, overlap=4, kernels=48)).layers().multiplies
    assert (full, two, three) == (21_601_536, 10_954_816, 13_021_440)
    assert [round(100 * (1 - part / full), 1) for part in (two, three)] == [49.3, 39.7]


def test_the_modern_network_has_the_published_number_of_parameters() -> None:
    net = _net(BROADCAST)
    assert sum(weights.numel() for weights in net.parameters()) == 9_232


@pytest.mark.parametrize(
    "config",
    [
        *(replace(TINY, bands=2, overlap=2, merge=merge) for merge in ("channels", "late", "frequency")),
        replace(LARGE, bands=2),
        replace(TINY, hidden=0),
        BROADCAST,
        *(replace(BROADCAST, bands=2, normalised=1, merge=merge) for merge in ("channels", "frequency")),
    ],
)
def test_counted_multiplies_are_those_that_happen(config: TermConfig) -> None:
    net, happened = _net(config), []

    def hook(module: torch.nn.Module, inputs: object, output: torch.Tensor) -> None:
        happened.append((output.numel(), module.weight[0].numel()))

    for module in net.modules():
        if isinstance(module, torch.nn.Conv1d | torch.nn.Conv2d | torch.nn.Linear):
            module.register_forward_hook(hook)
    net(torch.rand(1, config.frames, 40))
    assert happened == [(layer.outputs, layer.product) for layer in net.layers().listed]
    holders = [m for m in net.modules() if isinstance(m, torch.nn.Conv1d | torch.nn.Conv2d | torch.nn.Linear)]
    assert net.layers().weights == sum(holder.weight.numel() for holder in holders)


def test_one_band_is_the_ordinary_network() -> None:
    net = _net(TINY)
    body, f = net.body, torch.nn.functional
    x = torch.rand(3, 30, 40) * 20
    first = f.conv2d((x - x.mean(1, keepdim=True))[:, None], body.first.conv.weight, stride=(2, 1), padding=3)
    seen = torch.relu(body.first_norm(f.max_pool2d(first, (2, 3), ceil_mode=True)))
    second = torch.relu(body.second_norm(f.conv2d(seen, body.second.weight, padding=1))).flatten(1)
    assert torch.allclose(net(x), body.head(torch.relu(body.hidden(second))), atol=1e-6)


def test_bands_cost_no_weights_of_convolutions() -> None:
    plain, banded = (_net(replace(LARGE, bands=bands)).layers().listed for bands in (1, 4))
    assert [layer.weights for layer in banded[:2]] == [layer.weights for layer in plain[:2]]


def _reached(merge: str, bins: slice) -> torch.Tensor:
    """Outputs [C, W] of the second layer that a change of some bins reaches."""
    net = _net(replace(TINY, kernels=32, bands=4, merge=merge, pool=(1, 1)))
    x = torch.rand(1, 30, 40) * 20
    changed = x.clone()
    changed[:, :, bins] += 5
    plain, other = (net.body.second(net.body.seen_by_second(net.split(f))) for f in (x, changed))
    return (plain - other).abs().amax(2)[0] > 1e-6


def test_side_by_side_the_second_layer_sees_every_band() -> None:
    assert all(_reached("channels", slice(10 * band, 10 * band + 10)).all() for band in range(4))


def test_late_the_second_layer_of_a_band_sees_that_band_alone() -> None:
    reached = _reached("late", slice(10, 20)).any(1)
    assert reached.tolist() == [False] * 2 + [True] * 2 + [False] * 4


def test_one_above_the_other_the_second_layer_sees_a_neighbour_at_the_edge_alone() -> None:
    reached = _reached("frequency", slice(10, 20)).any(0)
    assert reached.nonzero().flatten().tolist() == list(range(9, 21))  # the band's own places, and one to each side


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"body": "large"}, "no body 'large'"),
        ({"stride": (1,)}, "expected .time, frequency."),
        ({"kernels": 9, "bands": 2}, "multiple of 2"),
        ({"channels": 9, "bands": 2, "merge": "late"}, "multiple of 2"),
        ({"body": "broadcast", "merge": "late"}, "expected channels or frequency"),
        ({"body": "broadcast", "kernels": 16, "bands": 2, "normalised": 5}, "cannot be normalised in 5"),
        ({"body": "broadcast", "depths": (1, 1)}, "4 widths and 2 depths"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        TermNet(replace(TINY, **change), outputs=3)


def test_normalised_parts_have_statistics_of_their_own() -> None:
    from harken.train.activation.broadcast import SubSpectralNorm

    norm = SubSpectralNorm(1, 2).train()
    x = torch.randn(50, 1, 4, 9) * torch.tensor([1.0, 1, 7, 7])[:, None] + torch.tensor([0.0, 0, 90, 90])[:, None]
    out = norm(x).detach()
    assert out[:, :, :2].mean().abs() < 1e-4
    assert out[:, :, 2:].mean().abs() < 1e-4
    assert out[:, :, 2:].std() == pytest.approx(1, abs=0.01)


def test_a_quarter_of_the_multiplications_takes_less_time() -> None:
    """Processor time of one core, the two in turn, so that what else the machine does meets both."""
    nets = [_net(LARGE), _net(replace(LARGE, bands=4))]
    x, threads, took = torch.rand(1, 98, 40), torch.get_num_threads(), ([], [])
    torch.set_num_threads(1)
    try:
        with torch.no_grad():
            for _ in range(20):
                for net, times in zip(nets, took, strict=True):
                    began = time.thread_time()
                    net(x)
                    times.append(time.thread_time() - began)
    finally:
        torch.set_num_threads(threads)
    assert median(took[0]) > 1.3 * median(took[1])


def test_training_moves_the_word_but_keeps_its_shape() -> None:
    quiet = np.full((500, 3), -30.0, np.float32)
    windows = np.zeros((200, 30 + 2 * MARGIN, 3), np.float32)
    windows[:, MARGIN + 15] = 20
    out = vary(windows, quiet, np.random.default_rng(0))
    assert out.shape == (200, 30, 3)
    places = out.mean(2).argmax(1)
    assert (places.min(), places.max()) == (15 - MARGIN, 15 + MARGIN)
    contrast = out.mean(2).max(1) - np.median(out.mean(2), axis=1)
    assert contrast.max() == pytest.approx(20, abs=0.01)


def test_another_level_or_microphone_changes_no_answer() -> None:
    net, x = _net(TINY), torch.rand(2, 30, 40) * 5 + 10
    assert torch.allclose(net(x + 3 + torch.linspace(-2, 2, 40)), net(x), atol=1e-4)


def test_training_puts_noise_under_most_windows() -> None:
    noise = np.full((500, 3), 8.0, np.float32)
    windows = np.zeros((300, 30 + 2 * MARGIN, 3), np.float32)
    windows[:, MARGIN : MARGIN + 30] = 20
    out = vary(windows, noise, np.random.default_rng(0)).mean(2)
    lowered = np.median(out, axis=1)[:, None] - out  # where a window was moved beyond the word, only noise is left
    moved = lowered.max(1) > 0.5
    noisy = lowered.max(1) < 15
    assert 0.7 < noisy[moved].mean() < 0.9


def test_sound_below_the_step_of_16_bits_is_silence() -> None:
    net, x = _net(TINY), torch.rand(1, 30, 40) * 5
    x[:, :10] = -3.0
    silent = x.clone()
    silent[:, :10] = -15.9
    assert torch.equal(net(x), net(silent))


def _task(count: int = 7, batch: int = 3) -> TermTask:
    rng = np.random.default_rng(0)
    windows = rng.normal(12, 2, (count, 30 + 2 * MARGIN, 40)).astype(np.float32)
    windows[:, :, 20:] = 12 + 3 * (windows[:, :, 20:] - 12)
    data = TermData(windows=windows, labels=np.arange(count))
    return TermTask(data, data, windows[0], TINY, words=count, batch=batch)


def test_each_bin_is_taken_relative_to_its_deviation_in_training() -> None:
    net = _task().net.eval()
    assert net.deviation[:20].mean() == pytest.approx(2, rel=0.1)
    assert net.deviation[20:].mean() == pytest.approx(6, rel=0.1)
    x = torch.rand(1, 30, 40) * 5 + 10
    plain = net(x)
    net.deviation *= 2
    assert torch.allclose(net(10 + 2 * (x - 10)), plain, atol=1e-4)


def test_an_epoch_sees_no_window_twice_and_all_but_an_incomplete_batch() -> None:
    batches = _task().batches(0, np.random.default_rng(0))
    assert [len(batch) for batch in batches] == [3, 3]
    assert len(set(np.concatenate(batches).tolist())) == 6


def test_an_unmoved_window_is_the_middle() -> None:
    data = _task().data
    assert np.array_equal(data.unshifted.numpy(), data.windows[:, MARGIN : MARGIN + 30])


def test_a_kernel_of_even_size_reaches_further_forward() -> None:
    from harken.train.activation.subband import SameConv

    layer, x = SameConv(1, 1, (4, 2)), torch.zeros(1, 1, 9, 9)
    x[0, 0, 4, 4] = 1
    reached = layer(x)[0, 0].detach().abs() > 0
    assert reached.any(1).nonzero().flatten().tolist() == [2, 3, 4, 5]  # outputs whose kernels reach the value
    assert reached.any(0).nonzero().flatten().tolist() == [3, 4]


def test_a_broadcast_block_keeps_its_input_and_looks_as_far_as_its_dilation() -> None:
    from harken.train.activation.broadcast import BroadcastBlock

    block = BroadcastBlock(4, 4, stride=1, dilation=4, parts=1, dropout=0.0).eval()
    x = torch.rand(1, 4, 6, 21)
    changed = x.clone()
    changed[..., 10] += 1
    moved = (block(x) - block(changed)).abs().amax((0, 1, 2)) > 1e-6
    assert moved.nonzero().flatten().tolist() == [6, 10, 14]
    with torch.no_grad():
        block.along.weight.zero_()
        block.point.weight.zero_()
    assert torch.allclose(block(x), x)


def test_the_blocks_of_later_stages_look_further() -> None:
    net = _net(BROADCAST)
    assert [block.depth.dilation[0] for block in net.body.blocks] == [1] * 2 + [2] * 2 + [4] * 4 + [8] * 4
