"""Alarms and reminders keep their time of day when the clocks are put forward or back; lengths stay lengths."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from tests.unit.dialogue.conftest import Talk, TurnedClock

from harken.dialogue.clock import moment_of
from harken.dialogue.store import Store
from harken.dialogue.timers import TimerBook
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import Skill

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
HOUR = 3_600.0


def clock_at(wall: str, zone: ZoneInfo) -> TurnedClock:
    return TurnedClock(moment_of(dt.datetime.fromisoformat(wall), zone))


@pytest.fixture
def talk_at(skills: dict[str, Skill]) -> Callable[[str, ZoneInfo], Talk]:
    def make(wall: str, zone: ZoneInfo) -> Talk:
        clock = clock_at(wall, zone)
        reader = Interpreter(skills, {}, None, locale=load_locale(), today=lambda: clock.now().date())
        return Talk(skills, reader, clock, Store(":memory:"))

    return make


def rings_at(talk: Talk) -> str:
    """When the only timer rings: it is asked for at least every hour, and more often towards its end."""
    while not talk.manager.ring():
        left = talk.manager.timers.running()[0].left
        assert left > 0
        talk.clock.wait(min(HOUR, left // 2 or 1))
    return f"{talk.clock.now():%Y-%m-%d %H:%M %Z}"


@pytest.mark.parametrize(
    ("now", "zone", "asked", "told", "due"),
    [
        pytest.param(
            "2026-11-26T12:00", NEW_YORK, "set an alarm for april 1st at 7 am",
            "Alarm set for 7 AM on Thursday, April 1.", "2027-04-01 07:00 EDT", id="alarm in spring, set in autumn",
        ),
        pytest.param(
            "2026-11-26T12:00", NEW_YORK, "remind me on july fourth at noon to call mom",
            "I will remind you to call mom on Sunday, July 4, 2027 at 12 PM.", "2027-07-04 12:00 EDT",
            id="reminder in summer, set in autumn",
        ),
        pytest.param(
            "2026-10-24T20:00", BERLIN, "set an alarm for 7 am",
            "Alarm set for 7 AM tomorrow.", "2026-10-25 07:00 CET", id="the morning after clocks were put back",
        ),
        pytest.param(
            "2027-03-13T20:00", NEW_YORK, "set an alarm for tomorrow at 7 am",
            "Alarm set for 7 AM tomorrow.", "2027-03-14 07:00 EDT", id="the morning after clocks were put forward",
        ),
        pytest.param(
            "2027-03-13T20:00", NEW_YORK, "set an alarm for 2 30 am",
            "Alarm set for 3:30 AM tomorrow.", "2027-03-14 03:30 EDT", id="a time that the clocks skip",
        ),
        pytest.param(
            "2026-10-24T20:00", BERLIN, "set an alarm for 2 30 am",
            "Alarm set for 2:30 AM tomorrow.", "2026-10-25 02:30 CEST", id="a time that the clocks show twice",
        ),
        pytest.param(
            "2026-10-24T20:00", BERLIN, "set an alarm in ten hours",
            "Alarm set for 5 AM tomorrow.", "2026-10-25 05:00 CET", id="ten hours are ten hours",
        ),
        pytest.param(
            "2026-10-24T20:00", BERLIN, "set a timer for ten hours",
            "Timer set for 10 hours.", "2026-10-25 05:00 CET", id="a timer's length",
        ),
        pytest.param(
            "2026-10-24T20:00", BERLIN, "remind me to call mom in ten hours",
            "I will remind you to call mom in 10 hours.", "2026-10-25 05:00 CET", id="a reminder after a length",
        ),
    ],
)  # fmt: skip
def test_what_is_set_before_a_change_rings_at_the_time_that_was_said(
    talk_at: Callable[[str, ZoneInfo], Talk], now: str, zone: ZoneInfo, asked: str, told: str, due: str
) -> None:
    talk = talk_at(now, zone)
    assert talk.ask(asked).text == told
    assert rings_at(talk) == due


def test_lists_are_worded_in_the_offset_of_their_date_before_and_after_the_change(
    talk_at: Callable[[str, ZoneInfo], Talk],
) -> None:
    talk = talk_at("2026-10-24T20:00", BERLIN)
    talk.ask("set an alarm for 7 am")
    assert talk.ask("which alarms do i have").text == "You have an alarm: 7 AM tomorrow."
    talk.clock.wait(10 * HOUR)
    listed = talk.ask("which alarms do i have")
    assert listed.text == "You have an alarm: 7 AM today."
    assert listed.data["alarms"][0]["due"] == "2026-10-25T07:00:00+01:00"


@pytest.mark.parametrize(
    ("fold", "minute", "due"),
    [(0, 15, "2026-10-25 02:30 CEST"), (0, 45, "2026-10-25 02:30 CET"), (1, 15, "2026-10-25 02:30 CET"),
     (1, 45, "2026-10-26 02:30 CET")],
)  # fmt: skip
def test_within_the_doubled_hour_the_next_such_time_counts_and_is_kept(
    talk_at: Callable[[str, ZoneInfo], Talk], fold: int, minute: int, due: str
) -> None:
    talk = talk_at("2026-10-25T01:00", BERLIN)
    talk.clock.set_wall(dt.datetime(2026, 10, 25, 2, minute, tzinfo=BERLIN, fold=fold))
    talk.ask("set an alarm for 2 30 am")
    assert rings_at(talk) == due


def test_an_alarm_keeps_its_local_time_when_the_machine_moves_to_another_zone() -> None:
    clock = clock_at("2026-11-26T20:00", BERLIN)
    book = TimerBook(Store(":memory:"), clock, session="here")
    book.set_for(moment_of(dt.datetime(2026, 11, 27, 7), BERLIN))
    book.start(600, kind="reminder")
    clock.set_wall(clock.now().astimezone(NEW_YORK))
    assert [timer.kind for timer in book.running()] == ["reminder", "alarm"]
    assert f"{book.running()[1].due:%d %H:%M %Z}" == "27 07:00 EST"
    clock.wait(600)
    assert [timer.kind for timer in book.ring()] == ["reminder"]
    clock.set_wall(moment_of(dt.datetime(2026, 11, 27, 6, 59, 59), NEW_YORK))
    assert book.ring() == []
    clock.wait(1)
    assert [timer.kind for timer in book.ring()] == ["alarm"]


def test_an_alarm_keeps_its_local_time_when_the_new_zone_has_another_change_ahead() -> None:
    clock = clock_at("2027-03-26T20:00", BERLIN)
    book = TimerBook(Store(":memory:"), clock, session="here")
    book.set_for(moment_of(dt.datetime(2027, 3, 29, 7), BERLIN))
    clock.set_wall(clock.now().astimezone(ZoneInfo("Africa/Algiers")))  # the same offset, but no daylight saving
    for _ in range(2):
        clock.wait(24 * HOUR)
        assert book.ring() == []
    assert f"{book.running()[0].due:%d %H:%M %Z}" == "29 07:00 CET"


def test_an_alarm_of_an_ended_session_keeps_its_local_time_and_one_of_another_session_is_left_to_it() -> None:
    store, clock = Store(":memory:"), clock_at("2026-11-26T20:00", BERLIN)
    ended, other = TimerBook(store, clock, session="ended"), TimerBook(store, clock, session="other")
    for book in (ended, other):
        book.set_for(moment_of(dt.datetime(2026, 11, 27, 7), BERLIN), label=book.session)
    ended.close()
    clock.set_wall(clock.now().astimezone(NEW_YORK))
    times = {timer.label: f"{timer.due:%H:%M}" for timer in TimerBook(store, clock, session="new").running()}
    assert times == {"ended": "07:00", "other": "01:00"}


def test_a_moment_of_another_zone_becomes_a_time_on_the_users_wall() -> None:
    clock = clock_at("2026-11-26T20:00", BERLIN)
    book = TimerBook(Store(":memory:"), clock, session="here")
    book.set_for(dt.datetime(2026, 11, 27, 6, tzinfo=dt.UTC))
    clock.set_wall(clock.now().astimezone(NEW_YORK))
    assert f"{book.running()[0].due:%d %H:%M %Z}" == "27 07:00 EST"


@pytest.mark.parametrize(
    ("now", "asked", "told"),
    [
        ("2026-05-04T07:00", "set an alarm for 7 am", "Alarm set for 7 AM tomorrow."),
        ("2026-05-04T06:59", "set an alarm for 7 am", "Alarm set for 7 AM today."),
        ("2026-05-04T07:00", "set an alarm for 7", "Alarm set for 7 PM today."),
        ("2026-05-04T19:00", "set an alarm for 7", "Alarm set for 7 AM tomorrow."),
        ("2026-05-04T13:00", "set an alarm for 12 30", "Alarm set for 12:30 PM tomorrow."),
        ("2026-05-04T11:00", "set an alarm for 0:30", "Alarm set for 12:30 AM tomorrow."),
        ("2026-05-04T13:00", "set an alarm for tomorrow at 7", "Alarm set for 7 AM tomorrow."),
    ],
)
def test_an_alarm_is_for_the_next_such_time(
    talk_at: Callable[[str, ZoneInfo], Talk], now: str, asked: str, told: str
) -> None:
    assert talk_at(now, BERLIN).ask(asked).text == told
