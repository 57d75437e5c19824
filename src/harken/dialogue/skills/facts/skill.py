"""Countries, their parts, and cities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harken.dialogue.places import Unclear, capitalised, resolve, worded
from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.facts.judge import (
    compare_places,
    find_extreme,
    judge_border,
    judge_capital,
    judge_kind,
    judge_location,
)
from harken.languages.place_tables import PLACE_KINDS, City, Country, Place, Region
from harken.languages.places import places_of

_AREAS_FIRST = ("countries", "regions", "cities")
_OF_COUNTRY = ("currency", "language", "borders", "continent")
"""Facts of a country that are also told of what is in it."""
_SLOTS = ("country", "city", "place")
_ASKING = ("cityPopulation", "countryOf")
"""Intents that take the region of a city whose name means several."""
_YES_OR_NO: dict[str, Callable[[Request, Context], Answer]] = {
    "isIn": judge_location, "isInNext": judge_location, "isKind": judge_kind, "isCapital": judge_capital,
    "compare": compare_places, "extreme": find_extreme,
}  # fmt: skip
"""Intents that are answered yes or no, or with one of several places -> what answers them."""
_FACTS = {
    "cityPopulation": "population", "countryOf": "where", "whereIs": "where", "capitalOfCity": "capital",
    "isKind": "about",
}  # fmt: skip
"""Intents that ask for the same fact as another one."""


def answer(request: Request, context: Context) -> Answer:
    """The fact asked for."""
    if "area" in request.slots and "city" in request.slots:
        name, area = str(request.slots["city"]), str(request.slots["area"])
        found = places_of(context.locale).within(name, area) or f"{name}, {area}"
        request = replace(request, slots={"city": found})
    for slot, value in request.slots.items():
        place = resolve(str(value), context.locale) if slot in (*_SLOTS, "area", "one", "other") else None
        if isinstance(place, Unclear):
            return _unclear(place, "area" if request.intent in _ASKING else slot, context)
    if request.intent == "extremeNext":
        request = replace(request, intent="extreme", slots={**request.before, **request.slots})
        if request.slots.get("of") == "city" and not request.slots.get("most", True):
            return Answer(text=context.say("unknown"), act="sorry")
    if request.intent in _YES_OR_NO:
        return _YES_OR_NO[request.intent](request, context)
    if request.intent == "borders" and "area" in request.slots:
        return judge_border(request, context)
    key, fact = _asked(request, context)
    kinds = PLACE_KINDS if fact == "capitalOf" or "city" in request.slots else _AREAS_FIRST
    place = places_of(context.locale).find(key, kinds)
    if place is None:
        return Answer(text=context.say("unknown"), act="sorry")
    return Answer(text=_told(fact, place, context), data=_data(place), remember={"place": key, "fact": fact})


def _asked(request: Request, context: Context) -> tuple[str, str]:
    """Key of the place, and the fact about it."""
    if request.intent in ("cityNext", "countryNext"):
        key = str(request.slots["city" if request.intent == "cityNext" else "country"])
        return key, str(context.memory.get("fact", "about"))
    if request.intent == "more":
        fact = str(request.slots.get("fact", "about"))
        return str(context.memory.get("place", "")), _FACTS.get(fact, fact)
    return _whole(request, context), _FACTS.get(request.intent, request.intent)


def _whole(request: Request, context: Context) -> str:
    """Key of the place; of the city where a city and its state have one name, unless the capital is asked for."""
    slot = next((slot for slot in _SLOTS if slot in request.slots), "")
    key = str(request.slots.get(slot, ""))
    places = places_of(context.locale)
    if request.intent == "capital" or not isinstance(places.find(key), Region):
        return key
    return places.named(request.heard.get(slot, "")) or key


def _told(fact: str, place: Place, context: Context) -> str:
    """A fact about a place; about its country where only that has one."""
    country = place if isinstance(place, Country) else _country_of(place, context)
    if isinstance(place, Country):
        return _of_country(fact, place, context)
    if fact in _OF_COUNTRY and country is not None:
        return f"{_where(place, country, context)} {_of_country(fact, country, context)}"
    if isinstance(place, Region):
        return _of_region(fact, place, country, context)
    return _of_city(fact, place, context) if isinstance(place, City) else context.say("unknown")


def _of_country(fact: str, country: Country, context: Context) -> str:
    name, words = worded(country, context.locale), context.wording
    around = (places_of(context.locale).country_of(code) for code in country.neighbours)
    neighbours = sorted(worded(each, context.locale) for each in around if each)
    if fact == "borders" and not neighbours:
        return context.say("no_borders", start=capitalised(name))
    if fact == "area" and not country.area:
        return context.say("tiny", start=capitalised(name))
    reply = "continent" if fact in ("where", "capitalOf") else fact
    return context.say(
        reply, name=name, start=capitalised(name), capital=country.capital, people=words.people(country.people),
        currency=country.currency, languages=country.languages, continent=words.joined(country.continents),
        area=words.people(country.area), neighbours=words.joined(neighbours),
    )  # fmt: skip


def _of_region(fact: str, region: Region, country: Country | None, context: Context) -> str:
    name = worded(region, context.locale)
    reply = (
        fact if fact in ("capital", "population") else f"{fact}_region" if fact in ("about", "area") else "region_of"
    )
    return context.say(
        reply, name=name, start=capitalised(name), capital=region.capital, people=context.wording.people(region.people),
        country=worded(country, context.locale) if country else "",
    )  # fmt: skip


def _of_city(fact: str, city: City, context: Context) -> str:
    name, people = city.key, context.wording.people(city.people)
    if fact == "capitalOf":
        return _ruled(city, context)
    if fact == "where" or not city.people:
        return _where(city, _country_of(city, context), context)
    if fact == "population":
        return context.say("city_population", city=worded(city, context.locale), people=people)
    if fact == "capital":
        return context.say("is_city", city=name, name=_country_name(city, context))
    return context.say("about_city", city=name, name=_country_name(city, context), people=people)


def _ruled(city: City, context: Context) -> str:
    places = places_of(context.locale)
    ruled: list[Place] = [c for c in places.countries.values() if places.capital_of(c) is city]
    ruled += [r for r in places.regions.values() if r.capital == city.name and places.region_of(city) is r]
    if not ruled:
        return context.say("no_capital", city=city.key)
    return context.say(
        "capital_of", city=city.key, ruled=context.wording.joined([worded(r, context.locale) for r in ruled])
    )


def _where(place: Place, country: Country | None, context: Context) -> str:
    """Which region and country a place is in."""
    if isinstance(place, Region) and country is not None:
        return context.say(
            "region_of", start=capitalised(worded(place, context.locale)), country=worded(country, context.locale)
        )
    assert isinstance(place, City)
    region = places_of(context.locale).region_of(place)
    name = _country_name(place, context)
    if region is None or country is None:
        return context.say("country_of", city=place.name, name=name)
    return context.say("country_of_region", city=place.name, region=context.wording.country(region.name), name=name)


def _country_of(place: Place, context: Context) -> Country | None:
    places = places_of(context.locale)
    if isinstance(place, Region):
        return places.country_of(place.country)
    if not isinstance(place, City):
        return None
    region = places.region_of(place)
    return places.country_of(place.country) or (places.country_of(region.country) if region else None)


def _country_name(city: City, context: Context) -> str:
    country = _country_of(city, context)
    return worded(country, context.locale) if country else context.say("no_country")


def _data(place: Place) -> dict[str, str]:
    if isinstance(place, Country):
        return {"country": place.code}
    return {"city": place.key, "country": place.country} if isinstance(place, City) else {"region": place.name}


def _unclear(place: Unclear, slot: str, context: Context) -> Answer:
    if not place.area:
        others = context.wording.either(place.others)
        return Answer(text=context.say("which_place", name=place.name, others=others), act="request", ask=slot)
    others, area = context.wording.joined(place.others), context.wording.country(place.area)
    return Answer(text=context.say("no_such_place", name=place.name, area=area, others=others), act="sorry")
