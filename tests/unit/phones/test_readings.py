"""Pronunciations in languages that harken only pronounces: the shipped network, the user's dictionaries, names."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from harken.bundle import load_bundle
from harken.errors import ConfigError, DataError, VocabularyError
from harken.phones.foreign import in_common, stressed, with_foreign
from harken.phones.inventory import find_language
from harken.phones.ipa import to_common
from harken.phones.multilingual import MultilingualModel
from harken.phones.pronouncer import Pronouncer
from harken.phones.readings import MULTILINGUAL, Readings
from harken.phones.sets import PHONES, STRESSED
from harken.phones.transducer import Answer


@pytest.fixture(scope="module")
def model() -> MultilingualModel:
    return MultilingualModel(load_bundle(MULTILINGUAL))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    (tmp_path / "pronunciations").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("language", "word", "phones"),
    [
        ("fr", "bonjour", "b ɔ̃ ʒ u ʁ"), ("it", "banana", "b a n a n a"), ("de", "Tisch", "t ɪ ʃ"),
        ("pl", "noc", "n ɔ t͡s"), ("es-ES", "gracias", "ɡ ɾ a θ j a s"), ("es-419", "gracias", "ɡ ɾ a s j a s"),
        ("en-US", "kettle", "K EH1 T AH0 L"),
        ("ko", "나라", "n a̠ ɾ a̠"), ("hu", "magyar", "m ɒ ɟ ɒ r"),
    ],
)  # fmt: skip
def test_plain_words_of_many_languages(model: MultilingualModel, language: str, word: str, phones: str):
    assert model.pronounce([word], language)[0][0].phones == tuple(phones.split())


def test_a_spelling_is_said_differently_in_each_language(model: MultilingualModel):
    said = {model.pronounce(["transformation"], language)[0][0].phones for language in ("en-GB", "fr", "de", "sv")}
    assert len(said) == 4


def test_only_phones_of_the_language_are_said_and_all_are_in_the_common_set(model: MultilingualModel):
    for language in model.languages:
        own = model.inventory.spoken[language]
        for ways in model.pronounce(["xylophon", "zażółć", "ночь", "かな"], language, nbest=3):
            for way in ways:
                assert set(way.phones) <= own
        assert all(set(to_common([phone])) <= set(PHONES) for phone in own)


def test_the_bundle_is_small_and_speaks_eighteen_languages_or_more(model: MultilingualModel):
    bundle = load_bundle(MULTILINGUAL)
    assert sum(bundle.info["files"][file]["bytes"] for file in ("encoder.onnx", "decoder.onnx")) <= 4_000_000
    assert len({language.split("-")[0] for language in model.languages}) >= 18


def test_many_words_at_once_are_read_as_one_by_one(model: MultilingualModel):
    words = ["chat", "extraordinairement", "", "oeuf", "zut"] * 20
    together = model.pronounce(words, "fr", nbest=2)
    alone = [model.pronounce([word], "fr", nbest=2)[0] for word in words[:5]]
    for mine, theirs in zip(together, alone * 20, strict=True):
        assert [way.phones for way in mine] == [way.phones for way in theirs]
        assert [way.log_prob for way in mine] == pytest.approx([way.log_prob for way in theirs], abs=1e-3)


def test_where_words_come_from(model: MultilingualModel):
    for word, language in (("vraisemblablement", "fr"), ("nieprzewidywalny", "pl"), ("выключатель", "bg")):
        origins = model.origins(word)
        assert sum(origins.values()) == pytest.approx(1, abs=1e-4)
        assert next(iter(origins)) == language
    assert model.origins("") == {}


def test_a_foreign_name_has_an_english_and_a_foreign_reading():
    guesses = Pronouncer.load(MULTILINGUAL, language="en-US").pronounce("Wojciechowski", nbest=4)
    assert sum(math.exp(guess.log_prob) for guess in guesses) <= 1 + 1e-6
    assert all(set(guess.phones) <= set(STRESSED) for guess in guesses)
    assert any("CH" in guess.phones and "V" in guess.phones for guess in guesses)


class FromFrance:
    """Takes every word for French with a certain probability."""

    def __init__(self, share: float) -> None:
        self.share = share

    def origins_of(self, words):
        return [{"fr": self.share, "en-US": 1 - self.share} for _ in words]

    def pronounce(self, words, language):
        assert language == "fr"
        return [[Answer(("b", "o"), 0.0)] for _ in words]


def test_half_of_a_languages_probability_goes_to_its_readings():
    english = [Answer(("B", "AA1"), math.log(0.8)), Answer(("B", "AE1"), math.log(0.2))]
    (found,) = with_foreign(FromFrance(0.5), ["beau"], [english], nbest=3)
    assert [way.phones for way in found] == [("B", "AA1"), ("B", "OW1"), ("B", "AE1")]
    assert [math.exp(way.log_prob) for way in found] == pytest.approx([0.75 * 0.8, 0.25, 0.75 * 0.2])
    assert with_foreign(FromFrance(0.2), ["beau"], [english], nbest=3) == [
        [Answer(way.phones, pytest.approx(way.log_prob)) for way in english]
    ]


def test_an_english_word_has_english_readings_only(model: MultilingualModel):
    guesses = model.pronounce(["flimbering"], "en-US", nbest=3)[0]
    (found,) = with_foreign(model, ["flimbering"], [guesses], nbest=3)
    assert [way.phones for way in found] == [way.phones for way in guesses]
    assert [way.log_prob for way in found] == pytest.approx([way.log_prob for way in guesses])


@pytest.mark.parametrize(
    ("language", "phones"), [("fr", "AA0 B AA0 K AA1"), ("cs", "AA1 B AA0 K AA0"), ("it", "AA0 B AA1 K AA0")]
)
def test_stress_falls_where_the_language_has_it(language: str, phones: str):
    assert stressed(("AA", "B", "AA", "K", "AA"), language) == tuple(phones.split())
    assert stressed(("S",), language) == ("S",)
    assert stressed(("T", "AA"), language) == ("T", "AA1")


def test_the_users_dictionary_comes_first(home: Path):
    (home / "pronunciations" / "fr.txt").write_text("# mine\nHarken\ta ʁ k ɛ n\nharken o\n", encoding="utf-8")
    readings = Readings.load("fr-FR")
    assert [way.phones for way in readings.of("HARKEN", nbest=2)] == [tuple("aʁkɛn"), ("o",)]
    assert readings.of("harken") == [(tuple("aʁkɛn"), 1)]
    mixed = readings.all(["bonjour", "harken", "chat"])
    assert mixed[1][0].phones == tuple("aʁkɛn")
    assert mixed[2][0].phones == ("ʃ", "a")


def test_a_line_without_phones_is_named(home: Path):
    (home / "pronunciations" / "fr.txt").write_text("bon b ɔ̃\nharken\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"fr\.txt:2: 'harken' has no phones"):
        Readings.load("fr")


def test_languages_are_found_by_their_usual_names():
    known = ("en-US", "es-419", "es-ES", "fr", "pt-BR")
    assert [find_language(name, known) for name in ("fr", "fr-FR", "PT_br", "es", "ES-es", "en-GB", "xx")] == [
        "fr", "fr", "pt-BR", "es-419", "es-ES", "", ""
    ]  # fmt: skip


def test_a_language_that_nothing_speaks_is_refused_with_what_there_is():
    with pytest.raises(ConfigError, match=r"speaks 'xx' \(.*train phones/pronouncer own.*\); there are: "):
        Readings.load("xx")
    with pytest.raises(VocabularyError, match="does not speak 'xx'"):
        Pronouncer.load(MULTILINGUAL, language="xx").pronounce("a")


def test_network_and_n_gram_answer_english_together():
    mean = Pronouncer.load(MULTILINGUAL, language="en-US")
    network, pairs = (
        mean.network.pronounce(["ristrettino"], "en-US", nbest=8, beam=8)[0],
        Pronouncer.load("pronouncer-en"),
    )
    shares = {way.phones: math.exp(way.log_prob) / 2 for way in network}
    for guess in pairs.pronounce("ristrettino", nbest=8):
        shares[guess.phones] = shares.get(guess.phones, 0) + math.exp(guess.log_prob) / 2
    (best,) = mean.pronounce("ristrettino")
    assert best.phones == max(shares, key=shares.get)
    assert math.exp(best.log_prob) == pytest.approx(shares[best.phones], abs=1e-4)


def test_only_the_language_of_the_n_gram_is_answered_by_both():
    french = Pronouncer.load(MULTILINGUAL, language="fr")
    assert [g.phones for g in french.pronounce("chat")] == [
        a.phones for a in french.network.pronounce(["chat"], "fr")[0]
    ]


def test_a_language_is_given_in_the_common_set_where_recogniser_and_voice_need_it():
    plain, common = (
        Pronouncer.load(MULTILINGUAL, language="fr-FR", common=c).pronounce("bonjour")[0] for c in (False, True)
    )
    assert plain.phones == ("b", "ɔ̃", "ʒ", "u", "ʁ")
    assert common.phones == ("B", "AO0", "N", "ZH", "UW1", "R")
    assert in_common([Answer(("a",), -1.0), Answer(("aː",), -1.0)], "fr") == [
        Answer(("AA1",), pytest.approx(-1 + math.log(2)))
    ]


@pytest.mark.parametrize("name", ["ristrettino", "Wojciechowski", "Dvořák", "Giannopoulos", "Lefebvre"])
def test_a_foreign_reading_never_comes_before_the_best_english_one(name: str):
    english = Pronouncer.load(MULTILINGUAL, language="en-US")
    assert english.pronounce(name, nbest=4)[0].phones == english.pronounce(name)[0].phones
