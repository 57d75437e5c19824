"""What skills must remember beyond a conversation: lists, timers and small values, in one SQLite file."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from harken import paths
from harken.errors import HarkenError

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, list TEXT NOT NULL, item TEXT NOT NULL, UNIQUE (list, item));
CREATE TABLE IF NOT EXISTS timers (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL, due REAL NOT NULL, seconds REAL NOT NULL,
    wall TEXT NOT NULL DEFAULT '', owner TEXT NOT NULL DEFAULT '', data TEXT NOT NULL DEFAULT '',
    every TEXT NOT NULL DEFAULT '', paused REAL NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS timers_due ON timers (due);
CREATE TABLE IF NOT EXISTS facts (
    owner TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, key));
"""
_TEXT = "TEXT NOT NULL DEFAULT ''"
_ADDED = {"wall": _TEXT, "owner": _TEXT, "data": _TEXT, "every": _TEXT, "paused": "REAL NOT NULL DEFAULT 0"}
"""Columns of the timers that files of earlier versions lack."""
_THE_SAME = "id = ? AND due = ?"
"""The timer as it was read; the number alone could by now belong to another one."""
_NONE: Mapping[int, Any] = MappingProxyType({})
NEVER = 1e12
"""When a paused timer is due: seconds since 1970 that no clock shows."""


class StoreError(HarkenError):
    """The file cannot be opened or written (no space, no permission)."""


@dataclass(frozen=True, kw_only=True)
class TimerRow:
    """A timer as it is stored."""

    id: int
    kind: str
    """'timer', 'alarm', 'reminder' or 'action' (a delayed request)."""
    label: str
    due: float
    """Seconds since 1970 on the wall clock; `NEVER` while it is paused."""
    seconds: float
    """Length as it was set; 0 for alarms at a time of day."""
    wall: str = ""
    """Local date and time of an alarm, ISO without zone; '' when only `due` counts."""
    owner: str = ""
    """Session that set it; '' when that has been closed."""
    data: str = ""
    """JSON object kept with it; '' for none."""
    every: str = ""
    """Weekdays on which it comes again, as digits (0: Monday); '' for one that rings once."""
    paused: float = 0.0
    """Seconds left while it is paused; 0 when it runs."""


