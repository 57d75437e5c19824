"""How values are worded in replies. Digits become words when the voice reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

UNIT_SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
"""Seconds of the units in which durations are worded, the largest first."""


class Wording(Protocol):
    """How a language words values."""

    def duration(self, seconds: float, *, whole: bool = False) -> str:
        """'1 hour and 30 minutes'; the two largest units, or all of them if `whole`."""

    def time(self, moment: dt.datetime) -> str:
        """'7:30 PM'."""

    def date(self, day: dt.date) -> str:
        """'Friday, May 1'."""

    def day(self, day: dt.date, today: dt.date) -> str:
        """'tomorrow', 'on Friday'."""

    def weekday(self, day: dt.date) -> str:
        """'Friday'."""

    def month(self, day: dt.date) -> str:
        """'May'."""

    def number(self, value: float) -> str:
        """'1,234.5'."""

    def people(self, count: int) -> str:
        """A large count, rounded to what is worth saying: '9 million'."""

    def amount(self, value: float, unit: str) -> str:
        """A unit (as the calculator names it, in the plural) as it is said after a value: 'inch' after 1."""

    def joined(self, parts: Sequence[str]) -> str:
        """'a, b and c'."""

    def either(self, parts: Sequence[str]) -> str:
        """'a, b or c'."""

    def country(self, name: str) -> str:
        """A country inside a sentence: 'the Netherlands'."""

    def to_user(self, words: str) -> str:
        """Words of the user as they are said back: 'order me a taxi' -> 'order you a taxi'."""

    def place_in(self, place: str, area: str) -> str:
        """A place and what it is in: 'Birmingham in the United Kingdom'."""

    def is_several(self, name: str) -> bool:
        """Whether a thing's name is a plural: 'blinds'."""


def split_duration(seconds: float, *, whole: bool = False) -> list[tuple[int, str]]:
    """The units of a duration, as (count, unit), rounded to whole seconds: 5400 -> 1 hour, 30 minutes.

    Args:
        seconds: the duration.
        whole: whether all units are wanted, rather than the two largest.
    """
    rest = max(0, round(seconds))
    parts = []
    for unit, size in UNIT_SECONDS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append((count, unit))
    return (parts if whole else parts[:2]) or [(0, "second")]


def join_list(parts: Sequence[str], joint: str) -> str:
    """'a', 'a and b', 'a, b and c' for the joint ' and '."""
    return joint.join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
