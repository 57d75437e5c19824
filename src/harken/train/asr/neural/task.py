"""Learning the neural language model: batches of a mixture, the loss, and normalised perplexity on dev."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harken.train.asr.neural.losses import noise_loss, normalised_loss
from harken.train.asr.neural.measure import measure
from harken.train.asr.neural.network import WordNetwork
from harken.train.asr.neural.sampler import Mixture, Sentences


@dataclass(frozen=True, kw_only=True)
class TaskConfig:
    """Batches and loss."""

    loss: Literal["noise", "normalised"] = "noise"
    noise: int = 512
    """Noise words of a batch, shared by its positions."""
    noise_power: float = 0.75
    """Noise is drawn from the unigram distribution to this power."""
    penalty: float = 0.1
    """Weight of (ln Z)^2 beside the cross-entropy of the normalised loss."""
    pass_tokens: int = 2_000_000
    """Words and ends of a pass over the mixture."""
    batch_tokens: int = 2048
    bfloat16: bool = False
    """Compute products in 16 bits while learning: three times as fast on processors with AVX512-BF16 or AMX."""


class WordTask:
    """What `harken.train.loop.fit` runs.

    Args:
        network: to learn.
        mixture: what is learned from.
        dev: sentences to measure on, by name; each counts the same.
        unigram: [V] share of each word, none 0.
        config: batches and loss.
    """

    def __init__(
        self, network: WordNetwork, mixture: Mixture, dev: Mapping[str, Sentences], unigram: NDArray[np.float64],
        config: TaskConfig,
    ):  # fmt: skip
        self.network, self.mixture, self.dev, self.config = network, mixture, dev, config
        noise = unigram**config.noise_power
        self._noise = np.cumsum(noise / noise.sum())
        self._log_q = torch.from_numpy(np.log(noise / noise.sum())).float()

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self.network

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[list[tuple[int, int]]]:
        """Sentences, batch by batch."""
        return self.mixture.batches(self.config.pass_tokens, self.config.batch_tokens, rng)

    def loss(self, batch: list[tuple[int, int]], rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        """Mean loss of a position."""
        inputs, targets = (torch.from_numpy(ids).long() for ids in self.mixture.batch(batch))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.config.bfloat16):
            z = self.network(inputs)
            real = targets >= 0
            value = self._loss(z[real], targets[real], rng)
        return value, {"tokens": int(real.sum())}

    def _loss(self, z: Tensor, targets: Tensor, rng: np.random.Generator) -> Tensor:
        if self.config.loss == "normalised":
            return normalised_loss(self.network, z, targets, self.config.penalty)
        drawn = np.searchsorted(self._noise, rng.random(self.config.noise))
        noise = torch.from_numpy(np.minimum(drawn, len(self._noise) - 1))
        return noise_loss(self.network, z, targets, noise, self._log_q)

    def validate(self) -> Mapping[str, float]:
        """Log perplexity of each dev set, normalised; the loss is their mean. And how far ln Z is from 0."""
        fits = {name: measure(self.network, sentences) for name, sentences in self.dev.items()}
        return {
            "loss": float(np.mean([math.log(fit.perplexity) for fit in fits.values()])),
            **{f"perplexity.{name}": fit.perplexity for name, fit in fits.items()},
            **{f"log_z.{name}": fit.log_z_mean for name, fit in fits.items()},
            **{f"log_z_deviation.{name}": fit.log_z_deviation for name, fit in fits.items()},
        }
