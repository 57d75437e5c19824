"""Countries and cities."""

from __future__ import annotations

from harken.languages.places import City, Country, places_of
from harken.dialogue.skill import Answer, Context, Request

_COUNTRY = ("capital", "population", "currency", "language", "continent")
"""Intents about a country whose reply has the same name."""


def answer(request: Request, context: Context) -> Answer:
    """The fact asked for."""
    places = places_of(context.locale)
    country = places.countries.get(str(request.slots.get("country", "")))
    city = places.cities.get(str(request.slots.get("city", "")))
    if country is not None:
        return Answer(text=_of_country(request.intent, country, context), data={"country": country.code})
    if city is not None:
        return Answer(text=_of_city(request.intent, city, context), data={"city": city.name, "country": city.country})
    return Answer(text=context.say("unknown"), act="sorry")


def _of_country(intent: str, country: Country, context: Context) -> str:
    name = context.wording.country(country.name)
    return context.say(
        intent if intent in _COUNTRY else "about", name=name, start=name[0].upper() + name[1:],
        capital=country.capital, people=context.wording.people(country.people), currency=country.currency,
        languages=country.languages, continent=country.continent,
    )  # fmt: skip


def _of_city(intent: str, city: City, context: Context) -> str:
    places = places_of(context.locale)
    country = places.country_of(city.country)
    name = context.wording.country(country.name) if country else context.say("no_country")
    if not city.people:
        return context.say("city_unpeopled", city=city.name, name=name)
    if intent == "countryOf":
        return context.say("country_of", city=city.name, name=name)
    people = context.wording.people(city.people)
    if intent == "cityPopulation":
        return context.say("city_population", city=city.name, people=people)
    if intent == "capitalOf":
        ruled = [country.name for country in places.countries.values() if country.capital == city.name]
        if not ruled:
            return context.say("no_capital", city=city.name)
        return context.say("capital_of", city=city.name, ruled=context.wording.joined(ruled))
    return context.say("about_city", city=city.name, name=name, people=people)
