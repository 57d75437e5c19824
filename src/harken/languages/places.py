"""Cities, countries, regions and time zones that a language has names for: tables in its folder (for English in part
from GeoNames, CC BY 4.0). A language without them knows no places.

A place is known by its key, which is what a slot holds: its name, or, where several have the same name, 'Paris, Texas'.
A name that does not say which of several places is meant is a key of none of them; see `Places.namesakes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from harken.languages.locale import Locale
from harken.languages.place_tables import (
    LARGER,
    PLACE_KINDS,
    City,
    Country,
    Place,
    PlaceTables,
    Region,
    Words,
    split_name,
)

_FAR_LARGER = 4
"""Of cities that the recogniser does not know, a name means the largest only when that is so many times as large as the
next."""
_NAMESAKE = 0.1
"""A city needs its country named when another one of the name has at least this share of its people."""
_SPOKEN = 3
"""Fewest letters of a name that the recogniser should know ('la' is what it hears everywhere)."""
_LONGEST_AREA = 6
"""Most words of the name of a country or region."""


class Places:
    """The places that a language has names for.

    Args:
        locale: the language.
    """

    def __init__(self, locale: Locale):
        self._tables = tables = PlaceTables(locale)
        self._ending = locale.spelling.ending
        self._joints = locale.understanding.words.get("within_place", frozenset())
        self.cities, self.countries, self.regions = tables.cities, tables.countries, tables.regions
        self.listed = frozenset(tables.listed)
        """Keys of the cities that the recogniser knows."""

    def find(self, key: str, kinds: Sequence[str] = PLACE_KINDS) -> Place | None:
        """The place with a key, of the first of these kinds; None if there is none, or if several have that name."""
        for kind in kinds:
            table: Mapping[str, Place] = getattr(self._tables, kind)
            if key in table:
                return table[key]
        return None

    def country_of(self, code: str) -> Country | None:
        """The country with an ISO code."""
        return self.countries.get(self._tables.areas.get(code, ""))

    def region_of(self, city: City) -> Region | None:
        """The region that a city is in, where the table knows it."""
        code = f"{city.country}-{city.region}" if city.region else city.country
        return self.regions.get(self._tables.areas.get(code, ""))

    def capital_of(self, country: Country) -> City | None:
        """The capital as a city."""
        same = self.namesakes(country.capital)
        return next((city for city in same if city.country == country.code), None)

    def zone_of(self, key: str) -> ZoneInfo | None:
        """Time zone of a place: of most of a region, of a country's capital; None for an unknown place."""
        place = self.find(key)
        if isinstance(place, Country):
            place = self.capital_of(place)
        return ZoneInfo(place.zone) if place else None

    def namesakes(self, name: str) -> list[City]:
        """Cities with a name ('Springfield', 'Paris, Ontario': of the part before the comma), the largest first."""
        keys = self._tables.names["cities"].get(split_name(name.partition(",")[0]), [])
        return sorted((self.cities[key] for key in keys), key=lambda city: -city.people)

    def named(self, name: str, kinds: Sequence[str] = PLACE_KINDS) -> str:
        """The key that a name means; '' when no place of these kinds has it."""
        return self._bare(split_name(name), kinds)

    def within(self, name: str, area: str) -> str:
        """The key of the largest city of a name in the country or region with a key; '' when there is none."""
        codes = [code for code, key in self._tables.areas.items() if key == area]
        there = [city for city in self.namesakes(name) if _lies_in(city, codes)]
        return there[0].key if there else ""

    def needs_country(self, city: City) -> bool:
        """Whether a city that is known by its name alone may be taken for another one."""
        others = (other.people for other in self.namesakes(city.name) if other is not city)
        return city.key == city.name and max(others, default=0) > _NAMESAKE * city.people

    def entries(self, kinds: Sequence[str]) -> list[tuple[Words, str]]:
        """(words of a name, key) of what the recogniser should know of these kinds of places."""
        return [(words, self._bare(words, kinds)) for words in self._spoken(kinds)]

    def spans(self, words: Words, first: int, kinds: Sequence[str]) -> list[tuple[int, str]]:
        """Places named by words that begin at `first`: (one past the last word, key), also 'Paris Texas', 'France's'.

        A city that the tables do not have in the country or region named ('Paris Ontario') has a key of no place.
        """
        found: dict[int, str] = {}
        known = self._by_first
        names = known.get(words[first], []) + known.get(words[first].removesuffix(self._ending), [])
        for name in dict.fromkeys(names):
            last = first + len(name)
            said = words[first:last]
            if said != name and (*said[:-1], said[-1].removesuffix(self._ending)) != name:
                continue
            bare = self._bare(name, kinds)
            if bare:
                found.setdefault(last, bare)
            for kind in ("regions", "cities"):
                if kind in kinds and name in self._tables.names[kind]:
                    found |= {end: key for end, key in self._qualified(kind, name, words, last) if end not in found}
        return sorted(found.items())

    def _bare(self, name: Words, kinds: Sequence[str]) -> str:
        """The key that a name alone means; '' for none of these kinds."""
        keys = self._tables.names["cities"].get(name, []) if "cities" in kinds else []
        if any(key in self.listed for key in keys):
            return self._meant(name, keys)
        for kind in PLACE_KINDS[1:]:
            if kind in kinds and name in self._tables.names[kind]:
                return self._tables.names[kind][name][0]
        return self._meant(name, keys) if keys else ""

    def _meant(self, name: Words, keys: Sequence[str]) -> str:
        """The key of the city that is likely meant, or the name when that is not clear."""
        cities = sorted((self.cities[key] for key in keys), key=lambda city: -city.people)
        listed = next((city for city in cities if city.key in self.listed), None)
        if listed is not None:
            clear = listed.people * LARGER >= cities[0].people or split_name(listed.name) != name
        else:
            clear = len(cities) == 1 or cities[0].people >= _FAR_LARGER * cities[1].people
        return (listed or cities[0]).key if clear else cities[0].name

    def _qualified(self, kind: str, name: Words, words: Words, first: int) -> Iterator[tuple[int, str]]:
        """A city or region of a name with the country or region that follows it: (one past the last word, key)."""
        start = first + 1 if first < len(words) and words[first] in self._joints else first
        places = [
            place
            for key in self._tables.names[kind][name]
            if isinstance(place := self.find(key, (kind,)), City | Region)
        ]
        for last in range(start + 1, min(len(words), start + _LONGEST_AREA) + 1):
            codes, short = self._area_names.get(words[start:last], ((), False))
            there = [place for place in places if _lies_in(place, codes)]
            if there:
                largest = max(there, key=lambda place: place.people)
                yield from ((end, self._key(largest)) for end in (last, *self._ends(largest, words, last)))
            elif codes and not short and kind == "cities":
                yield last, f"{places[0].name}, {self._tables.area_name(codes[0])}"

    def _ends(self, place: City | Region, words: Words, first: int) -> Iterator[int]:
        """Ends of the name of a place's country that begins at `first`: 'Paris, Texas, USA'."""
        for last in range(first + 1, min(len(words), first + _LONGEST_AREA) + 1):
            if place.country in self._area_names.get(words[first:last], ((), False))[0]:
                yield last

    def _key(self, place: City | Region) -> str:
        if isinstance(place, City):
            return place.key
        return next(key for key, region in self.regions.items() if region is place)

    @cached_property
    def _area_names(self) -> dict[Words, tuple[tuple[str, ...], bool]]:
        """Words of a country's or region's name -> its codes, and whether they are a mere abbreviation."""
        named: dict[Words, tuple[tuple[str, ...], bool]] = {}
        codes = {name: code for code, name in self._tables.areas.items()}
        for kind in ("countries", "regions"):
            for words, keys in self._tables.names[kind].items():
                named[words] = (*named.get(words, ((), False))[0], *(codes[key] for key in keys)), False
        for code in self._tables.areas:
            short = code.partition("-")[2].lower()
            if short and (short,) not in named:
                named[short,] = (code,), True
        return named

    @cached_property
    def _by_first(self) -> dict[str, list[Words]]:
        by_first: dict[str, dict[Words, None]] = {}
        for names in self._tables.names.values():
            for words in names:
                by_first.setdefault(words[0], {})[words] = None
        return {first: list(names) for first, names in by_first.items()}

    def _spoken(self, kinds: Sequence[str]) -> Iterator[Words]:
        seen: set[Words] = set()
        for kind in PLACE_KINDS:
            for words, keys in self._tables.names[kind].items() if kind in kinds else ():
                brief = len(words) == 1 and len(words[0]) < _SPOKEN
                if words not in seen and not brief and (kind != "cities" or any(key in self.listed for key in keys)):
                    seen.add(words)
                    yield words


def _lies_in(place: City | Region, codes: Sequence[str]) -> bool:
    if place.country in codes:
        return True
    return isinstance(place, City) and f"{place.country}-{place.region}" in codes


@lru_cache(maxsize=8)
def places_of(locale: Locale) -> Places:
    """The places of a language; read once."""
    return Places(locale)
