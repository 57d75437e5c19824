"""The rescoring pass over made-up lattices, with a model that likes certain words."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from math import exp, log

import numpy as np
import pytest
from tests.unit.asr.toy import random_scores, toy_search

from harken.asr.acoustic.model import Outputs
from harken.asr.neural.model import CLASSES, NAME, States
from harken.asr.ngram.model import UNKNOWN
from harken.asr.passes.consensus import Consensus
from harken.asr.passes.hearing import FREE_SPEECH, hear
from harken.asr.passes.record import HeardStretch
from harken.asr.passes.rescoring import Rescoring, RescoringOptions, class_shares, rescored_sentences, reweighed
from harken.asr.search.space import SearchOptions

FREE = SearchOptions(consensus=True)
EVERYTHING = RescoringOptions(neural=1.0, sentences=12, sure=2.0, budget=600.0)


@dataclass
class Likes:
    """Scores a word by itself, whatever came before."""

    worth: dict[str, float] = field(default_factory=dict)
    steps: int = 0
    words = (*CLASSES, "ab", "a", "abc", "cd", "sea")

    def reading(self, word, expected):
        if word in expected:
            return self.words.index(NAME), expected[word]
        return (self.words.index(word) if word in self.words else UNKNOWN), 0.0

    def begin(self):
        none = np.zeros((1, 1, 1), np.float32)
        return States(none, none, np.zeros((1, 1), np.float32))

    def after(self, states, words):
        self.steps += len(words)
        return states

    def scores(self, z, words):
        return np.array([self.worth.get(self.words[word], 0.0) for word in words])


def first_pass(seed: int, *, free: bool = True) -> HeardStretch:
    search, scores = toy_search(options=replace(FREE, consensus=free)), random_scores(25, seed)
    search.accept(scores)
    return hear(search, Outputs(scores), nbest=5, passes=())


def rescored(heard: HeardStretch, options: RescoringOptions, **worth: float) -> HeardStretch:
    return Rescoring(Likes(worth), options)(heard, ())  # type: ignore[arg-type]


def texts(heard: HeardStretch) -> list[tuple[str, ...]]:
    return [sentence.texts for sentence in heard.sentences]


@pytest.mark.parametrize("seed", range(4))
def test_without_weight_the_first_pass_stays(seed: int) -> None:
    heard = first_pass(seed)
    assert rescored(heard, replace(EVERYTHING, neural=0.0), ab=9.0) is heard
    assert heard.lattice is not None
    plain = rescored_sentences(heard.lattice, EVERYTHING)
    same = rescored(heard, EVERYTHING)  # a model to which all words are alike
    assert texts(same) == [sentence.texts for sentence in plain]
    assert [one.log_prob for one in same.sentences] == pytest.approx([one.log_prob for one in plain])


@pytest.mark.parametrize("seed", range(4))
def test_totals_are_those_of_the_formula_and_order_the_sentences(seed: int) -> None:
    heard = first_pass(seed)
    options = replace(EVERYTHING, first=0.4, neural=0.7, word=-0.2)
    worth = {"ab": -1.0, "sea": 2.0, "</s>": -0.5}
    plain = {sentence.texts: sentence for sentence in rescored(heard, EVERYTHING).sentences}
    found = rescored(heard, options, **worth)
    assert [s.log_prob for s in found.sentences] == sorted((s.log_prob for s in found.sentences), reverse=True)
    assert set(texts(found)) == set(plain)
    for sentence in found.sentences:
        before = plain[sentence.texts]
        model = sum(worth.get(word, 0.0) for word in sentence.texts) - 0.5
        assert before.language is not None
        language = 0.4 * before.language + 0.7 * model - 0.2 * len(sentence.words)
        assert sentence.language == pytest.approx(language)
        assert sentence.log_prob == pytest.approx(before.log_prob - before.language + language)


def test_equal_totals_keep_the_order_of_the_first_pass() -> None:
    heard = first_pass(0)
    nothing = replace(heard, sentences=tuple(replace(s, log_prob=0.0, language=0.0) for s in heard.sentences))
    same = reweighed(nothing, nothing.sentences, np.zeros(len(nothing.sentences)), EVERYTHING)
    assert texts(same) == texts(heard)


@pytest.mark.parametrize("seed", range(4))
def test_shares_and_bins_are_those_of_the_new_totals(seed: int) -> None:
    heard = first_pass(seed)
    found = rescored(heard, EVERYTHING, sea=3.0)
    assert sum(sentence.confidence for sentence in found.sentences) <= 1 + 1e-6
    for a, b in itertools.pairwise(found.sentences):
        assert a.confidence / b.confidence == pytest.approx(exp(a.log_prob - b.log_prob), rel=1e-4)
    assert found.sentences[0].confidence == pytest.approx(exp(found.sentences[0].log_prob - found.total), rel=1e-4)
    for one in found.bins:
        assert sum(share for _, share in one.words) == pytest.approx(1, abs=1e-6)
    assert [one.pivot for one in found.bins if one.pivot is not None] == list(range(len(found.sentences[0].words)))
    assert all(0 <= word.confidence <= 1 for word in found.sentences[0].words)


def test_the_consensus_that_follows_is_one_of_the_rescored_sentences() -> None:
    changed = 0
    for seed in range(8):
        heard = first_pass(seed)
        liked = rescored(heard, EVERYTHING, sea=50.0)
        changed += Consensus()(liked, ()).sentences[0].texts != Consensus()(heard, ()).sentences[0].texts
        assert liked.sentences[0].texts.count("sea") == max(words.count("sea") for words in texts(liked))
        assert {word for one in liked.bins for word, _ in one.words} <= {"", *itertools.chain(*texts(liked))}
    assert changed


def test_a_first_pass_that_is_sure_and_a_single_sentence_are_left_alone() -> None:
    heard = first_pass(1)
    assert rescored(heard, replace(EVERYTHING, sure=heard.sentences[0].confidence), ab=9.0) is heard
    assert rescored(heard, replace(EVERYTHING, sentences=1), ab=9.0) is heard


def test_nothing_heard_stays_nothing() -> None:
    heard = hear(toy_search(options=FREE), Outputs(np.zeros((0, 10), np.float32)), nbest=3, passes=())
    assert rescored(heard, EVERYTHING, ab=9.0) is heard


def test_a_slow_model_is_not_waited_for() -> None:
    """The clock runs a tenth of a second for each time it is asked; the budget is over before the third word."""
    heard = first_pass(2)
    model, ticks = Likes({"ab": 9.0}), itertools.count(0.0, 0.1)
    slow = Rescoring(model, replace(EVERYTHING, budget=0.25), clock=lambda: next(ticks))  # type: ignore[arg-type]
    assert slow(heard, ()) is heard
    reached = model.steps
    patient = Rescoring(model, replace(EVERYTHING, budget=60.0), clock=lambda: next(ticks))  # type: ignore[arg-type]
    assert patient(heard, ()) is not heard
    assert model.steps > 2 * reached


def test_expected_words_are_read_as_personal_ones() -> None:
    heard = replace(first_pass(3), expected=("sea", "maria"))
    assert class_shares(heard.expected) == {"sea": log(0.5), "maria": log(0.5)}
    assert class_shares(()) == {}
    found = rescored(heard, EVERYTHING, **{NAME: 50.0, "sea": -50.0})
    assert found.sentences[0].texts.count("sea") == max(words.count("sea") for words in texts(found))


def test_free_speech_is_rescored_before_its_consensus_and_a_grammar_is_not() -> None:
    def pass_over(heard: HeardStretch, before: tuple[str, ...]) -> HeardStretch:
        seen.append(heard)
        return heard

    scores = random_scores(25, 0)
    for free in (True, False):
        seen: list[HeardStretch] = []
        search = toy_search(options=replace(FREE, consensus=free))
        search.accept(scores)
        hear(search, Outputs(scores), nbest=5, rescoring=pass_over)  # type: ignore[arg-type]
        assert len(seen) == free
        if free:
            assert all(sentence.language is not None for sentence in seen[0].sentences)
    assert [step.name for step in FREE_SPEECH] == ["consensus"]
