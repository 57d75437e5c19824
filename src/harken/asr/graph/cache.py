"""Compiled graphs, cached between runs under a name that changes whenever their content would.

A kept graph is one file of plain arrays. Large ones are not read but mapped: processes that use the same graph share
its memory, and a start reads only what it touches. Behind each array of a large graph the file has room (a hole, which
takes no space), so that a smaller graph is joined to it without a copy: what is written into a mapping stays with the
process that wrote it.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from harken import paths
from harken.asr.graph.acceptor import Gaps
from harken.asr.graph.graph import DERIVED, Graph, graph_of
from harken.cached_files import drop_oldest, in_one_piece
from harken.errors import DataError

VERSION = 3
"""Raised when the same input would be compiled or written differently: part of every cache key."""
KEPT = 300
"""Number of graphs to keep; beyond that, the least recently used are dropped (lists change all the time)."""
MAPPED = 1 << 20
"""Bytes from which on a graph is mapped instead of read."""
ROOM = 0.5
"""Room behind each array of a mapped graph, as a share of its length."""

_SUFFIX = ".graph"
_MAGIC = b"harken graph\n"
_PAGE = 4096
"""Bytes; each array of a mapped graph begins on a page of its own, so that writing behind it makes no other private."""
_OF_STATES = ("backoff", "backoff_cost", "final", "least", "levels")
_OF_ARCS = ("phone", "word", "cost", "target", "sources")
_GROWING = ("first", *_OF_STATES, *_OF_ARCS)
"""Tables that are longer in a joined graph."""
_ALIGNED = 64
_CHUNK = 1 << 20
_OF_GAPS = "gaps."

Tables = Mapping[str, NDArray[Any]]

log = logging.getLogger(__name__)


def content_key(parts: Iterable[bytes | str]) -> str:
    """A name for what these parts would compile to."""
    digest = sha256(f"graph {VERSION}".encode())
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()[:32]


def cached_graph(key: str, build: Callable[[], Graph]) -> Graph:
    """The graph cached under `key`, or a new one, which is then cached. A damaged or unwritable cache only costs
    time."""
    path = _path_of(key)
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
        drop_oldest(path.parent, KEPT)
        return load_graph(path) if _size(graph) >= MAPPED else graph
    except (DataError, OSError) as error:
        log.warning("cannot cache the compiled graph in %s (%s); it will be rebuilt next time", path.parent, error)
    return graph


def graph_room(key: str, states: int, arcs: int) -> dict[str, NDArray[Any]] | None:
    """Tables of a kept graph in a mapping of their own, with room for others behind them, for `join_graphs`.

    Args:
        key: of the kept graph.
        states, arcs: how many there will be in all.

    Returns:
        name -> writable table of the length needed, which begins with that of the graph; None when the graph is not
        kept, not mapped, damaged, or has less room.
    """
    path = _path_of(key)
    try:
        with path.open("rb") as file:
            layout = _read_layout(file, path)
            lengths = {**dict.fromkeys(_OF_STATES, states), **dict.fromkeys(_OF_ARCS, arcs), "first": states + 1}
            if not layout.mapped or any(layout.arrays[name].room < length for name, length in lengths.items()):
                return None
            shared = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except (OSError, DataError):
        return None  # `cached_graph` says so
    return {name: layout.arrays[name].within(shared, length) for name, length in lengths.items()}


def _path_of(key: str) -> Path:
    return paths.cache() / "graphs" / f"{key}{_SUFFIX}"


@dataclass(frozen=True)
class _Array:
    """The place of an array in a file."""

    dtype: str
    length: int
    room: int
    """Length that it may grow to."""
    offset: int
    """Bytes."""

    def within(self, buffer: bytes | mmap.mmap, length: int) -> NDArray[Any]:
        return np.frombuffer(buffer, np.dtype(self.dtype), length, self.offset)

    @property
    def bytes(self) -> int:
        return self.length * np.dtype(self.dtype).itemsize


@dataclass(frozen=True)
class _Layout:
    """The header of a file."""

    arrays: dict[str, _Array]
    size: int
    """Bytes of the file, holes included."""
    checksum: int
    """CRC-32 of all arrays, in their order, without the room."""
    mapped: bool


def save_graph(graph: Graph, path: Path) -> None:
    """Write as one file, atomically."""
    tables, large = _tables(graph), _size(graph) >= MAPPED
    arrays, at = {}, _PAGE
    for name, table in tables.items():
        room = len(table) + (int(ROOM * len(table)) if large and name in _GROWING else 0)
        arrays[name] = _Array(table.dtype.str, len(table), room, at)
        unit = _PAGE if large else _ALIGNED
        at += -(-room * table.itemsize // unit) * unit
    checksum = 0
    for table in tables.values():
        checksum = zlib.crc32(table.data, checksum)
    header = json.dumps({
        "arrays": {name: vars(array) for name, array in arrays.items()}, "size": at, "checksum": checksum,
        "mapped": large,
    }).encode()  # fmt: skip
    assert len(_MAGIC) + len(header) < _PAGE
    with in_one_piece(path) as file:
        file.write(_MAGIC + header)
        for table, array in zip(tables.values(), arrays.values(), strict=True):
            file.seek(array.offset)
            file.write(table.data)
        file.truncate(at)


def load_graph(path: Path) -> Graph:
    """Read or map what `save_graph` wrote; its tables cannot be written to.

    Raises:
        DataError: the file is damaged.
    """
    try:
        with path.open("rb") as file:
            layout = _read_layout(file, path)
            file.seek(0)
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if layout.mapped else file.read()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error}); delete it, and it will be rebuilt") from error
    return _graph_of({name: array.within(whole, array.length) for name, array in layout.arrays.items()})


def _read_layout(file: BinaryIO, path: Path) -> _Layout:
    """The header, after a check of the whole file (by reading: mapped pages would count as memory of this process).

    Raises:
        DataError: it is damaged.
    """
    try:
        head = file.read(_PAGE)
        if not head.startswith(_MAGIC):
            raise ValueError("another beginning")
        header = json.loads(head[len(_MAGIC) :].rstrip(b"\0"))
        arrays = {name: _Array(**array) for name, array in header.pop("arrays").items()}
        layout = _Layout(arrays=arrays, **header)
        if os.fstat(file.fileno()).st_size != layout.size:
            raise ValueError("another size")
        if _checksum(file, layout) != layout.checksum:
            raise ValueError("another checksum")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{path} is not a readable graph ({error}); delete it, and it will be rebuilt") from error
    return layout


def _checksum(file: BinaryIO, layout: _Layout) -> int:
    checksum, buffer = 0, memoryview(bytearray(_CHUNK))
    for array in layout.arrays.values():
        file.seek(array.offset)
        left = array.bytes
        while left:
            count = file.readinto(buffer[: min(left, _CHUNK)])  # type: ignore[attr-defined]
            checksum, left = zlib.crc32(buffer[:count], checksum), left - count
    return checksum


def _size(graph: Graph) -> int:
    return sum(getattr(graph, name).nbytes for name in _GROWING if name not in DERIVED)


def _tables(graph: Graph) -> Tables:
    """All of a graph as arrays; of a large one also what is derived from them."""
    gaps = {_OF_GAPS + name: table for name, table in _arrays(graph.gaps).items()} if graph.gaps.lists else {}
    derived = {name: getattr(graph, name) for name in DERIVED} if _size(graph) >= MAPPED else {}
    tables = {**_arrays(graph), **gaps, **derived}
    return {name: np.ascontiguousarray(table) for name, table in tables.items()}


def _graph_of(tables: Tables) -> Graph:
    """The way back from `_tables`."""
    gaps = {name.removeprefix(_OF_GAPS): table for name, table in tables.items() if name.startswith(_OF_GAPS)}
    graph = graph_of(_fields({name: table for name, table in tables.items() if not name.startswith(_OF_GAPS)}))
    return replace(graph, gaps=Gaps(**_fields(gaps))) if gaps else graph


def _arrays(record: Graph | Gaps) -> dict[str, NDArray[Any]]:
    """The fields of a record as arrays; names (tuples of words) as their letters."""
    values = {f.name: getattr(record, f.name) for f in fields(record) if f.name != "gaps"}
    return {
        name: np.frombuffer("\n".join(value).encode(), np.uint8) if isinstance(value, tuple) else value
        for name, value in values.items()
    }


def _fields(arrays: Tables) -> dict[str, Any]:
    """The inverse of `_arrays`."""
    return {
        name: tuple(value.tobytes().decode().split("\n")) if value.dtype == np.uint8 else value
        for name, value in arrays.items()
    }
