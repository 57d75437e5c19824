"""Days with a name, as Americans keep them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

_DATES = {
    "new year's day": (1, 1), "new year's": (1, 1), "new years day": (1, 1), "new years": (1, 1), "new year": (1, 1),
    "groundhog day": (2, 2), "valentine's day": (2, 14), "valentines day": (2, 14), "valentine's": (2, 14),
    "saint patrick's day": (3, 17), "st patrick's day": (3, 17), "saint patricks day": (3, 17),
    "april fools": (4, 1), "april fool's day": (4, 1), "april fools day": (4, 1), "april fools' day": (4, 1),
    "earth day": (4, 22), "may day": (5, 1), "cinco de mayo": (5, 5), "juneteenth": (6, 19),
    "independence day": (7, 4), "fourth of july": (7, 4), "halloween": (10, 31), "all saints day": (11, 1),
    "veterans day": (11, 11), "christmas eve": (12, 24), "christmas": (12, 25), "christmas day": (12, 25),
    "xmas": (12, 25), "boxing day": (12, 26), "new year's eve": (12, 31), "new years eve": (12, 31),
}  # fmt: skip


def _nth(year: int, month: int, weekday: int, number: int) -> dt.date:
    """The n-th such weekday of a month."""
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _easter(year: int) -> dt.date:
    """Easter Sunday in the Gregorian calendar (the algorithm of Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    l = (32 + 2 * e + 2 * i - h - k) % 7  # noqa: E741
    month, day = divmod(h + l - 7 * ((a + 11 * h + 22 * l) // 451) + 114, 31)
    return dt.date(year, month, day + 1)


_MOVABLE: dict[str, Callable[[int], dt.date]] = {
    "martin luther king day": lambda year: _nth(year, 1, 0, 3), "presidents day": lambda year: _nth(year, 2, 0, 3),
    "mother's day": lambda year: _nth(year, 5, 6, 2), "mothers day": lambda year: _nth(year, 5, 6, 2),
    "memorial day": lambda year: _nth(year, 6, 0, 1) - dt.timedelta(days=7),
    "father's day": lambda year: _nth(year, 6, 6, 3), "fathers day": lambda year: _nth(year, 6, 6, 3),
    "labor day": lambda year: _nth(year, 9, 0, 1), "columbus day": lambda year: _nth(year, 10, 0, 2),
    "thanksgiving": lambda year: _nth(year, 11, 3, 4), "thanksgiving day": lambda year: _nth(year, 11, 3, 4),
    "black friday": lambda year: _nth(year, 11, 3, 4) + dt.timedelta(days=1),
    "good friday": lambda year: _easter(year) - dt.timedelta(days=2), "easter": _easter, "easter sunday": _easter,
    "easter monday": lambda year: _easter(year) + dt.timedelta(days=1),
}  # fmt: skip


HOLIDAY_WORDS = frozenset(word for name in (*_DATES, *_MOVABLE) for word in name.split())
"""Every word of a day's name."""


def holiday(words: Sequence[str], now: dt.date) -> dt.date | None:
    """The next day of this name, from `now` on; None for other words."""
    name = " ".join(words)
    for year in (now.year, now.year + 1):
        if name in _DATES:
            day = dt.date(year, *_DATES[name])
        elif name in _MOVABLE:
            day = _MOVABLE[name](year)
        else:
            return None
        if day >= now:
            return day
    return None
