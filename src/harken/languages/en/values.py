"""Words -> canonical values of the built-in slot types: numbers, durations (seconds), times (HH:MM), dates (ISO).

Every reader takes all the words of a span and returns None if they are not such a value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from harken.languages.en.number_words import parse_number
from harken.languages.en.readings import MONTHS, WEEKDAYS
from harken.languages.locale import Today
from harken.languages.wording import UNIT_SECONDS

LONGEST_VALUES = {"number": 14, "duration": 12, "time": 9, "date": 8}
"""Most words of a value, by type."""
_UNITS = {name + ending: size for name, size in {**UNIT_SECONDS, "week": 604_800}.items() for ending in ("", "s")}
_UNITS |= {"sec": 1, "secs": 1, "min": 60, "mins": 60}
_FRACTIONS = {"half": 0.5, "quarter": 0.25}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
             "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
             "nineteenth", "twentieth")  # fmt: skip
ORDINALS: dict[tuple[str, ...], int] = {(word,): day for day, word in enumerate(_ORDINALS, 1)}
ORDINALS |= {("twenty", word): 20 + day for day, word in enumerate(_ORDINALS[:9], 1)}
ORDINALS |= {("thirtieth",): 30, ("thirty", "first"): 31}
"""Days of a month as spoken."""


def read_number(words: Sequence[str]) -> float | int | None:
    """'two and a half' -> 2.5, 'minus three' -> -3, 'three point one four' -> 3.14, 'half' -> 0.5."""
    if not words or words[-1] in ("second", "seconds"):
        return None  # 'a second' is a duration, not a half
    number = parse_number(list(words))
    return None if number is None else _tidy(number)


def read_duration(words: Sequence[str]) -> float | int | None:
    """Seconds: 'an hour and a half' -> 5400, 'two hours and ten minutes' -> 7800, 'half an hour' -> 1800."""
    total, rest, smallest = 0.0, list(words), float("inf")
    while rest:
        if total and rest[0] == "and":
            rest = rest[1:]
        if total and rest in (["a", "half"], ["a", "quarter"], ["half"]):
            return _tidy(total + smallest * _FRACTIONS[rest[-1]])
        place = next((i for i, word in enumerate(rest) if word in _UNITS), None)
        if place is None:
            return None
        amount = _amount(rest[:place])
        size = _UNITS[rest[place]]
        if amount is None or size >= smallest:
            return None
        total, smallest, rest = total + amount * size, size, rest[place + 1 :]
    return _tidy(total) if total > 0 else None


def read_time(words: Sequence[str]) -> str | None:
    """'half past seven' -> '07:30', 'seven thirty p m' -> '19:30', 'noon' -> '12:00'.

    Without am or pm the hour stays as spoken; the skill decides which half of the day is meant.
    """
    core, half = _without_half(list(words))
    if core in (["noon"], ["midday"]):
        return "12:00" if not half else None
    if core == ["midnight"]:
        return "00:00" if not half else None
    clock = _past_or_to(core) or _hour_minute(core, bool(half))
    if clock is None:
        return None
    hour, minute = clock
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return f"{hour:02d}:{minute:02d}"


def read_date(words: Sequence[str], today: Today = dt.date.today) -> str | None:
    """ISO date of 'tomorrow', 'next friday', 'the third of may', 'may third twenty thirty', 'in two weeks'."""
    core = [word for word in words if word not in ("on", "the", "of")]
    if list(words) in (["the"], ["on"]) or not core:
        return None
    now = today()
    fixed = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1, "day after tomorrow": 2}
    text = " ".join(core)
    if text in fixed:
        return (now + dt.timedelta(days=fixed[text])).isoformat()
    if core[0] == "in" or (core[-1:] == ["now"] and core[-2:-1] == ["from"]):
        seconds = read_duration(core[1:] if core[0] == "in" else core[:-2])
        days = None if seconds is None or seconds % 86_400 else int(seconds // 86_400)
        return None if days is None or days > 36_500 else (now + dt.timedelta(days=days)).isoformat()
    day = _weekday(core, now) or _month_day(core, now)
    return day.isoformat() if day else None


def read_value(kind: str, words: Sequence[str], today: Today = dt.date.today) -> Any | None:
    """The value of words as a built-in type ('number', 'duration', 'time', 'date'), or None."""
    if kind == "number":
        return read_number(words)
    if kind == "duration":
        return read_duration(words)
    if kind == "time":
        return read_time(words)
    return read_date(words, today) if kind == "date" else None


def _tidy(value: float) -> float | int:
    rounded = round(float(value), 9)
    return int(rounded) if rounded == int(rounded) else rounded


def _amount(words: Sequence[str]) -> float | int | None:
    if tuple(words) in (("a",), ("an",), ("one",)):
        return 1
    if tuple(words) in (("half",), ("half", "a"), ("half", "an"), ("a", "half")):
        return 0.5
    if tuple(words) in (("a", "quarter", "of", "an"), ("quarter", "of", "an"), ("a", "quarter")):
        return 0.25
    if tuple(words) in (("three", "quarters", "of", "an"),):
        return 0.75
    if tuple(words) in (("a", "couple", "of"), ("a", "couple")):
        return 2
    number = read_number(words)
    return number if number is not None and number > 0 else None


def _without_half(words: list[str]) -> tuple[list[str], str]:
    """Words without 'a m', 'in the morning', ..., and 'am', 'pm' or ''."""
    endings = {
        ("a", "m"): "am", ("am",): "am", ("p", "m"): "pm", ("pm",): "pm", ("in", "the", "morning"): "am",
        ("in", "the", "afternoon"): "pm", ("in", "the", "evening"): "pm", ("at", "night"): "pm", ("tonight",): "pm",
        ("this", "morning"): "am", ("this", "evening"): "pm", ("this", "afternoon"): "pm",
    }  # fmt: skip
    for ending, half in endings.items():
        if len(words) > len(ending) and tuple(words[-len(ending) :]) == ending:
            return words[: -len(ending)], half
    return words, ""


def _whole(words: Sequence[str], low: int, high: int) -> int | None:
    number = parse_number(list(words)) if words else None
    return int(number) if number is not None and number == int(number) and low <= number <= high else None


def _past_or_to(words: list[str]) -> tuple[int, int] | None:
    for sign in ("past", "to", "till", "after"):
        if sign in words:
            place = words.index(sign)
            hour = _whole([word for word in words[place + 1 :] if word not in ("o'clock", "oclock")], 1, 12)
            before = [word for word in words[:place] if word not in ("a", "minutes", "minute")]
            minute = 30 if before == ["half"] else 15 if before == ["quarter"] else _whole(before, 1, 59)
            if hour is None or minute is None:
                return None
            if sign in ("past", "after"):
                return hour, minute
            return (hour - 1 if hour > 1 else 12), 60 - minute
    return None


def _hour_minute(words: list[str], twelve: bool) -> tuple[int, int] | None:
    if words and words[-1] in ("o'clock", "oclock"):
        hour = _whole(words[:-1], 1, 12)
        return None if hour is None else (hour, 0)
    if len(words) == 1:
        hour = _whole(words, 1, 12 if twelve else 23)
        return None if hour is None else (hour, 0)
    for split in range(1, len(words)):
        hour = _whole(words[:split], 0, 23)
        tail = words[split:]
        if tail == ["hundred"] and hour is not None:
            return hour, 0
        minute = _whole(tail[1:], 0, 9) if tail[0] in ("oh", "o", "zero") else _whole(tail, 10, 59)
        if hour is not None and minute is not None:
            return hour, minute
    return None


def _weekday(core: list[str], now: dt.date) -> dt.date | None:
    if core[-1] not in WEEKDAYS or len(core) > 2 or (len(core) == 2 and core[0] not in ("next", "this", "coming")):
        return None
    ahead = (WEEKDAYS.index(core[-1]) - now.weekday()) % 7
    return now + dt.timedelta(days=ahead or (0 if core[0] == "this" else 7))


def _month_day(core: list[str], now: dt.date) -> dt.date | None:
    place = next((i for i, word in enumerate(core) if word in MONTHS), None)
    if place is None:
        return None
    month, rest = MONTHS.index(core[place]) + 1, core[place + 1 :]
    day = ORDINALS.get(tuple(core[:place])) if place else None
    for size in (2, 1):
        if day is None and not place and tuple(rest[:size]) in ORDINALS:
            day, rest = ORDINALS[tuple(rest[:size])], rest[size:]
        elif day is None and not place and len(rest) >= size:
            day = _whole(rest[:size], 1, 31)
            rest = rest[size:] if day is not None else rest
    year = _year(rest) if rest else None
    if day is None or (rest and year is None):
        return None
    return _next_such_day(day, month, year, now)


def _year(words: list[str]) -> int | None:
    """'twenty twenty seven' -> 2027, 'two thousand thirty' -> 2030."""
    whole = _whole(words, 1900, 2199)
    if whole is not None:
        return whole
    for split in (1, 2):
        century, rest = _whole(words[:split], 19, 21), _whole(words[split:], 10, 99)
        if century is not None and rest is not None:
            return 100 * century + rest
    return None


def _next_such_day(day: int, month: int, year: int | None, now: dt.date) -> dt.date | None:
    for candidate in (year,) if year else range(now.year, now.year + 9):
        try:
            date = dt.date(candidate, month, day)
        except ValueError:
            continue
        if year or date >= now:
            return date
    return None
