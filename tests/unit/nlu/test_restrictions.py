"""Words that only stress a time: 'just for ten minutes', 'at six only'."""

import datetime as dt
from collections.abc import Iterator

import pytest

from harken.events import When
from harken.languages.loading import load_locale
from harken.nlu.restrictions import unrestricted
from harken.nlu.sentence import Sentence

LOCALE = load_locale()


def timed(sentence: Sentence) -> Iterator[tuple[Sentence, When]]:
    """'At six' at the end or at the beginning."""
    if sentence.words[-2:] == ("at", "six"):
        yield sentence.part(0, len(sentence) - 2), When(text="at six")
    if sentence.words[:2] == ("at", "six"):
        yield sentence.part(2, len(sentence)), When(text="at six")


def freed(text: str) -> list[str]:
    sentence = Sentence.read(text, LOCALE)
    return [" ".join(way.words) for way in unrestricted(sentence, timed, LOCALE, lambda: dt.date(2026, 1, 1))]


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("fan on just for ten minutes", "fan on for ten minutes"),
        ("fan on for only ten minutes", "fan on for ten minutes"),
        ("fan on for ten minutes only", "fan on for ten minutes"),
        ("fan on only at six", "fan on at six"),
        ("fan on at six only", "fan on at six"),
    ],
)
def test_before_or_behind_a_time_they_change_nothing(text: str, way: str) -> None:
    assert freed(text) == [way]


@pytest.mark.parametrize(
    "text",
    [
        "fan on only for anna", "fan on only if it rains", "only the fan on at six", "the only fan on at six",
        "fan on only", "at six only the fan on", "fan on for ten minutes", "only",
    ],
)  # fmt: skip
def test_anywhere_else_they_are_left(text: str) -> None:
    assert freed(text) == []
