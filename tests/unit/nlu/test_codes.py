"""Digits and spelled names, typed and heard, as slots of a skill."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harken.languages.loading import load_locale
from harken.nlu.automaton import Automaton
from harken.nlu.lists import ListIndex, SpanFinder
from harken.nlu.sentence import Sentence
from harken.nlu.skill_file import Skill, read_skill
from harken.nlu.spoken_requests import grammar_of_all
from harken.nlu.templates import sample_sentences

SKILL = """
skill: door
intents:
  open: {sentences: ["open it with {digits:code}"], required: {code: "Which code?"}}
  call: {sentences: ["call me {spelled:name}"]}
"""


@pytest.fixture
def door(tmp_path: Path) -> Skill:
    (tmp_path / "skill.yaml").write_text(SKILL, encoding="utf-8")
    return read_skill(tmp_path)


def slots(door: Skill, sentence: Sentence) -> dict[str, Any] | None:
    readings = Automaton([door]).match(SpanFinder(sentence, ListIndex({door.name: door}), door.locale))
    return {slot: span.value for slot, span in readings[0].slots} if readings else None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("4711", "4711"), ("47 11", "4711"), ("007", "007"), ("+49 171 55", "+4917155"), ("555-1234", "5551234"),
        ("(555) 123-4567", "5551234567"), ("555.123.4567", "5551234567"), ("four seven double one", "4711"),
        ("5551234567", "5551234567"),
    ],
)  # fmt: skip
def test_digits_are_taken_as_they_are_typed(door: Skill, typed: str, code: str) -> None:
    assert slots(door, Sentence.read(f"open it with {typed}", door.locale)) == {"code": code}


@pytest.mark.parametrize("typed", ["12:30", "3.50", "1.5 million", "$20", "4711 euros", "47 bananas", "12%", "1/2"])
def test_other_numbers_are_not_taken_for_digits(door: Skill, typed: str) -> None:
    assert slots(door, Sentence.read(f"open it with {typed}", door.locale)) is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("B-R-A-U-N", "Braun"), ("B R A U N", "Braun"), ("b r a u n", "Braun"), ("b. r. u.", "Bru"), ("Smith", "Smith"),
        ("AB12-C", "AB12-C"), ("BMW", "BMW"), ("j.smith@gmx.de", "j.smith@gmx.de"), ("b as in bravo o b", "Bob"),
    ],
)  # fmt: skip
def test_names_and_codes_are_spelled_or_typed(door: Skill, typed: str, name: str) -> None:
    assert slots(door, Sentence.read(f"call me {typed}", door.locale)) == {"name": name}


@pytest.mark.parametrize("typed", ["smith", "a taxi", "a", "at 12:30", "Mary Smith later"])
def test_words_are_not_taken_for_spelling(door: Skill, typed: str) -> None:
    assert slots(door, Sentence.read(f"call me {typed}", door.locale)) is None


def test_heard_letters_and_digits_are_read(door: Skill) -> None:
    assert slots(door, Sentence.of("open it with oh four double seven".split())) == {"code": "0477"}
    assert slots(door, Sentence.of("call me b r a u n".split())) == {"name": "Braun"}
    assert slots(door, Sentence.of("call me smith".split())) is None


def test_sampled_sentences_with_digits_and_letters_are_understood(door: Skill) -> None:
    samples = sample_sentences(door, 60, np.random.default_rng(3))
    assert len({sample.text for sample in samples}) > 100
    read, longest = 0, 0
    for sample in samples:
        (slot, first, last), *others = sample.spans
        found = slots(door, Sentence.of(sample.words))
        read += found is not None and set(found) == {slot} and not others
        longest = max(longest, last - first)
    assert read > 0.9 * len(samples)  # one letter alone is no spelling, and 'eight hundred five' no digits
    assert 8 < longest < 80


def test_the_recogniser_expects_digits_and_letters_as_chains(door: Skill) -> None:
    grammar = grammar_of_all([door])
    assert set(grammar.chains) == {"door.digits_run", "door.spelled_run"}
    assert {"double", "oh", "bravo", "b", "open"} <= grammar.vocabulary()
    assert load_locale().understanding.spoken["digits"].chains["digits_run"] is grammar.chains["door.digits_run"]
