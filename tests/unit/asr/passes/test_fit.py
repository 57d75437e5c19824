"""The fit of sentences to the sound, on random scores."""

from __future__ import annotations

import itertools

import pytest
from tests.unit.asr.toy import random_scores, toy_search

from harken.asr.acoustic.model import Outputs
from harken.asr.passes.fit import MIDDLE, AcousticFit, said_at_all
from harken.asr.passes.hearing import hear
from harken.asr.passes.record import HeardStretch


def heard(seed: int, *, boost: float = 0.0) -> tuple[HeardStretch, HeardStretch]:
    """The record without and with the pass; `boost` makes a phone that no word contains likely in every frame."""
    search, scores = toy_search(), random_scores(25, seed)
    search.accept(scores)
    outputs = scores.copy()
    outputs[:, 0] += boost
    plain = hear(search, Outputs(outputs), nbest=5, passes=())
    return plain, AcousticFit()(plain, ())


@pytest.mark.parametrize("seed", range(6))
def test_words_and_their_order_stay_and_no_confidence_grows(seed: int) -> None:
    plain, judged = heard(seed)
    assert [one.texts for one in judged.sentences] == [one.texts for one in plain.sentences]
    pairs = list(zip(plain.sentences, judged.sentences, strict=True))
    assert all(after.confidence <= before.confidence for before, after in pairs)


def test_what_the_sound_contradicts_was_hardly_said() -> None:
    _, fitting = heard(1)
    _, contradicted = heard(1, boost=30.0)
    assert contradicted.sentences[0].confidence < 0.01 * max(fitting.sentences[0].confidence, 1e-3)


def test_the_chance_falls_with_the_fit_and_is_a_half_in_the_middle() -> None:
    chances = [said_at_all(fit) for fit in (-0.4, -0.8, MIDDLE, -1.1, -3.0, -100.0)]
    assert all(better > worse for better, worse in itertools.pairwise(chances[:5]))
    assert chances[2] == pytest.approx(0.5)
    assert 0.0 <= chances[-1] < 1e-9
