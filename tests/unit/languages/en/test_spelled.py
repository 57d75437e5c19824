"""Spelled letters and digits as text."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from harken.languages.chains import Chain
from harken.languages.en.spelled import ALPHABET
from harken.languages.en.spelled_chains import digits_chain, spelled_chain
from harken.languages.en.values import WORDS, read_value


def read(kind: str, said: str) -> Any:
    return read_value(kind, said.split(), dt.date.today)


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("four seven one one", "4711"), ("four", "4"), ("oh four double seven", "0477"), ("o o seven", "007"),
        ("triple nine", "999"), ("treble oh nought", "0000"), ("plus four nine one", "+491"),
        ("sixty two eleven", "6211"), ("twenty twenty five", "2025"), ("eight hundred five five five", "800555"),
        ("four thousand", "4000"), ("five five dash one two", "5512"),
    ],
)  # fmt: skip
def test_digits_are_read_as_they_are_said_on_the_telephone(said: str, digits: str) -> None:
    assert read("digits", said) == digits


@pytest.mark.parametrize(
    "said",
    [
        "four banana", "double", "plus", "dash four", "four dash", "eight hundred five", "b", "seven hundred and five",
        "four thousand seven hundred eleven", "four point five", "four plus five", "twenty hundred", "oh hundred",
        "double eleven", "",
    ],
)  # fmt: skip
def test_what_is_not_digits_alone_is_no_value(said: str) -> None:
    assert read("digits", said) is None


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("b r a u n", "Braun"), ("b as in bravo r for robert a u n", "Braun"), ("bravo oscar bravo", "Bob"),
        ("s m i double t h", "Smitth"), ("double u i l l", "Will"), ("x ray a", "Xa"), ("zed haitch", "Zh"),
        ("a b one two", "AB12"), ("b o four oh five", "BO405"), ("o two", "02"), ("four o k", "4OK"), ("o h", "Oh"),
        ("m a r y dash a n n", "Mary-Ann"), ("o apostrophe n e i l", "O'Neil"), ("j o space l e e", "Jo Lee"),
        ("j at g m x dot d e", "j@gmx.de"), ("capital m c capital d", "McD"), ("upper case a lower case b", "Ab"),
        ("four seven one one", "4711"),
    ],
)  # fmt: skip
def test_spelled_letters_are_written_as_names_codes_or_addresses(said: str, text: str) -> None:
    assert read("spelled", said) == text


@pytest.mark.parametrize(
    "said",
    ["a", "i", "b", "oh", "capital", "double", "b dash", "dash b c", "b as in robert r", "b double", "play b side",
     "capital dash b c", "mike", "b r capital"],
)  # fmt: skip
def test_what_is_not_spelled_to_the_end_is_no_value(said: str) -> None:
    assert read("spelled", said) is None


@pytest.mark.parametrize(("kind", "chain"), [("digits", digits_chain()), ("spelled", spelled_chain())])
def test_every_word_that_the_recogniser_expects_can_be_read(kind: str, chain: Chain) -> None:
    assert chain.vocabulary <= WORDS[kind]
    assert set(ALPHABET) <= WORDS["spelled"]


def test_every_letter_follows_every_other_and_frequent_pairs_are_likelier() -> None:
    chain = spelled_chain()
    weights = {(link.before, link.after): link.weight for link in chain.links if link.phrases == ((link.after,),)}
    assert {(one, other) for one in ALPHABET for other in ALPHABET} <= weights.keys()
    assert weights["q", "u"] > 20 * weights["q", "x"]
    totals = np.array([sum(weights[one, other] for other in ALPHABET) for one in ALPHABET])
    assert totals == pytest.approx(totals[0])
