import csv

import pytest

from harken.languages.loading import load_locale
from harken.languages.places import places_of
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills, shipped_skill_files
from harken.nlu.skill_file import Example
from harken.nlu.templates import grammar_of
from harken.paths import data

ENGLISH = load_locale()
SKILLS = {skill.name: skill for skill in read_shipped_skills(ENGLISH)}
EXAMPLES = [
    pytest.param(name, example, id=f"{name}: {example.text}")
    for name, skill in SKILLS.items()
    for example in skill.examples
]


@pytest.fixture(scope="module")
def reader() -> Interpreter:
    return Interpreter(SKILLS, {}, None, locale=ENGLISH)


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_examples_mean_what_they_say(reader: Interpreter, name: str, example: Example) -> None:
    meaning = reader.understand(example.text)
    assert (meaning.skill, meaning.intent, meaning.values) == (name, example.intent, dict(example.slots))


def test_every_skill_has_its_files_name_code_and_examples() -> None:
    for name in shipped_skill_files(ENGLISH):
        skill = SKILLS[name]
        assert skill.code is not None
        assert skill.about
        assert len(skill.examples) >= len(skill.intents) // 2


def test_the_lists_of_places_are_those_of_the_tables() -> None:
    places = places_of(ENGLISH)
    areas = set(places.countries) | set(places.regions)
    assert {value for _, value in SKILLS["facts"].lists["country"].entries} == areas
    cities = {value for _, value in SKILLS["facts"].lists["city"].entries}
    assert len(cities) > 400
    assert all(places.find(city) in places.namesakes(city) or places.find(city) is None for city in cities)
    named = {value for _, value in SKILLS["clock"].lists["place"].entries}
    assert set(places.countries) - named <= {"Djibouti", "Guatemala", "Luxembourg", "Monaco", "Singapore"}


def test_grammars_stay_small_enough_to_compile() -> None:
    for skill in SKILLS.values():
        assert 10 < len(grammar_of(skill).vocabulary()) < 1_500, skill.name


@pytest.mark.pack
def test_every_public_coffee_order_is_covered_with_known_values(reader: Interpreter) -> None:
    folder = data() / "audio" / "coffee-commands"
    lines = (folder / "sentences.txt").read_text(encoding="utf-8").split("\n")
    for row in csv.reader(line for line in lines if line):
        meaning = reader.understand(row[0])
        assert (meaning.skill, meaning.intent) == ("coffee", "orderDrink"), row[0]
        kept = " ".join(slot.text for slot in meaning.slots)
        assert all(word in kept for word in ("milk", "cream", "sugar", "sweetener") if word in row[0]), row[0]
