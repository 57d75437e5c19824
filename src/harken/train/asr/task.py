"""Learning the acoustic network: the lattice-free objective on augmented batches, and its value on dev."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harken.train.asr.acoustic import AcousticNetwork
from harken.train.asr.augment import AugmentConfig
from harken.train.asr.data import Speech, make_batches, sample
from harken.train.asr.denominator import PhoneTrigram, denominator
from harken.train.asr.mmi import SentenceGraph, batch_graphs, numerator
from harken.train.asr.store import FeatureStore


@dataclass(frozen=True, kw_only=True)
class TaskConfig:
    """Batches and the weights of the loss."""

    batch_frames: int = 9000
    """Feature frames (10 ms) of a batch, padding included."""
    output_penalty: float = 5e-4
    """Weight of the scores' mean square."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Part of each corpus in a pass, 2 for twice; 1 when not named."""
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    bfloat16: bool = False
    """Compute the network's products in 16 bits while learning (weights and sums stay in 32): twice as fast on
    processors with AVX512-BF16 or AMX, slower on others."""


class AcousticTask:
    """What `harken.train.loop.fit` runs.

    Args:
        network: to learn.
        train: speech to learn from.
        dev: speech to measure on.
        trigram: the denominator's prior.
        noise: recorded noise, or None.
        config: batches and weights.
    """

    def __init__(
        self, network: AcousticNetwork, train: Speech, dev: Speech, trigram: PhoneTrigram, noise: FeatureStore | None,
        config: TaskConfig,
    ):  # fmt: skip
        self.network, self.train, self.dev = network, train, dev
        self.trigram, self.noise, self.config = trigram, noise, config

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self.network

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[list[int]]:
        """Piece numbers, batch by batch."""
        chosen = sample(self.train.pieces, self.config.shares, rng)
        return make_batches(self.train.pieces, chosen, self.config.batch_frames, rng)

    def loss(self, batch: list[int], rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        """Negative objective a step, and a penalty that keeps the scores small."""
        padded = self.train.batch(batch, rng, self.config.augment, noise_source(self.noise, rng))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.config.bfloat16):
            y = self.network(padded.x, padded.w)
        y, steps = y.float(), padded.steps
        value = self.objective(y, steps, padded.graphs).sum() / steps.sum()
        penalty = y.square().mean()
        return self.config.output_penalty * penalty - value, {
            "objective": float(value.detach()), "penalty": float(penalty.detach()), "steps": int(steps.sum()),
        }  # fmt: skip

    def objective(self, y: Tensor, steps: Tensor, graphs: Sequence[SentenceGraph]) -> Tensor:
        """Log posterior of each sentence given its audio [B] (the prior of its phones is left out: it is constant)."""
        return numerator(y, steps, batch_graphs(graphs)) - denominator(y, steps, self.trigram)

    def validate(self) -> Mapping[str, float]:
        """Objective a step on dev, by corpus; the loss is the negative mean over the corpora."""
        total: dict[str, float] = defaultdict(float)
        count: dict[str, int] = defaultdict(int)
        for batch in make_batches(self.dev.pieces, range(len(self.dev)), self.config.batch_frames, None):
            padded = self.dev.batch(batch)
            values = self.objective(self.network(padded.x, padded.w), padded.steps, padded.graphs)
            for number, value, length in zip(batch, values.tolist(), padded.steps.tolist(), strict=True):
                total[self.dev.pieces[number].corpus] += value
                count[self.dev.pieces[number].corpus] += length
        objectives = {f"objective.{corpus}": total[corpus] / count[corpus] for corpus in sorted(total)}
        return {"loss": -sum(objectives.values()) / max(1, len(objectives)), **objectives}


def noise_source(noise: FeatureStore | None, rng: np.random.Generator) -> Callable[[int], NDArray[np.float32]] | None:
    """A function that cuts random stretches of recorded noise."""
    if noise is None or not len(noise):
        return None

    def draw(frames: int) -> NDArray[np.float32]:
        entry = noise.entries[int(rng.integers(len(noise)))]
        x = noise.features(entry)
        return x[(int(rng.integers(len(x))) + np.arange(frames)) % len(x)]

    return draw
