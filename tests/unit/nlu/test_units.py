from pathlib import Path

import pytest

from harken.languages.loading import load_locale
from harken.nlu.units import LONGEST, PhoneBook, Units
from harken.phones.pronunciation import Pronunciation

UNITS = Units.of(["abc", "abd", "é"])
WORDS = ["kettle", "MQTT", "naïve", "ตั้ง", "5", "😀", "a" * 100]


def silent(word: str) -> tuple[str, ...]:
    return ()


@pytest.fixture(scope="module")
def book() -> PhoneBook:
    return PhoneBook(Pronunciation.load(load_locale()))


@pytest.mark.parametrize("word", WORDS)
def test_bytes_know_every_word_and_lose_nothing(word: str) -> None:
    rows = UNITS.rows("byte", word, silent)
    assert bytes(rows).decode(errors="ignore") == word.encode()[:LONGEST].decode(errors="ignore")
    assert max(rows) < UNITS.size("byte")


def test_characters_are_composed_code_points() -> None:
    assert UNITS.rows("char", "e\u0301ab", silent) == UNITS.rows("char", "éab", silent)
    assert len(UNITS.rows("char", "éab", silent)) == 3


def test_an_unknown_character_has_the_row_of_the_unknown_and_no_two_known_ones_share_a_row() -> None:
    assert UNITS.rows("char", "azb", silent)[1] == 0
    assert len({*UNITS.rows("char", "abcdé", silent)}) == 5


def test_only_the_most_frequent_characters_have_rows() -> None:
    assert Units.of(["aaab", "ab", "c"], most=2).characters == ("<unk>", "a", "b")


def test_homophones_sound_alike_and_look_different(book: PhoneBook) -> None:
    units = Units.of(["their", "there"])
    assert units.rows("phone", "their", book) == units.rows("phone", "there", book)
    assert units.rows("char", "their", book) != units.rows("char", "there", book)


def test_a_word_that_cannot_be_said_is_silent_but_there(book: PhoneBook) -> None:
    assert UNITS.rows("phone", "😀", book) == [0]
    assert UNITS.rows("phone", "kettle", PhoneBook(None)) == [0]


def test_english_needs_fewer_than_400_rows() -> None:
    units = Units.of([chr(letter) for letter in range(33, 700)])
    assert sum(units.size(kind) for kind in ("char", "phone", "byte")) < 400


def test_phonemes_are_remembered_in_a_file(tmp_path: Path, book: PhoneBook) -> None:
    file = tmp_path / "cache" / "phones.json"
    first = PhoneBook(Pronunciation.load(load_locale()), file)
    said = first("ristretto")
    first.save()
    assert said
    assert PhoneBook(None, file)("ristretto") == said


def test_inventories_survive_their_file() -> None:
    assert Units.from_json(UNITS.to_json()) == UNITS
