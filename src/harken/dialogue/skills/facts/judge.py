"""Questions about places that are answered yes or no, or with one of two."""

from __future__ import annotations

from harken.dialogue.places import capitalised, worded
from harken.dialogue.skill import Answer, Context, Request
from harken.languages.places import City, Country, Place, Places, Region, places_of

_AREAS_FIRST = ("countries", "regions", "cities")


def judge_location(request: Request, context: Context) -> Answer:
    """Whether a place is on a continent, or in a country or region."""
    places, key = places_of(context.locale), str(request.slots["place"])
    kinds = _AREAS_FIRST if "continent" in request.slots else ("cities", "regions", "countries")
    place = places.find(key, kinds)
    assert place is not None
    around, country = _around(place, places)
    if "continent" in request.slots:
        wanted = str(request.slots["continent"])
        inside = country is not None and any(name.endswith(wanted) for name in country.continents)
        names = context.wording.joined(country.continents) if country else context.say("no_country")
    else:
        area = places.find(str(request.slots["area"]), ("countries", "regions"))
        inside = area in around
        names = worded(area if inside and area else around[0], context.locale) if around else ""
    start = capitalised(worded(place, context.locale) if not isinstance(place, City) else place.name)
    if not names:
        return Answer(text=context.say("is_country", start=start), data={"place": key, "inside": False})
    text = context.say("is_in" if inside else "is_not_in", start=start, area=names)
    return Answer(text=text, data={"place": key, "inside": inside}, remember={"place": key})


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
    places, key, kind = places_of(context.locale), str(request.slots["place"]), str(request.slots["kind"])
    tables = {"country": "countries", "city": "cities", "region": "regions"}
    names = {table: places.find(key, (table,)) for table in tables.values()}
    fits = names[tables[kind]]
    place = fits or places.find(key)
    assert place is not None
    around, _ = _around(place, places)
    reply = "kind_country" if isinstance(place, Country) else "kind_city" if isinstance(place, City) else "kind_region"
    text = context.say(
        reply, answer=context.say("yes" if fits else "no"),
        start=place.name if isinstance(place, City) else capitalised(worded(place, context.locale)),
        area=worded(around[-1], context.locale) if around else "",
    )  # fmt: skip
    return Answer(text=text, data={"place": key, "yes": fits is not None}, remember={"place": key})


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
    places, by = places_of(context.locale), str(request.slots["by"])
    kinds = _AREAS_FIRST
    pair = [places.find(str(request.slots[slot]), kinds) for slot in ("one", "other")]
    sized = [(_size(place, by), place) for place in pair if place is not None]
    if by == "area" and any(not size for size, _ in sized):
        by, sized = "people", [(_size(place, "people"), place) for _, place in sized]
    if len(sized) < 2 or any(not size for size, _ in sized):
        return Answer(text=context.say("unknown_size"), act="sorry")
    (large, larger), (small, smaller) = sorted(sized, key=lambda pair: -pair[0])
    text = context.say(
        f"larger_{by}", start=capitalised(worded(larger, context.locale)), large=context.wording.people(large),
        name=worded(smaller, context.locale), small=context.wording.people(small),
    )  # fmt: skip
    return Answer(text=text, data={"larger": larger.name}, remember={"place": larger.name})


def _size(place: Place, by: str) -> int:
    if by == "area":
        return place.area if isinstance(place, Country) else 0
    return place.people if isinstance(place, City | Country | Region) else 0
