"""Features of many recordings in one folder: flat arrays mapped into memory, and a line of facts for each recording.

All arrays of a folder have a row for every frame of every recording, one recording after the other. They grow on disk
while they are written, so a corpus need not fit into memory. The facts are written last and mark the folder as
complete; a folder without them is written again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np

from harken.errors import DataError
from harken.onnx import Array

FACTS = "facts.jsonl"


def is_written(folder: Path) -> bool:
    """Whether the folder is complete."""
    return (folder / FACTS).is_file()


def write_arrays(folder: Path, recordings: Iterable[tuple[Mapping[str, Any], Mapping[str, Array]]]) -> int:
    """Write the arrays and facts of all recordings; returns how many there were.

    Args:
        folder: created; what was written there before is replaced.
        recordings: facts (JSON) and arrays [T, ...] by name: the same names for all recordings, the same T within one.
            `start` and `frames`, the recording's place among the rows, are added to the facts.

    Raises:
        DataError: there are none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FACTS).unlink(missing_ok=True)
    lines: list[str] = []
    start = 0
    with ExitStack() as stack:
        files: dict[str, _GrowingArray] = {}
        for facts, arrays in recordings:
            (frames,) = {len(array) for array in arrays.values()}
            for name, array in arrays.items():
                if name not in files:
                    files[name] = stack.enter_context(_GrowingArray(folder / f"{name}.npy", array))
                files[name].add(array)
            lines.append(json.dumps({**facts, "start": start, "frames": frames}, ensure_ascii=False))
            start += frames
    if not lines:
        raise DataError(f"no recording to put into {folder}; check that the corpus and its split contain some")
    fresh = folder / f".{FACTS}"
    fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
    fresh.replace(folder / FACTS)
    return len(lines)


class Arrays:
    """What `write_arrays` wrote, mapped from disk.

    Attributes:
        facts: of each recording, with `start` and `frames`.

    Args:
        folder: the folder.
        names: names of the arrays that are needed.

    Raises:
        DataError: the folder is missing, unfinished or damaged.
    """

    def __init__(self, folder: Path, *names: str):
        self.folder = folder
        try:
            lines = (folder / FACTS).read_text(encoding="utf-8").splitlines()
            self.facts: list[dict[str, Any]] = [json.loads(line) for line in lines]
            self._arrays: dict[str, Array] = {
                name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in names
            }
        except (OSError, ValueError) as error:
            raise DataError(f"{folder} holds no features ({error}); run the recipe's `prepare` step first") from error
        self.rows = sum(int(facts["frames"]) for facts in self.facts)
        for name, array in self._arrays.items():
            if len(array) != self.rows:
                raise DataError(
                    f"{folder}: {name} has {len(array)} rows where the facts say {self.rows}; remove the folder and "
                    "run the recipe's `prepare` step again"
                )

    def __getitem__(self, name: str) -> Array:
        """All rows of an array."""
        return self._arrays[name]


class _GrowingArray:
    """An .npy file to which rows are added; closing it writes the number of rows into its header."""

    def __init__(self, path: Path, like: Array):
        self.dtype, self.shape, self.rows = like.dtype, like.shape[1:], 0
        self.file: BinaryIO = path.open("wb")
        self._write_head()
        self._head = self.file.tell()

    def add(self, array: Array) -> None:
        if array.dtype != self.dtype or array.shape[1:] != self.shape:
            raise DataError(
                f"{self.file.name}: rows are {self.dtype} {self.shape}, got {array.dtype} {array.shape[1:]}"
            )
        self.file.write(np.ascontiguousarray(array).tobytes())
        self.rows += len(array)

    def _write_head(self) -> None:
        head = {"descr": np.lib.format.dtype_to_descr(self.dtype), "fortran_order": False,
                "shape": (self.rows, *self.shape)}  # fmt: skip
        np.lib.format.write_array_header_1_0(self.file, head)  # numpy leaves room for the first axis to grow

    def __enter__(self) -> _GrowingArray:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:  # fmt: skip
        with self.file:
            self.file.seek(0)
            self._write_head()
            assert self.file.tell() == self._head, "the head has outgrown its place"
