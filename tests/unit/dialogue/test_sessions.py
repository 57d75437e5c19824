"""A timer rings once, in the session that set it; in another only when that session is gone."""

import datetime as dt
import logging
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.unit.dialogue.conftest import TurnedClock
from tests.unit.dialogue.scripted import ScriptedReader

from harken.dialogue.clock import SystemClock
from harken.dialogue.conversation import DialogueManager
from harken.dialogue.store import Store, StoreError, TimerRow
from harken.dialogue.timers import GRACE, JUMP, TimerBook
from harken.languages.loading import load_locale


@pytest.fixture
def store() -> Store:
    return Store(":memory:")


def books(store: Store, clock: TurnedClock, *names: str) -> list[TimerBook]:
    return [TimerBook(store, clock, session=name) for name in names]


def labels(book: TimerBook) -> list[str]:
    return [timer.label for timer in book.ring()]


def test_each_timer_rings_where_it_was_set_whoever_looks_first(store: Store, clock: TurnedClock) -> None:
    kitchen, living, bath = books(store, clock, "kitchen", "living", "bath")
    kitchen.start(60, label="pasta")
    living.start(60, label="tea")
    bath.set_for(clock.now() + dt.timedelta(seconds=60), label="nap")
    clock.wait(60)
    assert [labels(book) for book in (living, bath, kitchen)] == [["tea"], ["nap"], ["pasta"]]
    assert [labels(book) for book in (kitchen, bath, living)] == [[], [], []]


def test_every_session_lists_and_cancels_all_timers_of_the_user(store: Store, clock: TurnedClock) -> None:
    kitchen, living = books(store, clock, "kitchen", "living")
    pasta = kitchen.start(60, label="pasta")
    living.start(30, label="tea")
    clock.wait(10)
    for book in (kitchen, living):
        assert [(timer.label, timer.left) for timer in book.running()] == [("tea", 20), ("pasta", 50)]
    assert living.cancel(pasta.id)
    assert not kitchen.cancel(pasta.id)
    clock.wait(100)
    assert labels(kitchen) == ["tea"]


def test_timers_of_a_closed_session_ring_on_time_in_any_other(store: Store, clock: TurnedClock) -> None:
    kitchen, living = books(store, clock, "kitchen", "living")
    kitchen.start(60, label="pasta")
    kitchen.set_for(clock.now() + dt.timedelta(seconds=60), label="nap")
    kitchen.close()
    clock.wait(59.5)
    assert labels(living) == []
    clock.wait(0.5)
    assert labels(living) == ["pasta", "nap"]


def test_closing_a_session_leaves_the_timers_of_others_to_them(store: Store, clock: TurnedClock) -> None:
    kitchen, living = books(store, clock, "kitchen", "living")
    kitchen.start(60, label="pasta")
    living.close()
    clock.wait(60)
    assert labels(living) == []
    assert labels(kitchen) == ["pasta"]


@pytest.mark.parametrize("kind", ["timer", "alarm"])
def test_a_timer_that_its_session_does_not_ring_is_rung_by_one_other_after_a_while(
    store: Store, clock: TurnedClock, kind: str
) -> None:
    silent, living, bath = books(store, clock, "silent", "living", "bath")
    if kind == "timer":
        silent.start(60, label="pasta")
    else:
        silent.set_for(clock.now() + dt.timedelta(seconds=60), label="pasta")
    clock.wait(60 + GRACE - 0.1)
    assert [labels(book) for book in (living, bath)] == [[], []]
    clock.wait(0.1)
    assert [labels(book) for book in (bath, living, silent)] == [["pasta"], [], []]


def test_the_longest_turn_fits_into_the_time_that_a_timer_waits_for_its_session(
    store: Store, clock: TurnedClock
) -> None:
    kitchen, living = books(store, clock, "kitchen", "living")
    kitchen.start(60, label="pasta")
    clock.wait(60 + 16)  # the longest turn of the shipped profile is 15 s
    assert labels(living) == []
    assert labels(kitchen) == ["pasta"]


