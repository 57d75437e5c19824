"""Readers of values: all the words of a span give a value, or none."""

import datetime as dt

import numpy as np
import pytest

from harken.languages.en.dates import read_date
from harken.languages.en.durations import read_duration
from harken.languages.en.times import read_time
from harken.languages.en.values import LONGEST_VALUES, WORDS, read_number, read_value
from harken.languages.loading import load_locale
from harken.nlu.spoken import spoken_type
from harken.text.grammar import Choice, ListRef, Node, Sequence
from harken.text.words import normalize_words

FRIDAY = dt.date(2026, 5, 1)
THURSDAY = dt.date(2026, 11, 26)

NUMBERS = {
    "twelve": 12, "minus three": -3, "three point one four": 3.14, "two and a half": 2.5, "half": 0.5, "a hundred": 100,
    "two hundred and five": 205, "a hundred and twenty": 120, "twelve hundred": 1200,
    "one point two million": 1_200_000,
    "nineteen eighty four": 1984, "three quarters": 0.75, "2 1/2": 2.5, "1 and a 1/2": 1.5, "half a million": 500_000,
    "a million and a half": 1_500_000, "two and a half million": 2_500_000, "three dozen": 36,
    "nine hundred and five": 905,
    "a quarter of a million": 250_000, "minus two and a half": -2.5, "eighteen oh five": 1805,
    "nothing": None, "": None, "a second": None, "twenty eleven": None, "five ten": None, "two plus two": None,
}  # fmt: skip
DURATIONS = {
    "ten minutes": 600, "an hour and a half": 5400, "two hours and ten minutes": 7800, "half an hour": 1800,
    "a quarter of an hour": 900, "one minute thirty seconds": 90, "two and a half minutes": 150, "a second": 1,
    "a couple of hours": 7200, "two hours forty five": 9900, "one minute thirty": 90, "3 minutes 30": 210,
    "1h30m": 5400,
    "1h 30m": 5400, "2h30": 9000, "5m": 300, "90s": 90, "1:30": 90, "0:45": 45, "1:30:00": 5400, "2:30 hours": 9000,
    "1 and a 1/2 hours": 5400, "1/2 an hour": 1800, "two thirds of an hour": 2400, "a fortnight": 1_209_600,
    "one month": 2_592_000, "two and three quarter hours": 9900, "an hour and three quarters": 6300,
    "3 hours and a half": 12_600, "hour and a half": 5400, "an hour": 3600, "an hour twenty": 4800, "1.5h": 5400,
    "half an hour and ten minutes": 2400, "about ten minutes": 600, "ten minutes or so": 600, "hour": 3600,
    "two hundred and five minutes": 12_300, "a week and a half": 907_200, "three quarter hours": 2700,
    "minutes": None, "ten": None, "minus two minutes": None, "ten minutes ten minutes": None, "zero minutes": None,
    "second": None, "ten to fifteen minutes": None, "three days five": None, "ten minutes two hours": None,
    "seconds": None,
    "five minutes and": None, "an hour and": None, "one sixty": None,
}  # fmt: skip
TIMES = {
    "seven": "07:00", "half past seven": "07:30", "quarter to eight": "07:45", "seven thirty p m": "19:30",
    "twelve a m": "00:00", "noon": "12:00", "midnight": "00:00", "seven oh five": "07:05", "nineteen forty": "19:40",
    "six o'clock in the evening": "18:00", "ten minutes past one": "01:10", "ten to one": "12:50",
    "half seven": "07:30", "05:50": "05:50", "05:00": "05:00", "05:50 pm": "17:50", "09:05": "09:05",
    "7.30": "07:30", "0730": "07:30", "0730 hours": "07:30", "730": "07:30", "1930": "19:30", "836pm": "20:36",
    "1800": "18:00", "1800 hours": "18:00", "2000": "20:00", "7:60": None,
    "7.30pm": "19:30", "8.15 am": "08:15", "8:36pm": "20:36", "quarter to midnight": "23:45",
    "one minute past midnight": "00:01", "half past noon": "12:30", "oh seven hundred": "07:00",
    "six hundred hours": "06:00", "24:00": "00:00", "5 to 8": "07:55", "at 5 in the afternoon": "17:00",
    "seven tonight": "19:00", "12 at night": "00:00", "1 at night": "01:00", "quarter to 12 pm": "11:45",
    "quarter of seven": "06:45", "9'o clock": "09:00", "5ish": "05:00", "7 p m tonight": "19:00", "19:30 pm": "19:30",
    "twenty five": None, "thirteen p m": None, "seven sixty": None, "past": None, "25:00": None, "7:30:15": None,
    "8 am pm": None, "ten past": None, "half": None, "minus five": None, "in ten minutes": None,
    "seven and a half": None,
}  # fmt: skip
DATES = {
    "today": "2026-11-26", "tomorrow night": "2026-11-27", "the day before yesterday": "2026-11-24",
    "two days ago": "2026-11-24", "a week from tomorrow": "2026-12-04", "a week from friday": "2026-12-04",
    "friday week": "2026-12-04", "next week": "2026-12-03", "this weekend": "2026-11-28", "next weekend": "2026-12-05",
    "the 31st": "2026-12-31", "in one month": "2026-12-26", "in a fortnight": "2026-12-10", "last monday": "2026-11-23",
    "friday the 13th": "2027-08-13", "christmas": "2026-12-25", "new year's day": "2027-01-01",
    "halloween": "2027-10-31", "thanksgiving": "2026-11-26", "easter": "2027-03-28", "last christmas": "2025-12-25",
    "the day after christmas": "2026-12-26", "12/24": "2026-12-24", "dec 24": "2026-12-24", "2026-12-24": "2026-12-24",
    "friday": "2026-11-27", "thursday": "2026-12-03", "this friday": "2026-11-27", "next friday": "2026-12-04",
    "next monday": "2026-11-30", "friday next week": "2026-12-04", "monday the 30th": "2026-11-30", "fri": "2026-11-27",
    "the first monday in december": "2026-12-07", "the last friday of the month": "2026-11-27",
    "the last day of february": "2027-02-28", "the 5th of next month": "2026-12-05", "july 4 1776": "1776-07-04",
    "february 30th": None, "the 31st of february": None, "april 31": None, "the 32nd": None, "minus 3 days": None,
    "tuesday november 30": None, "second": None, "now": None, "3/4": None, "in ten minutes": None, "the week": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_numbers(text: str, value: float | None) -> None:
    assert read_number(normalize_words(text)) == value


@pytest.mark.parametrize(("text", "seconds"), DURATIONS.items())
def test_durations_in_seconds(text: str, seconds: float | None) -> None:
    assert read_duration(normalize_words(text)) == seconds


@pytest.mark.parametrize(("text", "time"), TIMES.items())
def test_times(text: str, time: str | None) -> None:
    assert read_time(normalize_words(text)) == time


@pytest.mark.parametrize(("text", "date"), DATES.items())
def test_dates_on_a_thursday_in_november(text: str, date: str | None) -> None:
    assert read_date(normalize_words(text), lambda: THURSDAY) == date


@pytest.mark.parametrize(
    ("text", "date"),
    [("tomorrow", "2026-05-02"), ("the day after tomorrow", "2026-05-03"), ("friday", "2026-05-08"),
     ("on monday", "2026-05-04"), ("the third of may", "2026-05-03"), ("april third", "2027-04-03"),
     ("may third twenty thirty", "2030-05-03"), ("in two weeks", "2026-05-15"), ("this weekend", "2026-05-02"),
     ("february twenty ninth", "2028-02-29"), ("the thirty first", "2026-05-31"), ("mother's day", "2026-05-10"),
     ("next friday", "2026-05-08"), ("next tuesday", "2026-05-05"), ("next sunday", "2026-05-10"), ("the", None)],
)  # fmt: skip
def test_dates_on_a_friday_in_may(text: str, date: str | None) -> None:
    assert read_date(text.split(), lambda: FRIDAY) == date


@pytest.mark.parametrize("day", range(7))
def test_the_next_weekday_is_three_to_nine_days_ahead(day: int) -> None:
    today = THURSDAY + dt.timedelta(days=day)
    for name in ("monday", "wednesday", "friday", "sunday"):
        date = dt.date.fromisoformat(read_date(["next", name], lambda: today) or "")
        assert 3 <= (date - today).days <= 9
        assert date.strftime("%A").lower() == name


@pytest.mark.parametrize("kind", ["duration", "time", "date", "quantity", "expression"])
@pytest.mark.parametrize(
    "text", ["", "the", "and", "minus", "set a timer", "milk and eggs", "of the", "in", "to", "half of"]
)
def test_other_words_are_no_value(kind: str, text: str) -> None:
    assert read_value(kind, text.split(), lambda: THURSDAY) is None


@pytest.mark.parametrize("kind", sorted(LONGEST_VALUES))
def test_readers_refuse_what_they_cannot_read(kind: str) -> None:
    rng = np.random.default_rng(3)
    words = sorted(WORDS[kind])
    for _ in range(4_000):
        said = tuple(rng.choice(words, size=int(rng.integers(1, 8))).tolist())
        read_value(kind, said, lambda: THURSDAY)  # a value or None, and never an error


@pytest.mark.parametrize("kind", sorted(k for k in LONGEST_VALUES if not spoken_type(k, load_locale()).chains))
def test_whatever_the_recogniser_may_hear_can_be_read(kind: str) -> None:
    rng = np.random.default_rng(5)
    grammar = spoken_type(kind, load_locale())
    for _ in range(300):
        words = _drawn(grammar.root, grammar.lists, rng)
        known = {"thirtieth", "thirty", "ninth"}.isdisjoint(words)  # of some months there is no thirty first
        assert read_value(kind, words, lambda: FRIDAY) is not None or (kind == "date" and not known), words
        assert len(words) <= LONGEST_VALUES[kind], words


def _drawn(node: Node, lists: object, rng: np.random.Generator) -> list[str]:
    if isinstance(node, ListRef):
        entries = lists[node.list]  # type: ignore[index]
        return list(entries[int(rng.integers(len(entries)))])
    if isinstance(node, Choice):
        return _drawn(node.options[int(rng.integers(len(node.options)))], lists, rng)
    if isinstance(node, Sequence):
        return [word for part in node.parts for word in _drawn(part, lists, rng)]
    return list(node.words)
