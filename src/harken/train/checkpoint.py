"""Checkpoints: torch tensors in safetensors, the rest in JSON; private to a run folder, resumable, never pickled."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from harken.errors import DataError, HarkenError

LATEST, BEST = "latest", "best"


class CheckpointError(HarkenError):
    """A checkpoint cannot be written or read."""


def save_checkpoint(
    folder: Path,
    *,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    progress: dict[str, Any],
    average: dict[str, Tensor] | None = None,
) -> None:
    """Write a checkpoint so that a kill at any moment leaves the earlier one whole.

    Args:
        folder: where; replaced.
        progress: JSON-able position of the run (step, epoch, ...).
        average: running average of the parameters, if one is kept.

    Raises:
        CheckpointError: the disk is full or not writable; the earlier checkpoint is untouched.
    """
    fresh = folder.with_name(f".{folder.name}-fresh")  # one name, so that what a kill left is not left for ever
    tensors, plain = _optimizer_state(optimizer)
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        save_file({k: v.contiguous() for k, v in module.state_dict().items()}, fresh / "module.safetensors")
        save_file(tensors, fresh / "optimizer.safetensors")
        if average is not None:
            save_file(average, fresh / "average.safetensors")
        (fresh / "progress.json").write_text(json.dumps({"progress": progress, "optimizer": plain}), encoding="utf-8")
        _replace(fresh, folder)
    except (OSError, SafetensorError) as error:  # safetensors reports a full disk as an error of its own
        raise _unwritable(folder, fresh, error) from error


def load_checkpoint(
    folder: Path, *, module: nn.Module, optimizer: torch.optim.Optimizer | None = None
) -> tuple[dict[str, Any], dict[str, Tensor] | None]:
    """Fill module (and optimizer) from a checkpoint; return its progress and average.

    Raises:
        CheckpointError: it is incomplete or belongs to another network.
    """
    folder = _whole(folder)
    try:
        stored = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
        module.load_state_dict(load_file(folder / "module.safetensors"))
        if optimizer is not None:
            _fill_optimizer(optimizer, load_file(folder / "optimizer.safetensors"), stored["optimizer"])
    except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(
            f"{folder} does not fit this run ({error}); start in another run folder, or with its settings"
        ) from error
    average = folder / "average.safetensors"
    return stored["progress"], load_file(average) if average.is_file() else None


def load_weights(folder: Path, *, average: bool = True) -> dict[str, Tensor]:
    """The parameters of a checkpoint: their running average when there is one and it is wanted.

    Raises:
        DataError: there is no checkpoint.
    """
    folder = _whole(folder)
    file = folder / "average.safetensors"
    if not (average and file.is_file()):
        file = folder / "module.safetensors"
    if not file.is_file():
        raise DataError(f"{folder} holds no checkpoint; train first")
    return load_file(file)


def has_checkpoint(folder: Path) -> bool:
    """Whether there is one to resume from."""
    return (_whole(folder) / "progress.json").is_file()


def _whole(folder: Path) -> Path:
    """The folder itself, or the one that stepped aside if a kill came between the two renames of `_replace`."""
    old = folder.with_name(f"{folder.name}.old")
    return old if not folder.is_dir() and old.is_dir() else folder


def _replace(fresh: Path, folder: Path) -> None:
    old = folder.with_name(f"{folder.name}.old")
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _unwritable(folder: Path, fresh: Path, error: Exception) -> CheckpointError:
    shutil.rmtree(fresh, ignore_errors=True)
    return CheckpointError(
        f"cannot write the checkpoint {folder} ({error}); the one before is kept: free some space and start again, "
        "the run goes on from there"
    )


def _optimizer_state(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    state = optimizer.state_dict()
    tensors: dict[str, Tensor] = {}
    values: dict[str, dict[str, Any]] = {}
    for index, entries in state["state"].items():
        for name, value in entries.items():
            if isinstance(value, Tensor):
                tensors[f"{index}.{name}"] = value.contiguous().clone()
            else:
                values.setdefault(str(index), {})[name] = value
    return tensors, {"values": values, "groups": state["param_groups"]}


def _fill_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], plain: dict[str, Any]) -> None:
    state: dict[int, dict[str, Any]] = {int(index): dict(entries) for index, entries in plain["values"].items()}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": plain["groups"]})