def test_after_a_restart_the_timers_of_a_killed_session_ring_in_the_new_one(clock: TurnedClock, tmp_path: Path) -> None:
    TimerBook(Store(tmp_path / "s"), clock, session="killed").start(600, label="pasta")
    clock.wait(100)
    clock.steady = 3.0
    (new,) = books(Store(tmp_path / "s"), clock, "new")
    assert round(new.running()[0].left) == 500
    clock.wait(500 + GRACE)
    assert labels(new) == ["pasta"]


def test_a_timer_of_a_killed_session_that_ended_long_ago_rings_at_once(clock: TurnedClock, tmp_path: Path) -> None:
    TimerBook(Store(tmp_path / "s"), clock, session="killed").start(600, label="pasta")
    clock.wait(5_000)
    assert labels(TimerBook(Store(tmp_path / "s"), clock, session="new")) == ["pasta"]


def test_a_clock_set_back_while_nobody_ran_does_not_put_off_a_timer_beyond_its_length(
    clock: TurnedClock, tmp_path: Path
) -> None:
    TimerBook(Store(tmp_path / "s"), clock, session="killed").start(600, label="pasta")
    clock.set_wall(clock.now() - dt.timedelta(days=30))
    (new,) = books(Store(tmp_path / "s"), clock, "new")
    assert new.running()[0].left == 600
    clock.wait(600 + GRACE)
    assert labels(new) == ["pasta"]


@pytest.mark.parametrize("hours", [3, -3])
def test_whoever_notices_first_that_the_clock_was_set_leaves_the_timers_of_others_alone(
    store: Store, clock: TurnedClock, hours: int
) -> None:
    kitchen, living = books(store, clock, "kitchen", "living")
    kitchen.start(600, label="pasta")
    clock.wait(100)
    clock.set_wall(clock.now() + dt.timedelta(hours=hours))
    assert labels(living) == []
    assert labels(kitchen) == []
    clock.wait(GRACE)
    assert labels(living) == []
    assert [round(book.running()[0].left) for book in (kitchen, living)] == [480, 480]
    clock.wait(480)
    assert labels(living) == []
    assert labels(kitchen) == ["pasta"]


def test_small_steps_of_the_clock_add_up_to_a_jump_that_is_noticed(store: Store, clock: TurnedClock) -> None:
    kitchen, living = books(store, clock, "kitchen", "living")
    kitchen.start(600, label="pasta")
    for _ in range(40):
        clock.wait(10)
        clock.set_wall(clock.now() - dt.timedelta(seconds=1.5))
        assert labels(kitchen) == []
    clock.wait(199)
    assert labels(kitchen) == []
    assert abs(living.running()[0].left - 1) <= JUMP
    clock.wait(1)
    assert labels(kitchen) == ["pasta"]


def test_a_number_that_was_given_again_is_another_timer(store: Store, clock: TurnedClock) -> None:
    """SQLite gives the highest number again; what a session knows of the old timer says nothing about the new one."""
    kitchen, living = books(store, clock, "kitchen", "living")
    old = kitchen.start(10, label="egg")
    living.cancel(old.id)
    assert living.start(600, label="cake").id == old.id
    clock.wait(10 + GRACE)
    assert labels(kitchen) == []
    assert [round(book.running()[0].left) for book in (kitchen, living)] == [570, 570]


def test_a_number_that_was_given_again_keeps_its_end_when_the_clock_is_set(store: Store, clock: TurnedClock) -> None:
    kitchen, living = books(store, clock, "kitchen", "living")
    living.cancel(kitchen.start(10, label="egg").id)
    living.start(600, label="cake")
    clock.set_wall(clock.now() + dt.timedelta(hours=1))
    for book in (living, kitchen):
        assert round(book.running()[0].left) == 600
    assert round(store.timers()[0].due - clock.now().timestamp()) == 600


