"""Learning from transcribed and from chosen speech at once: every step has a batch of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from harken.train.asr.task import AcousticTask


@dataclass(frozen=True, kw_only=True)
class WeightConfig:
    """Weight of the chosen speech beside the transcribed: it rises while the network gets used to it."""

    first: float = 0.5
    last: float = 1.0
    rise: int = 100
    """Steps from the first to the last."""

    def at(self, step: int) -> float:
        """The weight in a step."""
        return self.first + (self.last - self.first) * min(1.0, step / max(1, self.rise))


@dataclass(frozen=True, kw_only=True)
class MixedBatch:
    """Numbers of pieces of both kinds."""

    labelled: list[int]
    chosen: list[int]
    weight: float
    """Of the loss on the chosen ones."""


class SelectionTask:
    """What `harken.train.loop.fit` runs: loss = loss on transcribed speech + weight * loss on chosen speech.

    With weight 0 it is exactly the training on transcribed speech alone.

    Args:
        labelled: transcribed speech, and dev.
        chosen: speech with machine transcripts, on the same network.
        weight: of the chosen speech.
    """

    def __init__(self, labelled: AcousticTask, chosen: AcousticTask, weight: WeightConfig):
        self.labelled, self.chosen, self.weight = labelled, chosen, weight

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self.labelled.network

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[MixedBatch]:
        """A pass over the transcribed speech; the chosen speech is repeated as often as needed."""
        labelled = self.labelled.batches(epoch, rng)
        chosen: list[list[int]] = []
        while len(chosen) < len(labelled):
            chosen += self.chosen.batches(epoch, rng)
        before = epoch * len(labelled)
        return [
            MixedBatch(labelled=one, chosen=other, weight=self.weight.at(before + place))
            for place, (one, other) in enumerate(zip(labelled, chosen, strict=False))
        ]

    def loss(self, batch: MixedBatch, rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        """The joint loss, and the objectives of both kinds."""
        loss, numbers = self.labelled.loss(batch.labelled, rng)
        if not batch.weight:
            return loss, numbers
        other, further = self.chosen.loss(batch.chosen, rng)
        chosen = {f"chosen.{name}": value for name, value in further.items()}
        return loss + batch.weight * other, {**numbers, **chosen, "weight": batch.weight}

    def validate(self) -> Mapping[str, float]:
        """Numbers on dev."""
        return self.labelled.validate()
