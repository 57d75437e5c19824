"""Countries and cities."""

from __future__ import annotations

from harken.dialogue.places import City, Country, cities, countries, country_of
from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.wording import say_list, say_number

_ARTICLE = ("Bahamas", "Central African Republic", "Comoros", "Czech Republic", "Democratic Republic of the Congo",
            "Dominican Republic", "Gambia", "Maldives", "Marshall Islands", "Netherlands", "Philippines",
            "Republic of the Congo", "Seychelles", "Solomon Islands", "United Arab Emirates", "United Kingdom",
            "United States")  # fmt: skip
"""Countries that are said with 'the'."""


def answer(request: Request, context: Context) -> Answer:
    """The fact asked for."""
    country = countries().get(str(request.slots.get("country", "")))
    city = cities().get(str(request.slots.get("city", "")))
    if country is not None:
        return Answer(text=_of_country(request.intent, country), data={"country": country.code})
    if city is not None:
        return Answer(text=_of_city(request.intent, city), data={"city": city.name, "country": city.country})
    return Answer(text="I do not know that place.", act="sorry")


def _of_country(intent: str, country: Country) -> str:
    name = f"the {country.name}" if country.name in _ARTICLE else country.name
    start = name[0].upper() + name[1:]
    texts = {
        "capital": f"The capital of {name} is {country.capital}.",
        "population": f"About {_people(country.people)} people live in {name}.",
        "currency": f"In {name} people pay with the {country.currency}.",
        "language": f"In {name} people speak {country.languages}.",
        "continent": f"{start} is in {country.continent}.",
    }
    about = (
        f"{start} is in {country.continent}. Its capital is {country.capital}, and about {_people(country.people)} "
        "people live there."
    )
    return texts.get(intent, about)


def _of_city(intent: str, city: City) -> str:
    country = country_of(city.country)
    name = country.name if country else "a territory of its own"
    name = f"the {name}" if name in _ARTICLE else name
    ruled = [one.name for one in countries().values() if one.capital == city.name]
    if not city.people:
        return f"{city.name} is in {name}. How many people live there I do not know."
    texts = {
        "countryOf": f"{city.name} is in {name}.",
        "cityPopulation": f"About {_people(city.people)} people live in {city.name}.",
        "capitalOf": f"{city.name} is the capital of {say_list(ruled)}." if ruled else f"{city.name} is no capital.",
    }
    return texts.get(intent, f"{city.name} is in {name}. About {_people(city.people)} people live there.")


def _people(count: int) -> str:
    """Rounded to what is worth saying: 8,961,989 -> '9 million'."""
    if count >= 10_000_000:
        return f"{say_number(round(count / 1e6))} million"
    if count >= 1_000_000:
        return f"{say_number(round(count / 1e6, 1))} million"
    return say_number(round(count, -3) if count >= 10_000 else round(count, -1))
