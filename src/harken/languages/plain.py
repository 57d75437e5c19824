"""The rules of a language that consists of tables alone: numbers by a list of words, dates and times by formats."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harken.errors import ConfigError
from harken.languages.locale import Reading, SpellNumber, SpokenType, Today, Writing
from harken.languages.tables import Rules, Table
from harken.languages.wording import UNIT_SECONDS, join_list, split_duration

_DIGITS = re.compile(r"[0-9]+")


def plain_rules(table: Table) -> Rules:
    """The rules that follow from a language's tables `writing`, `numbers` and `wording`.

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
    """Short forms and signs; digits are read as numbers if the language has words for at least 0 to 9."""

    def number(text: str, place: int) -> Reading | None:
        match = _DIGITS.match(text, place) if spells else None
        return Reading(spell(int(match[0][:15])), match.end()) if match else None

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
        units={name: units.texts(name) for name in UNIT_SECONDS},
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
    """Words for today and tomorrow; empty where there is none."""
    weekdays: tuple[str, ...]
    """From Monday."""
    months: tuple[str, ...]
    joint: str
    """Before the last part of a list: ' and '."""
    other_joint: str
    """Before the last of several alternatives: ' or '."""
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Unit -> its singular and plural."""

    def duration(self, seconds: float, *, whole: bool = False) -> str:
        """The two largest units, or all if `whole`, rounded to whole seconds."""
        parts = []
        for count, unit in split_duration(seconds, whole=whole):
            one, many = self._named("units", self.units[unit], 2)
            parts.append(f"{count} {one if count == 1 else many}")
        return self.joined(parts)

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
        """The unit's name."""
        return unit

    def joined(self, parts: Sequence[str]) -> str:
        """With commas, and 'and' before the last one."""
        return join_list(parts, self.joint)

    def either(self, parts: Sequence[str]) -> str:
        """With commas, and 'or' before the last one."""
        return join_list(parts, self.other_joint)

    def country(self, name: str) -> str:
        """The name as it is."""
        return name

    def to_user(self, words: str) -> str:
        """The words unchanged."""
        return words

    def place_in(self, place: str, area: str) -> str:
        """'Birmingham, United Kingdom'."""
        return f"{place}, {area}"

    def is_several(self, name: str) -> bool:
        """Not known: taken as a singular."""
        return False

    def _named(self, key: str, names: tuple[str, ...], count: int) -> tuple[str, ...]:
        if len(names) != count:
            raise ConfigError(
                f"language '{self.code}' has {len(names)} names under [wording] '{key}', expected {count}; add them"
            )
        return names
