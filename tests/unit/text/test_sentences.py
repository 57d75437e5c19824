"""Sentences of a reply."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.text.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Dr. Smith came at 5 p.m. today. Really? Yes!", ["Dr. Smith came at 5 p.m. today.", "Really?", "Yes!"]),
        ('He said "hi!" to J. R. Lee.', ['He said "hi!" to J. R. Lee.']),
        ("It costs $3.50. The no. 5 bus is late...", ["It costs $3.50.", "The no. 5 bus is late..."]),
        ("1. Milk\n2. Eggs", ["1. Milk", "2. Eggs"]),
        ("I said no. Then she left.", ["I said no.", "Then she left."]),
        ("", []),
        (" \n ", []),
        ("no end", ["no end"]),
    ],
)
def test_sentences(text: str, wanted: list[str]):
    assert [sentence.text for sentence in split_sentences(text)] == wanted


@settings(deadline=None)
@given(st.text() | st.text("aB. ,!?\n'", max_size=80), st.integers(20, 60))
def test_sentences_hold_every_character_but_the_space_between(text: str, longest: int):
    sentences = split_sentences(text, longest=longest)
    assert "".join("".join(sentence.text for sentence in sentences).split()) == "".join(text.split())
    assert all(sentence.text == text[sentence.start : sentence.end] for sentence in sentences)
    assert all(0 < len(sentence.text) <= longest for sentence in sentences)


def test_a_long_sentence_is_cut_at_a_pause():
    text = "This is the first part of it, and here comes the second part"
    assert split_sentences(text, longest=40)[0].text == "This is the first part of it,"
