"""Names of places: which place is meant, also with the country or state behind it, and when that is not clear."""

import pytest

from harken.dialogue.places import Unclear, resolve, worded
from harken.languages.loading import load_locale
from harken.languages.place_tables import PLACE_KINDS, City, Country, Region, Zone
from harken.languages.places import places_of
from harken.text.words import normalize_words

ENGLISH = load_locale()
PLACES = places_of(ENGLISH)


def meant(name: str, kinds: tuple[str, ...] = PLACE_KINDS) -> str | None:
    """The key that all words of a name stand for."""
    words = tuple(normalize_words(name, ENGLISH))
    return dict(PLACES.spans(words, 0, kinds)).get(len(words)) if words else None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Paris", "Paris"), ("Paris, Texas", "Paris, Texas"), ("paris tx", "Paris, Texas"),
        ("Paris in France", "Paris"), ("London, Ontario", "London, Ontario"),
        ("birmingham alabama", "Birmingham, Alabama"),
        ("NYC", "New York"), ("L.A.", "Los Angeles"), ("St. Louis", "Saint Louis"), ("st. louis", "Saint Louis"),
        ("UTC", "UTC"), ("est", "Eastern Time"), ("Côte d'Ivoire", "Ivory Coast"), ("türkiye", "Turkey"),
        ("the US", "United States"), ("the netherlands", "Netherlands"), ("Scotland", "Scotland"), ("Kosovo", "Kosovo"),
        ("ontario", "Ontario"), ("Georgia", "Georgia"), ("rome georgia", "Rome, Georgia"), ("quebec", "Quebec City"),
        ("washington state", "Washington State"), ("vancouver washington", "Vancouver, Washington"),
        ("France's", "France"), ("San Jose, Costa Rica", "San Jose, Costa Rica"), ("atlantis", None),
    ],
)  # fmt: skip
def test_a_name_means_the_place_that_was_said(name: str, key: str | None) -> None:
    assert meant(name) == key
    assert key is None or PLACES.find(key) is not None


@pytest.mark.parametrize("name", ["Springfield", "San Jose", "Victoria", "Paris, Ontario", "london california"])
def test_a_name_of_several_or_of_none_is_no_place(name: str) -> None:
    key = meant(name)
    assert key is not None
    assert PLACES.find(key) is None


def test_an_abbreviation_counts_only_behind_a_city_that_is_there() -> None:
    words = tuple("tokyo in three hours".split())
    assert PLACES.spans(words, 0, PLACE_KINDS) == [(1, "Tokyo")]


def test_kinds_that_are_not_asked_for_are_not_found() -> None:
    assert meant("france", ("cities",)) is None
    assert meant("new york", ("countries", "regions")) == "New York State"
    assert meant("new york") == "New York"


def test_keys_find_places_of_their_kind() -> None:
    kinds = {"Paris": City, "France": Country, "Texas": Region, "UTC": Zone}
    assert all(isinstance(PLACES.find(key), kind) for key, kind in kinds.items())
    assert isinstance(PLACES.find("Luxembourg"), City)
    assert isinstance(PLACES.find("Luxembourg", ("countries",)), Country)


def test_every_reference_between_the_tables_is_kept() -> None:
    for country in PLACES.countries.values():
        assert PLACES.capital_of(country) is not None, country.name
        assert all(PLACES.country_of(code) for code in country.neighbours), country.name
        assert all(PLACES.find(city, ("cities",)) for city in country.cities), country.name
        for code in country.neighbours:
            other = PLACES.country_of(code)
            assert other is not None
            assert country.code in other.neighbours, (country.name, other.name)
    assert all(PLACES.country_of(region.country) for region in PLACES.regions.values())


def test_currencies_are_those_of_today() -> None:
    euro = {name for name, country in PLACES.countries.items() if country.currency == "euro"}
    assert {"Bulgaria", "Croatia", "Kosovo", "Germany"} <= euro
    assert not {"Sweden", "Poland", "Denmark", "United Kingdom", "Switzerland"} & euro


def test_the_recogniser_knows_only_the_listed_cities_and_no_two_letter_words() -> None:
    names = dict(PLACES.entries(PLACE_KINDS))
    assert names["new", "york"] == "New York"
    assert names["the", "netherlands"] == names["netherlands",] == "Netherlands"
    assert ("grand", "rapids") not in names
    assert ("la",) not in names
    assert len(names) < 1_200


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("Paris", "Paris"), ("Birmingham", "Birmingham in the United Kingdom"), ("Paris, Texas", "Paris, Texas"),
        ("United States", "the United States"), ("Washington State", "Washington State"), ("UTC", "UTC"),
    ],
)  # fmt: skip
def test_a_place_is_worded_so_that_it_is_clear_which_one_is_meant(key: str, text: str) -> None:
    place = PLACES.find(key)
    assert place is not None
    assert worded(place, ENGLISH) == text


def test_what_is_not_clear_names_the_others() -> None:
    several, nowhere = resolve("Springfield", ENGLISH), resolve("Paris, Ontario", ENGLISH)
    assert several == Unclear(name="Springfield", area="", others=("Missouri", "Massachusetts", "Illinois"))
    assert nowhere == Unclear(name="Paris", area="Ontario", others=("Paris in France", "Paris, Texas"))
