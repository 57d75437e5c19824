"""Front end of the voice: what is said, with which marks between, and where in the text one is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.languages.loading import load_locale
from harken.tts.symbols import COMMA, GAP, START, STOP, SYMBOLS
from harken.tts.text import Line, read_lines

WORDS = {
    "the": "DH AH0", "a": "EY1", "cat": "K AE1 T", "apple": "AE1 P AH0 L", "ran": "R AE1 N", "to": "T UW1",
    "seven": "S EH1 V AH0 N", "thirty": "TH ER1 T IY0", "who": "HH UW1", "is": "IH1 Z", "it": "IH1 T",
}  # fmt: skip


def pronounce(word: str) -> list[str]:
    return WORDS.get(word.lower(), "").split()


def lines(text: str) -> list[Line]:
    return read_lines(text, pronounce, load_locale())


def said(text: str) -> str:
    return " ".join("|".join(line.symbols) for line in lines(text))


def test_words_are_joined_by_gaps_between_the_silences_of_the_ends():
    assert said("cat ran") == "|".join([START, "K", "AE1", "T", GAP, "R", "AE1", "N", STOP])


def test_each_symbol_knows_where_in_the_text_one_is_when_it_was_said():
    first, second = lines("Cat ran, cat.  The cat!")
    assert first.symbols == (START, "K", "AE1", "T", GAP, "R", "AE1", "N", COMMA, "K", "AE1", "T", STOP)
    assert first.ends == (0, 3, 3, 3, 3, 7, 7, 7, 7, 12, 12, 12, 13)
    assert (first.start, first.end) == (0, 13)
    assert second.ends == (13, 18, 18, 18, 22, 22, 22, 23)
    assert (second.start, second.end) == (13, 23)


def test_a_comma_takes_the_place_of_the_gap():
    assert lines("cat, cat")[0].symbols.count(COMMA) == 1
    assert GAP not in lines("cat, cat")[0].symbols


def test_numbers_and_times_are_spelled():
    assert said("7:30") == said("seven thirty")


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("the cat", "DH|AH0| |K"), ("the apple", "DH|IY0| |AE1"), ("ran to cat", "T|AH0| |K"),
        ("ran to it", "T|UW1| |IH1"), ("a cat", "AH0| |K"), ("The cat", "DH|AH0| |K"), ("To cat", "T|AH0| |K"),
    ],
)  # fmt: skip
def test_weak_forms_follow_the_next_sound(text: str, phones: str):
    assert phones in said(text)


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("ran to", ["T", "UW1"]), ("ran to.", ["T", "UW1"]), ("ran to, cat", ["T", "UW1"]), ("cat a", ["EY1"]),
        ("cat a, cat", ["EY1"]), ("ran the", ["DH", "AH0"]), ("ran the, apple", ["DH", "AH0"]),
    ],
)  # fmt: skip
def test_before_a_pause_nothing_is_weak(text: str, phones: list[str]):
    line = lines(text)[0]
    places = [n for n, symbol in enumerate(line.symbols) if symbol in (GAP, COMMA, START, STOP)]
    words = [list(line.symbols[a + 1 : b]) for a, b in pairwise(places)]
    assert words[-1 if "," not in text else -2] == phones


def test_words_that_cannot_be_said_do_not_hide_the_next_sound():
    assert "DH|IY0| |AE1" in said("the qqq apple")


def test_each_sentence_is_a_line():
    assert len(lines("The cat ran. The cat ran to the apple.")) == 2


@pytest.mark.parametrize(("text", "rises"), [("Is it?", True), ("Who is it?", False), ("It is.", False)])
def test_only_yes_or_no_questions_rise(text: str, rises: bool):
    assert lines(text)[0].question is rises


@pytest.mark.parametrize(("text", "mark"), [("Is it?", "?"), ("Who is it?", "?"), ("It is.", "."), ("It is", ".")])
def test_every_question_has_a_mark_of_its_own(text: str, mark: str):
    assert lines(text)[0].symbols[-1] == mark


@pytest.mark.parametrize("text", ["", "   ", "🙂", "...", "\n\n", '"', "🙂🙃 🎉"])
def test_text_without_words_gives_no_line(text: str):
    assert lines(text) == []


def test_a_word_that_cannot_be_said_is_left_out():
    assert said("cat qqq ran") == said("cat ran")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="catrn the. ,!?7:0🙂é\n", max_size=80))
def test_lines_cover_the_text_and_never_step_back(text: str):
    sentences = lines(text)
    places = [0]
    for line in sentences:
        assert line.start == places[-1]
        assert len(line.ends) == len(line.symbols)
        assert list(line.ends) == sorted(line.ends)
        assert line.ends[-1] == line.end
        assert set(line.symbols) <= set(SYMBOLS)
        places.append(line.end)
    assert not sentences or places[-1] == len(text)
