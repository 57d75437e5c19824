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


def test_what_is_kept_with_a_timer_comes_back_when_it_rings(clock, tmp_path: Path) -> None:
    TimerBook(Store(tmp_path / "s"), clock).start(60, kind="action", label="turn off the fan", data={"slots": [1]})
    clock.wait(60)
    (timer,) = TimerBook(Store(tmp_path / "s"), clock).ring()
    assert (timer.kind, timer.label, timer.data, timer.every) == ("action", "turn off the fan", {"slots": [1]}, ())


def test_what_recurs_rings_on_each_of_its_days_at_its_time(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    book.set_for(dt.datetime(2026, 5, 4, 7, tzinfo=dt.UTC), every=(0, 4), label="work", data={"a": 1})
    rung = []
    for _ in range(15 * 24):
        rung += [f"{clock.now():%a %d %H:%M}" for timer in book.ring()]
        clock.wait(3_600)
    assert rung == ["Mon 04 07:00", "Fri 08 07:00", "Mon 11 07:00", "Fri 15 07:00"]
    (timer,) = book.running()
    assert (timer.label, timer.data, timer.every) == ("work", {"a": 1}, (0, 4))


def test_days_that_were_slept_through_ring_once(clock, tmp_path: Path) -> None:
    book = TimerBook(Store(tmp_path / "s"), clock)
    book.set_for(clock.now() + dt.timedelta(hours=1), every=range(7))
    clock.wait(5 * 86_400)
    again = TimerBook(Store(tmp_path / "s"), clock)
    assert len(again.ring()) == 1
    assert again.ring() == []
    assert again.running()[0].due == clock.now() + dt.timedelta(hours=1)


def test_a_length_that_recurs_rings_after_it_and_then_at_the_same_time_of_day(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    book.start(600, every=(5,))
    clock.wait(600)
    assert len(book.ring()) == 1
    assert f"{book.running()[0].due:%a %H:%M}" == "Sat 12:10"


def test_a_paused_timer_waits(clock, tmp_path: Path) -> None:
    book = TimerBook(Store(tmp_path / "s"), clock)
    tea = book.start(600, label="tea")
    clock.wait(100)
    paused = book.pause(tea.id)
    assert paused is not None
    assert (paused.left, paused.paused) == (500, True)
    assert book.pause(tea.id) is None
    clock.wait(10_000)
    clock.set_wall(clock.now() - dt.timedelta(days=3))
    assert book.ring() == []
    again = TimerBook(Store(tmp_path / "s"), clock)
    assert [(timer.left, timer.paused) for timer in again.running()] == [(500, True)]
    resumed = again.resume(tea.id)
    assert resumed is not None
    assert (resumed.left, resumed.paused) == (500, False)
    assert again.resume(tea.id) is None
    clock.wait(499)
    assert book.ring() == []
    clock.wait(1)
    assert [timer.label for timer in book.ring()] == ["tea"]


def test_an_alarm_at_a_time_of_day_cannot_be_paused(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    alarm = book.set_for(clock.now() + dt.timedelta(hours=1))
    assert book.pause(alarm.id) is None
    assert book.pause(99) is None


def test_a_timer_is_extended_and_shortened_but_not_below_nothing(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    tea = book.start(600)
    longer, shorter = book.extend(tea.id, 300), book.extend(tea.id, -60)
    assert longer is not None
    assert shorter is not None
    assert (longer.left, longer.seconds, shorter.left) == (900, 900, 840)
    assert book.extend(tea.id, -840) is None
    book.pause(tea.id)
    book.extend(tea.id, 60)
    book.resume(tea.id)
    clock.set_wall(clock.now() + dt.timedelta(days=1))
    assert round(book.running()[0].left) == 900


def test_what_another_session_changed_rings_where_it_was_set_and_at_the_new_time(clock) -> None:
    store = Store(":memory:")
    here, there = TimerBook(store, clock, session="here"), TimerBook(store, clock, session="there")
    tea = here.start(600, label="tea")
    there.extend(tea.id, 60)
    clock.wait(601)
    assert here.ring() == []
    clock.wait(59)
    assert there.ring() == []
    assert [timer.label for timer in here.ring()] == ["tea"]


def test_an_alarm_is_moved_and_keeps_its_new_time_of_day(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    alarm = book.set_for(dt.datetime(2026, 5, 2, 7, tzinfo=dt.UTC), every=range(7), label="up")
    book.move(alarm.id, dt.datetime(2026, 5, 2, 6, 30, tzinfo=dt.UTC))
    clock.set_wall(dt.datetime(2026, 5, 2, 6, 30, tzinfo=dt.UTC))
    assert [timer.label for timer in book.ring()] == ["up"]
    assert book.running()[0].due == dt.datetime(2026, 5, 3, 6, 30, tzinfo=dt.UTC)


def test_a_timer_gets_another_name(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    tea = book.start(600, label="tea")
    book.rename(tea.id, "coffee")
    assert [(timer.label, timer.left) for timer in book.running()] == [("coffee", 600)]
    assert book.rename(99, "x") is None


def test_the_next_time_of_what_recurs_is_left_out(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    daily = book.set_for(dt.datetime(2026, 5, 2, 7, tzinfo=dt.UTC), every=range(7))
    once = book.set_for(dt.datetime(2026, 5, 2, 7, tzinfo=dt.UTC))
    skipped = book.skip(daily.id)
    assert skipped is not None
    assert skipped.due == dt.datetime(2026, 5, 3, 7, tzinfo=dt.UTC)
    assert book.skip(once.id) is None


def test_a_cancelled_timer_is_restored_with_the_time_that_was_left(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    book.start(600, label="tea", data={"a": 1})
    book.pause(book.start(700, label="egg").id)
    book.set_for(clock.now() + dt.timedelta(hours=5), label="nap", every=(1,))
    clock.wait(100)
    before = book.running()
    for timer in before:
        book.cancel(timer.id)
    clock.wait(50)
    numbers = [book.restore(timer).id for timer in before]
    assert numbers == [timer.id for timer in before], "so that what was done before can be taken back, too"
    facts = [
        (timer.label, timer.left, timer.seconds, timer.data, timer.every, timer.paused) for timer in book.running()
    ]
    assert facts == [
        ("tea", 500, 600, {"a": 1}, (), False), ("egg", 700, 700, {}, (), True),
        ("nap", 17_850, 0, {}, (1,), False),
    ]  # fmt: skip


def test_a_restored_timer_whose_number_is_taken_gets_another(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    tea = book.start(600, label="tea")
    book.cancel(tea.id)
    other = book.start(60, label="other")
    again = book.restore(tea)
    assert other.id == tea.id != again.id
    assert {timer.label for timer in book.running()} == {"tea", "other"}


def test_what_rang_last_is_remembered_for_a_while(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    book.start(60, label="tea")
    book.start(61, kind="action", label="turn off the fan")
    clock.wait(61)
    book.ring()
    rung = book.last_rung(100)
    assert rung is not None
    assert rung.label == "tea"
    clock.wait(100)
    assert book.last_rung(100) is None


def test_a_timer_begins_anew_with_another_length(clock) -> None:
    book = TimerBook(Store(":memory:"), clock)
    tea = book.start(600)
    book.pause(tea.id)
    clock.wait(50)
    again = book.restart(tea.id, 300)
    assert again is not None
    assert (again.left, again.seconds, again.paused) == (300, 300, False)
    assert book.restart(99, 300) is None
