"""Any word gets a pronunciation: lexicon, rule, letter by letter, or a guess."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.errors import VocabularyError
from harken.languages.loading import load_locale
from harken.phones.lexicon import Lexicon
from harken.phones.pronouncer import Pronouncer, letter_ids
from harken.phones.pronunciation import Pronunciation, Unstressed, is_spelled, spell_letters
from harken.phones.sets import STRESSED, VOWELS

ENGLISH = load_locale()


@pytest.fixture(scope="module")
def pronunciation() -> Pronunciation:
    return Pronunciation.load()


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("kettle", "K EH1 T AH0 L"), ("Kettle,", "K EH1 T AH0 L"), ("MQTT", "EH1 M K Y UW1 T IY1 T IY1"),
        ("mqtt's", "EH1 M K Y UW1 T IY1 T IY1 Z"), ("TVs", "T IY1 V IY1 Z"), ("RGB", "AA1 R JH IY1 B IY1"),
        ("5G", "F AY1 V JH IY1"), ("café", "K AH0 F EY1"), ("a", "AH0"), ("b", "B IY1"), ("I", "AY1"),
        ("Dr.", "D AA1 K T ER0"), ("x2", "EH1 K S T UW1"), ("Привет", "P R IH1 V EH0 T"),
    ],
)  # fmt: skip
def test_words_of_every_sort(pronunciation: Pronunciation, word: str, phones: str):
    found = pronunciation.of(word)[0]
    if word == "Привет":  # a guess may change with the model; it must be one
        assert len(found) >= 4
    else:
        assert found == tuple(phones.split())


@pytest.mark.parametrize("word", ["日本", "😀", "", " ", "!?", "'"])
def test_what_has_no_latin_letter_has_no_pronunciation(pronunciation: Pronunciation, word: str):
    assert pronunciation.of(word) == []


def test_the_usual_way_to_say_a_word_is_its_first_one(pronunciation: Pronunciation):
    assert len(pronunciation.of("either")) > 1
    assert pronunciation.usual("either") == pronunciation.of("either")[0]
    assert pronunciation.usual("日本") == ()


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=12))
def test_any_text_gives_known_phones(pronunciation: Pronunciation, word: str):
    for way in pronunciation.of(word):
        assert way
        assert set(way) <= set(STRESSED)


def test_guesses_are_different_best_first_and_share_one_probability(pronunciation: Pronunciation):
    guesses = pronunciation.pronouncer.pronounce("ristrettino", nbest=4)
    scores = [guess.log_prob for guess in guesses]
    assert len({guess.phones for guess in guesses}) == 4
    assert scores == sorted(scores, reverse=True)
    assert 0 < sum(math.exp(score) for score in scores) <= 1 + 1e-6
    assert guesses[0].phones[0] == "R"
    assert any(phone[:-1] in VOWELS for phone in guesses[0].phones)


def test_more_guesses_only_for_unknown_words(pronunciation: Pronunciation):
    assert len(pronunciation.of("ristrettino", nbest=3)) == 3
    assert len(pronunciation.of("kettle", nbest=3)) == 1
    assert pronunciation.is_known("kettles")
    assert not pronunciation.is_known("ristrettino")


def test_without_stress_there_are_no_doubles(pronunciation: Pronunciation):
    ways = pronunciation.plain("record")
    assert len(ways) == len(set(ways))
    assert all(not phone[-1].isdigit() for way in ways for phone in way)


def test_the_users_word_is_heard_everywhere(pronunciation: Pronunciation):
    own = Pronunciation(ENGLISH, Lexicon())
    own.lexicon.add("ristrettino", ["R", "IH1"])
    assert own.of("Ristrettino") == [("R", "IH1")]


def test_without_a_pronouncer_words_are_spelled():
    assert Pronunciation(ENGLISH, Lexicon()).of("cab") == [("S", "IY1", "EY1", "B", "IY1")]


def test_thousands_of_letters_cost_no_time(pronunciation: Pronunciation):
    assert len(pronunciation.of("ab" * 5000)[0]) <= 80


@pytest.mark.parametrize(
    ("word", "capitals", "spelled"),
    [("mqtt", False, True), ("rgb", True, True), ("uhf", True, True), ("yamaha", True, False), ("robin", False, False),
     ("dj's", False, True)],
)  # fmt: skip
def test_which_words_are_spelled(word: str, capitals: bool, spelled: bool):
    assert is_spelled(word, ENGLISH.spelling, capitals=capitals) == spelled


def test_spelling_leaves_other_signs_out():
    assert spell_letters("b-9", ENGLISH.spelling) == ("B", "IY1")
    assert spell_letters("'s", ENGLISH.spelling) == ()


def test_letters_of_a_word():
    assert letter_ids("É'a1") == [5, 27, 1]
    assert letter_ids("日") == []


def test_the_shipped_pronouncer_guesses_what_a_speaker_would():
    assert Pronouncer.load().pronounce("flimbering")[0].phones == tuple("F L IH1 M B ER0 IH0 NG".split())


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("U2", "Y UW1 T UW1"), ("4K", "F AO1 R K EY1"), ("iKettle", "AY1 K EH1 T AH0 L"),
        ("eReader", "IY1 R IY1 D ER0"),
        ("OpenMower", "OW1 P AH0 N M OW1 ER0"), ("FreeBSD", "F R IY1 B IY1 EH1 S D IY1"), ("iPhone", "AY1 F OW2 N"),
    ],
)  # fmt: skip
def test_digits_and_joined_words_are_read_in_parts(pronunciation: Pronunciation, word: str, phones: str):
    assert pronunciation.of(word)[0] == tuple(phones.split())


def test_a_known_word_with_capitals_inside_stays_whole(pronunciation: Pronunciation):
    assert pronunciation.of("KetTle") == pronunciation.of("kettle")


def test_a_name_with_a_capital_inside_is_not_cut_where_a_piece_would_be_lost(pronunciation: Pronunciation):
    for name in ("McGonagall", "McGonagallHouse"):
        assert pronunciation.of(name) == pronunciation.of(name.lower())


@pytest.mark.parametrize(
    ("part", "phones"), [("noun", "R EH1 K ER0 D"), ("verb", "R AH0 K AO1 R D"), ("", "R AH0 K AO1 R D")]
)
def test_the_part_of_speech_decides_where_the_lexicon_marks_it(pronunciation: Pronunciation, part: str, phones: str):
    found = pronunciation.of("record", part=part)
    assert found[0] == tuple(phones.split())
    assert len(found) == 1 or not part
    assert pronunciation.of("kettle", part="verb") == pronunciation.of("kettle")


def test_every_marked_word_has_a_pronunciation_of_the_lexicon_or_adds_one(pronunciation: Pronunciation):
    lines = (ENGLISH.folder / "homographs.txt").read_text().splitlines()[1:]
    known = [tuple(line.split()[1:]) in pronunciation.of(line.split("/")[0]) for line in lines]
    assert len(known) > 150
    assert sum(known) / len(known) > 0.99


def test_the_users_dictionary_is_read_and_changes_the_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    before = Unstressed(ENGLISH).version
    (tmp_path / "pronunciations").mkdir()
    own = tmp_path / "pronunciations" / "en-US.txt"
    own.write_text("kettle K IY1\nresume/noun R EH1 Z AH0 M EY2\nrecord/noun R EH1 K\n")
    after = Pronunciation.load(ENGLISH)
    assert after.of("Kettle")[0] == ("K", "IY1")
    assert after.of("resume", part="noun") == [tuple("R EH1 Z AH0 M EY2".split())]
    assert after.of("record", part="noun") == [("R", "EH1", "K")]
    assert Unstressed(ENGLISH).version != before
    own.write_text("kettle/thing K IY1\n")
    with pytest.raises(VocabularyError, match=r"marked 'thing'; expected WORD/noun"):
        Pronunciation.load(ENGLISH)


class Counting(Pronouncer):
    """Counts how often it is asked, and for what."""

    def __init__(self) -> None:
        super().__init__(Pronouncer.load().bundle)
        self.asked: list[list[str]] = []

    def _answers(self, words, nbest, beam):
        self.asked.append(list(words))
        return super()._answers(words, nbest, beam)


def test_many_words_are_prepared_in_one_go_and_only_those_that_need_a_guess():
    pronouncer = Counting()
    own = Pronunciation(ENGLISH, Lexicon.load(ENGLISH), pronouncer, listed=lambda: {"harken": (("HH",),)})
    own.prepare(["kettle", "ristrettino", "mqtt", "harken", "b", "flimbering"])
    assert pronouncer.asked == [["ristrettino", "flimbering"]]
    own.prepare(["kettle"])
    assert len(pronouncer.asked) == 1


def test_an_answer_is_remembered_and_equal_words_are_guessed_once():
    pronouncer = Pronouncer.load()
    first = pronouncer.pronounce_all(["ristrettino", "flimbering", "ristrettino"], nbest=2)
    assert first[0] == first[2] == pronouncer.pronounce("ristrettino", nbest=2)
    alone = Pronouncer.load().pronounce("ristrettino", nbest=2)
    assert [guess.phones for guess in alone] == [guess.phones for guess in first[0]]
    assert [guess.log_prob for guess in alone] == pytest.approx([guess.log_prob for guess in first[0]], abs=1e-3)


def test_a_part_of_speech_that_there_is_not_is_refused(pronunciation: Pronunciation):
    with pytest.raises(VocabularyError, match="no part of speech 'nuon'; did you mean 'noun'"):
        pronunciation.of("record", part="nuon")


def test_forgetting_what_was_remembered_loses_no_answer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("harken.phones.pronouncer._REMEMBERED", 2)
    pronouncer = Pronouncer.load("pronouncer-en")
    first = pronouncer.pronounce_all(["flimbering", "ristrettino"])
    assert pronouncer.pronounce_all(["flimbering", "zorple", "ristrettino"])[::2] == first
    pronouncer.pronounce("zorple")
    assert len(pronouncer._known) == 1


def test_the_users_words_come_before_those_in_the_folder_of_a_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    (tmp_path / "pronunciations").mkdir()
    (tmp_path / "pronunciations" / "en-US.txt").write_text("zorple Z IY1\n")
    (tmp_path / "lexicon.txt").write_text("zorple Z OW1\n")
    locale = dataclasses.replace(ENGLISH, folder=tmp_path)
    assert Lexicon.load(locale).lookup("zorple") == (("Z", "IY1"), ("Z", "OW1"))
