"""How values are worded in replies; the voice's reading of text turns digits into words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol


class Wording(Protocol):
    """What a language can word."""

    def duration(self, seconds: float) -> str:
        """'1 hour and 30 minutes'."""

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
        """A unit (as the calculator names it, in the plural) as it is said behind a value: 'inch' behind 1."""

    def joined(self, parts: Sequence[str]) -> str:
        """'a, b and c'."""

    def either(self, parts: Sequence[str]) -> str:
        """'a, b or c'."""

    def country(self, name: str) -> str:
        """A country inside a sentence: 'the Netherlands'."""

    def is_several(self, name: str) -> bool:
        """Whether a thing's name is a plural: 'blinds'."""
