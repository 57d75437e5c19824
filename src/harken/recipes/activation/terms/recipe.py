"""Sub-band against full-band networks for spoken terms (method 2): train, export, score. Commands: README.md there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from harken.activation.terms import KIND
from harken.bundle import Bundle, write_bundle
from harken.errors import ConfigError, DataError
from harken.metrics.result import Result
from harken.recipes.activation.terms import figures, material
from harken.recipes.activation.terms.arms import ARMS, FULL, Arm
from harken.recipes.activation.terms.exported import measure_bundle, measure_cost
from harken.recipes.activation.terms.material import CHOOSE, TASKS, TOY, Windows
from harken.recipes.activation.terms.study import Cell, cell_folder, load_net, read_cells, train_cell
from harken.train.activation.configs import MARGIN
from harken.train.schedule import LoopConfig

NAME = "activation/terms"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    tasks: tuple[str, ...] = tuple(TASKS)
    """Of `TASKS`; toy: made-up words, to see it run."""
    arms: tuple[str, ...] = ()
    """Names of the networks; all if none is named."""
    seeds: tuple[int, ...] = (0, 1, 2)
    batch: int = 64
    epochs: int = 10
    """A network gets so many epochs, but at least `loop.steps`."""
    runs: int = 50
    """Windows by which the wall time is measured."""
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=280, lr=3e-3, average=0.99, fused=True))


def prepare(config: Config, run: Path) -> None:
    """Compute the windows of all recordings; what exists is kept."""
    run.mkdir(parents=True, exist_ok=True)
    for task in config.tasks:
        if task != TOY:
            material.write_windows(task, run)


def train(config: Config, run: Path) -> Mapping[str, Any]:
    """Train every network for every task, the most important ones first; finished ones are kept."""
    prepare(config, run)
    data = {task: _windows(task, run) for task in config.tasks}
    done: dict[str, str] = {}
    for arm in _arms(config):
        for task in config.tasks:
            for seed in config.seeds if _belongs(arm, task) else ():
                cell = train_cell(
                    cell_folder(run, task, arm, seed), task, arm, seed, data[task], config.loop,
                    batch=config.batch, epochs=config.epochs,
                )  # fmt: skip
                done[f"{task}: {arm.name}, seed {seed}"] = f"{100 * cell.chosen_by:.1f} %"
    return done


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the sub-band network that `figures.choose` picks and the full-band one, for each task.

    Raises:
        DataError: no task has both.
    """
    bundles = [
        _export(config, run, task, arm, bundle)
        for task, (full, banded) in _pairs(config, run).items()
        for arm, bundle in ((banded, f"terms-{task}"), (full, f"terms-{task}-full-band"))
    ]
    if not bundles:
        raise DataError(f"{run} has no task with a trained '{FULL}' and a network of several bands; train first")
    return bundles


def score(config: Config, run: Path) -> list[Result]:
    """The figures of the run, and those of the exported networks: accuracy on the recordings, time on one core."""
    command = f"harken score {NAME} {'tiny' if TOY in config.tasks else 'method'}"
    cells = list(_cells(config, run))
    results = list(figures.results_of(cells, recipe=NAME, command=command))
    for task in _pairs(config, run):
        folders = {"full-band": run / f"terms-{task}-full-band", "sub-band": run / f"terms-{task}"}
        bundles = {kind: Bundle(folder) for kind, folder in folders.items()}
        names = {kind: bundle.info["origin"]["network"] for kind, bundle in bundles.items()}
        measured = {kind: measure_bundle(bundle, task) for kind, bundle in bundles.items() if task != TOY}
        costs = {kind: measure_cost(bundle, runs=config.runs) for kind, bundle in bundles.items()}
        results += figures.of_exported(
            task, names, measured, costs, recipe=NAME, command=command, seed=config.seeds[0], runs=config.runs
        )
    return results


def _export(config: Config, run: Path, task: str, arm: Arm, name: str) -> Bundle:
    import torch

    from harken.train.activation.compact import compress_weights
    from harken.train.export import check_parity, export_onnx

    data, seed = _windows(task, run), config.seeds[0]
    net = load_net(cell_folder(run, task, arm, seed), arm, len(data.words))
    probe = torch.from_numpy(data.windows[data.parts == CHOOSE][:1, MARGIN:-MARGIN].astype(np.float32))
    exact = export_onnx(net, {"x": probe}, ["y"])
    check_parity(net, exact, {"x": probe}, ["y"])
    count = net.layers()
    settings = TASKS.get(task)
    (cell,) = [one for one in read_cells(run) if (one.task, one.arm, one.seed) == (task, arm.name, seed)]
    return write_bundle(
        run / name, name=name, kind=KIND, files={"model.onnx": compress_weights(exact)},
        card=Path(__file__).with_name("CARD.md").read_text(encoding="utf-8").format(words=", ".join(data.words)),
        features={"bins": arm.net.bins, "frames": arm.net.frames, "warp": settings.warp if settings else 1.0},
        labels=data.words,
        origin={"recipe": NAME, "network": arm.name, "settings": asdict(arm.net), "seed": seed,
                "data": settings.corpus if settings else TOY, "date": datetime.now(UTC).date().isoformat()},
        scores={"accuracy_of_choice": cell.chosen_by, "multiplies": count.multiplies, "weights": count.weights},
    )  # fmt: skip


def _pairs(config: Config, run: Path) -> dict[str, tuple[Arm, Arm]]:
    """Task -> the full-band network and the sub-band one that stands against it."""
    cells = list(_cells(config, run))
    arms = {arm.name: arm for arm in ARMS}
    found = {task: figures.choose([cell for cell in cells if cell.task == task]) for task in config.tasks}
    return {task: (arms[FULL], arms[name]) for task, name in found.items() if name}


def _cells(config: Config, run: Path) -> Iterator[Cell]:
    """The finished networks that the settings name; those of a few seeds only do not count."""
    names = {arm.name for arm in _arms(config)}
    cells = [c for c in read_cells(run) if c.task in config.tasks and c.arm in names and c.seed in config.seeds]
    trained = {(cell.task, cell.arm): {one.seed for one in cells if (one.task, one.arm) == (cell.task, cell.arm)}
               for cell in cells}  # fmt: skip
    for cell in cells:
        if trained[cell.task, cell.arm] == set(config.seeds):
            yield cell


def _arms(config: Config) -> list[Arm]:
    unknown = set(config.arms) - {arm.name for arm in ARMS}
    if unknown:
        raise ConfigError(f"there is no network '{min(unknown)}'; expected {', '.join(arm.name for arm in ARMS)}")
    return [arm for arm in ARMS if not config.arms or arm.name in config.arms]


def _belongs(arm: Arm, task: str) -> bool:
    return not arm.tasks or task in arm.tasks or task == TOY


def _windows(task: str, run: Path) -> Windows:
    return material.toy_windows() if task == TOY else material.read_windows(task, run)
