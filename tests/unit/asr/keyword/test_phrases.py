"""Phrases as networks of phones: pronunciations, variants, silence between words, and what cannot be one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harken.asr.acoustic.model import AcousticModel
from harken.asr.keyword.phrases import Phrases
from harken.errors import VocabularyError
from harken.phones.pronunciation import Pronunciation
from harken.phones.sets import PHONES, SILENCE

LABELS = (SILENCE, *PHONES)


@pytest.fixture(scope="module")
def pronunciation() -> Pronunciation:
    return Pronunciation.load()


def ways(phrases: Phrases, number: int) -> set[str]:
    """All phone sequences that a phrase accepts."""
    states = len(phrases.phones)
    ends = [*phrases.first_last[1:], len(phrases.last)]

    def back(state: int) -> Iterator[list[str]]:
        for before in set(phrases.before[state].tolist()) - {states + 1}:
            for path in [[]] if before == states else back(before):
                yield [*path, LABELS[phrases.phones[state]]]

    last = phrases.last[phrases.first_last[number] : ends[number]]
    return {" ".join(path) for state in last for path in back(int(state))}


def test_a_word_has_its_listed_and_its_casual_pronunciations(pronunciation: Pronunciation) -> None:
    phrases = Phrases.of(["computer"], labels=LABELS, pronunciation=pronunciation)
    assert {"K AH M P Y UW T ER", "K AH M P Y UW D ER", "K IH M P Y UW T ER"} <= ways(phrases, 0)
    assert phrases.sizes.tolist() == [8]


def test_between_words_there_may_be_silence_and_nowhere_else(pronunciation: Pronunciation) -> None:
    phrases = Phrases.of(["view glass"], labels=LABELS, pronunciation=pronunciation)
    assert {"V Y UW G L AE S", "V Y UW SIL G L AE S"} <= ways(phrases, 0)
    assert all(way.count("SIL") <= 1 and not way.startswith("SIL") for way in ways(phrases, 0))


def test_each_of_several_phrases_has_a_network_of_its_own(pronunciation: Pronunciation) -> None:
    together = Phrases.of(["jarvis", "view glass", "alexa"], labels=LABELS, pronunciation=pronunciation)
    for number, text in enumerate(together.texts):
        alone = Phrases.of([text], labels=LABELS, pronunciation=pronunciation)
        assert ways(together, number) == ways(alone, 0)
        assert together.sizes[number] == alone.sizes[0]


def test_a_word_outside_the_lexicon_is_guessed(pronunciation: Pronunciation) -> None:
    phrases = Phrases.of(["hadouken"], labels=LABELS, pronunciation=pronunciation)
    assert len(ways(phrases, 0)) >= 2
    assert phrases.sizes[0] >= 5


def test_phrases_are_read_as_they_are_written(pronunciation: Pronunciation) -> None:
    phrases = Phrases.of(["Hey, Jarvis!"], labels=LABELS, pronunciation=pronunciation)
    plain = Phrases.of(["hey jarvis"], labels=LABELS, pronunciation=pronunciation)
    assert phrases.texts == ("Hey, Jarvis!",)
    assert ways(phrases, 0) == ways(plain, 0)


@pytest.mark.parametrize("text", ["", "?!", "東京"])
def test_what_cannot_be_said_cannot_be_a_phrase(pronunciation: Pronunciation, text: str) -> None:
    with pytest.raises(VocabularyError, match="cannot be pronounced"):
        Phrases.of([text], labels=LABELS, pronunciation=pronunciation)


def test_a_phone_that_the_model_lacks_is_named(pronunciation: Pronunciation) -> None:
    with pytest.raises(VocabularyError, match="'computer' has the phone K"):
        Phrases.of(["computer"], labels=("SIL", "AA"), pronunciation=pronunciation)


def test_the_shipped_model_knows_the_phones(pronunciation: Pronunciation) -> None:
    assert Phrases.of(["computer"], labels=AcousticModel.load().labels, pronunciation=pronunciation).texts == (
        "computer",
    )
