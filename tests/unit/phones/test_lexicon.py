"""The lexicon: the compact table, derived words, the user's own words, and the shipped bundle."""

from __future__ import annotations

import string
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.bundle import load_bundle, write_bundle
from harken.errors import BundleError, VocabularyError
from harken.languages.en.derivation import derive
from harken.languages.loading import load_locale
from harken.phones.lexicon import Lexicon, encode_lexicon
from harken.phones.pronunciation import Pronunciation
from harken.phones.sets import PHONES, STRESSED

ENTRIES = {
    "kettle": (("K", "EH1", "T", "AH0", "L"),),
    "read": (("R", "IY1", "D"), ("R", "EH1", "D")),
    "the": (("DH", "AH0"), ("DH", "AH1"), ("DH", "IY0")),
    "wash": (("W", "AA1", "SH"),),
    "stop": (("S", "T", "AA1", "P"),),
    "like": (("L", "AY1", "K"),),
    "carry": (("K", "EH1", "R", "IY0"),),
    "who": (("HH", "UW1"),),
    "cool": (("K", "UW1", "L"),),
    "a.m.": (("EY1", "EH1", "M"),),
}
WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=6)
WAYS = st.lists(st.lists(st.sampled_from(STRESSED), min_size=1, max_size=5).map(tuple), min_size=1, max_size=3).map(
    tuple
)


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(WORDS, WAYS, max_size=12))
def test_the_table_gives_back_what_was_put_in(entries):
    lexicon = Lexicon.of(entries)
    assert list(lexicon) == sorted(entries)
    assert len(lexicon) == len(entries)
    for word, ways in entries.items():
        assert lexicon.lookup(word) == ways


def test_spellings_that_normalised_text_cannot_hold_are_left_out():
    assert "a.m." not in Lexicon.of(ENTRIES, derive=derive)


def test_pronunciations_have_no_stress_and_no_doubles():
    assert Pronunciation(load_locale(), Lexicon.of(ENTRIES)).plain("the") == [("DH", "AH"), ("DH", "IY")]


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("kettles", "K EH1 T AH0 L Z"), ("kettle's", "K EH1 T AH0 L Z"), ("stops", "S T AA1 P S"),
        ("washes", "W AA1 SH IH0 Z"), ("carries", "K EH1 R IY0 Z"), ("carried", "K EH1 R IY0 D"),
        ("stopped", "S T AA1 P T"), ("stopping", "S T AA1 P IH0 NG"), ("liked", "L AY1 K T"),
        ("likeness", "L AY1 K N AH0 S"), ("who'll", "HH UW1 AH0 L"), ("coolly", "K UW1 L IY0"),
        ("washer", "W AA1 SH ER0"),
    ],
)  # fmt: skip
def test_a_form_follows_from_its_word(word: str, phones: str):
    assert Lexicon.of(ENTRIES, derive=derive).lookup(word)[0] == tuple(phones.split())


@pytest.mark.parametrize("word", ["", "xyzzy", "s", "'s", "ing", "ed", "kettlé", "水", "\n", "|", "kettle|", "kettl"])
def test_an_unknown_word_has_no_pronunciation(word: str):
    lexicon = Lexicon.of(ENTRIES, derive=derive)
    assert lexicon.lookup(word) == ()
    assert word not in lexicon


@settings(deadline=None, max_examples=40)
@given(st.text())
def test_any_text_can_be_looked_up(word: str):
    Lexicon.of(ENTRIES, derive=derive).lookup(word)


def test_the_users_words_come_first_and_take_part_in_the_rules():
    lexicon = Lexicon.of(ENTRIES, derive=derive)
    lexicon.add("Read", "R AA1 D".split())
    lexicon.add("Quux", ["k", "w", "ah1", "k", "s"], ["K", "UW", "K", "S"])
    assert lexicon.lookup("read")[0] == ("R", "AA1", "D")
    assert lexicon.lookup("quux") == (("K", "W", "AH1", "K", "S"), ("K", "UW", "K", "S"))
    assert lexicon.lookup("quux's")[0][-2:] == ("IH0", "Z")
    assert "quux" in lexicon
    assert len(lexicon) == 10
    assert list(lexicon)[-1] == "quux"


@pytest.mark.parametrize(("word", "way"), [("x", ["Q"]), ("x", []), ("", ["K"]), ("  ", ["K"])])
def test_a_wrong_word_of_the_user_is_refused(word: str, way: list[str]):
    with pytest.raises(VocabularyError, match="expected"):
        Lexicon().add(word, way)


def test_an_empty_lexicon_knows_nothing():
    assert len(Lexicon()) == 0
    assert Lexicon().lookup("a") == ()
    assert list(Lexicon()) == []


def test_a_bundle_with_other_phones_is_refused(tmp_path: Path):
    write_bundle(tmp_path / "l", name="l", kind="lexicon", files={"lexicon.xz": encode_lexicon(ENTRIES)},
                 labels=PHONES, card="x")  # fmt: skip
    with pytest.raises(BundleError, match="lists 39 phones, expected the 69"):
        Lexicon.from_bundle(load_bundle(tmp_path / "l"))


def test_a_bundle_of_another_kind_is_refused(tmp_path: Path):
    write_bundle(tmp_path / "l", name="l", kind="voice", files={}, card="x")
    with pytest.raises(BundleError, match="of kind 'voice'"):
        Lexicon.from_bundle(load_bundle(tmp_path / "l"))


def test_the_shipped_lexicon_is_large_small_and_quick():
    before = time.process_time()
    lexicon = Lexicon.load()
    taken = time.process_time() - before
    assert len(lexicon) > 120_000
    assert lexicon.lookup("computer") == (("K", "AH0", "M", "P", "Y", "UW1", "T", "ER0"),)
    assert lexicon.lookup("macchiato")
    assert taken < 0.5  # 0.07 s on the reference machine
