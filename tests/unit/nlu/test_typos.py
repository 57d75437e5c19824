import pytest

from harken.nlu.sentence import Sentence
from harken.nlu.typos import Typos

KNOWN = ("turn", "timer", "dimmer", "the", "kitchen", "light", "on", "off", "set")


def ways(text: str) -> list[str]:
    return [" ".join(way.words) for way, _ in Typos(KNOWN).mended(Sentence.of(text.split()))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("trun on the light", ["turn on the light"]),
        ("turn on teh light", ["turn on the light"]),
        ("turn on the lght", ["turn on the light"]),
        ("turn on the kitchenn light", ["turn on the kitchen light"]),
        ("set the timmer", ["set the dimmer", "set the timer"]),
        ("turn on the toaster", []),
        ("turn on the light", []),
        ("trun on teh lght", []),
    ],
)
def test_slips_are_mended_by_what_can_be_said(text: str, wanted: list[str]) -> None:
    assert ways(text) == wanted


def test_short_words_are_mended_only_where_two_letters_are_swapped() -> None:
    assert ways("turn of the light") == []
    assert ways("ste the light") == ["set the light"]
