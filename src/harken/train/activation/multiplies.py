"""Counts the multiplications and weights of a network from the sizes of its layers.

Counted are those of convolutions and fully connected layers, as in the literature on small networks; not those of
normalisation (which melts into the weights), pooling and biases.

    count = Layers(time=98, bins=40)
    count.convolution("first", 64, (20, 8))
    count.pool((2, 2))
    count.dense("output", 12)
    print(count.multiplies, count.weights)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer with weights."""

    name: str
    outputs: int
    """Numbers that it gives."""
    product: int
    """Length of the inner product behind each of them."""
    weights: int

    @property
    def multiplies(self) -> int:
        """Multiplications for one input."""
        return self.outputs * self.product


class Layers:
    """Follows the size of the data through a network, layer after layer.

    Args:
        time: frames of the input.
        bins: its frequencies.
        channels: its channels.

    Attributes:
        listed: the layers so far.
        time, bins, channels: size of the last one's output.
    """

    def __init__(self, *, time: int, bins: int, channels: int = 1):
        self.time, self.bins, self.channels = time, bins, channels
        self.listed: list[Layer] = []

    @property
    def multiplies(self) -> int:
        """Of all layers, for one input."""
        return sum(layer.multiplies for layer in self.listed)

    @property
    def weights(self) -> int:
        """Of all layers."""
        return sum(layer.weights for layer in self.listed)

    def convolution(
        self, name: str, outputs: int, size: tuple[int, int] = (1, 1), *, stride: tuple[int, int] = (1, 1),
        groups: int = 1, same: bool = True,
    ) -> None:  # fmt: skip
        """A convolution with kernels of `size` (time, frequency); `same`: the edges are padded, so that nothing but the
        stride makes the output smaller."""
        product = size[0] * size[1] * self.channels // groups
        if not same:
            self.time, self.bins = self.time - size[0] + 1, self.bins - size[1] + 1
        self.time, self.bins, self.channels = -(-self.time // stride[0]), -(-self.bins // stride[1]), outputs
        numbers = self.time * self.bins * outputs
        self.listed.append(Layer(name=name, outputs=numbers, product=product, weights=product * outputs))

    def pool(self, size: tuple[int, int], *, whole: bool = False) -> None:
        """Pooling over (time, frequency); an incomplete rest counts, unless only `whole` ones do."""
        if whole:
            self.time, self.bins = self.time // size[0], self.bins // size[1]
        else:
            self.time, self.bins = -(-self.time // size[0]), -(-self.bins // size[1])

    def dense(self, name: str, outputs: int) -> None:
        """A fully connected layer over everything."""
        product = self.time * self.bins * self.channels
        self.time, self.bins, self.channels = 1, 1, outputs
        self.listed.append(Layer(name=name, outputs=outputs, product=product, weights=product * outputs))
