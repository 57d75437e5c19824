"""Checkpoints: tensors in safetensors, the rest in JSON; private to a run folder, resumable, never pickled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from harken.errors import DataError, HarkenError
from harken.folders import in_the_making, put_in_place, whole

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
    """Write a checkpoint so that a kill at any moment leaves the earlier one intact.

    Args:
        folder: where to write it; replaced.
        progress: position of the run (step, epoch, ...), as JSON values.
        average: running average of the parameters, if one is kept.

    Raises:
        CheckpointError: the disk is full or not writable; the earlier checkpoint is untouched.
    """
    tensors, plain = _optimizer_state(optimizer)
    position = json.dumps({"progress": progress, "optimizer": plain})
    try:
        with in_the_making(folder, alone=True) as fresh:
            save_file({k: v.contiguous() for k, v in module.state_dict().items()}, fresh / "module.safetensors")
            save_file(tensors, fresh / "optimizer.safetensors")
            if average is not None:
                save_file(average, fresh / "average.safetensors")
            (fresh / "progress.json").write_text(position, encoding="utf-8")
            put_in_place(fresh, folder)
    except (OSError, SafetensorError) as error:  # safetensors reports a full disk as an error of its own
        raise CheckpointError(
            f"cannot write the checkpoint {folder} ({error}); the previous one is kept: free some space and start "
            "again, and training continues from it"
        ) from error


def load_checkpoint(
    folder: Path, *, module: nn.Module, optimizer: torch.optim.Optimizer | None = None
) -> tuple[dict[str, Any], dict[str, Tensor] | None]:
    """Fill module (and optimizer) from a checkpoint; returns its progress and average.

    Raises:
        CheckpointError: it is incomplete or belongs to another network.
    """
    folder = whole(folder)
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
    """The parameters of a checkpoint, or their running average if there is one and `average` asks for it.

    Raises:
        DataError: there is no checkpoint.
    """
    folder = whole(folder)
    file = folder / "average.safetensors"
    if not (average and file.is_file()):
        file = folder / "module.safetensors"
    if not file.is_file():
        raise DataError(f"{folder} contains no checkpoint; train first")
    return load_file(file)


def has_checkpoint(folder: Path) -> bool:
    """Whether there is one to resume from."""
    return (whole(folder) / "progress.json").is_file()


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
