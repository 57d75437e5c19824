"""How places are named in replies, and what to say about names that mean none or several."""

from __future__ import annotations

from dataclasses import dataclass

from harken.languages.locale import Locale
from harken.languages.place_tables import City, Country, Place, Region
from harken.languages.places import Places, places_of

MOST_NAMED = 3
"""Most places of one name that a question lists."""


@dataclass(frozen=True, kw_only=True)
class Unclear:
    """A name that means no place of the tables, or several."""

    name: str
    area: str
    """The country or region named with it, where no such place is known; '' when the name means several places."""
    others: tuple[str, ...]
    """The places of that name as they are worded; without `area`, only the countries and regions that they are in."""


def resolve(key: str, locale: Locale) -> Place | Unclear:
    """The place that a slot's value means."""
    places = places_of(locale)
    place = places.find(key)
    if place is not None:
        return place
    name, _, area = key.partition(", ")
    named = [_in_full(city, locale) if area else _around(city, places, locale) for city in places.namesakes(key)]
    return Unclear(name=name, area=area, others=tuple(dict.fromkeys(named))[:MOST_NAMED])


def worded(place: Place, locale: Locale) -> str:
    """A place inside a sentence: 'Paris', 'Birmingham in the United Kingdom', 'Paris, Texas', 'the Netherlands'."""
    places, words = places_of(locale), locale.wording
    if isinstance(place, City):
        if not places.needs_country(place):
            return place.key
        return _in_full(place, locale)
    if isinstance(place, Region):
        return words.country(next(key for key, region in places.regions.items() if region is place))
    return words.country(place.name) if isinstance(place, Country) else place.name


def capitalised(text: str) -> str:
    """A text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def _in_full(city: City, locale: Locale) -> str:
    """A city with its country, or with its region if others of its name are in the same country."""
    places, words = places_of(locale), locale.wording
    same = [other for other in places.namesakes(city.name) if other.country == city.country]
    region, country = places.region_of(city), places.country_of(city.country)
    area = region if len(same) > 1 and region else country or region
    return words.place_in(city.name, words.country(area.name)) if area and city.key == city.name else city.key


def _around(city: City, places: Places, locale: Locale) -> str:
    """The region of a city, or else its country."""
    area = places.region_of(city) or places.country_of(city.country)
    return locale.wording.country(area.name) if area else city.key
