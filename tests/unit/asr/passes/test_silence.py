"""Whether anything was said: silence against the likeliest sentence, on planted and random scores."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.asr.toy import PHONES, planted_scores, random_scores, toy_search

from harken.asr.acoustic.model import Outputs
from harken.asr.passes.hearing import hear
from harken.asr.passes.record import HeardStretch
from harken.asr.passes.silence import SECOND, Silence, margin, margin_of, silence_score
from harken.asr.search.space import SearchOptions


def heard(scores: np.ndarray, *, nothing: float = 0.0) -> HeardStretch:
    search = toy_search(options=SearchOptions(nothing=nothing))
    search.accept(scores)
    return hear(search, Outputs(scores), nbest=5, passes=())


def test_where_a_word_is_clearly_heard_nothing_changes() -> None:
    plain = heard(planted_scores(["SIL", "A", "B", "SIL"]))
    assert plain.sentences[0].texts == ("ab",)
    assert Silence()(plain, ()) is plain


def test_where_silence_is_clearly_heard_nothing_was_said() -> None:
    judged = Silence()(heard(planted_scores(["SIL"], each=20)), ())
    assert [sentence.texts for sentence in judged.sentences] == [()]
    assert (judged.sentences[0].confidence, judged.bins, judged.lattice) == (1.0, (), None)


def test_nothing_to_hear_stays_nothing() -> None:
    empty = heard(np.zeros((0, 2 * len(PHONES)), np.float32))
    assert Silence()(empty, ()) is empty


@pytest.mark.parametrize("seed", range(5))
def test_the_price_decides(seed: int) -> None:
    plain = heard(random_scores(12, seed))
    price = margin(plain)
    enough = replace(plain, options=replace(plain.options, nothing=price - 0.01))
    short = replace(plain, options=replace(plain.options, nothing=price + 0.01))
    assert Silence()(enough, ()) is enough
    assert Silence()(short, ()).sentences[0].words == ()


def test_silence_is_entered_once_and_held_at_the_scales_of_the_search() -> None:
    scores = random_scores(9, 1)
    options = SearchOptions(acoustic_scale=0.5, silence_cost=1.5, phone_bonus=7.0)
    by_hand = 0.5 * (scores[0, 0] + sum(scores[n, len(PHONES)] for n in range(1, 9))) - 1.5
    assert silence_score(scores, 0, options) == pytest.approx(by_hand, abs=1e-4)
    costs = toy_search(options=options).entry_costs(scores[:1, : len(PHONES)])
    assert silence_score(scores[:1], 0, options) == pytest.approx(-float(costs[0, 0]), abs=1e-4)


def test_twice_as_long_a_stretch_needs_more_by_the_logarithm_of_two() -> None:
    assert margin_of(3.0, 1.0, SECOND) == pytest.approx(2.0)
    assert margin_of(3.0, 1.0, 2 * SECOND) == pytest.approx(2.0 - math.log(2))
