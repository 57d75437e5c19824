"""The rules of a language that is given by tables alone: numbers by a list of words, dates and times by formats."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harken.errors import ConfigError
from harken.languages.locale import SpellNumber, SpokenType, Today, Writing
from harken.languages.tables import Rules, Table

_DIGITS = re.compile(r"[0-9]+")
_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def plain_rules(table: Table) -> Rules:
    """The rules that the tables `writing`, `numbers` and `wording` of a language give.

    Raises:
        ConfigError: a value of the wrong type.
    """
    numbers = table.table("numbers").phrases("words")
    values = {words: value for value, words in enumerate(numbers)}

    def spell(number: int) -> str:
        if 0 <= number < len(numbers):
            return " ".join(numbers[number])
        return " ".join(" ".join(numbers[int(digit)]) for digit in str(number) if digit.isdigit())

    def read_value(kind: str, words: Sequence[str], today: Today) -> Any | None:
        return values.get(tuple(words)) if kind == "number" else None

    return Rules(
        writing=_writing(table.table("writing"), spell, spells=len(numbers) >= 10),
        spell_number=spell,
        wording=_wording(table.table("wording"), table.text("code")),
        read_value=read_value,
        longest={"number": max(map(len, numbers))} if numbers else {},
        spoken={"number": SpokenType(templates={"{number_plain}": 1}, lists={"number_plain": numbers})}
        if numbers
        else {},
    )


def _writing(table: Table, spell: SpellNumber, *, spells: bool) -> Writing:
    """Short forms and signs; digits are said as numbers where the language has words for at least 0 to 9."""

    def number(text: str, place: int) -> tuple[str, int] | None:
        match = _DIGITS.match(text, place) if spells else None
        return (spell(int(match[0][:15])), match.end()) if match else None

    return Writing(
        titles=table.mapping("titles"), abbreviations=table.mapping("abbreviations"), signs=table.mapping("signs"),
        between_numbers=table.mapping("between_numbers"), minus=table.text("minus", ""), until=table.text("until", ""),
        number=number,
    )  # fmt: skip


def _wording(table: Table, code: str) -> PlainWording:
    units = table.table("units")
    return PlainWording(
        code=code, time_format=table.text("time", "{hour}:{minute:02}"),
        date_format=table.text("date", "{year}-{month_number:02}-{day:02}"), day_format=table.text("on", "{date}"),
        near=(table.text("today", ""), table.text("tomorrow", "")), weekdays=table.texts("weekdays"),
        months=table.texts("months"), joint=table.text("and", ", "), other_joint=table.text("or", ", "),
        units={name: units.texts(name) for name in _UNITS},
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PlainWording:
    """Values worded by formats (see `harken.languages.wording`)."""

    code: str
    time_format: str
    """Of hour (0..23) and minute."""
    date_format: str
    """Of day, month, month_number, weekday and year."""
    day_format: str
    """Of a date inside a sentence: date, weekday."""
    near: tuple[str, str]
    """Today and tomorrow; empty where they have no word."""
    weekdays: tuple[str, ...]
    """From Monday."""
    months: tuple[str, ...]
    joint: str
    """Before the last part of a list."""
    other_joint: str
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Unit -> one, many."""

    def duration(self, seconds: float) -> str:
        """At most two units, rounded to whole seconds."""
        rest = max(0, round(seconds))
        parts: list[str] = []
        for name, size in _UNITS.items():
            count, rest = divmod(rest, size)
            if count or (name == "second" and not parts):
                one, many = self._named("units", self.units[name], 2)
                parts.append(f"{count} {one if count == 1 else many}")
        return self.joined(parts[:2])

    def time(self, moment: dt.datetime) -> str:
        """By its format."""
        return self.time_format.format(hour=moment.hour, minute=moment.minute)

    def date(self, day: dt.date) -> str:
        """By its format."""
        names = {
            name: say(day)
            for name, say in (("weekday", self.weekday), ("month", self.month))
            if f"{{{name}" in self.date_format.replace("{month_number", "")
        }
        return self.date_format.format(day=day.day, month_number=day.month, year=day.year, **names)

    def day(self, day: dt.date, today: dt.date) -> str:
        """Today, tomorrow, else by its format."""
        ahead = (day - today).days
        if ahead in (0, 1) and self.near[ahead]:
            return self.near[ahead]
        names = {"weekday": self.weekday(day)} if "{weekday" in self.day_format else {}
        return self.day_format.format(date=self.date(day), **names)

    def weekday(self, day: dt.date) -> str:
        """From the list of weekdays."""
        return self._named("weekdays", self.weekdays, 7)[day.weekday()]

    def month(self, day: dt.date) -> str:
        """From the list of months."""
        return self._named("months", self.months, 12)[day.month - 1]

    def number(self, value: float) -> str:
        """Plain digits."""
        return f"{value:g}" if value != int(value) else str(int(value))

    def people(self, count: int) -> str:
        """Plain digits."""
        return str(count)

    def amount(self, value: float, unit: str) -> str:
        """The unit as it is named."""
        return unit

    def joined(self, parts: Sequence[str]) -> str:
        """With commas, and the joint before the last one."""
        return _joined(parts, self.joint)

    def either(self, parts: Sequence[str]) -> str:
        """With commas, and the other joint before the last one."""
        return _joined(parts, self.other_joint)

    def country(self, name: str) -> str:
        """As it is named."""
        return name

    def is_several(self, name: str) -> bool:
        """Not known: taken as one."""
        return False

    def _named(self, key: str, names: tuple[str, ...], count: int) -> tuple[str, ...]:
        if len(names) != count:
            raise ConfigError(
                f"language '{self.code}' has {len(names)} names under [wording] '{key}', expected {count}; add them"
            )
        return names


def _joined(parts: Sequence[str], joint: str) -> str:
    return joint.join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