@pytest.mark.parametrize("end", ["cancel", "ring"])
def test_a_book_forgets_the_end_of_a_timer_that_is_over(store: Store, clock: TurnedClock, end: str) -> None:
    first, second = books(store, clock, "", "")
    egg = first.start(10, label="egg")
    if end == "cancel":
        first.cancel(egg.id)
    else:
        clock.wait(10)
        assert labels(first) == ["egg"]
    assert second.start(600, label="cake").id == egg.id
    assert first.running()[0].left == 600


def test_a_timer_rings_by_its_own_seconds_when_the_clock_was_set_a_little(store: Store, clock: TurnedClock) -> None:
    (book,) = books(store, clock, "here")
    book.start(60, label="pasta")
    clock.set_wall(clock.now() - dt.timedelta(seconds=1.5))
    clock.wait(59)
    assert labels(book) == []
    clock.wait(1)
    assert labels(book) == ["pasta"]


def test_a_timer_without_session_is_never_put_off_beyond_its_length(store: Store, clock: TurnedClock) -> None:
    ended, living = books(store, clock, "ended", "living")
    ended.start(60, label="pasta")
    ended.close()
    clock.set_wall(clock.now() - dt.timedelta(days=30))
    assert living.running()[0].left == 60
    clock.wait(60)
    assert labels(living) == ["pasta"]


def test_after_a_jump_sessions_that_are_gone_are_noticed_as_before(store: Store, clock: TurnedClock) -> None:
    silent, living = books(store, clock, "silent", "living")
    clock.set_wall(clock.now() + dt.timedelta(hours=1))
    assert (labels(silent), labels(living)) == ([], [])
    silent.start(60, label="pasta")
    rung = []
    for second in range(1, 100):
        clock.wait(1)
        rung += [(label, second) for label in labels(living)]
    assert rung == [("pasta", 60 + GRACE)]


def test_a_jump_that_another_thread_notices_while_a_timer_is_set_does_not_shorten_it(clock: TurnedClock) -> None:
    class Jumping(Store):
        def add_timer(self, *values: Any, **more: Any) -> TimerRow:
            clock.set_wall(clock.now() + dt.timedelta(hours=3))
            ringer.start()
            ringer.join(0.1)
            return super().add_timer(*values, **more)

    store = Jumping(":memory:")
    book = TimerBook(store, clock, session="here")
    ringer = threading.Thread(target=book.ring)
    book.start(600)
    ringer.join()
    book.ring()
    assert round(store.timers()[0].due - clock.now().timestamp()) == 600


class Halting(Store):
    """Both threads read before either takes."""

    barrier: threading.Barrier

    def due_timers(self, until: float) -> list[TimerRow]:
        rows = super().due_timers(until)
        self.barrier.wait(5)
        return rows


@pytest.mark.parametrize("shared", [True, False], ids=["one store", "one file"])
def test_two_sessions_that_look_at_the_same_moment_do_not_both_ring(
    clock: TurnedClock, tmp_path: Path, shared: bool
) -> None:
    first = Halting(tmp_path / "s")
    second = first if shared else Halting(tmp_path / "s")
    Halting.barrier = threading.Barrier(2)
    gone = TimerBook(first, clock, session="gone")
    for number in range(20):
        gone.start(60, label=str(number))
    clock.wait(60 + GRACE)
    rung: list[str] = []
    ringers = [
        threading.Thread(target=lambda book=book: rung.extend(labels(book)))
        for book in (TimerBook(first, clock, session="a"), TimerBook(second, clock, session="b"))
    ]
    for thread in ringers:
        thread.start()
    for thread in ringers:
        thread.join()
    assert sorted(rung, key=int) == [str(number) for number in range(20)]


