"""How values are worded in English replies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from harken.languages.en.readings import MONTHS, WEEKDAYS
from harken.languages.wording import join_list, split_duration

_ARTICLE = frozenset((
    "Australian Capital Territory", "Azores", "Bahamas", "Canaries", "Canary Islands", "Cayman Islands",
    "Central African Republic", "Comoros", "Czech Republic", "Democratic Republic of the Congo", "Dominican Republic",
    "Faroe Islands", "Galapagos", "Gambia", "Maldives", "Marshall Islands", "Netherlands", "Northern Territory",
    "Northwest Territories", "Philippines", "Republic of the Congo", "Seychelles", "Solomon Islands",
    "State of Georgia", "State of Victoria", "United Arab Emirates", "United Kingdom", "United States",
    "Virgin Islands", "Yukon",
))  # fmt: skip
"""Countries and regions whose names need 'the'."""
_SINGULARS = (("inches", "inch"), ("feet", "foot"), ("degrees ", "degree "))

_HALF_A_YEAR = 183
"""Days; of a date that is further away, people ask which year it is in."""
_SECOND_PERSON = {
    "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "i": "you", "i'm": "you're",
    "us": "you", "our": "your", "ours": "yours", "we": "you",
}  # fmt: skip


class EnglishWording:
    """Values worded in American English."""

    def duration(self, seconds: float, *, whole: bool = False) -> str:
        """5400 -> '1 hour and 30 minutes'; the two largest units, or all if `whole`, rounded to whole seconds."""
        units = split_duration(seconds, whole=whole)
        return self.joined([f"{count} {unit}{'s' if count != 1 else ''}" for count, unit in units])

    def time(self, moment: dt.datetime) -> str:
        """19:30 -> '7:30 PM', 19:00 -> '7 PM'."""
        hour = moment.hour % 12 or 12
        half = "AM" if moment.hour < 12 else "PM"
        return f"{hour}:{moment.minute:02d} {half}" if moment.minute else f"{hour} {half}"

    def date(self, day: dt.date) -> str:
        """'Friday, May 1'."""
        return f"{self.weekday(day)}, {self.month(day)} {day.day}"

    def day(self, day: dt.date, today: dt.date) -> str:
        """'today', 'tomorrow', 'on Friday', 'on Friday, May 1', with the year if that is more than half a year away."""
        ahead = (day - today).days
        if ahead in (0, 1):
            return ("today", "tomorrow")[ahead]
        if ahead > _HALF_A_YEAR and day.year != today.year:
            return f"on {self.date(day)}, {day.year}"
        return f"on {self.weekday(day)}" if 1 < ahead < 7 else f"on {self.date(day)}"

    def weekday(self, day: dt.date) -> str:
        """'Friday'."""
        return WEEKDAYS[day.weekday()].capitalize()

    def month(self, day: dt.date) -> str:
        """'May'."""
        return MONTHS[day.month - 1].capitalize()

    def number(self, value: float) -> str:
        """Plain digits, at most four after the point (more if all of them were 0), thousands with commas: '1,234.5'."""
        if value == int(value) and abs(value) < 1e15:
            return f"{int(value):,}"
        if abs(value) >= 1e15 or abs(value) < 1e-6:
            return f"{value:.3g}"
        return f"{value:,.{4 if abs(value) >= 1e-4 else 7}f}".rstrip("0").rstrip(".")

    def people(self, count: int) -> str:
        """Rounded to a speakable precision: 8,961,989 -> '9 million', 1,410,000,000 -> '1.4 billion'."""
        if count >= 1_000_000_000:
            return f"{self.number(round(count / 1e9, 1))} billion"
        if count >= 10_000_000:
            return f"{self.number(round(count / 1e6))} million"
        if count >= 1_000_000:
            return f"{self.number(round(count / 1e6, 1))} million"
        return self.number(round(count, -3) if count >= 10_000 else round(count, -1))

    def amount(self, value: float, unit: str) -> str:
        """The unit, in the singular for one: 'inches' -> 'inch', 'miles per hour' -> 'mile per hour'."""
        if value != 1:
            return unit
        for many, one in _SINGULARS:
            unit = unit.replace(many, one)
        first, *rest = unit.split(" per ")
        return " per ".join([first.removesuffix("s"), *rest])

    def joined(self, parts: Sequence[str]) -> str:
        """'a', 'a and b', 'a, b and c'."""
        return join_list(parts, " and ")

    def either(self, parts: Sequence[str]) -> str:
        """'a', 'a or b', 'a, b or c'."""
        return join_list(parts, " or ")

    def country(self, name: str) -> str:
        """'Netherlands' -> 'the Netherlands'."""
        return f"the {name}" if name in _ARTICLE else name

    def to_user(self, words: str) -> str:
        """The first person becomes the second: 'remind me of my keys' -> 'remind you of your keys'."""
        return " ".join(_SECOND_PERSON.get(word, word) for word in words.split(" "))

    def place_in(self, place: str, area: str) -> str:
        """'Birmingham in the United Kingdom'."""
        return f"{place} in {area}"

    def is_several(self, name: str) -> bool:
        """'blinds', 'windows'."""
        return name.endswith("s")
