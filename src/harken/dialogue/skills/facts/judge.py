"""Questions about places that are answered yes or no, or with one of two."""

from __future__ import annotations

from harken.dialogue.places import capitalised, worded
from harken.dialogue.skill import Answer, Context, Request
from harken.languages.place_tables import City, Country, Place, Region
from harken.languages.places import Places, places_of

_AREAS_FIRST = ("countries", "regions", "cities")
_FEDERAL = ("US", "CA", "AU")
"""Countries whose regions are states or provinces."""


def judge_location(request: Request, context: Context) -> Answer:
    """Whether a place is on a continent, or in a country or region."""
    places, key = places_of(context.locale), str(request.slots.get("place") or context.memory.get("place", ""))
    if places.find(key) is None:
        return Answer(text=context.say("unknown"), act="sorry")
    if "continent" in request.slots:
        place = places.find(key, _AREAS_FIRST)
        assert place is not None
        text = _on_continent(place, str(request.slots["continent"]), context)
    elif "area" not in request.slots:
        return Answer(text=context.say("which_area"), act="request", ask="area")
    else:
        place = places.find(key, ("cities", "regions", "countries"))
        area = places.find(str(request.slots["area"]), ("countries", "regions"))
        assert place is not None
        assert area is not None
        text = _in_area(place, area, context)
    return Answer(text=text, data={"place": key}, remember={"place": key})


def _on_continent(place: Place, continent: str, context: Context) -> str:
    """Yes or no for a country; for what is in one, only if all of the country is on one continent."""
    _, country = _around(place, places_of(context.locale))
    name = _start(place, context)
    if country is None:
        return context.say("unknown")
    names = context.wording.joined(country.continents)
    inside = any(each.endswith(continent) for each in country.continents)
    if isinstance(place, Country):
        return context.say("is_in" if inside else "is_not_in", start=name, area=names)
    sure = len(country.continents) == 1 and isinstance(place, City)
    reply = ("in_country_yes" if inside else "in_country_no") if sure else "in_country"
    if isinstance(place, Region):
        reply = "part_of_country"
    return context.say(reply, start=name, country=worded(country, context.locale), continents=names)


def _in_area(place: Place, area: Place, context: Context) -> str:
    places = places_of(context.locale)
    around, _ = _around(place, places)
    name = _start(place, context)
    asked = worded(area, context.locale)
    if not around:
        return context.say("is_country", start=name)
    reply = "is_part" if isinstance(place, Region) else "is_in"
    if area in around:
        return context.say(reply, start=name, area=asked)
    here = worded(around[0], context.locale)
    if isinstance(place, City) and places.within(place.name, area.name):
        return context.say("also_in", start=name, area=here, asked=asked)
    return context.say("is_not_in", start=name, area=here)


def _start(place: Place, context: Context) -> str:
    return place.name if isinstance(place, City) else capitalised(worded(place, context.locale))


def _around(place: Place, places: Places) -> tuple[list[Place], Country | None]:
    """What a place is in, the smallest first, and its country (itself, if it is one)."""
    if isinstance(place, Country):
        return [], place
    if isinstance(place, Region):
        country = places.country_of(place.country)
        return [country] if country else [], country
    if not isinstance(place, City):
        return [], None
    region = places.region_of(place)
    country = places.country_of(place.country) or (places.country_of(region.country) if region else None)
    return [area for area in (region, country) if area], country


def judge_kind(request: Request, context: Context) -> Answer:
    """Whether a place is a country, a city or a region."""
    places, key, kind = (
        places_of(context.locale),
        str(request.slots["place"]),
        str(request.slots.get("kind", "country")),
    )
    tables = {"country": "countries", "city": "cities", "region": "regions"}
    names = {table: places.find(key, (table,)) for table in tables.values()}
    fits = names[tables[kind]]
    place = fits or places.find(key)
    assert place is not None
    around, _ = _around(place, places)
    reply = "kind_country" if isinstance(place, Country) else "kind_city" if isinstance(place, City) else "kind_region"
    if isinstance(place, Region) and not (place.country in _FEDERAL and "-" in place.code):
        reply = "region_of"
    area = worded(around[-1], context.locale) if around else ""
    answer = context.say("yes" if fits else "no")
    text = context.say(reply, answer=answer, start=_start(place, context), area=area, country=area)
    return Answer(text=text, data={"place": key}, remember={"place": key})


