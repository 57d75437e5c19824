"""The zone of the machine gives each date its own offset; times that clocks skip or show twice have one meaning."""

import datetime as dt
import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harken.dialogue.clock import LOCAL, SystemClock, later, moment_of

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
needs_tzset = pytest.mark.skipif(not hasattr(time, "tzset"), reason="TZ cannot be changed in a running program here")


@pytest.fixture
def machine_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """TZ may be set; the zone of the machine is back afterwards."""
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


@needs_tzset
@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seconds=st.integers(1_577_836_800, 1_893_456_000))
def test_the_machines_zone_is_the_named_one_at_any_moment(
    machine_zone: pytest.MonkeyPatch, zone: str, seconds: int
) -> None:
    machine_zone.setenv("TZ", zone)
    time.tzset()
    here, named = (dt.datetime.fromtimestamp(seconds, one) for one in (LOCAL, ZoneInfo(zone)))
    assert here.isoformat() == named.isoformat()
    assert (here.fold, here.tzname(), here.timestamp()) == (named.fold, named.tzname(), seconds)


@needs_tzset
def test_a_change_of_the_machines_zone_is_noticed(machine_zone: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    for zone, offset in (("Asia/Kathmandu", 345), ("<-03>3", -180)):
        machine_zone.setenv("TZ", zone)
        assert clock.now().utcoffset() == dt.timedelta(minutes=offset)
    assert abs(clock.now().timestamp() - time.time()) < 5


@needs_tzset
def test_now_knows_the_offset_of_other_dates(machine_zone: pytest.MonkeyPatch) -> None:
    machine_zone.setenv("TZ", "America/New_York")
    now = SystemClock().now()
    offsets = {now.replace(month=month, day=4).utcoffset() for month in (1, 7)}
    assert offsets == {dt.timedelta(hours=-5), dt.timedelta(hours=-4)}


def at(text: str, zone: ZoneInfo = NEW_YORK) -> dt.datetime:
    """A moment given in UTC, seen in a zone."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).astimezone(zone)


@pytest.mark.parametrize(
    ("wall", "zone", "moment"),
    [
        pytest.param("2026-11-26T07:00", NEW_YORK, "2026-11-26T12:00", id="winter"),
        pytest.param("2027-04-01T07:00", NEW_YORK, "2027-04-01T11:00", id="summer"),
        pytest.param("2027-03-14T02:30", NEW_YORK, "2027-03-14T07:30", id="skipped in spring: an hour later"),
        pytest.param("2027-03-14T01:59", NEW_YORK, "2027-03-14T06:59", id="before the gap"),
        pytest.param("2027-03-14T03:00", NEW_YORK, "2027-03-14T07:00", id="after the gap"),
        pytest.param("2026-10-25T02:30", BERLIN, "2026-10-25T00:30", id="shown twice in autumn: the first"),
        pytest.param("2026-10-25T03:00", BERLIN, "2026-10-25T02:00", id="after the hour that is shown twice"),
    ],
)
def test_a_time_on_the_wall_is_one_moment(wall: str, zone: ZoneInfo, moment: str) -> None:
    result = moment_of(dt.datetime.fromisoformat(wall), zone)
    assert result.isoformat() == at(moment, zone).isoformat()


def test_a_skipped_time_reads_as_the_time_after_the_gap() -> None:
    assert f"{moment_of(dt.datetime(2027, 3, 14, 2, 30), NEW_YORK):%H:%M %Z}" == "03:30 EDT"


@pytest.mark.parametrize(
    ("after", "moment"),
    [("2026-10-25T00:29", "2026-10-25T00:30"), ("2026-10-25T00:30", "2026-10-25T01:30"),
     ("2026-10-25T01:29", "2026-10-25T01:30"), ("2026-10-25T01:30", "2026-10-25T00:30")],
)  # fmt: skip
def test_the_second_of_two_equal_times_counts_when_only_that_is_to_come(after: str, moment: str) -> None:
    result = moment_of(dt.datetime(2026, 10, 25, 2, 30), BERLIN, after=at(after, BERLIN))
    assert result.timestamp() == at(moment).timestamp()


def test_time_that_passes_is_not_counted_on_the_wall_clock() -> None:
    evening = at("2026-10-24T18:00", BERLIN)
    assert f"{later(evening, 8 * 3_600):%H:%M %Z}" == "03:00 CET"
