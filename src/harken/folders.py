"""Folders that are replaced whole: whoever reads finds the old or the new one, also after a kill or on a full disk.

A folder is filled under a hidden name beside its place (`in_the_making`) and then put there (`put_in_place`). A folder
cannot be replaced in one step: the old one steps aside first. Where a kill came between the two renames, readers find
it there (`whole`, `standing`), or it is put back (`recover`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ASIDE = "-old"


@contextmanager
def in_the_making(folder: Path, *, alone: bool = False) -> Iterator[Path]:
    """An empty hidden folder beside `folder`, to be filled and put in its place; whatever happens, it does not stay.

    Args:
        folder: the place that it is meant for; its parents are made.
        alone: nobody else writes this folder at the same time, so one name is enough, and what a kill left behind is
            cleared by the next writer.

    Raises:
        OSError: the disk is full, or the place cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    if alone:
        fresh = folder.with_name(f".{folder.name}-fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
    else:
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        fresh.chmod(0o755)
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def put_in_place(fresh: Path, folder: Path) -> None:
    """Make `fresh` the folder; an older one steps aside and is removed.

    Raises:
        OSError: it cannot be done; what was there is still found by `whole`.
    """
    old = _aside(folder)
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def whole(folder: Path) -> Path:
    """The folder itself, or the one that stepped aside if a kill came between the two renames of `put_in_place`."""
    return _aside(folder) if not folder.exists() and _aside(folder).is_dir() else folder


def standing(root: Path, file: str) -> dict[str, Path]:
    """Name -> place of every folder in `root` that holds `file`, those that stepped aside under their own name."""
    found: dict[str, Path] = {}
    for holder in sorted(path.parent for path in root.glob(f"*/{file}")):
        name = holder.name[1:].removesuffix(_ASIDE) if holder.name.endswith(_ASIDE) else holder.name
        if not name.startswith("."):  # hidden: in the making
            found[name] = whole(root / name)
    return found


def recover(root: Path) -> None:
    """Put back what stepped aside in `root` and was never replaced."""
    for old in root.glob(f".*{_ASIDE}"):
        folder = root / old.name[1:].removesuffix(_ASIDE)
        if not folder.exists():
            old.rename(folder)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}{_ASIDE}")
