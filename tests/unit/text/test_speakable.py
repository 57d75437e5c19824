"""Text as it is spoken: readings, punctuation, spans."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.text.speakable import PAUSES, expand_text

SPECIFICATION = {
    "Dr. Smith etc.": "doctor Smith et cetera .",
    "Call Prof. Lee at 5 p.m.": "Call professor Lee at five p m .",
    "St. Peter St. is here": "saint Peter street is here",
    "Nov. 23, 2026": "november twenty third twenty twenty six",
    "On 5 May 2021 at 19:05": "On fifth of may twenty twenty one at nineteen oh five",
    "5/12/2020 and 13/2/2020": "may twelfth twenty twenty and february thirteenth twenty twenty",
    "the 1990s and '90s": "the nineteen nineties and nineties",
    "between 1990 and 2000": "between nineteen ninety and two thousand",
    "1939–1945, 5-10 km": "nineteen thirty nine to nineteen forty five , five to ten kilometers",
    "555-1234": "five five five one two three four",
    "21,5 and 1,2,3 and 5,10": "twenty one point five and one , two , three and five point one zero",
    "1,234,567.89": "one million two hundred thirty four thousand five hundred sixty seven point eight nine",
    "007 and 12345678901234567890": "zero zero seven and one two three four five six seven eight nine zero "
    "one two three four five six seven eight nine zero",
    "-5 degrees; 5 - 3": "minus five degrees ; five minus three",
    "$3 million": "three million dollars",
    "write to jo.doe1@example.com!": "write to jo dot doe one at example dot com !",
    "see www.example.com/a.": "see w w w dot example dot com slash a .",
    "v1.2.3, mp3, 2.0": "v one dot two dot three , mp three , two point zero",
    "Wait... (really?) “Yes”": 'Wait … ( really ? ) " Yes "',
    "10:00-11:00": "ten o'clock to eleven o'clock",
    "x² + y³": "x squared plus y cubed",
    "#5 ~5 5km 5 in": "number five about five five kilometers five in",
    "TV and USB": "TV and USB",
    "3/4 and 10/2": "three quarters and ten divided by two",
}


@pytest.mark.parametrize("text", SPECIFICATION)
def test_reading(text: str):
    assert " ".join(token.text for token in expand_text(text)) == SPECIFICATION[text]


@settings(deadline=None)
@given(st.text())
def test_any_text_gives_words_and_known_marks_in_order(text: str):
    last = 0
    for token in expand_text(text):
        assert token.text
        assert 0 <= token.start < token.end <= len(text)
        assert token.start >= last
        last = token.start
        if not token.is_word:
            assert token.text in PAUSES


@settings(deadline=None)
@given(st.text("0123456789.,:/-$%' apm°€x+h", min_size=1, max_size=25))
def test_no_digit_is_lost(text: str):
    covered = {place for token in expand_text(text) if token.is_word for place in range(token.start, token.end)}
    assert all(place in covered for place, letter in enumerate(text) if letter.isdigit())


@pytest.mark.parametrize(
    "text", ["9" * 100_000, "a" * 100_000, "1 " * 20_000, "1-" * 20_000, "a." * 20_000, "$" * 50_000]
)
def test_long_nonsense_is_read_in_reasonable_time(text: str):
    began = time.process_time()
    assert expand_text(text) or text[0] == "$"
    assert time.process_time() - began < 15, "the time must not grow with the square of the length"


@pytest.mark.parametrize("numbers", [2, 30, 31, 45])
def test_of_a_long_sum_every_number_and_sign_is_said(numbers: int):
    said = [token.text for token in expand_text("what is " + " + ".join(["7"] * numbers))]
    assert (said.count("seven"), said.count("plus")) == (numbers, numbers - 1)


@pytest.mark.parametrize("brackets", [3, 10])
def test_a_sum_of_up_to_sixty_numbers_and_signs_is_read_with_its_brackets(brackets: int):
    said = [token.text for token in expand_text("what is " + "*".join(["(7-7)"] * brackets))]
    assert (said.count("open"), said.count("minus"), said.count("times")) == (brackets, brackets, brackets - 1)


def test_a_span_names_the_characters_that_are_spoken():
    text = "Pay $5.50 now"
    spans = {text[token.start : token.end] for token in expand_text(text) if token.text in ("dollars", "fifty")}
    assert spans == {"$5.50"}
