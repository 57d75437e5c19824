import datetime as dt
from pathlib import Path

from harken.dialogue.store import Store
from harken.dialogue.timers import TimerBook


def test_a_timer_rings_once_when_its_time_is_over(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    book.start(60, label="egg")
    clock.wait(59)
    assert book.ring() == []
    clock.wait(1)
    assert [timer.label for timer in book.ring()] == ["egg"]
    assert book.ring() == []


def test_setting_the_wall_clock_neither_shortens_nor_lengthens_a_timer(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    book.start(600)
    for jump in (dt.timedelta(hours=-5), dt.timedelta(days=400), dt.timedelta(minutes=-1)):
        clock.wait(100)
        clock.set_wall(clock.now() + jump)
        assert book.ring() == []
    assert round(book.running()[0].left) == 300
    assert abs((book.running()[0].due - clock.now()).total_seconds() - 300) < 1e-3
    clock.wait(300)
    assert len(book.ring()) == 1


def test_an_alarm_follows_the_wall_clock(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    book.set_for(clock.now() + dt.timedelta(hours=2))
    clock.set_wall(clock.now() + dt.timedelta(hours=2))
    assert len(book.ring()) == 1


def test_timers_survive_a_restart_and_a_jump_before_it(clock, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    first = TimerBook(Store(path), clock)
    first.start(600, label="tea")
    clock.wait(100)
    clock.set_wall(clock.now() + dt.timedelta(hours=3))
    first.running()  # a look, as the assistant takes every second, notices the jump
    clock.wait(50)
    clock.steady = 5.0  # the machine was restarted
    second = TimerBook(Store(path), clock)
    assert round(second.running()[0].left) == 450
    clock.wait(451)
    assert [timer.label for timer in second.ring()] == ["tea"]


def test_a_timer_that_ended_while_nobody_listened_rings_at_once(clock, tmp_path: Path) -> None:
    TimerBook(Store(tmp_path / "s"), clock).start(10)
    clock.wait(1_000)
    assert len(TimerBook(Store(tmp_path / "s"), clock).ring()) == 1


def test_a_clock_set_back_between_runs_never_lengthens_a_timer(clock, tmp_path: Path) -> None:
    TimerBook(Store(tmp_path / "s"), clock).start(600)
    clock.set_wall(clock.now() - dt.timedelta(days=30))
    assert TimerBook(Store(tmp_path / "s"), clock).running()[0].left == 600


def test_a_ringing_timer_becomes_a_reply(talk, clock) -> None:
    talk.ask("set a pasta timer for nine minutes")
    talk.ask("remind me to call mom in ten minutes")
    clock.wait(600)
    assert [reply.text for reply in talk.manager.ring()] == ["Your pasta timer is done.", "Reminder: call mom."]