def test_a_timer_that_was_replaced_between_look_and_take_stays(clock: TurnedClock, tmp_path: Path) -> None:
    class Slow(Store):
        def due_timers(self, until: float) -> list[TimerRow]:
            rows = super().due_timers(until)
            Store(tmp_path / "s").remove_timer(1)
            assert Store(tmp_path / "s").add_timer("timer", "new", until + 600, 600).id == 1
            return rows

    late = TimerBook(Slow(tmp_path / "s"), clock, session="late")
    late.start(60, label="old")
    clock.wait(60)
    assert labels(late) == []
    assert [timer.label for timer in late.running()] == ["new"]


RINGER = """
import sys
from harken.dialogue.clock import SystemClock
from harken.dialogue.store import Store
from harken.dialogue.timers import TimerBook
book = TimerBook(Store(sys.argv[1]), SystemClock(), session=sys.argv[2])
sys.stdin.readline()
print(*[timer.label for _ in range(50) for timer in book.ring()])
"""


def test_two_processes_never_ring_the_same_timer(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    due = SystemClock().now().timestamp() - GRACE - 1
    for number in range(40):
        store.add_timer("timer", str(number), due, 60, owner="killed")
    ringers = [
        subprocess.Popen(
            [sys.executable, "-c", RINGER, str(tmp_path / "s"), name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in ("a", "b")
    ]  # fmt: skip
    for ringer in ringers:
        assert ringer.stdin is not None
        ringer.stdin.write("go\n")
        ringer.stdin.flush()
    rung = [label for ringer in ringers for label in ringer.communicate(timeout=60)[0].split()]
    assert sorted(rung, key=int) == [str(number) for number in range(40)]


def test_ringing_is_one_look_into_an_index_when_nothing_is_due(clock: TurnedClock) -> None:
    asked: list[str] = []

    class Counting(Store):
        def _rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
            asked.append(query)
            return super()._rows(query, *values)

    store = Counting(":memory:")
    book = TimerBook(store, clock, session="here")
    for number in range(100):
        book.start(600 + number)
    book.ring()
    asked.clear()
    clock.wait(1)
    book.ring()
    (query,) = asked
    plan = store._rows("EXPLAIN QUERY PLAN " + query, 0.0)
    assert "USING INDEX timers_due" in str(plan)


def test_each_manager_is_a_session_of_its_own_unless_it_is_named(store: Store, clock: TurnedClock) -> None:
    first, second = (
        DialogueManager({}, ScriptedReader(), locale=load_locale(), store=store, clock=clock) for _ in range(2)
    )
    assert first.timers.session != second.timers.session
    named = DialogueManager({}, ScriptedReader(), locale=load_locale(), store=store, clock=clock, session="kitchen")
    assert named.timers.session == "kitchen"
    first.timers.start(60, label="pasta")
    clock.wait(60)
    assert second.ring() == []
    assert [reply.text for reply in first.ring()] == ["Your pasta timer is done."]


def test_a_closed_manager_leaves_its_timers_to_the_others(store: Store, clock: TurnedClock) -> None:
    first, second = (
        DialogueManager({}, ScriptedReader(), locale=load_locale(), store=store, clock=clock) for _ in range(2)
    )
    first.timers.start(60, label="pasta")
    first.close()
    clock.wait(60)
    assert [reply.text for reply in second.ring()] == ["Your pasta timer is done."]


def test_a_store_that_fails_for_a_moment_costs_no_timer(
    clock: TurnedClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Store):
        broken = False

        def claim_timers(self, rows: Sequence[TimerRow], again: Mapping[int, TimerRow]) -> list[TimerRow]:
            if self.broken:
                raise StoreError("the store cannot be used (disk full)")
            return super().claim_timers(rows, again)

    store = Failing(tmp_path / "s")
    manager = DialogueManager({}, ScriptedReader(), locale=load_locale(), store=store, clock=clock)
    manager.timers.start(60, label="pasta")
    clock.wait(60)
    store.broken = True
    with caplog.at_level(logging.ERROR):
        assert manager.ring() == []
    assert "disk full" in caplog.text
    store.broken = False
    assert [reply.text for reply in manager.ring()] == ["Your pasta timer is done."]
