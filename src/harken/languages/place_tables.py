"""The tables of places in a language's folder: cities, countries, regions and time zones, and their names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from harken.languages.locale import Locale

PLACE_KINDS = ("cities", "countries", "regions", "zones")
"""Kinds of places; of two places with the same name, the earlier kind is meant."""
LARGER = 1.5
"""A city that the recogniser knows is meant unless another one of the name is so many times as large."""
_WORDS = re.compile(r"[a-z]+(?:'[a-z]+)*")
_COLUMNS = {"countries.tsv": 11, "regions.tsv": 8, "zones.tsv": 3, "cities.tsv": 6, "towns.tsv": 6}

Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class City:
    """A city."""

    key: str
    name: str
    country: str
    """ISO code."""
    region: str
    """Code within the country; empty where the table has none."""
    zone: str
    """IANA time zone."""
    people: int
    """0: unknown."""


@dataclass(frozen=True, kw_only=True)
class Country:
    """A country."""

    code: str
    """ISO code."""
    name: str
    capital: str
    currency: str
    languages: str
    continents: tuple[str, ...]
    people: int
    area: int
    """Square kilometers."""
    neighbours: tuple[str, ...]
    """ISO codes."""
    cities: tuple[str, ...]
    """Keys of cities in its time zones, when it has several."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """A state, a province, or a part of a country with a name of its own."""

    code: str
    """ISO code: 'US-TX', 'GL'."""
    country: str
    """ISO code of the country that it is part of."""
    name: str
    capital: str
    zone: str
    """IANA time zone of all or most of it."""
    zone_name: str
    """Name of that time zone when it has several; else empty."""
    people: int


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A time zone with a name of its own."""

    name: str
    zone: str
    """IANA time zone."""


Place: TypeAlias = City | Country | Region | Zone


class PlaceTables:
    """The tables of a language; empty in a language without them.

    Args:
        locale: the language.
    """

    def __init__(self, locale: Locale):
        self._folder, self._locale = locale.folder, locale
        self.names: dict[str, dict[Words, list[str]]] = {kind: {} for kind in PLACE_KINDS}
        """Kind -> words of a name -> keys of the places that have it."""
        listed, others = list(self._rows("cities.tsv")), list(self._rows("towns.tsv"))
        self._taken = {row[0] for row in listed}
        self.countries = {country.name: country for country in self._read_countries()}
        """By key, as the other tables."""
        self.regions = dict(self._read_regions())
        self.zones = {zone.name: zone for zone in self._read_zones()}
        self.areas = {country.code: country.name for country in self.countries.values()}
        """Code of a country or region -> its key."""
        self.areas |= {region.code: key for key, region in self.regions.items()}
        self.listed: set[str] = set()
        """Keys of the cities that the recogniser knows."""
        self.cities = {city.key: city for city in self._read_cities(listed, others)}

    def area_name(self, code: str) -> str:
        """Name of a country or region; '' for an unknown code."""
        key = self.areas.get(code, "")
        return self.regions[key].name if key in self.regions else key

    def _read_countries(self) -> Iterator[Country]:
        for row in self._rows("countries.tsv"):
            code, name, capital, currency, languages, continents, people, area, neighbours, cities, also = row
            self._add("countries", name, name, self._locale.wording.country(name), *_several(also))
            yield Country(
                code=code, name=name, capital=capital, currency=currency, languages=languages,
                continents=_several(continents), people=round(float(people) * 1e6), area=int(area),
                neighbours=tuple(neighbours.split()), cities=_several(cities.replace(", ", "|")),
            )  # fmt: skip

    def _read_regions(self) -> Iterator[tuple[str, Region]]:
        """Key and region; where a city or country has the name, the key is another name ('Washington State')."""
        for code, country, name, capital, zone, zone_name, people, also in self._rows("regions.tsv"):
            names = name, *_several(also)
            key = names[1] if len(names) > 1 and (name in self._taken or name in self.countries) else name
            self._add("regions", key, self._locale.wording.country(name), *names)
            yield key, Region(
                code=code, country=country, name=name, capital=capital, zone=zone, zone_name=zone_name,
                people=round(float(people) * 1e6),
            )  # fmt: skip

    def _read_zones(self) -> Iterator[Zone]:
        for name, zone, also in self._rows("zones.tsv"):
            self._add("zones", name, name, *_several(also))
            yield Zone(name=name, zone=zone)

    def _read_cities(self, listed: list[list[str]], others: list[list[str]]) -> Iterator[City]:
        sizes: dict[Words, list[int]] = {split_name(name): [0] for name in (*self.countries, *self.regions)}
        for row in listed + others:
            for words in {split_name(name) for name in (row[0], *_several(row[5]))}:
                sizes.setdefault(words, []).append(int(row[3]))
        for row in listed:
            alone = max(sizes[split_name(row[0])]) <= LARGER * int(row[3])
            self.listed.add(key := row[0] if alone else self._full_name(row))
            yield self._city(key, row)
        for row in others:
            yield self._city(row[0] if len(sizes[split_name(row[0])]) == 1 else self._full_name(row), row)

    def _city(self, key: str, row: Sequence[str]) -> City:
        name, country, zone, people, region, also = row
        self._add("cities", key, name, *_several(also))
        return City(key=key, name=name, country=country, region=region, zone=zone, people=int(people))

    def _full_name(self, row: Sequence[str]) -> str:
        name, country, region = row[0], row[1], row[4]
        return f"{name}, {self.area_name(f'{country}-{region}') or self.area_name(country) or country}"

    def _add(self, kind: str, key: str, *names: str) -> None:
        for name in names:
            words = split_name(name)
            if words and key not in self.names[kind].setdefault(words, []):
                self.names[kind][words].append(key)

    def _rows(self, name: str) -> Iterator[list[str]]:
        """The rows of a table; empty columns at the end of a line may be left out."""
        file: Path = self._folder / name
        if file.is_file():
            with file.open(encoding="utf-8") as lines:
                for row in csv.reader(lines, delimiter="\t"):
                    if row and not row[0].startswith("#"):
                        yield [*row, *[""] * (_COLUMNS[name] - len(row))]


def split_name(name: str) -> Words:
    """The words of a name as they are heard: 'St. John's' -> ('st', "john's")."""
    return tuple(_WORDS.findall(name.lower().replace(".", " ")))


def _several(text: str) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()
