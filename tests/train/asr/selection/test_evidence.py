"""Evidence from the pool: the worked examples of the specification, its properties, and the simulation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from harken.train.asr.selection.evidence import EvidenceConfig, drop_of, gather_evidence, offset, vote
from harken.train.asr.selection.slots import Slots
from harken.train.asr.selection.uncertainty import entropy, mean_over_recordings, probability

from .simulated import of_rule, simulate

LIGHT_OR_RIGHT = math.log(0.6 / 0.4)


def of_two_words(odds: list[float], vectors: np.ndarray, *, voices: list[int] | None = None) -> Slots:
    """Slots of one pair in recordings of their own; positive odds: the first word is likelier."""
    count = len(odds)
    first = np.asarray(odds) >= 0
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return Slots(
        names=("", "light", "right"), recording=np.arange(count), voice=np.asarray(voices or range(count)),
        word=np.where(first, 1, 2), rival=np.where(first, 2, 1), odds=np.abs(odds), steps=np.full(count, 10),
        vectors=units.astype(np.float32),
    )  # fmt: skip


def gathered(slots: Slots, **options):
    return gather_evidence(slots, EvidenceConfig(**options), rng=np.random.default_rng(0))


def adjusted_by(votes: list[tuple[float, float]], *, odds: float, strength: float = 1.0):
    """(weight, posterior of the word) of each neighbour -> probability after, fall of entropy, flipped."""
    weights = np.array([weight for weight, _ in votes])
    towards = np.array([2 * share - 1 for _, share in votes])
    after = odds + vote(weights, towards, strength=strength, normalised=False)
    drop, flipped = drop_of(np.array([odds]), np.array([after]))
    return float(probability(np.array(after))), float(drop[0]), bool(flipped[0])


def test_entropy_is_greatest_at_even_odds_and_symmetric() -> None:
    odds = np.array([0.0, 2.0, -2.0, 40.0])
    assert entropy(odds) == pytest.approx([math.log(2), entropy(odds)[2], entropy(odds)[1], 0], abs=1e-9)
    assert entropy(np.array([LIGHT_OR_RIGHT]))[0] == pytest.approx(0.673012, abs=1e-6)


def test_longer_slots_weigh_more_in_the_uncertainty_of_a_recording() -> None:
    values = np.array([0.6, 0.0, 0.0])
    mean = mean_over_recordings(values, np.array([30, 10, 5]), np.array([0, 0, 1]), 3)
    assert mean == pytest.approx([0.45, 0.0, 0.0])


def test_support_lowers_the_uncertainty_as_in_the_worked_example() -> None:
    q, drop, flipped = adjusted_by([(0.8, 0.9), (0.3, 0.3)], odds=LIGHT_OR_RIGHT)
    assert (q, drop, flipped) == (pytest.approx(0.716154, abs=1e-5), pytest.approx(0.076463, abs=1e-5), False)
    _, doubled, _ = adjusted_by([(0.8, 0.9), (0.3, 0.3)], odds=LIGHT_OR_RIGHT, strength=2)
    assert doubled == pytest.approx(0.185775, abs=1e-5)


def test_a_contradicted_slot_is_flipped_and_not_rewarded() -> None:
    q, drop, flipped = adjusted_by([(0.2, 0.9), (0.9, 0.3), (0.7, 0.05)], odds=LIGHT_OR_RIGHT)
    assert (q, flipped) == (pytest.approx(0.395432, abs=1e-5), True)
    assert drop == pytest.approx(-0.673012, abs=1e-5)
    unkept, _ = drop_of(np.array([LIGHT_OR_RIGHT]), np.array([LIGHT_OR_RIGHT - 0.83]), kept=False)
    assert unkept[0] == pytest.approx(0.001896, abs=1e-5)


def test_an_over_confident_slot_becomes_less_certain() -> None:
    drop, flipped = drop_of(np.array([math.log(9)]), np.array([math.log(9) - 0.52]))
    assert (drop[0], flipped[0]) == (pytest.approx(-0.110356, abs=1e-5), False)


def test_without_neighbours_nothing_changes() -> None:
    evidence = gathered(of_two_words([0.4, 0.5], np.ones((2, 4))))  # one other is fewer than three
    assert evidence.shift.tolist() == [0, 0]
    assert evidence.drop == pytest.approx([0, 0])


def test_neighbours_come_from_other_recordings_and_other_voices() -> None:
    slots = of_two_words([0.4] * 8, np.random.default_rng(0).random((8, 4)), voices=[0, 0, 0, 0, 1, 2, 3, 4])
    slots = replace(slots, recording=np.array([0, 0, 1, 2, 3, 4, 5, 6]))
    evidence = gathered(slots, fewest=1)
    for number, near in enumerate(evidence.neighbours):
        assert number not in near
        assert not set(slots.recording[near]) & {slots.recording[number]}
        assert not set(slots.voice[near]) & {slots.voice[number]}


def test_weights_fall_with_distance_and_the_same_sound_weighs_one() -> None:
    vectors = np.array([[1.0, 0], [1.0, 0], [0.8, 0.6], [0, 1.0], [0.6, 0.8]])
    evidence = gathered(of_two_words([0.4] * 5, vectors))
    weights = dict(zip(evidence.neighbours[0].tolist(), evidence.weights[0].tolist(), strict=True))
    assert weights[1] == pytest.approx(1.0)
    assert 1 > weights[2] > weights[4] > weights[3] > 0


def test_the_nearest_are_chosen_exactly() -> None:
    slots, _ = simulate(0.5, 0)
    few = np.flatnonzero(slots.word <= 2)
    part = replace(
        slots, recording=few, voice=few, word=slots.word[few], rival=slots.rival[few], odds=slots.odds[few],
        steps=slots.steps[few], vectors=slots.vectors[few],
    )  # fmt: skip
    evidence = gathered(part, neighbours=5)
    cosine = part.vectors @ part.vectors.T
    np.fill_diagonal(cosine, -2)
    for number, near in enumerate(evidence.neighbours):
        assert set(near) == set(np.argsort(-cosine[number])[:5])


def test_swapping_the_words_everywhere_negates_the_evidence() -> None:
    rng = np.random.default_rng(1)
    odds, vectors = rng.normal(0, 1.5, 30), rng.random((30, 4))
    for balance in (False, True):
        one = gathered(of_two_words(odds.tolist(), vectors), balance=balance)
        other = gathered(of_two_words((-odds).tolist(), vectors), balance=balance)
        # The slot's own word changes, too: what supports it still does.
        assert one.shift == pytest.approx(other.shift, abs=1e-6)


def test_unanimous_support_never_raises_the_uncertainty() -> None:
    rng = np.random.default_rng(2)
    evidence = gathered(of_two_words(rng.uniform(0.1, 3, 30).tolist(), rng.random((30, 4))), balance=False)
    assert (evidence.shift > 0).all()
    assert (evidence.drop >= 0).all()


def test_a_constant_pull_of_the_seed_changes_nothing_when_votes_are_balanced() -> None:
    rng = np.random.default_rng(3)
    odds, vectors = rng.normal(0, 1, 40), rng.random((40, 4))
    plain = gathered(of_two_words(odds.tolist(), vectors))
    pulled = gathered(of_two_words((odds + 1.7).tolist(), vectors))
    side = np.where(odds >= 0, 1, -1) * np.where(odds + 1.7 >= 0, 1, -1)
    assert plain.shift == pytest.approx(side * pulled.shift, abs=1e-6)


def test_an_even_prior_shifts_by_the_median() -> None:
    odds = np.array([-1.0, 0.2, 0.4, 3.0, 5.0])
    assert offset(odds, 0.5) == 0.4
    assert (odds - offset(odds, 0.75) > 0).mean() == pytest.approx(0.6, abs=0.21)


def test_rare_pairs_learn_from_pairs_that_differ_in_the_same_sound() -> None:
    rng = np.random.default_rng(4)
    vectors = rng.random((8, 4)).astype(np.float32)
    slots = Slots(
        names=("", "light", "right", "lock", "rock"), recording=np.arange(8), voice=np.arange(8),
        word=np.array([1, 3, 3, 3, 3, 3, 3, 3]), rival=np.array([2, 4, 4, 4, 4, 4, 4, 4]), odds=np.full(8, 1.5),
        steps=np.full(8, 5), vectors=vectors,
    )  # fmt: skip
    config = EvidenceConfig(balance=False)
    alone = gather_evidence(slots, config, rng=np.random.default_rng(0))
    assert alone.shift[0] == 0
    backed = gather_evidence(slots, config, rng=np.random.default_rng(0), kind=lambda word, rival: "L R")
    assert backed.shift[0] > 0  # light sorts before right as lock does before rock


@pytest.mark.parametrize(("prior", "bias"), [(0.5, 0), (0.5, 1), (0.7, 0), (0.7, -1), (0.9, 0), (0.9, -1)])
def test_the_design_beats_confidence_by_far_in_the_simulation(prior: float, bias: float) -> None:
    assert of_rule(prior, bias, EvidenceConfig()) >= of_rule(prior, bias, None) + 0.2


def test_raw_votes_are_worse_than_confidence_when_the_seed_leans() -> None:
    raw = EvidenceConfig(balance=False)
    assert of_rule(0.5, 0, raw) > 0.95
    assert of_rule(0.7, -1, raw) < of_rule(0.7, -1, None)


def test_vectors_that_carry_nothing_choose_as_chance_does() -> None:
    slots, right = simulate(0.5, 0, separation=0.0)
    half = entropy(slots.odds) >= np.median(entropy(slots.odds))
    chosen = of_rule(0.5, 0, EvidenceConfig(balance=False), separation=0.0)
    assert abs(chosen - right[half].mean()) < 0.03
