"""What skills must remember beyond a conversation: lists, timers and small values, in one SQLite file."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harken import paths
from harken.errors import HarkenError

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, list TEXT NOT NULL, item TEXT NOT NULL, UNIQUE (list, item));
CREATE TABLE IF NOT EXISTS timers (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL, due REAL NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS facts (
    owner TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, key));
"""


class StoreError(HarkenError):
    """The file cannot be opened or written (no space, no permission)."""


@dataclass(frozen=True, kw_only=True)
class TimerRow:
    """A timer as it is kept."""

    id: int
    kind: str
    """'timer', 'alarm' or 'reminder'."""
    label: str
    due: float
    """Seconds since 1970 on the wall clock."""
    seconds: float
    """Length as it was set; 0 for alarms at a time of day."""


class Store:
    """Safe to use from several threads.

    Args:
        path: the file, made when missing; ':memory:' for one that is forgotten.

    Raises:
        StoreError: the file cannot be opened.
    """

    def __init__(self, path: Path | str):
        self._lock = threading.RLock()
        self._db = _open(path)

    @classmethod
    def of_user(cls) -> Store:
        """The store in the user's folder."""
        folder = paths.home()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{folder} cannot be made ({error.strerror}); set HARKEN_HOME elsewhere") from error
        return cls(folder / "store.sqlite")

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._db.close()

    def items(self, name: str) -> list[str]:
        """Members of a list, oldest first."""
        return [row[0] for row in self._rows("SELECT item FROM items WHERE list = ? ORDER BY id", name)]

    def lists(self) -> list[str]:
        """Names of lists that have members."""
        return [row[0] for row in self._rows("SELECT DISTINCT list FROM items ORDER BY list")]

    def add_item(self, name: str, item: str) -> bool:
        """Add to a list; False when it is there already."""
        return self._change("INSERT OR IGNORE INTO items (list, item) VALUES (?, ?)", name, item) > 0

    def remove_item(self, name: str, item: str) -> bool:
        """Take from a list; False when it is not there."""
        return self._change("DELETE FROM items WHERE list = ? AND item = ?", name, item) > 0

    def clear_items(self, name: str) -> int:
        """Empty a list; how many members it had."""
        return self._change("DELETE FROM items WHERE list = ?", name)

    def get(self, owner: str, key: str, default: Any = None) -> Any:
        """A small value that a skill has put there."""
        rows = self._rows("SELECT value FROM facts WHERE owner = ? AND key = ?", owner, key)
        return json.loads(rows[0][0]) if rows else default

    def put(self, owner: str, key: str, value: Any) -> None:
        """Keep a JSON value for a skill."""
        self._change("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", owner, key, json.dumps(value))

    def timers(self) -> list[TimerRow]:
        """All timers, the next one first."""
        rows = self._rows("SELECT id, kind, label, due, seconds FROM timers ORDER BY due, id")
        return [TimerRow(id=r[0], kind=r[1], label=r[2], due=r[3], seconds=r[4]) for r in rows]

    def add_timer(self, kind: str, label: str, due: float, seconds: float) -> int:
        """Keep a timer; its number."""
        with self._guarded():
            cursor = self._db.execute(
                "INSERT INTO timers (kind, label, due, seconds) VALUES (?, ?, ?, ?)", (kind, label, due, seconds)
            )
            self._db.commit()
            return int(cursor.lastrowid or 0)

    def move_timer(self, number: int, due: float) -> None:
        """Change when a timer is due."""
        self._change("UPDATE timers SET due = ? WHERE id = ?", due, number)

    def remove_timer(self, number: int) -> bool:
        """Forget a timer; False when there is none."""
        return self._change("DELETE FROM timers WHERE id = ?", number) > 0

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._guarded():
            return self._db.execute(query, values).fetchall()

    def _change(self, query: str, *values: Any) -> int:
        with self._guarded():
            count = self._db.execute(query, values).rowcount
            self._db.commit()
            return int(count)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise StoreError(f"the store cannot be used ({error}); is the disk full or read-only?") from error


def _open(path: Path | str) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) or isinstance(path, str):
            raise StoreError(f"{path} cannot be opened ({error}); set HARKEN_HOME to a folder you may write") from error
        aside = path.with_suffix(".damaged")
        log.warning("%s is damaged (%s); it is kept as %s and a new one is begun", path, error, aside)
        path.replace(aside)
        return _connect(path)


def _connect(path: Path | str) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False, timeout=2.0)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(_SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db
