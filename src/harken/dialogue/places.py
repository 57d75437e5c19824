"""Cities and countries that the skills know: `cities.tsv` (from GeoNames, CC BY 4.0) and `countries.tsv` (our own)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

_HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class City:
    """A city."""

    name: str
    country: str
    """ISO code."""
    zone: str
    """IANA time zone."""
    people: int
    """0: not known."""


@dataclass(frozen=True, kw_only=True)
class Country:
    """A country."""

    code: str
    name: str
    capital: str
    currency: str
    languages: str
    continent: str
    people: int


@cache
def cities() -> dict[str, City]:
    """Name -> city."""
    return {row[0]: City(name=row[0], country=row[1], zone=row[2], people=int(row[3])) for row in _rows("cities.tsv")}


@cache
def countries() -> dict[str, Country]:
    """Name -> country."""
    return {
        row[1]: Country(
            code=row[0], name=row[1], capital=row[2], currency=row[3], languages=row[4], continent=row[5],
            people=round(float(row[6]) * 1e6),
        )
        for row in _rows("countries.tsv")
    }  # fmt: skip


def country_of(code: str) -> Country | None:
    """The country with an ISO code."""
    return next((country for country in countries().values() if country.code == code), None)


def zone_of(place: str) -> ZoneInfo | None:
    """Time zone of a city, or of a country's capital; None for a place that is not known."""
    country = countries().get(place)
    city = cities().get(place) or (cities().get(country.capital) if country else None)
    return ZoneInfo(city.zone) if city else None


def _rows(file: str) -> Iterator[list[str]]:
    with (_HERE / file).open(encoding="utf-8") as lines:
        yield from (row for row in csv.reader(lines, delimiter="\t") if row and not row[0].startswith("#"))
