"""Trains and measures one network after the other; each finished one is a JSON file, so a killed run continues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harken.recipes.activation.terms.arms import Arm
from harken.recipes.activation.terms.material import CHOOSE, LEARN, MEASURE, Windows
from harken.train.schedule import LoopConfig

if TYPE_CHECKING:
    from harken.train.activation.term_task import TermData
    from harken.train.activation.terms import TermNet


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One trained network."""

    task: str
    arm: str
    seed: int
    multiplies: int
    """For one window."""
    weights: int
    """Of convolutions and fully connected layers."""
    chosen_by: float
    """Accuracy 0..1 on the recordings that choose."""
    units: list[str]
    """[measured recordings]: speaker, or the recording itself."""
    right: list[int]
    """[measured recordings]: 1 if the word was named."""


def cell_folder(run: Path, task: str, arm: Arm, seed: int) -> Path:
    """Run folder of a network."""
    return run / "cells" / task / f"{arm.slug}-{seed}"


def train_cell(
    folder: Path, task: str, arm: Arm, seed: int, data: Windows, loop: LoopConfig, *, batch: int, epochs: int
) -> Cell:  # fmt: skip
    """Train a network for so many epochs, but at least `loop.steps`, unless it is finished; returns how it did."""
    finished = folder / "cell.json"
    if finished.is_file():
        return Cell(**json.loads(finished.read_text(encoding="utf-8")))
    import torch

    from harken.train.activation.term_task import TermTask, answers
    from harken.train.loop import best_weights, fit

    torch.manual_seed(seed)
    learned, held_back, measured = (_part(data, part) for part in (LEARN, CHOOSE, MEASURE))
    words = len(data.words)
    trained = TermTask(learned, held_back, data.noises, arm.net, words=words, batch=batch)
    steps = max(loop.steps, round(epochs * len(learned) / batch))
    fit(trained, replace(loop, seed=seed, steps=steps, validate_every=max(1, steps // 4)), folder, quiet=True)
    net = trained.net
    net.load_state_dict(best_weights(folder))
    chosen = answers(net, held_back).argmax(1).numpy() == held_back.labels
    right = answers(net, measured).argmax(1).numpy() == measured.labels
    count = net.layers()
    cell = Cell(
        task=task, arm=arm.name, seed=seed, multiplies=count.multiplies, weights=count.weights,
        chosen_by=float(chosen.mean()), units=data.units[data.parts == MEASURE].tolist(),
        right=right.astype(int).tolist(),
    )  # fmt: skip
    part = finished.with_suffix(".part")
    part.write_text(json.dumps(asdict(cell)) + "\n", encoding="utf-8")
    part.replace(finished)
    return cell


def read_cells(run: Path) -> Iterator[Cell]:
    """All finished networks of a run."""
    for file in sorted((run / "cells").glob("*/*/cell.json")):
        yield Cell(**json.loads(file.read_text(encoding="utf-8")))


def load_net(folder: Path, arm: Arm, words: int) -> TermNet:
    """A trained network.

    Raises:
        DataError: it is not trained.
    """
    from harken.train.activation.terms import TermNet
    from harken.train.loop import best_weights

    net = TermNet(arm.net, outputs=words)
    net.load_state_dict(best_weights(folder))
    return net.eval()


def _part(data: Windows, part: str) -> TermData:
    from harken.train.activation.term_task import TermData

    which = data.parts == part
    return TermData(windows=data.windows[which], labels=data.labels[which].astype(np.int64))
