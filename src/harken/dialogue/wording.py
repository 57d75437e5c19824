"""How values are worded in replies; the voice's text normalisation turns digits into words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def say_duration(seconds: float) -> str:
    """5400 -> '1 hour and 30 minutes'; at most two units, rounded to whole seconds."""
    rest = max(0, round(seconds))
    parts = []
    for name, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}{'s' if count != 1 else ''}")
    return say_list(parts[:2]) if parts else "0 seconds"


def say_time(moment: dt.datetime) -> str:
    """19:30 -> '7:30 PM', 19:00 -> '7 PM'."""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{hour}:{moment.minute:02d} {half}" if moment.minute else f"{hour} {half}"


def say_date(day: dt.date) -> str:
    """'Friday, May 1'."""
    return f"{day:%A}, {day:%B} {day.day}"


def say_day(day: dt.date, today: dt.date) -> str:
    """'today', 'tomorrow', 'on Friday', 'on Friday, May 1'."""
    ahead = (day - today).days
    if ahead in (0, 1):
        return ("today", "tomorrow")[ahead]
    return f"on {day:%A}" if 1 < ahead < 7 else f"on {say_date(day)}"


def say_number(value: float) -> str:
    """Plain digits, at most four after the point, thousands with commas: 1234.5 -> '1,234.5'."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1e15 or abs(value) < 1e-4:
        return f"{value:.3g}"
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def say_list(parts: Sequence[str], joint: str = "and") -> str:
    """'a', 'a and b', 'a, b and c'."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {joint} {parts[-1]}"
