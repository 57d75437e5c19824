from pathlib import Path

import pytest

from harken.languages.loading import load_locale
from harken.nlu.lists import ListIndex, SpanFinder, edit_distance, likeness, sound_key
from harken.nlu.sentence import Sentence
from harken.nlu.skill_file import Skill, read_skill

ENGLISH = load_locale()


def test_edit_distance_counts_letters() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == 3


def test_words_that_sound_alike_share_a_key() -> None:
    assert sound_key("coffee", ENGLISH.understanding) == sound_key("cofy", ENGLISH.understanding)
    assert sound_key("night", ENGLISH.understanding) == sound_key("nite", ENGLISH.understanding)
    assert sound_key("phone", ENGLISH.understanding) == sound_key("fone", ENGLISH.understanding)
    assert sound_key("kitchen", ENGLISH.understanding) != sound_key("bathroom", ENGLISH.understanding)


def test_likeness_is_one_for_the_same_and_low_for_others() -> None:
    assert likeness(("living", "room"), ("living", "room"), ENGLISH.understanding) == 1.0
    assert likeness(("livin", "room"), ("living", "room"), ENGLISH.understanding) > 0.8
    assert likeness(("red",), ("living", "room"), ENGLISH.understanding) < 0.5


def test_a_list_of_places_has_more_values_than_the_recogniser_expects(tmp_path: Path) -> None:
    text = "skill: trip\nlists: {town: {places: [cities]}}\nintents: {go: {sentences: ['go to {town}']}}\n"
    (tmp_path / "skill.yaml").write_text(text, encoding="utf-8")
    trip = read_skill(tmp_path)
    index = ListIndex({"trip": trip})
    span = SpanFinder(("grand", "rapids", "michigan"), index, ENGLISH).whole("trip", "town", 0, 3)
    assert span is not None
    assert span.value == "Grand Rapids"
    assert SpanFinder(("france",), index, ENGLISH).whole("trip", "town", 0, 1) is None
    expected = {words for words, _ in trip.lists["town"].entries}
    assert ("london",) in expected
    assert ("grand", "rapids") not in expected


def test_an_entry_survives_a_recognition_error_but_is_then_only_alike(lamp: Skill) -> None:
    finder = SpanFinder(("the", "bath", "room"), ListIndex({"lamp": lamp}), ENGLISH)
    assert finder.whole("lamp", "room", 1, 3) is None
    span = finder.alike("lamp", "room", 1, 3)
    assert span is not None
    assert span.value == "bathroom"
    assert span.score < 1
    assert finder.alike("lamp", "color", 0, 1) is None


def test_a_value_uses_all_its_words(lamp: Skill) -> None:
    finder = SpanFinder(("dark", "orange", "please"), ListIndex({"lamp": lamp}), ENGLISH)
    whole = finder.whole("lamp", "color", 0, 2)
    assert whole is not None
    assert whole.value == "dark orange"
    assert finder.whole("lamp", "color", 0, 3) is None


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("dim at eight", None), ("dim at about eight", None), ("dim at 12", None), ("dim at eight percent", 8),
        ("dim to eight", 8), ("dim at thirteen", 13), ("dim at eight point five", 8.5), ("look at the eight", 8),
    ],
)  # fmt: skip
def test_a_small_number_behind_at_is_an_hour_unless_its_unit_says_otherwise(
    tmp_path: Path, text: str, level: float | None
) -> None:
    skill = "skill: dimmer\nintents: {dim: {sentences: ['dim to {number:level}']}}\n"
    (tmp_path / "skill.yaml").write_text(skill, encoding="utf-8")
    dimmer = read_skill(tmp_path)
    sentence = Sentence.read(text, ENGLISH)
    found = SpanFinder(sentence, ListIndex({"dimmer": dimmer}), ENGLISH).all_of(
        "dimmer", dimmer.intents["dim"].slots["level"]
    )
    longest = max(found, key=lambda span: span.last - span.first, default=None)
    assert (longest and longest.value) == level
