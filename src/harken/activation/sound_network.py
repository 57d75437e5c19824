"""The network of the sound events, in numpy: three causal convolutions, a recurrent layer, one output for each class.

    network = SoundNetwork.load(bundle)
    logits = network.run(frames)      # [t, 40] log-mel frames, t a multiple of 8 -> [t / 8, classes]

It runs block by block with its own state, so a stream gives what the whole recording gives. Training builds the same
layers in torch (`harken.train.activation.sound_events.network`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from harken.activation.front_end import BINS
from harken.activation.packing import Weights, read_weights
from harken.audio.features import QUIET, Frames, frame_level
from harken.bundle import Bundle

KIND = "sound-events"
FILE = "weights.bin"
KERNELS = ((8, 5), (4, 3), (3, 3))
"""Frames and bands of each convolution's kernel."""
STRIDES = ((4, 2), (2, 2), (1, 2))
"""Steps of each convolution in frames and bands."""
NOTHING = "something else"
"""Name of the last output: none of the labels."""
STEP = 8
"""Frames of 10 ms for each output: 80 ms, a block of the front end."""
FLOOR = 3.0
"""Log energies below this, rounding noise of 16 bits, are raised to it."""
_SURE = 10.0  # logit of the last class, none of the others, in a step without sound


class SoundNetwork:
    """Frames in, one row of logits for every 80 ms out; keeps the state of one stream.

    Args:
        weights: by the names of the training network, batch normalisation folded in.
        centre: mean [40] of the log-mel bands.
        deviation: their deviation [40].
    """

    def __init__(self, weights: Mapping[str, Weights], centre: Frames, deviation: Frames):
        self._centre, self._deviation = centre, deviation
        # [out, in, frames, bands] -> [in * frames * bands, out]
        self._kernels = [weights[f"convs.{n}.weight"].reshape(len(weights[f"convs.{n}.bias"]), -1).T for n in range(3)]
        self._biases = [weights[f"convs.{n}.bias"] for n in range(3)]
        self._inputs, self._input_bias = weights["gru.weight_ih_l0"].T, weights["gru.bias_ih_l0"]
        self._recurrent, self._recurrent_bias = weights["gru.weight_hh_l0"].T, weights["gru.bias_hh_l0"]
        self._out, self._out_bias = weights["out.weight"].T, weights["out.bias"]
        self.reset()

    @classmethod
    def load(cls, bundle: Bundle) -> SoundNetwork:
        """The network of a bundle.

        Raises:
            BundleError: the bundle is of a different kind, or its weights cannot be read.
        """
        facts = bundle.expect(KIND).features
        weights = read_weights(bundle.path(FILE).read_bytes())
        return cls(weights, np.asarray(facts["centre"], np.float32), np.asarray(facts["deviation"], np.float32))

    def reset(self) -> None:
        """Forget the stream."""
        widths, channels = [BINS, BINS // 2, BINS // 4], [1, *(len(bias) for bias in self._biases[:-1])]
        sizes = zip(KERNELS, STRIDES, widths, channels, strict=True)
        self._context = [
            np.zeros((kernel[0] - stride[0], width, channel), np.float32) for kernel, stride, width, channel in sizes
        ]
        self._hidden: NDArray[np.float32] = np.zeros(len(self._recurrent), np.float32)

    def run(self, frames: Frames) -> NDArray[np.float32]:
        """Logits [t / 8, classes] of the next frames [t, 40] of the stream; t is a multiple of 8."""
        x = normalized(frames, self._centre, self._deviation)[:, :, None]
        for layer in range(len(KERNELS)):
            x = self._convolved(layer, x)
        inputs = x.transpose(0, 2, 1).reshape(len(x), -1) @ self._inputs + self._input_bias
        hidden = np.stack([self._recurred(row) for row in inputs]) if len(inputs) else np.zeros((0, len(self._hidden)))
        return np.asarray(hidden @ self._out + self._out_bias, np.float32)

    def _convolved(self, layer: int, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """[t, bands, in] -> [t / stride, bands / 2, out]."""
        (long, wide), (step, hop) = KERNELS[layer], STRIDES[layer]
        joined = np.concatenate([self._context[layer], x])
        self._context[layer] = joined[len(joined) - (long - step) :]
        padded = np.pad(joined, ((0, 0), (wide // 2, wide // 2), (0, 0)))
        windows = sliding_window_view(padded, (long, wide), axis=(0, 1))[::step, ::hop]
        rows = windows.reshape(*windows.shape[:2], -1)
        return np.asarray(np.maximum(rows @ self._kernels[layer] + self._biases[layer], 0), np.float32)

    def _recurred(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """One step of the gated recurrent unit, gates in torch's order: reset, update, new."""
        size = len(self._hidden)
        from_hidden = self._hidden @ self._recurrent + self._recurrent_bias
        gates = 1 / (1 + np.exp(-(inputs[: 2 * size] + from_hidden[: 2 * size])))
        fresh = np.tanh(inputs[2 * size :] + gates[:size] * from_hidden[2 * size :])
        self._hidden = np.asarray(fresh + gates[size:] * (self._hidden - fresh), np.float32)
        return self._hidden


def normalized(frames: Frames, centre: Frames, deviation: Frames) -> Frames:
    """What the network is given: frames [t, 40] over a floor, each band less its mean, over its deviation."""
    return np.asarray((np.maximum(frames, FLOOR) - centre) / deviation, np.float32)


def sounding(frames: Frames) -> NDArray[np.bool_]:
    """Whether each step [t / 8] of frames [t, 40] holds sound; padding and dropouts do not."""
    return np.asarray((frame_level(frames) >= QUIET).reshape(-1, STEP).any(axis=1))


def heard_logits(network: SoundNetwork, frames: Frames) -> NDArray[np.float32]:
    """Logits [t / 8, classes] of the next frames [t, 40]; a step without sound is surely none of the classes."""
    logits = network.run(frames)
    logits[~sounding(frames)] = np.append(np.zeros(logits.shape[1] - 1, np.float32), np.float32(_SURE))
    return logits


def pooled(logits: NDArray[np.float32], heard: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Mean [classes] of the logits [t, classes] of the steps that hold sound; of all if none does."""
    return np.asarray(logits[heard].mean(axis=0) if heard.any() else logits.mean(axis=0), np.float32)


def classified(network: SoundNetwork, frames: Frames) -> NDArray[np.float32]:
    """Logits [classes] of a whole recording, frames [t, 40] with t >= 8; forgets the stream before."""
    network.reset()
    whole = frames[: len(frames) // STEP * STEP]
    return pooled(network.run(whole), sounding(whole))


def smoothed(logits: NDArray[np.float32], steps: int) -> NDArray[np.float32]:
    """Mean [t, classes] of each row and the `steps` - 1 before it; earlier than the first there is nothing."""
    total = np.cumsum(np.concatenate([np.zeros((1, logits.shape[1])), logits]), axis=0)
    first = np.maximum(np.arange(len(logits)) + 1 - steps, 0)
    last = np.arange(len(logits)) + 1
    return np.asarray((total[last] - total[first]) / (last - first)[:, None], np.float32)
