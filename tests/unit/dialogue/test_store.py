import contextlib
import logging
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from harken.dialogue.store import NEVER, Store, StoreError, TimerRow


def test_lists_keep_their_order_and_have_no_doubles(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    assert store.add_item("shopping", "milk")
    assert store.add_item("shopping", "bread")
    assert not store.add_item("shopping", "milk")
    assert Store(tmp_path / "s.sqlite").items("shopping") == ["milk", "bread"]
    assert store.remove_item("shopping", "milk")
    assert not store.remove_item("shopping", "milk")
    assert (store.lists(), store.clear_items("shopping"), store.lists()) == (["shopping"], 1, [])


def test_values_of_skills_are_apart() -> None:
    store = Store(":memory:")
    store.put("home", "lamp", {"on": True, "color": "grün"})
    assert store.get("home", "lamp") == {"on": True, "color": "grün"}
    assert store.get("other", "lamp", 7) == 7


def test_a_damaged_file_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "s.sqlite"
    path.write_bytes(b"no database at all " * 100)
    with caplog.at_level(logging.WARNING):
        assert Store(path).lists() == []
    assert "damaged" in caplog.text
    assert path.with_suffix(".damaged").read_bytes().startswith(b"no database")


def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="HARKEN_HOME"):
        Store(tmp_path / "missing" / "s.sqlite")


def test_a_closed_store_says_so() -> None:
    store = Store(":memory:")
    store.close()
    with pytest.raises(StoreError, match="cannot be used"):
        store.items("shopping")


OLD = """
CREATE TABLE items (id INTEGER PRIMARY KEY, list TEXT NOT NULL, item TEXT NOT NULL, UNIQUE (list, item));
CREATE TABLE timers (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL, due REAL NOT NULL, seconds REAL NOT NULL);
CREATE TABLE facts (owner TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, key));
INSERT INTO items (list, item) VALUES ('shopping', 'milk');
INSERT INTO timers VALUES (3, 'timer', 'pasta', 2000.5, 600.0), (7, 'alarm', '', 1000.0, 0.0);
INSERT INTO facts VALUES ('home', 'lamp', 'true');
"""


def old_file(path: Path) -> Path:
    """As the first version wrote it."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(OLD)
    return path


def test_a_file_of_an_earlier_version_keeps_all_and_its_timers_belong_to_nobody(tmp_path: Path) -> None:
    path = old_file(tmp_path / "s.sqlite")
    for store in (Store(path), Store(path)):  # the second time there is nothing left to do
        assert store.timers() == [
            TimerRow(id=7, kind="alarm", label="", due=1000.0, seconds=0.0, wall="", owner=""),
            TimerRow(id=3, kind="timer", label="pasta", due=2000.5, seconds=600.0, wall="", owner=""),
        ]
        assert (store.items("shopping"), store.get("home", "lamp")) == (["milk"], True)
    new = store.add_timer("alarm", "nap", 1500.0, 0.0, wall="2026-05-01T07:00:00", owner="here")
    assert Store(path).timers()[1] == new
    assert Store(path).due_timers(1500.0) == store.timers()[:2]


def test_an_earlier_version_can_still_write_the_file(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    store = Store(path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO timers (kind, label, due, seconds) VALUES ('timer', 'tea', 5.0, 5.0)")
        db.commit()
    assert [(row.label, row.wall, row.owner) for row in store.timers()] == [("tea", "", "")]


def test_two_processes_may_bring_a_file_up_to_date_at_once(tmp_path: Path) -> None:
    path = old_file(tmp_path / "s.sqlite")
    opened: list[Store] = []
    threads = [threading.Thread(target=lambda: opened.append(Store(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(store.timers()) for store in opened] == [2] * 8


def test_timers_are_taken_all_or_none(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    rows = [store.add_timer("timer", label, 1.0, 1.0) for label in ("a", "b")]
    unreadable = replace(rows[1], due=object())  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        store.claim_timers([rows[0], unreadable])
    assert store.timers() == rows
    assert store.claim_timers([*rows, *rows]) == rows


def test_after_a_change_that_failed_the_store_sees_what_others_write(tmp_path: Path) -> None:
    """A transaction that stayed open would show the file as it was."""
    path = tmp_path / "s.sqlite"
    store = Store(path)
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        store._db.execute("PRAGMA busy_timeout=10")
        with pytest.raises(StoreError, match="locked"):
            store.add_item("shopping", "milk")
        assert store.items("shopping") == []
        other.execute("INSERT INTO items (list, item) VALUES ('shopping', 'bread')")
        other.commit()
    assert store.items("shopping") == ["bread"]
    assert store.add_item("shopping", "milk")


def test_threads_share_a_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    faults: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(20):
                store.add_item(name, str(number))
                store.put(name, "last", number)
                store.claim_timers([store.add_timer("timer", name, 1.0, 1.0, owner=name)])
                assert store.get(name, "last") == number
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert [len(store.items(name)) for name in "abcd"] == [20] * 4
    assert store.timers() == []


def test_a_file_of_the_version_before_keeps_its_timers_and_can_pause_and_repeat_them(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(
            "CREATE TABLE timers (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL, due REAL NOT NULL,"
            " seconds REAL NOT NULL, wall TEXT NOT NULL DEFAULT '', owner TEXT NOT NULL DEFAULT '');"
            "INSERT INTO timers VALUES (3, 'timer', 'pasta', 2000.5, 600.0, '', 'here')"
        )
    store = Store(path)
    (row,) = store.timers()
    assert row == TimerRow(id=3, kind="timer", label="pasta", due=2000.5, seconds=600.0, owner="here")
    assert store.change_timer(row, replace(row, paused=5.0, due=NEVER, every="04", data='{"a": 1}'))
    assert not store.change_timer(row, replace(row, label="late"))
    assert Store(path).timers() == [replace(row, paused=5.0, due=NEVER, every="04", data='{"a": 1}')]
    assert store.due_timers(4e9) == []


def test_a_timer_that_comes_again_is_taken_by_one_and_stays(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    row = store.add_timer("alarm", "up", 1.0, 0.0, every="0123456")
    tomorrow = replace(row, due=86_401.0)
    assert store.claim_timers([row, row], {row.id: tomorrow}) == [row]
    assert store.timers() == [tomorrow]


def test_a_list_is_set_whole_in_order_and_without_doubles() -> None:
    store = Store(":memory:")
    store.add_item("shopping", "tea")
    store.set_items("shopping", ["milk", "eggs", "milk"])
    assert store.items("shopping") == ["milk", "eggs"]
    store.set_items("shopping", [])
    assert store.lists() == []
