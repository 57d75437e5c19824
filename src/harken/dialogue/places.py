"""How places are named in replies, and what to say about names that mean none or several."""

from __future__ import annotations

from dataclasses import dataclass

from harken.languages.locale import Locale
from harken.languages.places import City, Country, Place, Places, Region, places_of

MOST_NAMED = 4
"""Most places of one name that a question lists."""


@dataclass(frozen=True, kw_only=True)
class Unclear:
    """A name that means no place of the tables, or several."""

    name: str
    area: str
    """The country or region named with it, where no such place is known; '' when the name means several places."""
    others: tuple[str, ...]
    """The places of that name, as they are worded."""


def resolve(key: str, locale: Locale) -> Place | Unclear:
    """The place that a slot's value means."""
    places = places_of(locale)
    place = places.find(key)
    if place is not None:
        return place
    name, _, area = key.partition(", ")
    others = places.namesakes(key)
    most = MOST_NAMED if not area else 2
    return Unclear(name=name, area=area, others=tuple(worded(city, locale) for city in others[:most]))


def worded(place: Place, locale: Locale) -> str:
    """A place inside a sentence: 'Paris', 'Birmingham in the United Kingdom', 'Paris, Texas', 'the Netherlands'."""
    places, words = places_of(locale), locale.wording
    if isinstance(place, City):
        if not places.needs_country(place):
            return place.key
        return words.place_in(place.name, words.country(_area(place, places).name))
    if isinstance(place, Region):
        return words.country(next(key for key, region in places.regions.items() if region is place))
    return words.country(place.name) if isinstance(place, Country) else place.name


def capitalised(text: str) -> str:
    """A text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def _area(city: City, places: Places) -> Country | Region:
    """The country of a city, or what stands for it."""
    area = places.country_of(city.country) or places.region_of(city)
    assert area is not None
    return area