class Store:
    """The store. Safe to use from several threads; several processes can have the same file open.

    Args:
        path: the file, created when missing; ':memory:' for one that is not kept.

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
            raise StoreError(f"cannot create {folder} ({error.strerror}); set HARKEN_HOME to another folder") from error
        return cls(folder / "store.sqlite")

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        with self._lock:
            self._db.close()

    def content(self) -> list[str]:
        """All that is kept, as lines of SQL, to be compared with another time."""
        with self._lock, self._guarded():
            return list(self._db.iterdump())

    def items(self, name: str) -> list[str]:
        """Members of a list, oldest first."""
        return [row[0] for row in self._rows("SELECT item FROM items WHERE list = ? ORDER BY id", name)]

    def lists(self) -> list[str]:
        """Names of lists that have members."""
        return [row[0] for row in self._rows("SELECT DISTINCT list FROM items ORDER BY list")]

    def add_item(self, name: str, item: str) -> bool:
        """Add to a list; False when it is already there."""
        return self._change("INSERT OR IGNORE INTO items (list, item) VALUES (?, ?)", name, item) > 0

    def remove_item(self, name: str, item: str) -> bool:
        """Remove from a list; False when it is not there."""
        return self._change("DELETE FROM items WHERE list = ? AND item = ?", name, item) > 0

    def set_items(self, name: str, items: Sequence[str]) -> None:
        """Let a list have exactly these members, in this order."""
        with self._guarded():
            self._db.execute("DELETE FROM items WHERE list = ?", (name,))
            rows = [(name, item) for item in dict.fromkeys(items)]
            self._db.executemany("INSERT INTO items (list, item) VALUES (?, ?)", rows)

    def clear_items(self, name: str) -> int:
        """Empty a list; returns how many members it had."""
        return self._change("DELETE FROM items WHERE list = ?", name)

    def get(self, owner: str, key: str, default: Any = None) -> Any:
        """A small value that a skill has stored."""
        rows = self._rows("SELECT value FROM facts WHERE owner = ? AND key = ?", owner, key)
        return json.loads(rows[0][0]) if rows else default

    def put(self, owner: str, key: str, value: Any) -> None:
        """Store a JSON value for a skill."""
        self._change("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", owner, key, json.dumps(value))

    def timers(self) -> list[TimerRow]:
        """All timers, the next one first."""
        return self._timers("1")

    def due_timers(self, until: float) -> list[TimerRow]:
        """Timers due by then (seconds since 1970), the earliest first; cheap when there are none."""
        return self._timers("due <= ?", until)

    def add_timer(
        self, kind: str, label: str, due: float, seconds: float, *, wall: str = "", owner: str = "", data: str = "",
        every: str = "", number: int | None = None,
    ) -> TimerRow:  # fmt: skip
        """Store a timer, with the number that it had before if that is still free."""
        columns = {"kind": kind, "label": label, "due": due, "seconds": seconds, "wall": wall, "owner": owner,
                   "data": data, "every": every}  # fmt: skip
        with self._guarded():
            taken = self._db.execute("SELECT 1 FROM timers WHERE id = ?", (number,)).fetchone()
            cursor = self._db.execute(
                f"INSERT INTO timers (id, {', '.join(columns)}) VALUES (?, {', '.join('?' * len(columns))})",
                (None if taken else number, *columns.values()),
            )
            number = int(cursor.lastrowid or 0)
        return TimerRow(
            id=number, kind=kind, label=label, due=due, seconds=seconds, wall=wall, owner=owner, data=data, every=every
        )

    def change_timer(self, row: TimerRow, changed: TimerRow) -> bool:
        """Replace a timer by another with the same number; False when it has changed since the row was read."""
        with self._guarded():
            return self._replace(row, changed)

    def claim_timers(self, rows: Sequence[TimerRow], again: Mapping[int, TimerRow] = _NONE) -> list[TimerRow]:
        """Take timers out; returns those that nobody else took or changed meanwhile. After a fault, none is taken.

        Args:
            rows: the timers as they were read.
            again: number -> the timer that takes its place because it comes again.
        """
        with self._guarded():
            return [row for row in rows if self._claim(row, again.get(row.id))]

    def _claim(self, row: TimerRow, again: TimerRow | None) -> bool:
        if again is not None:
            return self._replace(row, again)
        return self._db.execute(f"DELETE FROM timers WHERE {_THE_SAME}", (row.id, row.due)).rowcount > 0

    def _replace(self, row: TimerRow, changed: TimerRow) -> bool:
        values = {name: value for name, value in vars(changed).items() if name != "id"}
        query = f"UPDATE timers SET {', '.join(f'{name} = ?' for name in values)} WHERE {_THE_SAME}"
        return self._db.execute(query, (*values.values(), row.id, row.due)).rowcount > 0

    def shorten_timers(self, now: float, slack: float) -> None:
        """Limit the remaining time of timers to their length (for when the clock was set back); slack in seconds."""
        self._change(
            "UPDATE timers SET due = ?1 + seconds WHERE seconds > 0 AND paused = 0 AND due > ?1 + seconds + ?2",
            now,
            slack,
        )

    def release_timers(self, owner: str) -> None:
        """Let the timers of a session belong to nobody, because it ends."""
        self._change("UPDATE timers SET owner = '' WHERE owner = ?", owner)

    def remove_timer(self, number: int) -> bool:
        """Delete a timer; False when there is none."""
        return self._change("DELETE FROM timers WHERE id = ?", number) > 0

    def _timers(self, where: str, *values: Any) -> list[TimerRow]:
        columns = [field.name for field in fields(TimerRow)]
        rows = self._rows(f"SELECT {', '.join(columns)} FROM timers WHERE {where} ORDER BY due, id", *values)
        return [TimerRow(**dict(zip(columns, row, strict=True))) for row in rows]

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._guarded():
            return self._db.execute(query, values).fetchall()

    def _change(self, query: str, *values: Any) -> int:
        with self._guarded():
            return int(self._db.execute(query, values).rowcount)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """One thread at a time; its changes are stored together or, after a fault, not at all."""
        with self._lock:
            try:
                with self._db:
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
        log.warning("%s is damaged (%s); it was renamed to %s and a new one was started", path, error, aside)
        path.replace(aside)
        return _connect(path)


def _connect(path: Path | str) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False, timeout=2.0)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(_SCHEMA)
        _add_columns(db)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _add_columns(db: sqlite3.Connection) -> None:
    """Upgrade a file of an earlier version."""
    if _columns(db).issuperset(_ADDED):
        return
    db.execute("BEGIN IMMEDIATE")  # another process may be doing the same
    for name, kind in _ADDED.items():
        if name not in _columns(db):
            db.execute(f"ALTER TABLE timers ADD COLUMN {name} {kind}")
    db.commit()


def _columns(db: sqlite3.Connection) -> set[str]:
    return {row[1] for row in db.execute("PRAGMA table_info(timers)")}
