"""Files of a cache: each appears whole or not at all, and those used last are kept."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_DAY = 24 * 3600


@contextmanager
def in_one_piece(path: Path) -> Iterator[BinaryIO]:
    """A hidden file to write to, which takes the place of `path` at the end; missing folders are created.

    Raises:
        OSError: the disk is full, or the place cannot be written; an older file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh, name = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
    try:
        with os.fdopen(fresh, "wb") as file:
            yield file
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def drop_oldest(folder: Path, kept: int) -> None:
    """Keep the `kept` files that were touched last. Incomplete files of a killed process are deleted after a day.

    Raises:
        OSError: the folder cannot be written.
    """
    ages = [(_touched(path), path) for path in folder.glob("[!.]*") if path.is_file()]
    old = [path for _, path in sorted(ages, reverse=True)[kept:]]
    left = [path for path in folder.glob(".*") if _touched(path) < time.time() - _DAY]
    for path in (*old, *left):
        path.unlink(missing_ok=True)


def _touched(path: Path) -> float:
    """Seconds since the epoch; now for a file that another process has just deleted."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
