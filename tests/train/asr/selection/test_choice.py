"""Choosing recordings: budget, diminishing returns, margin, what disqualifies."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from harken.train.asr.selection.choice import ChoiceConfig, by_local_global, rank_sum, usable, within_hours
from harken.train.asr.selection.decoding import Decoded, Sentence
from harken.train.asr.selection.evidence import Evidence, EvidenceConfig, gather_evidence
from harken.train.asr.selection.margin import by_margin, margin
from harken.train.asr.selection.slots import Slot, Slots

HOUR = 120_000


def heard(words: str, *, share: float = 0.9, steps: int = 100, sentences: tuple[Sentence, ...] = ()) -> Decoded:
    slots = tuple(
        Slot(word=word, rival="", share=share, rival_share=1 - share, first=10 * n, last=10 * n + 10)
        for n, word in enumerate(words.split())
    )
    return Decoded(name=words, speaker=None, first=0, steps=steps, sentences=sentences, slots=slots)


def clusters(sizes: tuple[int, int] = (6, 5)) -> tuple[Slots, Evidence]:
    """Two clusters of equal sounds, one pair of words each; the first one's fall is a little greater."""
    count = sum(sizes)
    first = np.arange(count) < sizes[0]
    slots = Slots(
        names=("", "light", "right", "lock", "rock"), recording=np.arange(count), voice=np.arange(count),
        word=np.where(first, 1, 3), rival=np.where(first, 2, 4), odds=np.where(first, 0.4, 0.5),
        steps=np.full(count, 100), vectors=np.where(first[:, None], [[1.0, 0.0]], [[0.0, 1.0]]).astype(np.float32),
    )  # fmt: skip
    return slots, gather_evidence(slots, EvidenceConfig(balance=False), rng=np.random.default_rng(0))


def chosen(slots: Slots, evidence: Evidence, *, count: int, **options) -> list[int]:
    total = len(slots)
    hours = (count * 100 + 1) / HOUR
    return by_local_global(slots, evidence, [100] * total, hours, [True] * total, ChoiceConfig(**options))


def test_the_budget_is_never_exceeded() -> None:
    slots, evidence = clusters()
    for count in range(8):
        assert len(chosen(slots, evidence, count=count)) == count
    assert within_hours([2, 0, 1], [50, 60, 40], 95 / HOUR, [True] * 3) == [2, 0]
    assert within_hours([2, 0, 1], [50, 60, 40], 95 / HOUR, [True, True, False]) == [0]


def test_what_was_learned_need_not_be_learned_again() -> None:
    slots, evidence = clusters()
    order = chosen(slots, evidence, count=2)
    assert {slots.word[order[0]], slots.word[order[1]]} == {1, 3}


def test_the_choice_is_the_same_every_time() -> None:
    slots, evidence = clusters()
    assert chosen(slots, evidence, count=7) == chosen(*clusters(), count=7)


def test_uncertainty_that_is_left_counts_against_a_recording() -> None:
    slots, evidence = clusters()
    shift = np.zeros(len(slots))
    doubtful = replace(evidence, shift=np.where(slots.word == 1, shift, evidence.shift))
    assert slots.word[chosen(slots, doubtful, count=1)[0]] == 3


def test_a_doubtful_flip_disqualifies_unless_it_is_cut_out() -> None:
    slots, evidence = clusters()
    flipped = np.zeros(len(slots), bool)
    flipped[0] = True
    flips = replace(evidence, flipped=flipped)
    assert 0 not in chosen(slots, flips, count=11, cut=False)
    assert 0 in chosen(slots, flips, count=11, cut=True)


def test_too_few_words_and_implausible_speed_are_not_usable() -> None:
    rows = [heard("hello"), heard("hello there"), heard("a b", steps=1000), heard("one two three", steps=8)]
    assert usable(rows, [4, 12, 4, 10], ChoiceConfig()) == [False, True, False, False]


def test_with_an_equally_strong_model_the_margin_is_the_gap_to_the_second() -> None:
    best, second = Sentence(text="a", acoustic=-10.0, language=-4.0), Sentence(text="b", acoustic=-9.0, language=-6.0)
    assert margin([best, second], 10, weak=1.0) == pytest.approx((-14 - -15) / 10)
    assert margin([best, second], 10, weak=0.5) == pytest.approx((-12 - -12) / 10)
    assert margin([best, second], 10, weak=0.0) == pytest.approx(-0.1)
    assert margin([best], 10) == math.inf


def test_margin_prefers_close_calls_of_which_the_strong_model_is_sure() -> None:
    def with_gap(name: str, gap: float, share: float) -> Decoded:
        pair = (Sentence(text="a", acoustic=gap, language=0.0), Sentence(text="b", acoustic=0.0, language=0.0))
        return heard(name, share=share, sentences=pair)

    rows = [with_gap("far", 9, 0.9), with_gap("near", 1, 0.9), with_gap("unsure", 0, 0.5), with_gap("poor", 0, 0.3)]
    assert by_margin(rows) == [1, 0, 2, 3]


def test_ranks_are_added_and_the_missing_come_last() -> None:
    assert rank_sum([[2, 0, 1], [0, 2]], 4) == [0, 2, 1, 3]
