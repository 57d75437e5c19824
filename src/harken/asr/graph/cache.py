"""Compiled graphs that are kept between runs, under a name that changes whenever their content would."""

from __future__ import annotations

import hashlib
import logging
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken import paths
from harken.asr.graph.acceptor import Gaps
from harken.asr.graph.graph import Graph
from harken.errors import DataError

VERSION = 2
"""Raised when the same input would be compiled differently: part of every cache key."""
KEPT = 300
"""Graphs that are kept; of more, those that were not used for longest are dropped (lists change all the time)."""
_OF_GAPS = "gaps."

log = logging.getLogger(__name__)


def content_key(parts: Iterable[bytes | str]) -> str:
    """A name for what these parts would compile to."""
    digest = hashlib.sha256(f"graph {VERSION}".encode())
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()[:32]


def cached_graph(key: str, build: Callable[[], Graph]) -> Graph:
    """The graph kept under `key`, or a fresh one, which is then kept. A damaged or unwritable cache only costs time."""
    path = paths.cache() / "graphs" / f"{key}.npz"
    if path.is_file():
        try:
            graph = load_graph(path)
            path.touch()
            return graph
        except (DataError, OSError) as error:
            log.warning("%s", error)
    graph = build()
    try:
        save_graph(graph, path)
        _drop_oldest(path.parent)
    except OSError as error:
        log.warning("the compiled graph cannot be kept in %s (%s); it is built again next time", path.parent, error)
    return graph


def _drop_oldest(folder: Path) -> None:
    found = sorted(folder.glob("[!.]*.npz"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in found[KEPT:]:
        path.unlink(missing_ok=True)


def save_graph(graph: Graph, path: Path) -> None:
    """Write as one uncompressed .npz, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.fresh.npz")
    gaps = {_OF_GAPS + name: values for name, values in _arrays(graph.gaps).items()} if graph.gaps.lists else {}
    np.savez(fresh, allow_pickle=False, **_arrays(graph), **gaps)
    fresh.replace(path)


def load_graph(path: Path) -> Graph:
    """Read what `save_graph` wrote.

    Raises:
        DataError: the file is damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        gaps = {name.removeprefix(_OF_GAPS): arrays.pop(name) for name in list(arrays) if name.startswith(_OF_GAPS)}
        graph = Graph(**_fields(arrays))
        return replace(graph, gaps=Gaps(**_fields(gaps))) if gaps else graph
    except (OSError, ValueError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is not a readable graph ({error}); delete it, it is built again") from error


def _arrays(record: Graph | Gaps) -> dict[str, NDArray[Any]]:
    """The fields of a record as arrays; names (tuples of words) as their letters."""
    values = {f.name: getattr(record, f.name) for f in fields(record) if f.name != "gaps"}
    return {
        name: np.frombuffer("\n".join(value).encode(), np.uint8) if isinstance(value, tuple) else value
        for name, value in values.items()
    }


def _fields(arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """The way back from `_arrays`."""
    return {
        name: tuple(value.tobytes().decode().split("\n")) if value.dtype == np.uint8 else value
        for name, value in arrays.items()
    }
