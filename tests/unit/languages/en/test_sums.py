"""Arithmetic in words."""

import pytest

from harken.languages.en.values import read_value
from harken.text.words import normalize_words

SUMS = {
    "2 plus 3 plus 4 plus 5": ["add", ["add", ["add", 2, 3], 4], 5],
    "two plus three times four": ["add", 2, ["multiply", 3, 4]],
    "(2 + 3) * 4": ["multiply", ["add", 2, 3], 4],
    "open bracket two plus three close bracket times four": ["multiply", ["add", 2, 3], 4],
    "2(3+4)": ["multiply", 2, ["add", 3, 4]],
    "two hundred and five times two": ["multiply", 205, 2],
    "one hundred and twenty divided by four": ["divide", 120, 4],
    "two and two": ["add", 2, 2],
    "square root of 16 plus 2": ["add", ["root", 16, 2], 2],
    "sqrt(16+9)": ["root", ["add", 16, 9], 2],
    "2 to the 10th power": ["power", 2, 10],
    "3² + 4²": ["add", ["power", 3, 2], ["power", 4, 2]],
    "minus 5 plus 3": ["add", -5, 3],
    "5*-3": ["multiply", 5, -3],
    "half of ninety": ["divide", 90, 2],
    "a third of 12": ["multiply", ["fraction", 1, 3], 12],
    "5 less than 8": ["subtract", 8, 5],
    "84 shared by 7": ["divide", 84, 7],
    "share 84 between 7": ["divide", 84, 7],
    "7 into 84": ["divide", 84, 7],
    "6 lots of 7": ["multiply", 6, 7],
    "2 to the 10": ["power", 2, 10],
    "have 11 and take away 3": ["subtract", 11, 3],
    "half off 90": ["multiply", 0.5, 90],
    "a third off of 90": ["multiply", ["subtract", 1, ["fraction", 1, 3]], 90],
    "5 off 20": ["subtract", 20, 5],
    "20 percent of 50": ["percent_of", 20, 50],
    "20 percent off 50": ["percent_less", 50, 20],
    "100 minus 20 percent": ["percent_less", 100, 20],
    "increase 50 by 10 percent": ["percent_more", 50, 10],
    "20 percent plus 5 percent": ["add", ["percent", 20], ["percent", 5]],
    "$3.50 plus $1.25": ["add", ["quantity", 3.5, "USD"], ["quantity", 1.25, "USD"]],
    "subtract 5 from 8": ["subtract", 8, 5],
    "the average of 10, 20 and 30": ["average", 10, 20, 30],
    "the sum of 2 and 3 and 4": ["add", ["add", 2, 3], 4],
    "10 % 3": ["modulo", 10, 3],
    "5! + 1": ["add", ["factorial", 5], 1],
    "what percent of 200 is 50": ["share", 50, 200],
    "round 3.14159 to two decimal places": ["round", 3.14159, 2],
    "seven": None, "minus seven": None, "five percent": None, "ten minutes": None, "half an hour": None,
    "two plus": None, "plus three": None,
    "half": None, "1/3": None, "add milk": None, "that plus 4": None, "15 percent of 80 and 20 percent of 50": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "tree"), SUMS.items())
def test_sums(text: str, tree: object) -> None:
    assert read_value("expression", normalize_words(text)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [("plus five", ["add", ["last"], 5]), ("and times two", ["multiply", ["last"], 2]),
     ("divide that by three", ["divide", ["last"], 3]), ("half of that", ["divide", ["last"], 2]),
     ("squared", ["power", ["last"], 2]), ("the square root", ["root", ["last"], 2]), ("add 5", ["add", ["last"], 5]),
     ("minus 10 percent", ["percent_less", ["last"], 10]), ("* 5", ["multiply", ["last"], 5]),
     ("double it", ["multiply", ["last"], 2]), ("subtract 3 from that", ["subtract", ["last"], 3]),
     ("five", None), ("30 percent", None), ("2 plus 3", None), ("that", None)],
)  # fmt: skip
def test_what_goes_on_from_the_last_result(text: str, tree: object) -> None:
    assert read_value("continuation", normalize_words(text)) == tree


@pytest.mark.parametrize(
    ("text", "words"),
    [("(2 + 3) * 4", "open bracket two plus three close bracket times four"), ("what is 10-3",
     "what is ten minus three"),
     ("10-3", "ten to three"), ("i am 5!", "i am five"), ("he (5) said", "he five said"), ("2**3",
     "two to the power of three"),
     ("call (555) 123-4567", "call five five five one two three four five six seven"),
     ("what is 12/24/2026", "what is december twenty fourth twenty twenty six"), ("on 12/24",
     "on december twenty fourth"),
     ("1/2 an hour", "one half an hour"), ("1h30m", "one hour thirty minutes"), ("836pm", "eight thirty six p m")],
)  # fmt: skip
def test_typed_forms_become_words(text: str, words: str) -> None:
    assert " ".join(normalize_words(text)) == words
