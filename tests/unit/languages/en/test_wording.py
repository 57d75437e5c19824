import datetime as dt

import pytest

from harken.languages.loading import load_locale
from harken.languages.places import places_of

ENGLISH = load_locale()
WORDS = ENGLISH.wording


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 seconds"), (1, "1 second"), (90, "1 minute and 30 seconds"), (5400, "1 hour and 30 minutes"),
     (3601, "1 hour and 1 second"), (90_061, "1 day and 1 hour"), (-5, "0 seconds")],
)  # fmt: skip
def test_durations_have_two_units_at_most(seconds: float, text: str) -> None:
    assert WORDS.duration(seconds) == text


def test_a_whole_duration_leaves_nothing_out() -> None:
    assert WORDS.duration(5_410, whole=True) == "1 hour, 30 minutes and 10 seconds"


def test_a_day_more_than_half_a_year_away_has_its_year() -> None:
    today = dt.date(2026, 11, 26)
    assert WORDS.day(dt.date(2027, 11, 20), today) == "on Saturday, November 20, 2027"
    assert WORDS.day(dt.date(2027, 1, 5), today) == "on Tuesday, January 5"
    assert WORDS.day(dt.date(2026, 11, 20), dt.date(2026, 1, 5)) == "on Friday, November 20"


@pytest.mark.parametrize(
    ("value", "text"),
    [(84, "84"), (1234567, "1,234,567"), (2.5, "2.5"), (1 / 3, "0.3333"), (-0.5, "-0.5"), (1e-7, "1e-07"), (0, "0")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert WORDS.number(value) == text


def test_times_and_days() -> None:
    assert WORDS.time(dt.datetime(2026, 5, 1, 0, 5)) == "12:05 AM"
    assert WORDS.time(dt.datetime(2026, 5, 1, 12)) == "12 PM"
    today = dt.date(2026, 5, 1)
    days = [WORDS.day(today + dt.timedelta(days=n), today) for n in (0, 1, 3, 10)]
    assert days == ["today", "tomorrow", "on Monday", "on Monday, May 11"]
    assert [WORDS.joined(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_every_place_has_a_time_zone_that_exists() -> None:
    places = places_of(ENGLISH)
    for key in (*places.cities, *places.countries, *places.regions):
        assert places.zone_of(key) is not None, key
    assert places.zone_of("atlantis") is None
