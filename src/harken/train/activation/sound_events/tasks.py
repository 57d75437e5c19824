"""What is learned: several networks at once from the same scenes, each with its share of a teacher and its own bits.

The networks share nothing but the scenes, so their losses can be added: each learns as it would alone, and their
figures can be compared scene by scene. None of them is chosen by its figures on a dev part; the last one counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from harken.activation.packing import BUCKET, PLAIN
from harken.train.activation.sound_events.configs import DistillationConfig
from harken.train.activation.sound_events.distillation import softmax_distillation
from harken.train.activation.sound_events.network import SoundNet, pool
from harken.train.activation.sound_events.quantizer import quantized_parameters
from harken.train.activation.sound_events.scenes import SceneMaker

EPOCH = 100
"""Steps that count as an epoch: scenes are drawn, so there is no natural one."""


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One way to train a network."""

    net: SoundNet
    distilled: bool = False
    bits: int = PLAIN
    """Width of the weights during training."""


class SoundTask:
    """Trains all arms, each on every scene (a `harken.train.loop.Task`).

    Args:
        arms: by name.
        scenes: draws a batch.
        teacher: in eval mode, for the distilled arms.
        distillation: the teacher's share and temperature.
        bucket: weights that share their extremes.
    """

    def __init__(
        self,
        arms: Mapping[str, Arm],
        scenes: SceneMaker,
        *,
        teacher: SoundNet | None = None,
        distillation: DistillationConfig | None = None,
        bucket: int = BUCKET,
    ):
        self.arms, self.scenes = dict(arms), scenes
        self.teacher = teacher.eval() if teacher else None
        self.distillation, self.bucket = distillation or DistillationConfig(), bucket
        self.module = nn.ModuleDict({name: arm.net for name, arm in self.arms.items()})

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[Any]:
        """Nothing but a number for each step: scenes are drawn when they are needed."""
        return range(EPOCH)

    def loss(self, batch: Any, rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        """Sum of the arms' losses, and each of them."""
        drawn = self.scenes(rng)
        frames, targets, heard = map(torch.from_numpy, (drawn.frames, drawn.targets, drawn.heard))
        wanted = None
        if self.teacher is not None:
            with torch.no_grad():
                wanted = pool(self.teacher(frames), heard)
        losses = {}
        for name, arm in self.arms.items():
            weights = quantized_parameters(arm.net, bits=arm.bits, bucket=self.bucket)
            given = pool(arm.net(frames, weights), heard)
            losses[name] = softmax_distillation(
                given, targets, wanted, share=self.distillation.share if arm.distilled else 0.0,
                temperature=self.distillation.temperature,
            )  # fmt: skip
        total = torch.stack(list(losses.values())).sum()
        return total, {name: float(loss.detach()) for name, loss in losses.items()}

    def validate(self) -> Mapping[str, float]:
        """No dev part decides: the last weights count."""
        return {"loss": 0.0}
