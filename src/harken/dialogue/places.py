"""Cities and countries that the skills know: the tables `cities.tsv` (for English from GeoNames, CC BY 4.0) and
`countries.tsv` in a language's folder. A language without them knows no places.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from harken.languages.locale import Locale


@dataclass(frozen=True, kw_only=True)
class City:
    """A city."""

    name: str
    country: str
    """ISO code."""
    zone: str
    """IANA time zone."""
    people: int
    """0: unknown."""


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


class Places:
    """The places that a language has names for.

    Args:
        folder: of the tables.
    """

    def __init__(self, folder: Path):
        self.cities = {
            row[0]: City(name=row[0], country=row[1], zone=row[2], people=int(row[3]))
            for row in _rows(folder / "cities.tsv")
        }
        """Name -> city."""
        self.countries = {
            row[1]: Country(
                code=row[0], name=row[1], capital=row[2], currency=row[3], languages=row[4], continent=row[5],
                people=round(float(row[6]) * 1e6),
            )
            for row in _rows(folder / "countries.tsv")
        }  # fmt: skip
        """Name -> country."""

    def country_of(self, code: str) -> Country | None:
        """The country with an ISO code."""
        return next((country for country in self.countries.values() if country.code == code), None)

    def zone_of(self, place: str) -> ZoneInfo | None:
        """Time zone of a city, or of a country's capital; None for an unknown place."""
        country = self.countries.get(place)
        city = self.cities.get(place) or (self.cities.get(country.capital) if country else None)
        return ZoneInfo(city.zone) if city else None


@lru_cache(maxsize=8)
def places_of(locale: Locale) -> Places:
    """The places of a language; read once."""
    return Places(locale.folder)


def _rows(file: Path) -> Iterator[list[str]]:
    if file.is_file():
        with file.open(encoding="utf-8") as lines:
            yield from (row for row in csv.reader(lines, delimiter="\t") if row and not row[0].startswith("#"))
