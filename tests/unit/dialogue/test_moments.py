"""Which moment a time of day and a day mean."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from harken.dialogue.moments import next_moment, next_on

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 11, 26, 10, 25, tzinfo=BERLIN)
"""A Thursday."""


def said(time: str, date: str = "", *, half_said: bool = False, every: tuple[int, ...] = (), earliest: int = 0) -> str:
    moment = next_moment(time, date, NOW, half_said=half_said, every=every, earliest=earliest)
    return f"{moment:%d %H:%M}" if moment else "passed"


@pytest.mark.parametrize(
    ("time", "half_said", "moment"),
    [
        ("07:00", False, "26 19:00"), ("11:00", False, "26 11:00"), ("07:00", True, "27 07:00"),
        ("10:25", True, "27 10:25"), ("10:26", True, "26 10:26"), ("19:00", False, "26 19:00"),
        ("00:00", False, "27 00:00"), ("24:00", False, "27 00:00"), ("12:00", False, "26 12:00"),
    ],
)  # fmt: skip
def test_without_a_day_the_next_such_time_is_meant(time: str, half_said: bool, moment: str) -> None:
    assert said(time, half_said=half_said) == moment


@pytest.mark.parametrize(
    ("time", "date", "half_said", "moment"),
    [
        ("07:00", "2026-11-26", False, "26 19:00"), ("07:00", "2026-11-26", True, "passed"),
        ("07:00", "2026-11-27", False, "27 07:00"), ("08:00", "2026-11-25", False, "passed"),
        ("", "2026-11-28", False, "28 09:00"), ("00:00", "2026-11-26", False, "27 00:00"),
        ("00:00", "2026-11-28", False, "28 00:00"), ("24:00", "2026-11-28", False, "29 00:00"),
        ("10:25", "2026-11-26", True, "passed"),
    ],
)  # fmt: skip
def test_a_time_on_a_day_that_was_named_is_on_that_day_or_has_passed(
    time: str, date: str, half_said: bool, moment: str
) -> None:
    assert said(time, date, half_said=half_said) == moment


def test_on_another_day_an_hour_at_which_nobody_is_up_is_in_the_afternoon() -> None:
    assert said("03:00", "2026-11-27", earliest=6) == "27 15:00"
    assert said("06:00", "2026-11-27", earliest=6) == "27 06:00"
    assert said("03:00", "2026-11-27", half_said=True, earliest=6) == "27 03:00"
    assert said("11:00", "2026-11-26", earliest=12) == "26 11:00"


def test_what_recurs_begins_on_the_first_of_its_days() -> None:
    assert said("06:00", every=(0, 1, 2, 3, 4)) == "27 06:00"
    assert said("11:00", every=(3,)) == "26 11:00"
    assert said("10:25", every=(3,)) == "03 10:25"
    assert said("03:00", every=(5,), earliest=6) == "28 15:00"
    assert said("03:00", every=(5,), half_said=True, earliest=6) == "28 03:00"
    assert said("06:00", "2026-12-01", every=(0,)) == "07 06:00"


def test_what_recurs_keeps_its_time_when_the_clocks_change() -> None:
    now = dt.datetime(2026, 10, 24, 20, tzinfo=BERLIN)
    assert next_on((6,), dt.time(7), now).isoformat() == "2026-10-25T07:00:00+01:00"
