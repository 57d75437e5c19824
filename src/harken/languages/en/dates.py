"""Which day: 'a week from friday', 'the last monday of may', 'friday the thirteenth', 'christmas' -> ISO dates."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence

from harken.languages.en.durations import ABOUT
from harken.languages.en.holidays import HOLIDAY_WORDS, holiday
from harken.languages.en.number_words import NUMBER_WORDS, parse_number
from harken.languages.en.numbers import spell_ordinal
from harken.languages.en.readings import MONTHS, WEEKDAYS
from harken.languages.locale import Today

ORDINALS: dict[tuple[str, ...], int] = {tuple(spell_ordinal(day).split()): day for day in range(1, 32)}
"""Days of a month as spoken."""
_DAYS = frozenset(day[-1] for day in ORDINALS)
_MONTHS = {name: number for number, name in enumerate(MONTHS, 1)}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_WEEKDAYS = {name: number for number, name in enumerate(WEEKDAYS)} | {name[:3]: n for n, name in enumerate(WEEKDAYS)}
_WEEKDAYS |= {"tues": 1, "thur": 3, "thurs": 3}
_FIXED = {
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "tomorrow": 1, "yesterday": -1,
    "day after tomorrow": 2, "day before yesterday": -2, "last night": -1, "this day": 0,
}  # fmt: skip
_UNITS = {unit + ending: unit for unit in ("day", "week", "month", "year") for ending in ("", "s")}
_UNITS |= {"fortnight": "fortnight", "fortnights": "fortnight"}
WORDS = frozenset((
    *NUMBER_WORDS, *_MONTHS, *_WEEKDAYS, *_UNITS, *HOLIDAY_WORDS, *ABOUT,
    *(word for name in _FIXED for word in name.split()), *(word for day in ORDINALS for word in day), "in", "on", "for",
    "the", "of", "from", "now", "ago", "after", "before", "next", "last", "this", "coming", "upcoming", "past",
    "weekend",
    "end", "beginning", "start", "couple",
))  # fmt: skip
"""Every word that a date can have."""
_PARTS_OF_DAY = ("morning", "afternoon", "evening", "night")
_FURTHEST = 400
"""Years."""


def read_date(words: Sequence[str], today: Today = dt.date.today) -> str | None:
    """ISO date of 'tomorrow', 'the third of may', 'in two weeks', 'a week from friday', 'friday the thirteenth'.

    A day without a year is the next such day. 'Next friday' is at least three days ahead. None for a day that does not
    exist ('february thirtieth').
    """
    core = list(words)
    while core and core[0] in ("on", "for", *ABOUT[:-1]):
        core = core[1:]
    if core[-1:] and core[-1] in _PARTS_OF_DAY and len(core) > 1 and core[-2] not in ("this", "last", "every", "the"):
        core = core[:-1]  # 'tomorrow night', 'friday morning'
        if core[-2:] == ["in", "the"]:
            core = core[:-2]
    try:
        day = _date(core, today()) if core else None
    except (OverflowError, ValueError):
        return None
    return None if day is None else day.isoformat()


def cuts_date(words: Sequence[str], place: int) -> bool:
    """Whether a date goes on at `place`: 'the thirtieth | of february'."""
    return words[place - 1] in _DAYS and words[place] == "of" and place + 1 < len(words) and words[place + 1] in _MONTHS


def _date(words: list[str], now: dt.date) -> dt.date | None:
    bare = words[1:] if words[0] == "the" and len(words) > 1 else words
    text = " ".join(bare)
    if text in _FIXED:
        return now + dt.timedelta(days=_FIXED[text])
    return (
        _counted(bare, now) or _weekend(bare, now) or _weekday(bare, now) or _month_day(words, now)
        or _placed_weekday(bare, now) or _day_of(words, now) or _holiday(bare, now) or _fraction(bare, now)
    )  # fmt: skip


def _holiday(words: list[str], now: dt.date) -> dt.date | None:
    year = {"last year": -1, "this year": 0, "next year": 1}.get(" ".join(words[-2:]))
    if year is not None and len(words) > 2:
        return holiday(words[:-2], dt.date(now.year + year, 1, 1))
    shift = {"last": -1, "this": 0, "next": 0}.get(words[0])
    day = holiday(words if shift is None else words[1:], now) if len(words) > (shift is not None) else None
    if day is not None and shift == -1:
        return holiday(words[1:], day - dt.timedelta(days=400))
    return day


def _counted(words: list[str], now: dt.date) -> dt.date | None:
    """'in two weeks', 'a week from friday', 'two days ago', 'friday week', 'the day after christmas', 'next week'."""
    if len(words) == 2 and words[0] in ("next", "last", "this") and words[1] in ("week", "month", "year"):
        sign = {"next": 1, "last": -1}.get(words[0])
        return None if sign is None else _moved(now, sign, words[1])
    if words[0] == "in" and len(words) > 1:
        return _ahead(words[1:], now, 1)
    if words[-1] == "ago":
        return _ahead(words[:-1], now, -1)
    if words[-2:] == ["from", "now"]:
        return _ahead(words[:-2], now, 1)
    if words[-1:] == ["week"] and len(words) == 2 and (words[0] in _WEEKDAYS or words[0] in _FIXED):
        start = _date(words[:1], now)
        return None if start is None else start + dt.timedelta(weeks=1)
    for place, word in enumerate(words[1:-1], 1):
        if word in ("from", "after", "before", "on") and words[place - 1] in _UNITS:
            start = _date(words[place + 1 :], now)
            return None if start is None else _ahead(words[:place], start, -1 if word == "before" else 1)
    return None


def _ahead(words: list[str], start: dt.date, sign: int) -> dt.date | None:
    """'two weeks' after or before a day; 'day' alone is one."""
    unit = _UNITS.get(words[-1]) if words else None
    if unit is None:
        return None
    many = words[:-1]
    if many in ([], ["a"], ["one"], ["exactly"]):
        if not many and words[-1].endswith("s"):
            return None  # 'in weeks' names no day
        count = 1
    elif many in (["a", "couple", "of"], ["a", "couple"], ["couple", "of"]):
        count = 2
    else:
        number = parse_number(many)
        if number is None or number != int(number) or not 0 < number <= _FURTHEST * 366:
            return None
        count = int(number)
    return _moved(start, sign * count, unit)


def _moved(day: dt.date, count: int, unit: str) -> dt.date:
    if unit in ("day", "week", "fortnight"):
        return day + dt.timedelta(days=count * {"day": 1, "week": 7, "fortnight": 14}[unit])
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _weekend(words: list[str], now: dt.date) -> dt.date | None:
    """'this weekend': its saturday, today on a sunday; 'next weekend': the one of next week."""
    if words[-1] != "weekend" or len(words) > 2:
        return None
    saturday = now if now.weekday() == 6 else now + dt.timedelta(days=5 - now.weekday())
    weeks = {"this": 0, "coming": 0, "weekend": 0, "next": 1, "last": -1}.get(words[0])
    if weeks is None:
        return None
    return saturday if not weeks else now + dt.timedelta(days=5 - now.weekday() + 7 * weeks)


def _weekday(words: list[str], now: dt.date) -> dt.date | None:
    """'friday', 'this friday', 'next friday', 'last monday', 'friday next week', 'friday after next'."""
    place = next((i for i, word in enumerate(words) if word in _WEEKDAYS), None)
    if place is None:
        return None
    number = _WEEKDAYS[words[place]]
    ahead, around = (number - now.weekday()) % 7, tuple(words[:place] + words[place + 1 :])
    monday = now - dt.timedelta(days=now.weekday())
    if around in ((), ("coming",), ("this", "coming"), ("upcoming",)):
        return now + dt.timedelta(days=ahead or 7)
    if around in (("this",), ("this", "week")):
        return now + dt.timedelta(days=ahead) if around == ("this",) else monday + dt.timedelta(days=number)
    if around == ("next",):
        return now + dt.timedelta(days=ahead if ahead >= 3 else ahead + 7)
    if around == ("after", "next"):
        return now + dt.timedelta(days=(ahead or 7) + 7)
    if around in (("last",), ("past",), ("this", "past")):
        return now - dt.timedelta(days=(7 - ahead) if ahead else 7)
    weeks = {("next", "week"): 1, ("of", "next", "week"): 1, ("last", "week"): -1, ("of", "last", "week"): -1}.get(
        around
    )
    return None if weeks is None else monday + dt.timedelta(days=number + 7 * weeks)


def _month_day(words: list[str], now: dt.date) -> dt.date | None:
    """'the third of may', 'may third twenty thirty', 'friday december fourth', 'the last day of february'."""
    if words[0] in _WEEKDAYS and len(words) > 1:
        rest = words[2:] if words[1] == "the" else words[1:]
        if tuple(rest) in ORDINALS:
            return _next_with(_WEEKDAYS[words[0]], ORDINALS[tuple(rest)], now)
        day = _month_day(words[1:], now)
        return day if day is not None and day.weekday() == _WEEKDAYS[words[0]] else None
    core = [word for word in words if word not in ("the", "of")]
    place = next((i for i, word in enumerate(core) if word in _MONTHS), None)
    if place is None:
        return None
    month, rest = _MONTHS[core[place]], core[place + 1 :]
    last = core[:place] == ["last", "day"]
    found = ORDINALS.get(tuple(core[:place])) if place else None
    for size in (2, 1):
        if found is None and not place and len(rest) >= size:
            found = ORDINALS.get(tuple(rest[:size])) or _whole(rest[:size], 1, 31)
            rest = rest[size:] if found is not None else rest
    year = _year(rest) if rest else None
    if (found is None and not last) or (rest and year is None):
        return None
    if found is None:
        first = _next_such_day(1, month, year, now.replace(day=1))
        return None if first is None else first.replace(day=calendar.monthrange(first.year, month)[1])
    return _next_such_day(found, month, year, now)


def _day_of(words: list[str], now: dt.date) -> dt.date | None:
    """'the thirty first', 'the fifth of next month', 'the last day of the month', 'the end of the month'."""
    month = now.replace(day=1)
    for tail, ahead in (("of the month", 0), ("of this month", 0), ("of next month", 1), ("of the next month", 1)):
        size = len(tail.split())
        if words[-size:] == tail.split():
            month, words = _moved(month, ahead, "month"), words[:-size]
            break
    else:
        return _next_day(ORDINALS.get(tuple(words[1:])), now) if words[0] == "the" and len(words) > 1 else None
    bare = tuple(word for word in words if word not in ("the", "on"))
    if bare in (("last", "day"), ("end",), ("last",)):
        return month.replace(day=calendar.monthrange(month.year, month.month)[1])
    number = 1 if bare in (("first", "day"), ("beginning",), ("start",)) else ORDINALS.get(bare)
    return None if number is None else month.replace(day=number)


def _placed_weekday(words: list[str], now: dt.date) -> dt.date | None:
    """'first monday in december', 'last friday of the month', 'second sunday of may twenty thirty'."""
    if len(words) < 4 or words[1] not in _WEEKDAYS or words[2] not in ("in", "of"):
        return None
    number = -1 if words[0] == "last" else ORDINALS.get((words[0],), 9)
    rest = [word for word in words[3:] if word not in ("the", "this")]
    if not rest:
        return None
    month = _moved(now.replace(day=1), 1, "month") if rest == ["next", "month"] else now.replace(day=1)
    year = _year(rest[1:]) if len(rest) > 1 and rest[0] in _MONTHS else None
    if not rest:
        return None
    if rest not in (["month"], ["next", "month"]) and (rest[0] not in _MONTHS or (len(rest) > 1 and year is None)):
        return None
    years = [year] if year else [now.year, now.year + 1] if rest[0] in _MONTHS else [month.year]
    for candidate in years:
        days = _weekdays_of(candidate, _MONTHS.get(rest[0], month.month), _WEEKDAYS[words[1]])
        if number > len(days):
            return None
        day = days[number if number < 0 else number - 1]
        if day >= now or len(years) == 1:
            return day
    return None


def _weekdays_of(year: int, month: int, weekday: int) -> list[dt.date]:
    last = calendar.monthrange(year, month)[1]
    days = (dt.date(year, month, day) for day in range(1, last + 1))
    return [day for day in days if day.weekday() == weekday]


def _fraction(words: list[str], now: dt.date) -> dt.date | None:
    """'twelve twenty fourths': how '12/24' (month/day, as in America) is read where nothing says that it is a date."""
    ordinal = words[-1].removesuffix("s")
    for split in (1, 2):
        month, day = _whole(words[:split], 1, 12), ORDINALS.get((*words[split:-1], ordinal), 0)
        if month is not None and day > 12:  # the others are parts: 'three quarters'
            return _next_such_day(day, month, None, now)
    return None


def _next_with(weekday: int, number: int, now: dt.date) -> dt.date | None:
    """The next day with this weekday and number: 'friday the thirteenth'."""
    for ahead in range(0, 366 * 3):
        day = now + dt.timedelta(days=ahead)
        if day.day == number and day.weekday() == weekday:
            return day
    return None


def _next_day(number: int | None, now: dt.date) -> dt.date | None:
    """The next day of a month with this number."""
    days = (now + dt.timedelta(days=ahead) for ahead in range(63))
    return None if number is None else next(day for day in days if day.day == number)


def _year(words: list[str]) -> int | None:
    """'twenty twenty seven' -> 2027, 'two thousand thirty' -> 2030, 'nineteen oh five' -> 1905."""
    if words[0] == "in":
        words = words[1:]
    whole = _whole(words, 1600, 2199)
    if whole is not None:
        return whole
    for split in (1, 2):
        century, rest = _whole(words[:split], 16, 21), _whole(words[split:], 10, 99)
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


def _whole(words: Sequence[str], low: int, high: int) -> int | None:
    number = parse_number(list(words)) if words else None
    return int(number) if number is not None and number == int(number) and low <= number <= high else None
