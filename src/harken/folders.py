"""Folders that are replaced as a whole: a reader finds the old or the new one, even after a kill or on a full disk.

A folder is filled under a hidden name next to its place (`in_the_making`) and then renamed (`put_in_place`). A folder
cannot be replaced in one step, so the old one is first set aside. If a kill comes between the two renames, readers find
the old one there (`whole`, `standing`), or it is put back (`recover`).
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
    """An empty hidden folder next to `folder`, to be filled and put in its place; otherwise it is removed at the end.

    Args:
        folder: its destination; missing parents are created.
        alone: nobody else writes this folder at the same time, so one fixed name is enough, and the next writer clears
            what a kill left behind.

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
    """Rename `fresh` to `folder`; an older one is set aside and then removed.

    Raises:
        OSError: this failed; `whole` still finds the older one.
    """
    old = _aside(folder)
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def whole(folder: Path) -> Path:
    """The folder itself, or the one set aside if a kill came between the two renames of `put_in_place`."""
    return _aside(folder) if not folder.exists() and _aside(folder).is_dir() else folder


def standing(root: Path, file: str) -> dict[str, Path]:
    """Name -> path of every folder in `root` that holds `file`; those set aside are listed under their own name."""
    places: dict[str, Path] = {}
    for holder in sorted(path.parent for path in root.glob(f"*/{file}")):
        name = holder.name[1:].removesuffix(_ASIDE) if holder.name.endswith(_ASIDE) else holder.name
        if not name.startswith("."):  # hidden: in the making
            places[name] = whole(root / name)
    return places


def recover(root: Path) -> None:
    """Put back what was set aside in `root` and never replaced."""
    for old in root.glob(f".*{_ASIDE}"):
        folder = root / old.name[1:].removesuffix(_ASIDE)
        if not folder.exists():
            old.rename(folder)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}{_ASIDE}")
