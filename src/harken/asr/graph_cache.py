"""Compiled graphs that are kept between runs, under a name that changes whenever their content would."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable

from harken import paths
from harken.asr.graph import VERSION, Graph, load_graph, save_graph
from harken.errors import DataError

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
            return load_graph(path)
        except DataError as error:
            log.warning("%s", error)
    graph = build()
    try:
        save_graph(graph, path)
    except OSError as error:
        log.warning("the compiled graph cannot be kept in %s (%s); it is built again next time", path.parent, error)
    return graph
