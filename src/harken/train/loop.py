"""The training loop: readable, seeded, and safe to kill and resume.

All randomness of step n comes from (seed, n), and the order of an epoch from (seed, epoch). So a resumed run does
exactly what an uninterrupted one would have done (CPU, fixed number of threads), without storing generator states.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor, nn

from harken.errors import HarkenError
from harken.train.checkpoint import BEST, LATEST, has_checkpoint, load_checkpoint, load_weights, save_checkpoint
from harken.train.schedule import LoopConfig, rate_at


class TrainingError(HarkenError):
    """The training cannot continue."""


class Task(Protocol):
    """What is learned. Batches may be anything: the loop only passes them from `batches` to `loss`."""

    @property
    def module(self) -> nn.Module:
        """Everything that has parameters."""

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[Any]:
        """The epoch's batches, cheap to list (indices, not tensors); in an order drawn from `rng`."""

    def loss(self, batch: Any, rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        """Scalar loss of a batch, and numbers for the log; `rng` is for augmentation."""

    def validate(self) -> Mapping[str, float]:
        """Numbers on dev; their 'loss' decides which checkpoint is best (lower is better)."""


@dataclass
class _Run:
    step: int = 0
    epoch: int = 0
    place: int = 0
    best: float = math.inf
    seconds: float = 0.0


def fit(
    task: Task, config: LoopConfig, folder: Path, *, quiet: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Mapping[str, float]:  # fmt: skip
    """Train until `config.steps`, resuming from `folder` if it holds a checkpoint.

    Args:
        task: what is learned.
        config: how long and how fast.
        folder: run folder: `log.jsonl`, `latest/`, `best/`.
        quiet: no progress bar.
        progress: called after each step with the share 0..1 that is done.

    Returns:
        The numbers of the last validation, and 'step'.

    Raises:
        TrainingError: the loss is not finite, or the folder cannot be written.
        CheckpointError: a checkpoint cannot be written or does not fit.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(f"cannot make the run folder {folder} ({error.strerror}); choose another one") from error
    torch.set_num_threads(config.threads)
    optimizer = torch.optim.AdamW(
        task.module.parameters(), lr=config.lr, weight_decay=config.weight_decay, fused=config.fused or None
    )
    run, average = _Run(), _start_average(task.module, config)
    if has_checkpoint(folder / LATEST):
        reached, stored = load_checkpoint(folder / LATEST, module=task.module, optimizer=optimizer)
        run, average = _Run(**reached), stored if stored is not None else average
    loop = _Loop(task, config, folder, optimizer, run, average)
    try:
        return loop.run(quiet, progress or _ignored)
    except KeyboardInterrupt:
        loop.save(LATEST)
        raise


def best_weights(folder: Path) -> dict[str, Tensor]:
    """Parameters of the best checkpoint of a run folder (the running average if one was kept)."""
    return load_weights(folder / BEST if has_checkpoint(folder / BEST) else folder / LATEST)


class _Loop:
    def __init__(
        self,
        task: Task,
        config: LoopConfig,
        folder: Path,
        optimizer: torch.optim.Optimizer,
        run: _Run,
        average: dict[str, Tensor] | None,
    ):
        self.task, self.config, self.folder = task, config, folder
        self.optimizer, self.state, self.average = optimizer, run, average
        self.validated: dict[str, float] = {}

    def run(self, quiet: bool, progress: Callable[[float], None]) -> Mapping[str, float]:
        state, config = self.state, self.config
        started = saved = time.monotonic()
        before = state.seconds
        with _bar(quiet) as bar:
            line = bar.add_task("train", total=config.steps, completed=state.step, note="")
            for batch in self._batches():
                self._step(batch)
                now = time.monotonic()
                state.seconds = before + now - started
                bar.update(line, completed=state.step, note=self.note)
                progress(state.step / config.steps)
                if state.step % config.validate_every == 0 or state.step == config.steps:
                    self._validate()
                if now - saved > config.checkpoint_seconds:
                    self.save(LATEST)
                    saved = now
                if config.max_seconds and now - started > config.max_seconds:
                    break
        self.save(LATEST)
        if not self.validated:
            self._validate()
        return {**self.validated, "step": state.step}

    def _batches(self) -> Iterator[Any]:
        state, config = self.state, self.config
        while state.step < config.steps:
            listed = self.task.batches(state.epoch, np.random.default_rng([config.seed, 1, state.epoch]))
            if not len(listed):
                raise TrainingError("there is nothing to train on: the task has no batches")
            while state.place < len(listed) and state.step < config.steps:
                state.place += 1
                yield listed[state.place - 1]
            if state.place >= len(listed):
                state.epoch, state.place = state.epoch + 1, 0

    def _step(self, batch: Any) -> None:
        state, config = self.state, self.config
        torch.manual_seed(int(np.random.default_rng([config.seed, 2, state.step]).integers(2**62)))
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(state.step, config)
        self.task.module.train()
        loss, numbers = self.task.loss(batch, np.random.default_rng([config.seed, 3, state.step]))
        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainingError(
                f"the loss is {value} at step {state.step}; lower loop.lr or inspect that batch (log: {self._log})"
            )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.task.module.parameters(), config.clip)
        self.optimizer.step()
        state.step += 1
        self._update_average()
        self.note = f"loss {value:.4f}"
        self._write({"step": state.step, "epoch": state.epoch, "loss": value, "seconds": state.seconds, **numbers})

    def _update_average(self) -> None:
        if self.average is None:
            return
        # Otherwise the random start would stay in the average for a long time.
        decay = min(self.config.average, (1 + self.state.step) / (10 + self.state.step))
        with torch.no_grad():
            for name, value in self.task.module.state_dict().items():
                if value.is_floating_point():
                    self.average[name].lerp_(value, 1 - decay)
                else:
                    self.average[name].copy_(value)

    def _validate(self) -> None:
        module = self.task.module
        own = {name: value.clone() for name, value in module.state_dict().items()}
        if self.average is not None:
            module.load_state_dict(self.average)
        module.eval()
        with torch.no_grad():
            self.validated = dict(self.task.validate())
        module.load_state_dict(own)
        self._write({"step": self.state.step, "dev": self.validated})
        loss = self.validated.get("loss", math.inf)
        if loss <= self.state.best:
            self.state.best = loss
            self.save(BEST)

    def save(self, name: str) -> None:
        save_checkpoint(
            self.folder / name,
            module=self.task.module,
            optimizer=self.optimizer,
            progress=dict(vars(self.state)),
            average=self.average,
        )

    @property
    def _log(self) -> Path:
        return self.folder / "log.jsonl"

    def _write(self, line: Mapping[str, Any]) -> None:
        try:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            raise TrainingError(
                f"cannot write {self._log} ({error.strerror}); free some space and start again; the run continues from "
                "its last checkpoint"
            ) from error


def _start_average(module: nn.Module, config: LoopConfig) -> dict[str, Tensor] | None:
    if config.average <= 0:
        return None
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def _ignored(_: float) -> None:
    """Nobody wants to know how far it is."""


def _bar(quiet: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    return Progress(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.fields[note]}"), disable=quiet
    )
