"""Numbers to words and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.languages.en.dates import cuts_date
from harken.languages.en.number_words import cuts_number, parse_digits, parse_number
from harken.languages.en.numbers import (
    spell_digits,
    spell_fraction,
    spell_money,
    spell_number,
    spell_ordinal,
    spell_time,
    spell_year,
)


@settings(deadline=None)
@given(st.integers(-(10**20), 10**20) | st.integers(0, 2000) | st.integers(0, 10**9))
def test_a_spelled_number_parses_back(number: int):
    assert parse_number(spell_number(number).split()) == number


@settings(deadline=None)
@given(st.decimals(-(10**6), 10**6, places=3))
def test_a_spelled_decimal_parses_back(number):
    assert parse_number(spell_number(number).split()) == pytest.approx(float(number))


@settings(deadline=None)
@given(st.text("0123456789", min_size=1, max_size=12))
def test_spelled_digits_parse_back(digits: str):
    assert parse_digits(spell_digits(digits).split()) == digits


@settings(deadline=None)
@given(st.lists(st.sampled_from("a and half one two twenty hundred thousand million point minus third 5 2.5".split())))
def test_parsing_any_words_gives_a_number_or_none(words: list[str]):
    assert parse_number(words) is None or isinstance(parse_number(words), int | float)


@settings(deadline=None)
@given(st.lists(st.text(max_size=4), max_size=4))
def test_parsing_survives_any_text(words: list[str]):
    parse_number(words)
    parse_digits(words)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("two hundred and five", 205), ("a hundred", 100), ("fifteen hundred", 1500), ("a thousand and one", 1001),
        ("two and a half", 2.5), ("three quarters", 0.75), ("one and two thirds", 5 / 3), ("half", 0.5),
        ("point five", 0.5), ("two point five million", 2_500_000), ("minus three", -3), ("two dozen", 24),
        ("3 million", 3_000_000), ("1,250", 1250), ("2.5", 2.5), ("oh", 0), ("half a dozen", 6),
    ],
)  # fmt: skip
def test_everyday_numbers_are_understood(words: str, value: float):
    assert parse_number(words.split()) == pytest.approx(value)


@pytest.mark.parametrize(
    "words",
    ["", "twenty eleven", "five twenty", "a", "and", "one hundred and", "twenty and five", "one two", "third",
     "minus minus three", "one thousand million", "five point", "hello", "one halves", "two half"],
)  # fmt: skip
def test_what_is_not_one_number_is_none(words: str):
    assert parse_number(words.split()) is None


def test_an_exact_fraction_of_a_whole_becomes_an_int():
    value = parse_number("four quarters".split())
    assert value == 1
    assert isinstance(value, int)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (spell_number("1.50"), "one point five zero"),
        (spell_number(-3.14), "minus three point one four"),
        (spell_number(float("nan")), "not a number"),
        (spell_number(float("-inf")), "minus infinity"),
        (spell_number(1e-3), "zero point zero zero one"),
        (spell_number("1e999"), "one times ten to the power of nine hundred ninety nine"),
        (spell_year(1905), "nineteen oh five"),
        (spell_year(2000), "two thousand"),
        (spell_year(1900), "nineteen hundred"),
        (spell_year(2026), "twenty twenty six"),
        (spell_year(476), "four hundred seventy six"),
        (spell_time(7, 30), "seven thirty"),
        (spell_time(7, 5, half="pm"), "seven oh five p m"),
        (spell_time(7), "seven o'clock"),
        (spell_time(12, half="am"), "twelve a m"),
        (spell_time(0, 15), "zero fifteen"),
        (spell_money("5.50"), "five dollars and fifty cents"),
        (spell_money("1.01", "GBP"), "one pound and one penny"),
        (spell_money("0.99", "EUR"), "ninety nine cents"),
        (spell_money("-2"), "minus two dollars"),
        (spell_money(0), "zero dollars"),
        (spell_money("1234.567"), "one thousand two hundred thirty four point five six seven dollars"),
        (spell_money(3, "SEK"), "three s e k"),
        (spell_money(500, "JPY"), "five hundred yen"),
        (spell_fraction(3, 4), "three quarters"),
        (spell_fraction(1, 2), "one half"),
        (spell_fraction(7, 100), "seven hundredths"),
        (spell_ordinal(20), "twentieth"),
        (spell_ordinal(3), "third"),
        (spell_ordinal(21), "twenty first"),
        (spell_ordinal(112), "one hundred twelfth"),
        (spell_ordinal(4_000), "four thousandth"),
        (spell_digits("0-7x7"), "zero seven seven"),
    ],
)
def test_spelling(said: str, wanted: str):
    assert said == wanted


def test_text_that_is_no_number_is_refused_with_an_example():
    with pytest.raises(ValueError, match=r"got 'abc'; expected a number such as"):
        spell_number("abc")


def test_double_and_triple_repeat_a_digit():
    assert parse_digits("double oh seven".split()) == "007"
    assert parse_digits(["double"]) is None
    assert parse_digits(["ten"]) is None


@pytest.mark.parametrize(
    ("words", "place", "cut"),
    [("twenty five", 1, True), ("the thirty first of may", 2, True), ("two and a half hours", 1, True),
     ("three point one", 2, True), ("three point one", 1, True), ("five and ten", 1, False),
     ("twenty minutes", 1, False),
     ("ten five", 1, False), ("two and a hat", 1, False), ("the point is", 1, False)],
)  # fmt: skip
def test_a_number_is_not_cut_through(words: str, place: int, cut: bool) -> None:
    assert cuts_number(words.split(), place) is cut


@pytest.mark.parametrize(
    ("words", "place", "cut"),
    [("the thirtieth of february", 2, True), ("twenty first of may", 2, True), ("the thirtieth of them", 2, False),
     ("the thirtieth of", 2, False), ("kitchen of may", 1, False), ("first of all", 1, False)],
)  # fmt: skip
def test_a_date_is_not_cut_through(words: str, place: int, cut: bool) -> None:
    assert cuts_date(words.split(), place) is cut
