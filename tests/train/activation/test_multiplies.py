"""The counter of multiplications gives what is published about small networks."""

from __future__ import annotations

from harken.train.activation.multiplies import Layers


def _trad(time: int, bins: int, *, labels: int) -> Layers:
    """cnn-trad-fpool3 (T. Sainath, C. Parada, Interspeech 2015)."""
    count = Layers(time=time, bins=bins)
    count.convolution("first", 64, (20, 8), same=False)
    count.pool((1, 3), whole=True)
    count.convolution("second", 64, (10, 4), same=False)
    count.dense("linear", 32)
    count.dense("hidden", 128)
    count.dense("output", labels)
    return count


def _temporal(*widths: int, wide: float = 1.0, again: bool = False) -> Layers:
    """TC-ResNet (S. Choi et al., Interspeech 2019): blocks that halve the time, each with a shortcut."""
    count = Layers(time=98, bins=1, channels=40)
    count.convolution("first", round(16 * wide), (3, 1))
    for width in widths:
        outputs, inputs, time = round(width * wide), count.channels, count.time
        count.convolution(f"{width} in", outputs, (9, 1), stride=(2, 1))
        count.convolution(f"{width} out", outputs, (9, 1))
        count.time, count.channels = time, inputs
        count.convolution(f"{width} shortcut", outputs, stride=(2, 1))
        for side in ("in", "out") if again else ():
            count.convolution(f"{width} again {side}", outputs, (9, 1))
    count.time = 1
    count.dense("output", 12)
    return count


def _separable(width: int, blocks: int, *, stride: tuple[int, int], first: tuple[int, int]) -> Layers:
    """DS-CNN (Y. Zhang et al., "Hello Edge", 2017) over 49 x 10 MFCCs."""
    count = Layers(time=49, bins=10)
    count.convolution("first", width, (10, 4), stride=stride)
    for number in range(blocks):
        steps = first if number == 0 else (1, 1)
        count.convolution(f"depth {number}", width, (3, 3), stride=steps, groups=width)
        count.convolution(f"point {number}", width)
    count.time = count.bins = 1
    count.dense("output", 12)
    return count


def test_the_published_layers_of_a_large_keyword_network() -> None:
    count = _trad(32, 40, labels=4)
    assert [layer.multiplies for layer in count.listed[:3]] == [4_392_960, 5_242_880, 65_536]
    assert count.multiplies == 9_705_984
    biases = 64 + 64
    assert count.weights + biases == 244_352


def test_the_same_network_on_a_second_of_sound() -> None:
    count = _trad(101, 40, labels=12)
    assert round(count.multiplies / 1e6, 1) == 124.6
    assert round(count.weights / 1e6, 3) == 1.376


def test_a_network_whose_pooling_leaves_an_incomplete_rest_out() -> None:
    count = Layers(time=101, bins=40)
    count.convolution("first", 64, (20, 8), same=False)
    count.pool((2, 2), whole=True)
    count.convolution("second", 64, (10, 4), same=False)
    count.dense("output", 12)
    biases = 64 + 64 + 12
    assert round(count.multiplies / 1e6, 1) == 96.2
    assert round((count.weights + biases) / 1e3, 1) == 493.7


def test_residual_networks_have_the_published_number_of_parameters() -> None:
    for width, layers, published in ((45, 13, 237_882), (19, 6, 19_905)):
        count = Layers(time=101, bins=40)
        for number in range(layers + 1):
            count.convolution(str(number), width, (3, 3))
        count.time = count.bins = 1
        count.dense("output", 12)
        assert count.weights + 12 == published


def test_temporal_convolutions_have_the_published_multiplications() -> None:
    assert round(_temporal(24, 32, 48).multiplies / 1e6, 2) == 1.52
    assert round(_temporal(24, 32, 48, wide=1.5, again=True).multiplies / 1e6, 2) == 6.68


def test_separable_convolutions_have_the_published_multiplications() -> None:
    assert round(_separable(64, 4, stride=(2, 2), first=(1, 1)).multiplies / 1e6, 2) == 2.66
    assert round(_separable(172, 4, stride=(2, 1), first=(2, 2)).multiplies / 1e6, 2) == 9.82
    assert round(_separable(276, 5, stride=(2, 1), first=(2, 2)).multiplies / 1e6, 1) == 28.3
