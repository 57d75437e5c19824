"""Normalisation of text to words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.text.speakable import expand_text
from harken.text.words import normalize_words

SPECIFICATION = {
    "It's 7:30, Mr. O'Neil!": "it's seven thirty mister o'neil",
    "Well—known, re-use; “quoted” ‘words’ dogs' tails": "well known re use quoted words dogs tails",
    "Set a timer for 1 1/2 hours": "set a timer for one and a half hours",
    "in 1984 we sold 1984 books": "in nineteen eighty four we sold one thousand nine hundred eighty four books",
    "the 4th of July, 2026-11-23": "the fourth of july november twenty third twenty twenty six",
    "$5.50 or €20": "five dollars and fifty cents or twenty euros",
    "20°C, 5 kg, 90 km/h, 3%": "twenty degrees celsius five kilograms ninety kilometers per hour three percent",
    "café naïve Straße ŁÓDŹ Привет": "cafe naive strasse lodz privet",
    "日本語 हिन्दी": "日本語 हिन्दी",
    "A-B-C U.S.A. AT&T": "a b c u s a at and t",
    "2+2=4": "two plus two equals four",
    "😀👍🏽 …": "",
    "": "",
    "٣, Ⅷ; ½; 3½": "three eight one half three and a half",
    "I said no. No. 5": "i said no number five",
    "x marks the spot, 3 x 4": "x marks the spot three times four",
    "THE QUICK brown Fox": "the quick brown fox",
}


@pytest.mark.parametrize("text", SPECIFICATION)
def test_normalisation(text: str):
    assert " ".join(normalize_words(text)) == SPECIFICATION[text]


@settings(deadline=None)
@given(st.text() | st.text("ab 'é.Dr0123456789:/-$%x,½", max_size=30))
def test_normalising_twice_changes_nothing(text: str):
    once = normalize_words(text)
    assert normalize_words(" ".join(once)) == once


@settings(deadline=None)
@given(st.text("abcDr.Mx st,;!?'\"():-\n", max_size=40))
def test_plain_sentences_are_read_the_same_on_the_quick_way(text: str):
    assert normalize_words(text) == [token.text.lower() for token in expand_text(text, aloud=False) if token.is_word]


@settings(deadline=None)
@given(st.text())
def test_no_word_holds_digits_spaces_capitals_or_outer_apostrophes(text: str):
    for word in normalize_words(text):
        assert word
        assert word == word.strip("'")
        assert not any(letter.isdigit() or letter.isspace() for letter in word)
        assert word == word.lower()
