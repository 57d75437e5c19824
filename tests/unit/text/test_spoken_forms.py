"""What the voice says for written forms: every pair of `spoken_forms.tsv`, by kind.

`spoken` holds the words; capitals are letters that are said by their names, and word/part stands for one of the ways
in which a homograph is said. A form that is right by its sound counts, whatever its words: 'NHS' and 'N H S'.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from harken.languages.loading import load_locale
from harken.phones.pronunciation import Pronunciation
from harken.phones.sets import strip_stress
from harken.text.speakable import expand_text
from harken.tts.text import read_lines

LINES = (Path(__file__).parent / "spoken_forms.tsv").read_text(encoding="utf-8").splitlines()[1:]
PAIRS = [(kind, written, spoken) for kind, written, spoken in (line.split("\t") for line in LINES)]
KINDS = list(dict.fromkeys(kind for kind, _, _ in PAIRS))
MARKS = "^ ,."


@cache
def pronunciation() -> Pronunciation:
    return Pronunciation.load()


def sound(word: str) -> tuple[str, ...]:
    word, _, part = word.partition("/")
    if len(word) == 1 and word.isupper():
        return tuple(strip_stress(load_locale().spelling.names[word.lower()]))
    return tuple(strip_stress(pronunciation().usual(word, part=part)))


def sounds(words: Sequence[str]) -> list[str]:
    return [phone for word in words for phone in sound(word)]


def said_by_the_voice(written: str) -> list[str]:
    lines = read_lines(written, pronunciation().usual, load_locale())
    return [symbol for line in lines for symbol in line.symbols if symbol not in MARKS]


def is_right(written: str, spoken: str) -> bool:
    marked = [word for word in spoken.split() if "/" in word]
    if marked:
        word, part = marked[0].split("/")
        wanted = pronunciation().of(word, part=part)[0]
        return f" {' '.join(wanted)} " in f" {' '.join(said_by_the_voice(written))} "
    words = [token.text for token in expand_text(written) if token.is_word]
    return " ".join(words).lower() == spoken.lower() or sounds(words) == sounds(spoken.split())


def test_there_are_at_least_five_hundred_pairs_and_none_twice() -> None:
    assert len({written for _, written, _ in PAIRS}) == len(PAIRS) >= 500


@pytest.mark.parametrize("kind", KINDS)
def test_every_written_form_is_said_as_it_should_be(kind: str) -> None:
    wrong = {
        written: f"said {' '.join(token.text for token in expand_text(written))}, should be {spoken}"
        for its_kind, written, spoken in PAIRS
        if its_kind == kind and not is_right(written, spoken)
    }
    assert wrong == {}


@pytest.mark.parametrize("letter", ["a.m.", "AT&T", "5 AM", "Q&A"])
def test_the_letter_a_of_a_short_form_is_not_the_article(letter: str) -> None:
    assert "EY1" in said_by_the_voice(f"It is {letter} there")
    assert "EY1" not in said_by_the_voice("It is a kettle")


def test_a_number_that_is_understood_is_not_taken_for_a_year() -> None:
    def understood(text: str) -> list[str]:
        return [token.text for token in expand_text(text, aloud=False)]

    assert understood("1920") == "one thousand nine hundred twenty".split()
    assert understood("👍 日本") == ["日本"]


class _Seven(dict[str, int]):
    def __missing__(self, key: str) -> int:
        return 7


REPLIES = [
    "Timer set for 10 minutes.", "It is 10:25 AM in Tokyo.", "That is 1,920.", "1,900 meters are 6,233.6 feet.",
    "$5 is 4.60 euros.",
    "It is Friday, November 27.", "About 390,000 people live in Iceland.", "The thermostat is at 21.5 degrees.",
    "Alarm set for 7 AM tomorrow.", "3/4 of 20 is 15.", "There are 2 timers: pasta, 9 minutes; egg, 3 minutes.",
]  # fmt: skip


def test_replies_of_the_assistant_are_said_as_they_are_understood() -> None:
    groups = load_locale().replies.values()
    forms = [form for group in groups for form in group.values()]
    templates = [text for form in forms for text in ([form] if isinstance(form, str) else form.values())]
    replies = [text.format_map(_Seven()) for text in templates] + REPLIES
    ways = [
        [[token.text.lower() for token in expand_text(reply, aloud=aloud)] for reply in replies]
        for aloud in (True, False)
    ]
    changed = [reply for reply, said, understood in zip(replies, *ways, strict=True) if said != understood]
    assert len(replies) > 300
    assert all("call 911" in reply for reply in changed)


@pytest.mark.parametrize("sign", ["👍", "日本", "한국", "Ω", "שלום", "🇩🇪", "さくら", "ñandú", "Привет"])
def test_no_emoji_and_no_letter_is_dropped_without_a_word(sign: str) -> None:
    assert said_by_the_voice(sign)
