"""Spelled letters and digits of a transcript, written as such."""

import pytest

from harken.events import Word
from harken.languages.loading import load_locale
from harken.text.codes import with_codes


def heard(text: str) -> list[Word]:
    words = enumerate(text.split())
    return [Word(text=word, start=100 * n, end=100 * n + 90, confidence=1 - n / 100) for n, word in words]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("my name is b r a u n", "my name is B R A U N"), ("a b c and x y", "A B C and X Y"),
        ("dial nine one one", "dial 911"), ("oh four double seven please", "0477 please"),
        ("double nine triple oh", "99000"), ("b r one two three", "B R 123"),
    ],
)  # fmt: skip
def test_letters_and_digits_are_written_as_such(said: str, written: str) -> None:
    assert " ".join(word.text for word in with_codes(heard(said))) == written


@pytest.mark.parametrize(
    "said",
    [
        "i am a fan of b", "one or two three", "in nineteen sixty two", "one hundred twenty five six",
        "one two three hundred", "one hundred two three four", "twenty five three one four",
        "six seven eight point five", "a i robot", "", "double",
    ],
)  # fmt: skip
def test_other_words_and_numbers_stay_as_they_are(said: str) -> None:
    assert with_codes(heard(said), load_locale()) == heard(said)


def test_a_code_lasts_as_long_as_its_words_and_is_as_sure_as_the_least() -> None:
    first, code, last = with_codes(heard("call nine one one now"))
    assert (first.text, last.text) == ("call", "now")
    assert (code.text, code.start, code.end) == ("911", 100, 390)
    assert code.confidence == pytest.approx(0.97)
