"""The trainings that are compared: a teacher, students with and without it, and both in few bits.

First the teacher learns, then the students, side by side; then their batch normalisation is folded into the
convolutions, and copies of them continue with quantised weights (Polino's quantised distillation).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from harken.activation.packing import PLAIN, write_weights
from harken.train.activation.sound_events.arms import ALONE, DISTILLED, TEACHER, after_training, while_training
from harken.train.activation.sound_events.configs import LoopsConfig, SoundNetConfig, SoundsConfig
from harken.train.activation.sound_events.network import SoundNet, arrays, fold_norms
from harken.train.activation.sound_events.scenes import SceneMaker
from harken.train.activation.sound_events.tasks import Arm, SoundTask
from harken.train.loop import best_weights, fit
from harken.train.schedule import LoopConfig


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A network as it is kept in a file."""

    net: SoundNet
    """Batch normalisation folded in."""
    bits: int = PLAIN

    def packed(self, bucket: int) -> bytes:
        """Its file."""
        return write_weights(arrays(self.net), bits=self.bits, bucket=bucket)


def train_teacher(scenes: SceneMaker, config: SoundsConfig, loops: LoopsConfig, *, seed: int, run: Path) -> SoundNet:
    """Train in a run folder, or continue there, and return the teacher of these scenes, in eval mode."""
    arm = Arm(net=_fresh(config.teacher, seed))
    return _learn({TEACHER: arm}, scenes, config, replace(loops.teacher, seed=seed), run)[TEACHER]


def train_students(
    scenes: SceneMaker, teacher: SoundNet, config: SoundsConfig, loops: LoopsConfig, *, seed: int, run: Path,
    only_shipped: bool = False,
) -> dict[str, Trained]:  # fmt: skip
    """Train in a run folder, or continue there, and return teacher and students by their names.

    Args:
        scenes: what is learned from.
        teacher: of the same scenes.
        config: networks and losses.
        loops: lengths and rates.
        seed: of these students, which all begin alike.
        run: folder.
        only_shipped: only the student with a teacher, and that in the shipped width.
    """
    arms = {
        name: Arm(net=_fresh(config.student, seed), distilled=name == DISTILLED)
        for name in ((DISTILLED,) if only_shipped else (ALONE, DISTILLED))
    }
    learned = _learn(arms, scenes, config, replace(loops.student, seed=seed), run / "students", teacher)
    floats = {name: fold_norms(net) for name, net in learned.items()}
    widths = (config.quantization.shipped,) if only_shipped else config.quantization.bits
    aware = {
        _key(name, bits): Arm(net=copy.deepcopy(net), distilled=name == DISTILLED, bits=bits)
        for name, net in floats.items()
        for bits in widths
    }
    coded = _learn(aware, scenes, config, replace(loops.quantized, seed=seed), run / "quantized", teacher)
    trained = {TEACHER: Trained(net=fold_norms(teacher)), **{name: Trained(net=net) for name, net in floats.items()}}
    for name, net in floats.items():
        for bits in widths:
            trained[after_training(name, bits)] = Trained(net=net, bits=bits)
            trained[while_training(name, bits)] = Trained(net=coded[_key(name, bits)], bits=bits)
    return trained


def _key(name: str, bits: int) -> str:
    return f"{name.replace(' ', '-')}-{bits}"


def _fresh(config: SoundNetConfig, seed: int) -> SoundNet:
    torch.manual_seed(seed)
    return SoundNet(config)


def _learn(
    arms: Mapping[str, Arm], scenes: SceneMaker, config: SoundsConfig, loop: LoopConfig, run: Path,
    teacher: SoundNet | None = None,
) -> dict[str, SoundNet]:  # fmt: skip
    """The networks after training, in eval mode."""
    task = SoundTask(
        arms, scenes, teacher=teacher, distillation=config.distillation, bucket=config.quantization.bucket
    )  # fmt: skip
    fit(task, loop, run, quiet=True)
    task.module.load_state_dict(best_weights(run))
    return {name: arm.net.eval() for name, arm in arms.items()}
