"""How values are said in English: templates with weights, for the recogniser and for sampling."""

from __future__ import annotations

from harken.languages.en.numbers import spell_number
from harken.languages.en.readings import MONTHS, WEEKDAYS
from harken.languages.en.dates import ORDINALS
from harken.languages.locale import SpokenType


def _counts(first: int, last: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(spell_number(number).split()) for number in range(first, last + 1))


_NUMBER = SpokenType(
    templates={
        "{number_small}": 8, "{hundreds}": 2, "{number_positive} thousand [{hundreds}]": 1,
        "a thousand": 0.2, "{number_small} point {number_digit} [{number_digit}]": 1,
        "{number_positive} and a half": 0.5, "(minus|negative) {number_positive}": 0.3,
        "{number_ones} hundred thousand": 0.1, "({number_positive}|a) million": 0.2,
    },
    lists={
        "number_small": _counts(0, 99), "number_digit": _counts(0, 9), "number_tens": _counts(10, 99),
        "number_ones": _counts(1, 9), "number_positive": _counts(1, 99),
    },
    parts={"hundreds": "({number_ones}|a) hundred [[and] {number_positive}]"},
)  # fmt: skip

_DURATION = SpokenType(
    templates={
        "{duration_count} (minutes|seconds|hours|days|weeks)": 8,
        "(one|a) (minute|second|day|week)": 1, "(one|an) hour": 1, "half an hour": 1, "half a minute": 0.3,
        "[a] quarter of an hour": 0.3, "three quarters of an hour": 0.3,
        "an hour and a half": 1, "(a|one) minute and a half": 0.5, "one and a half (minutes|hours)": 0.5,
        "{duration_count} and a half (minutes|hours)": 0.5,
        "(one|an) hour [and] {duration_below} minutes": 1,
        "{duration_count} hours [and] {duration_below} minutes": 1,
        "(one|a) minute [and] {duration_below} seconds": 0.7,
        "{duration_count} minutes [and] {duration_below} seconds": 1,
        "a couple [of] (minutes|hours)": 0.2, "one hundred [and] {duration_below} (minutes|seconds)": 0.2,
    },
    lists={"duration_count": _counts(2, 99), "duration_below": _counts(1, 59)},
)  # fmt: skip

_TIME = SpokenType(
    templates={
        "{time_hour} {half}": 4, "{time_hour} o'clock {half}": 1, "{time_hour} {time_minute} {half}": 4,
        "{time_hour} oh {time_low} {half}": 0.5, "half past {time_hour} {half}": 1,
        "[a] quarter (past|to) {time_hour} {half}": 1,
        "{time_past} [minutes] (past|to) {time_hour} {half}": 0.7,
        "{time_day_hour} {time_minute}": 0.4, "(noon|midnight)": 0.5,
    },
    lists={
        "time_hour": _counts(1, 12), "time_minute": _counts(10, 59), "time_low": _counts(1, 9),
        "time_past": _counts(1, 29), "time_day_hour": _counts(13, 23),
    },
    parts={"half": "[(a m|p m|in the (morning|afternoon|evening)|at night)]"},
)  # fmt: skip

_DATE = SpokenType(
    templates={
        "today": 2, "tomorrow": 3, "the day after tomorrow": 0.5, "[on] {date_weekday}": 3,
        "(next|this) {date_weekday}": 1.5, "[on] {date_month} [the] {date_ordinal}": 1.5,
        "[on] the {date_ordinal} of {date_month}": 1.5, "in {date_count} (days|weeks)": 0.5,
    },
    lists={
        "date_weekday": tuple((day,) for day in WEEKDAYS), "date_month": tuple((month,) for month in MONTHS),
        "date_ordinal": tuple(ORDINALS), "date_count": _counts(2, 31),
    },
)  # fmt: skip

SPOKEN = {"number": _NUMBER, "duration": _DURATION, "time": _TIME, "date": _DATE}
"""Type -> how its values are said."""