def judge_capital(request: Request, context: Context) -> Answer:
    """Whether a city is the capital of a country or region."""
    places, key = places_of(context.locale), str(request.slots["country"])
    area = places.find(key, ("countries", "regions"))
    assert isinstance(area, Country | Region)
    city = places.find(str(request.slots["city"]), ("cities",))
    yes = isinstance(city, City) and (
        places.capital_of(area) is city if isinstance(area, Country) else area.capital == city.name
    )
    text = context.say(
        "is_capital" if yes else "is_not_capital", name=worded(area, context.locale), capital=area.capital
    )
    return Answer(text=text, data={"country": key, "yes": yes}, remember={"place": key})


def judge_border(request: Request, context: Context) -> Answer:
    """Whether two countries share a border."""
    places = places_of(context.locale)
    one, other = (places.find(str(request.slots[slot]), ("countries",)) for slot in ("country", "area"))
    if not isinstance(one, Country) or not isinstance(other, Country):
        return Answer(text=context.say("unknown_border"), act="sorry")
    yes = other.code in one.neighbours
    text = context.say(
        "bordering" if yes else "not_bordering",
        start=capitalised(worded(one, context.locale)),
        name=worded(other, context.locale),
    )
    return Answer(text=text, data={"yes": yes}, remember={"place": one.name})


def compare_places(request: Request, context: Context) -> Answer:
    """Which of two places is larger, by area or by people."""
    places, by = places_of(context.locale), str(request.slots.get("by", "area"))
    pair = [places.find(str(request.slots[slot]), _AREAS_FIRST) for slot in ("one", "other")]
    sized = [(_size(place, by), place) for place in pair if place is not None]
    if by == "area" and any(not size for size, _ in sized):
        by, sized = "people", [(_size(place, "people"), place) for _, place in sized]
    if len(sized) < 2 or any(not size for size, _ in sized):
        return Answer(text=context.say("unknown_size"), act="sorry")
    (large, larger), (small, smaller) = sorted(sized, key=lambda pair: -pair[0])
    name, words = worded(larger, context.locale), context.wording
    text = context.say(
        f"larger_{by}", larger=name, start=capitalised(name), large=words.people(large),
        name=worded(smaller, context.locale), small=words.people(small),
    )  # fmt: skip
    return Answer(text=text, data={"larger": larger.name}, remember={"place": larger.name})


def find_extreme(request: Request, context: Context) -> Answer:
    """The largest or smallest country of the world or a continent, or the largest city of a country or continent."""
    slots, words = request.slots, context.wording
    if slots.get("of") == "city":
        return _largest_city(request, context)
    kind, most, continent = str(slots.get("of", "area")), bool(slots.get("most", True)), str(slots.get("continent", ""))
    country = (max if most else min)(_countries(continent, context), key=lambda country: _size(country, kind))
    reply = "most_people" if kind == "people" else "largest" if most else "smallest"
    where = context.say("on_continent", continent=continent) if continent else context.say("in_the_world")
    start, size = capitalised(worded(country, context.locale)), words.people(_size(country, kind))
    text = context.say(reply, where=where, start=start, size=size)
    return Answer(text=text, data={"country": country.code}, remember={"place": country.name})


def _largest_city(request: Request, context: Context) -> Answer:
    places, key = places_of(context.locale), str(request.slots.get("country", ""))
    area, where = places.find(key, ("countries", "regions")), str(request.slots.get("continent", ""))
    if area is not None:
        where = worded(area, context.locale)
        cities = [city for city in places.cities.values() if area in _around(city, places)[0]]
    else:
        codes = {country.code for country in _countries(where, context)}
        cities = [city for city in places.cities.values() if city.country in codes]
    if not cities or not where:
        return Answer(text=context.say("unknown"), act="sorry")
    city = max(cities, key=lambda city: city.people)
    text = context.say("largest_city", where=where, city=city.name, people=context.wording.people(city.people))
    return Answer(text=text, data={"city": city.key}, remember={"place": city.key})


def _countries(continent: str, context: Context) -> list[Country]:
    """The countries of a continent; of the world without one."""
    countries = places_of(context.locale).countries.values()
    return [country for country in countries if any(name.endswith(continent) for name in country.continents)]


def _size(place: Place, by: str) -> int:
    if by == "area":
        return place.area if isinstance(place, Country) else 0
    return place.people if isinstance(place, City | Country | Region) else 0
