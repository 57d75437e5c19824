"""What a network for spoken terms learns: the word in a window, moved in time, in noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harken.audio.features import Frames
from harken.train.activation.configs import MARGIN, TermConfig
from harken.train.activation.loudness import DECIBEL
from harken.train.activation.scenes import mix
from harken.train.activation.terms import TermNet, without_mean

_NOISY = 0.8
"""Share of the windows with noise under them."""
_SNR = (0.0, 25.0)
"""dB, lowest and highest."""


@dataclass(frozen=True, kw_only=True)
class TermData:
    """Windows of recordings with one word each."""

    windows: NDArray[np.float32]
    """[n, frames + 2 * MARGIN, bins], raw log-mel; the word lies in the middle."""
    labels: NDArray[np.int64]
    """[n], 0 to the number of words - 1."""

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, which: NDArray[np.bool_]) -> TermData:
        """Some of them."""
        return replace(self, windows=self.windows[which], labels=self.labels[which])

    @property
    def unshifted(self) -> Tensor:
        """[n, frames, bins]"""
        return torch.from_numpy(self.windows[:, MARGIN:-MARGIN])


class TermTask:
    """Learns the words of a set of windows (for `harken.train.loop.fit`).

    Args:
        data: to learn from.
        held_back: to choose the checkpoint by.
        noises: frames [T, bins] of noise, at least as long as a window.
        config: sizes.
        words: how many there are.
        batch: windows in a batch.
    """

    def __init__(
        self, data: TermData, held_back: TermData, noises: Frames, config: TermConfig, *, words: int, batch: int
    ):
        self.data, self.held_back, self.noises, self.batch = data, held_back, noises, batch
        self.net = TermNet(config, outputs=words)
        self.net.deviation.copy_(without_mean(data.unshifted).flatten(0, 1).std(0) + 1e-3)

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self.net

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[NDArray[np.int64]]:
        """Numbers of the windows of each batch; an incomplete one at the end is left out if there is another."""
        order = rng.permutation(len(self.data))
        whole = max(1, len(order) // self.batch)
        return [order[n * self.batch : (n + 1) * self.batch] for n in range(whole)]

    def loss(self, batch: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        x = torch.from_numpy(vary(self.data.windows[batch], self.noises, rng))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self.net(x)
        return nn.functional.cross_entropy(logits.float(), torch.from_numpy(self.data.labels[batch])), {}

    def validate(self) -> Mapping[str, float]:
        logits = answers(self.net, self.held_back)
        labels = torch.from_numpy(self.held_back.labels)
        loss = float(nn.functional.cross_entropy(logits, labels))
        return {"loss": loss, "accuracy": float((logits.argmax(1) == labels).float().mean())}


def vary(windows: Frames, noises: Frames, rng: np.random.Generator) -> Frames:
    """Windows [n, frames + 2 * MARGIN, bins] -> [n, frames, bins], moved in time, with noise under most of them.

    Args:
        windows: raw log-mel.
        noises: frames [T, bins].
        rng: source of randomness.
    """
    n, length = len(windows), windows.shape[1] - 2 * MARGIN
    starts = rng.integers(2 * MARGIN + 1, size=n)
    x = np.stack([window[start : start + length] for window, start in zip(windows, starts, strict=True)])
    places = rng.integers(len(noises) - length + 1, size=n)
    noise = np.stack([noises[place : place + length] for place in places])
    loud = np.quantile(x.mean(2), 0.9, axis=1) - DECIBEL * rng.uniform(*_SNR, n) - noise.mean((1, 2))
    loud[rng.random(n) >= _NOISY] = -np.inf
    return mix(x, noise + loud[:, None, None].astype(np.float32))


def answers(net: TermNet, data: TermData, *, batch: int = 200) -> Tensor:
    """Logits [n, words] of windows as they are."""
    net.eval()
    with torch.no_grad():
        return torch.cat([net(x) for x in torch.split(data.unshifted, batch)])
