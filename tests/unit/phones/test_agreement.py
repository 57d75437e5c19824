"""Recogniser, training, voice and `harken pronounce` say a word alike."""

from __future__ import annotations

import pytest

from harken.assistant.alone import pronunciations
from harken.phones.pronunciation import Pronunciation, Unstressed
from harken.phones.sets import strip_stress, to_ipa
from harken.train.asr.lexicon import TrainingLexicon

WORDS = (
    "coffee", "read", "wires", "who'll", "jumpiness", "a", "i", "b", "z", "usb", "html", "mqtt", "rgb", "xkcd", "psst",
    "dj's", "kubernetes", "ristrettino", "aoife", "harkenly", "rccg", "h'm", "brr",
)  # fmt: skip
"""Known, derived, letters, listed by the language model, initialisms, and guesses."""


@pytest.fixture(scope="module")
def pronunciation() -> Pronunciation:
    return Pronunciation.load()


@pytest.mark.parametrize("word", WORDS)
def test_one_word_is_said_in_one_way_everywhere(pronunciation: Pronunciation, word: str) -> None:
    heard = Unstressed()(word)
    assert heard
    assert TrainingLexicon({}).pronounce(word) == heard
    assert tuple(pronunciation.plain(word)) == heard
    stressed = {"ə": "ʌ", "ɚ": "ɝ"}  # what the recogniser hears has no stress
    shown = [[stressed.get(sign, sign) for sign in signs] for signs, _ in pronunciations(word, nbest=2)]
    written = [to_ipa(way) for way in heard]
    assert shown[0] == written[0]
    assert all(way in written for way in shown)


@pytest.mark.parametrize("word", [word for word in WORDS if word not in ("rccg", "h'm")])
def test_the_voice_says_it_with_stress(pronunciation: Pronunciation, word: str) -> None:
    (said, *_) = pronunciation.of(word)
    assert strip_stress(said) == Unstressed()(word)[0]
    assert any(phone[-1].isdigit() for phone in said)


def test_a_listed_word_counts_before_everything_else() -> None:
    listed = {"coffee": (("K", "AA", "F"),), "mqtt": (("M",),)}
    unstressed = Unstressed(listed=listed)
    assert unstressed("coffee") == (("K", "AA", "F"),)
    assert unstressed("mqtt") == (("M",),)
    assert Pronunciation.load(listed=listed).of("coffee")[0][0] == "K"
    assert Pronunciation.load(listed=listed).of("coffee")[0][1] == "AA1"  # the voice needs stress


def test_probabilities_are_one_for_rules_and_shares_for_guesses(pronunciation: Pronunciation) -> None:
    assert [way.probability for way in pronunciation.ways("coffee", nbest=3)] == [1.0] * len(pronunciation.of("coffee"))
    assert [way.probability for way in pronunciation.ways("mqtt", nbest=3)] == [1.0]
    shares = [way.probability for way in pronunciation.ways("ristrettino", nbest=3)]
    assert len(shares) == 3
    assert 0 < sum(shares) < 1
    assert shares == sorted(shares, reverse=True)


def test_the_version_names_what_the_answers_rest_on() -> None:
    assert Unstressed().version == Unstressed(listed={}).version
    assert "en-US" in Unstressed().version
    assert "missing" not in Unstressed().version
