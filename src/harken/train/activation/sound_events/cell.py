"""One training of all that is compared: a teacher, students with and without it, and both in few bits.

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
from harken.train.activation.sound_events.configs import LoopsConfig, SoundsConfig
from harken.train.activation.sound_events.network import SoundNet, arrays, fold_norms
from harken.train.activation.sound_events.scenes import SceneMaker
from harken.train.activation.sound_events.tasks import Arm, SoundTask
from harken.train.loop import best_weights, fit
from harken.train.schedule import LoopConfig

TEACHER, ALONE, DISTILLED = "teacher", "student", "distilled student"


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A network as it is kept in a file."""

    net: SoundNet
    """Batch normalisation folded in."""
    bits: int = PLAIN

    def packed(self, bucket: int) -> bytes:
        """Its file."""
        return write_weights(arrays(self.net), bits=self.bits, bucket=bucket)


def after_training(arm: str, bits: int) -> str:
    """Name of a student whose weights were quantised when it had learnt."""
    return f"{arm}, {bits} bits after training"


def while_training(arm: str, bits: int) -> str:
    """Name of a student that learnt with quantised weights."""
    return f"{arm}, {bits} bits"


def train_cell(
    scenes: SceneMaker, config: SoundsConfig, loops: LoopsConfig, *, seed: int, run: Path, only_shipped: bool = False
) -> dict[str, Trained]:
    """Train in a run folder, or continue there, and return every network by its name.

    Args:
        scenes: what is learnt from.
        config: networks and losses.
        loops: lengths and rates.
        seed: of this training.
        run: folder.
        only_shipped: only the teacher, its student, and that student in the shipped width.
    """
    stage = _Stage(scenes, config, seed, run)
    teacher = stage.learn("teacher", loops.teacher, {TEACHER: Arm(net=stage.fresh(TEACHER))})[TEACHER]
    stage.teacher = teacher
    students = {DISTILLED: Arm(net=stage.fresh(DISTILLED), distilled=True)}
    if not only_shipped:
        students[ALONE] = Arm(net=stage.fresh(ALONE))
    floats = {name: fold_norms(net) for name, net in stage.learn("students", loops.student, students).items()}
    widths = (config.quantization.shipped,) if only_shipped else config.quantization.bits
    aware = {
        _key(name, bits): Arm(net=copy.deepcopy(net), distilled=name == DISTILLED, bits=bits)
        for name, net in floats.items()
        for bits in widths
    }
    learnt = stage.learn("quantized", loops.quantized, aware)
    trained = {TEACHER: Trained(net=fold_norms(teacher)), **{name: Trained(net=net) for name, net in floats.items()}}
    for name, net in floats.items():
        for bits in widths:
            trained[after_training(name, bits)] = Trained(net=net, bits=bits)
            trained[while_training(name, bits)] = Trained(net=learnt[_key(name, bits)], bits=bits)
    return trained


def _key(name: str, bits: int) -> str:
    return f"{name.replace(' ', '-')}-{bits}"


class _Stage:
    """What the stages of a cell share."""

    def __init__(self, scenes: SceneMaker, config: SoundsConfig, seed: int, run: Path):
        self._scenes, self._config, self._seed, self._run = scenes, config, seed, run
        self.teacher: SoundNet | None = None

    def fresh(self, name: str) -> SoundNet:
        """A network of this seed; students begin alike, with or without a teacher."""
        torch.manual_seed(self._seed)
        return SoundNet(self._config.teacher if name == TEACHER else self._config.student)

    def learn(self, name: str, loop: LoopConfig, arms: Mapping[str, Arm]) -> dict[str, SoundNet]:
        """The networks after training, in eval mode."""
        task = SoundTask(
            arms, self._scenes, teacher=self.teacher, distillation=self._config.distillation,
            bucket=self._config.quantization.bucket,
        )  # fmt: skip
        fit(task, replace(loop, seed=self._seed), self._run / name, quiet=True)
        task.module.load_state_dict(best_weights(self._run / name))
        return {arm: chosen.net.eval() for arm, chosen in arms.items()}
