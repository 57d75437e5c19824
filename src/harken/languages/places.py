"""Cities, countries, regions and time zones that a language has names for: tables in its folder (for English in part from
GeoNames, CC BY 4.0). A language without them knows no places.

A place is known by its key, which is what a slot holds: its name, or, where several have the same name, 'Paris, Texas'.
A name that does not say which of several places is meant is a key of none of them; see `Places.namesakes`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from harken.languages.locale import Locale

PLACE_KINDS = ("cities", "countries", "regions", "zones")
"""Kinds of places; of two places with the same name, the earlier kind is meant."""
_WORDS = re.compile(r"[a-z]+(?:'[a-z]+)*")
_FAR_LARGER, _LARGER = 4, 1.5
"""A name means the largest of several cities only when that is so many times as large as the next; a city that the
recogniser knows is meant unless another is so many times as large."""
_NAMESAKE = 0.1
"""A city needs its country named when another one of the name has at least this share of its people."""
_SPOKEN = 3
"""Fewest letters of a name that the recogniser should know ('la' is what it hears everywhere)."""

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


class Places:
    """The places that a language has names for.

    Args:
        locale: the language.
    """

    def __init__(self, locale: Locale):
        self._folder, self._locale = locale.folder, locale
        self._ending = locale.spelling.ending
        self._joints = locale.understanding.words.get("within_place", frozenset())
        self._names: dict[str, dict[Words, list[str]]] = {kind: {} for kind in PLACE_KINDS}
        listed, others = list(_rows(self._folder / "cities.tsv")), list(_rows(self._folder / "towns.tsv"))
        self._taken = {row[0] for row in listed}
        self.countries = {country.name: country for country in self._read_countries()}
        """By key."""
        self.regions = dict(self._read_regions())
        """By key."""
        self.zones = {zone.name: zone for zone in self._read_zones()}
        """By key."""
        self._areas = {country.code: country.name for country in self.countries.values()}
        self._areas |= {region.code: key for key, region in self.regions.items()}
        self.listed: frozenset[str] = frozenset()
        """Keys of the cities that the recogniser knows."""
        self.cities = {city.key: city for city in self._read_cities(listed, others)}
        """By key."""

    def find(self, key: str, kinds: Sequence[str] = PLACE_KINDS) -> Place | None:
        """The place with a key, of the first of these kinds; None when there is none, or when several have that name."""
        for kind in kinds:
            table: Mapping[str, Place] = getattr(self, kind)
            if key in table:
                return table[key]
        return None

    def country_of(self, code: str) -> Country | None:
        """The country with an ISO code."""
        return self.countries.get(self._areas.get(code, ""))

    def region_of(self, city: City) -> Region | None:
        """The region that a city is in, where the table knows it."""
        code = f"{city.country}-{city.region}" if city.region else city.country
        return self.regions.get(self._areas.get(code, ""))

    def capital_of(self, country: Country) -> City | None:
        """The capital as a city."""
        same = (self.cities[key] for key in self._names["cities"].get(_split(country.capital), ()))
        return next((city for city in same if city.country == country.code), None)

    def zone_of(self, key: str) -> ZoneInfo | None:
        """Time zone of a place: of most of a region, of a country's capital; None for an unknown place."""
        place = self.find(key)
        if isinstance(place, Country):
            place = self.capital_of(place)
        return ZoneInfo(place.zone) if place else None

    def namesakes(self, name: str) -> list[City]:
        """Cities with a name ('Springfield', 'Paris, Ontario': of the part before the comma), the largest first."""
        keys = self._names["cities"].get(_split(name.partition(",")[0]), [])
        return sorted((self.cities[key] for key in keys), key=lambda city: -city.people)

    def needs_country(self, city: City) -> bool:
        """Whether a city that is known by its name alone may be taken for another one."""
        others = (other.people for other in self.namesakes(city.name) if other is not city)
        return city.key == city.name and max(others, default=0) > _NAMESAKE * city.people

    def entries(self, kinds: Sequence[str]) -> list[tuple[str, str]]:
        """(name, key) of what the recogniser should know of these kinds of places."""
        return [(" ".join(words), self._bare(words, kinds)) for words in self._spoken(kinds)]

    def spans(self, words: Words, first: int, kinds: Sequence[str]) -> list[tuple[int, str]]:
        """Places named by words that begin at `first`: (one past the last word, key), also 'Paris Texas', 'France's'.

        A city that the tables do not have in the country or region named ('Paris Ontario') has a key of no place.
        """
        found: dict[int, str] = {}
        names = self._by_first.get(words[first], []) + self._by_first.get(words[first].removesuffix(self._ending), [])
        for name in dict.fromkeys(names):
            last = first + len(name)
            said = words[first:last]
            if said != name and (*said[:-1], said[-1].removesuffix(self._ending)) != name:
                continue
            bare = self._bare(name, kinds)
            if bare:
                found.setdefault(last, bare)
            if "cities" in kinds and name in self._names["cities"]:
                found |= {end: key for end, key in self._qualified(name, words, last) if end not in found}
        return sorted(found.items())

    def _bare(self, name: Words, kinds: Sequence[str]) -> str:
        """The key that a name alone means; '' for none of these kinds."""
        keys = self._names["cities"].get(name, []) if "cities" in kinds else []
        if keys and any(key in self.listed for key in keys):
            return self._meant(name, keys)
        for kind in PLACE_KINDS[1:]:
            if kind in kinds and name in self._names[kind]:
                return self._names[kind][name][0]
        return self._meant(name, keys) if keys else ""

    def _meant(self, name: Words, keys: Sequence[str]) -> str:
        """The key of the city that is likely meant, or the name when that is not clear."""
        cities = sorted((self.cities[key] for key in keys), key=lambda city: -city.people)
        listed = next((city for city in cities if city.key in self.listed), None)
        if listed is not None:
            clear = listed.people * _LARGER >= cities[0].people or _split(listed.name) != name
        else:
            clear = len(cities) == 1 or cities[0].people >= _FAR_LARGER * cities[1].people
        return (listed or cities[0]).key if clear else cities[0].name

    def _qualified(self, name: Words, words: Words, first: int) -> Iterator[tuple[int, str]]:
        start = first + 1 if words[first : first + 1] and words[first] in self._joints else first
        cities = [self.cities[key] for key in self._names["cities"][name]]
        for size in range(1, len(words) - start + 1):
            area = words[start : start + size]
            codes, short = self._area_names.get(area, ((), False))
            if not codes:
                if size > 6:
                    return
                continue
            there = [city for city in cities if city.country in codes or f"{city.country}-{city.region}" in codes]
            if there:
                yield start + size, max(there, key=lambda city: city.people).key
            elif not short:
                yield start + size, f"{cities[0].name}, {self._area_name(codes[0])}"

    @cached_property
    def _area_names(self) -> dict[Words, tuple[tuple[str, ...], bool]]:
        """Words of a country's or region's name -> its codes, and whether they are a mere abbreviation."""
        named: dict[Words, tuple[tuple[str, ...], bool]] = {}
        codes = {name: code for code, name in self._areas.items()}
        for kind in ("countries", "regions"):
            for words, keys in self._names[kind].items():
                named[words] = (*named.get(words, ((), False))[0], *(codes[key] for key in keys)), False
        for code in self._areas:
            short = code.partition("-")[2].lower()
            if short and (short,) not in named:
                named[short,] = (code,), True
        return named

    @cached_property
    def _by_first(self) -> dict[str, list[Words]]:
        by_first: dict[str, dict[Words, None]] = {}
        for names in self._names.values():
            for words in names:
                by_first.setdefault(words[0], {})[words] = None
        return {first: list(names) for first, names in by_first.items()}

    def _spoken(self, kinds: Sequence[str]) -> Iterator[Words]:
        seen: set[Words] = set()
        for kind in PLACE_KINDS:
            for words, keys in self._names[kind].items() if kind in kinds else ():
                brief = len(words) == 1 and len(words[0]) < _SPOKEN
                if words not in seen and not brief and (kind != "cities" or any(key in self.listed for key in keys)):
                    seen.add(words)
                    yield words

    def _add(self, kind: str, key: str, *names: str) -> None:
        for name in names:
            words = _split(name)
            if words and key not in self._names[kind].setdefault(words, []):
                self._names[kind][words].append(key)

    def _read_countries(self) -> Iterator[Country]:
        for row in _rows(self._folder / "countries.tsv"):
            code, name, capital, currency, languages, continents, people, area, neighbours, cities, also = row
            self._add("countries", name, name, self._locale.wording.country(name), *_several(also, "|"))
            yield Country(
                code=code, name=name, capital=capital, currency=currency, languages=languages,
                continents=_several(continents, "|"), people=round(float(people) * 1e6), area=int(area),
                neighbours=_several(neighbours, " "), cities=_several(cities, ", "),
            )  # fmt: skip

    def _read_regions(self) -> Iterator[tuple[str, Region]]:
        """Key and region; where a city or country has the name, the key is another name ('Washington State')."""
        for code, country, name, capital, zone, zone_name, people, also in _rows(self._folder / "regions.tsv"):
            names = name, *_several(also, "|")
            key = names[1] if len(names) > 1 and (name in self._taken or name in self.countries) else name
            self._add("regions", key, self._locale.wording.country(name), *names)
            yield key, Region(
                code=code, country=country, name=name, capital=capital, zone=zone, zone_name=zone_name,
                people=round(float(people) * 1e6),
            )  # fmt: skip

    def _read_zones(self) -> Iterator[Zone]:
        for name, zone, also in _rows(self._folder / "zones.tsv"):
            self._add("zones", name, name, *_several(also, "|"))
            yield Zone(name=name, zone=zone)

    def _read_cities(self, listed: list[list[str]], others: list[list[str]]) -> Iterator[City]:
        sizes: dict[Words, list[int]] = {_split(name): [0] for name in (*self.countries, *self.regions)}
        for row in listed + others:
            for words in {_split(name) for name in (row[0], *_several(row[5], "|"))}:
                sizes.setdefault(words, []).append(int(row[3]))
        for row in listed:
            alone = max(sizes[_split(row[0])]) <= _LARGER * int(row[3])
            self.listed |= {key := row[0] if alone else self._full_name(row)}
            yield self._city(key, row)
        for row in others:
            yield self._city(row[0] if len(sizes[_split(row[0])]) == 1 else self._full_name(row), row)

    def _city(self, key: str, row: Sequence[str]) -> City:
        name, country, zone, people, region, also = row
        self._add("cities", key, name, *_several(also, "|"))
        return City(key=key, name=name, country=country, region=region, zone=zone, people=int(people))

    def _full_name(self, row: Sequence[str]) -> str:
        name, country, region = row[0], row[1], row[4]
        return f"{name}, {self._area_name(f'{country}-{region}') or self._area_name(country) or country}"

    def _area_name(self, code: str) -> str:
        key = self._areas.get(code, "")
        return self.regions[key].name if key in self.regions else key


@lru_cache(maxsize=8)
def places_of(locale: Locale) -> Places:
    """The places of a language; read once."""
    return Places(locale)


def _split(name: str) -> Words:
    return tuple(_WORDS.findall(name.lower().replace(".", " ")))


def _several(text: str, joint: str) -> tuple[str, ...]:
    return tuple(text.split(joint)) if text else ()


_COLUMNS = {"countries.tsv": 11, "regions.tsv": 8, "zones.tsv": 3, "cities.tsv": 6, "towns.tsv": 6}


def _rows(file: Path) -> Iterator[list[str]]:
    """The rows of a table; empty columns at the end of a line may be left out."""
    if file.is_file():
        with file.open(encoding="utf-8") as lines:
            for row in csv.reader(lines, delimiter="\t"):
                if row and not row[0].startswith("#"):
                    yield [*row, *[""] * (_COLUMNS[file.name] - len(row))]
