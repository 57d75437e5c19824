"""The sub-band network: properties of the published method, and streaming."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from harken.errors import ConfigError  # noqa: E402
from harken.train.activation.subband import (  # noqa: E402
    BandSplitter,
    SubbandConfig,
    SubbandConv,
    SubbandNet,
    count_multiplies,
)

SMALL = SubbandConfig(kernels=8, channels=6, width=10, dilations=(1, 2), dropout=0.0)


def _net(config: SubbandConfig = SMALL) -> SubbandNet:
    torch.manual_seed(0)
    net = SubbandNet(config).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2.0)
    return net


def _frames(count: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(1, count, 40, generator=torch.Generator().manual_seed(seed)) * 20


@pytest.mark.parametrize(("bins", "bands", "overlap"), [(40, 4, 0), (40, 2, 8), (40, 4, 4), (40, 1, 0)])
def test_bands_have_the_width_of_the_formula(bins: int, bands: int, overlap: int) -> None:
    split = BandSplitter(bins, bands, overlap)
    assert split.band_width == (bins + (bands - 1) * overlap) / bands
    assert split(torch.rand(2, 5, bins)).shape == (2, bands, 5, split.band_width)


def test_bands_without_overlap_join_to_the_input() -> None:
    x = torch.rand(2, 5, 40)
    assert torch.equal(torch.cat(list(BandSplitter(40, 4)(x).unbind(1)), -1), x)


def test_overlapping_bands_share_their_edges_and_cover_all_bins() -> None:
    x = torch.arange(40.0).expand(1, 1, 40)
    low, high = BandSplitter(40, 2, 8)(x)[0, :, 0]
    assert torch.equal(low[-8:], high[:8])
    assert low[0] == 0
    assert high[-1] == 39


@pytest.mark.parametrize(("bands", "overlap"), [(3, 0), (2, 1), (0, 0), (4, -4)])
def test_a_width_that_is_no_whole_number_is_refused(bands: int, overlap: int) -> None:
    with pytest.raises(ConfigError, match="cannot be cut"):
        BandSplitter(40, bands, overlap)


def test_kernels_must_be_shared_out_evenly() -> None:
    with pytest.raises(ConfigError, match="multiple of 4"):
        SubbandConv(4, 10)


def test_one_band_is_an_ordinary_convolution() -> None:
    torch.manual_seed(1)
    layer = SubbandConv(1, 8)
    x = torch.rand(2, 1, 20, 40)
    plain = torch.nn.functional.conv2d(x, layer.conv.weight, stride=(2, 2), padding=(0, 2))
    assert torch.allclose(layer(x), plain, atol=1e-6)


def test_each_band_has_its_own_kernels() -> None:
    torch.manual_seed(1)
    layer = SubbandConv(4, 8)
    x = torch.rand(2, 4, 20, 10)
    parts = [
        torch.nn.functional.conv2d(x[:, b : b + 1], layer.conv.weight[2 * b : 2 * b + 2], stride=(2, 2), padding=(0, 2))
        for b in range(4)
    ]
    assert torch.allclose(layer(x), torch.cat(parts, 1), atol=1e-6)


def test_a_change_in_one_band_stays_in_its_channels() -> None:
    split, layer = BandSplitter(40, 4), SubbandConv(4, 8)
    x = torch.rand(1, 20, 40)
    changed = x.clone()
    changed[:, :, 23] += 1  # band 2
    moved = (layer(split(x)) - layer(split(changed))).abs().amax(dim=(0, 2, 3)) > 1e-7
    assert moved.tolist() == [False] * 4 + [True] * 2 + [False] * 2


def test_an_unknown_merge_is_refused() -> None:
    with pytest.raises(ConfigError, match="merged by 'sum'; expected channels, late or frequency"):
        SubbandNet(SubbandConfig(merge="sum"))


@pytest.mark.parametrize("band", range(4))
def test_the_second_layer_sees_every_band(band: int) -> None:
    net = _net()
    x = _frames(20)
    changed = x.clone()
    changed[:, :, band * 10 : band * 10 + 10] += 3
    first, other = (net.second(torch.relu(net.first_norm(net.first(net.split(f))))) for f in (x, changed))
    assert ((first - other).abs().amax(dim=(0, 2, 3)) > 1e-7).all()


def test_swapping_two_bands_with_their_kernels_changes_nothing() -> None:
    net = _net()
    order = [2, 3, 0, 1, 4, 5, 6, 7]  # the channels of bands 0 and 1 exchanged
    x = torch.rand(1, 4, 20, 10)
    plain = net.second(net.first(x))
    with torch.no_grad():
        net.first.conv.weight.copy_(net.first.conv.weight[order])
        net.second.weight.copy_(net.second.weight[:, order])
    assert torch.allclose(net.second(net.first(x[:, [1, 0, 2, 3]])), plain, atol=1e-5)


def test_as_many_weights_with_bands_as_without() -> None:
    banded, plain = _net(), _net(SubbandConfig(bands=1, kernels=8, channels=6, width=10, dilations=(1, 2)))
    assert banded.first.conv.weight.numel() == plain.first.conv.weight.numel()
    assert banded.second.weight.numel() == plain.second.weight.numel()


def test_four_bands_save_three_quarters_of_the_convolutions() -> None:
    banded = count_multiplies(SubbandNet(SubbandConfig(bands=4)))
    plain = count_multiplies(SubbandNet(SubbandConfig(bands=1)))
    assert banded["first"] * 4 == plain["first"]
    assert banded["second"] * 4 == plain["second"]
    assert banded["narrow"] * 4 == plain["narrow"]
    assert banded["temporal 0"] == plain["temporal 0"]


@pytest.mark.parametrize("merge", ["channels", "late", "frequency"])
def test_counted_multiplies_are_those_that_happen(merge: str) -> None:
    net, counted = _net(SubbandConfig(kernels=8, channels=8, width=10, dilations=(1, 2), merge=merge)), {}

    def count(name: str):
        def hook(module: torch.nn.Module, inputs: object, output: torch.Tensor) -> None:
            products = module.weight[0].numel()  # length of one inner product
            counted[name] = counted.get(name, 0) + output.numel() * products

        return hook

    net.first.conv.register_forward_hook(count("first"))
    net.second.register_forward_hook(count("second"))
    net.narrow.register_forward_hook(count("narrow"))
    for number, layer in enumerate(net.layers):
        layer.depth.register_forward_hook(count(f"temporal {number}"))
        layer.mix.register_forward_hook(count(f"temporal {number}"))
    net.head.register_forward_hook(count("head"))
    net(_frames(100), *net.states())
    assert counted == count_multiplies(net, 100)


@pytest.mark.parametrize("merge", ["channels", "late", "frequency"])
@pytest.mark.parametrize("step", [2, 8, 6, 30])
def test_streaming_gives_what_the_whole_gives(step: int, merge: str) -> None:
    net, x = (
        _net(SubbandConfig(kernels=8, channels=8, width=10, dilations=(1, 2), dropout=0.0, merge=merge)),
        _frames(120),
    )
    with torch.no_grad():
        whole = net(x, *net.states())[0]
        states, parts = tuple(net.states()), []
        for n in range(0, 120, step):
            y, *states = net(x[:, n : n + step], *states)
            parts.append(y)
    assert torch.allclose(torch.cat(parts, 1), whole, atol=1e-5)


def test_an_output_sees_exactly_its_receptive_field() -> None:
    net, x = _net(), _frames(120)
    field = 5 + 2 * (2 + 8 + 16)
    last = net(x, *net.states())[0][0, -1]
    inside, outside = x.clone(), x.clone()
    inside[:, 120 - field] += 5
    outside[:, : 120 - field] += 5
    assert not torch.allclose(net(inside, *net.states())[0][0, -1], last, atol=1e-7)
    assert torch.allclose(net(outside, *net.states())[0][0, -1], last, atol=1e-6)


def test_sound_below_the_step_of_16_bits_is_silence() -> None:
    net = _net()
    quiet, silence = torch.full((1, 40, 40), -3.0), torch.full((1, 40, 40), -15.9)
    assert torch.equal(net(quiet, *net.states())[0], net(silence, *net.states())[0])
