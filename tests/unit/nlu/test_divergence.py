import time

import numpy as np
import pytest

from harken.nlu.divergence import (
    Hashes,
    LossCurve,
    divergence,
    example_hashes,
    signature,
    signature_distance,
)


def numbers(first: int, last: int) -> Hashes:
    return example_hashes(f"example {number}" for number in range(first, last))


def test_models_of_the_newest_data_do_not_diverge() -> None:
    everything = numbers(0, 50)
    measured = divergence([everything] * 4, everything, [[20, 30]] * 4)
    assert measured.distance == measured.coverage == measured.staleness == measured.disagreement == 0.0
    assert measured.shift == pytest.approx(0.0, abs=1e-12)


def test_disjoint_sets_are_as_far_apart_as_can_be() -> None:
    measured = divergence([numbers(0, 10), numbers(10, 20)], numbers(0, 20), [[10, 0], [0, 10]])
    assert measured.distance == 1.0
    assert measured.coverage == 1.0
    assert measured.staleness == 0.5
    assert measured.disagreement == 0.5
    assert measured.shift == pytest.approx(np.log(2))


def test_of_two_models_the_distance_is_that_of_jaccard() -> None:
    assert divergence([numbers(0, 6), numbers(3, 9)], numbers(0, 9)).distance == pytest.approx(1 - 3 / 9)


def test_the_order_of_models_does_not_matter() -> None:
    sets = [numbers(0, 10), numbers(5, 12), numbers(2, 30)]
    there, back = divergence(sets, numbers(0, 30)), divergence(sets[::-1], numbers(0, 30))
    assert there.distance == pytest.approx(back.distance)
    assert there.disagreement == pytest.approx(back.disagreement)


def test_an_example_that_is_there_twice_counts_once() -> None:
    assert (example_hashes(["a", "b", "a"]) == example_hashes(["b", "a"])).all()
    once, twice = [[3, 5], [5, 1]], [[6, 10], [10, 2]]
    sets = [numbers(0, 8), numbers(4, 10)]
    assert divergence(sets, numbers(0, 10), once).shift == pytest.approx(divergence(sets, numbers(0, 10), twice).shift)


def test_older_models_are_staler() -> None:
    newest = numbers(0, 40)
    measured = [divergence([numbers(0, last)] * 2, newest).staleness for last in (40, 30, 20, 5)]
    assert measured == sorted(measured)
    assert measured == pytest.approx([0.0, 0.25, 0.5, 0.875])


def test_sketches_estimate_the_distance() -> None:
    one, other = numbers(0, 900), numbers(300, 1200)
    exact = divergence([one, other], one).distance
    assert signature_distance(signature(one), signature(other)) == pytest.approx(exact, abs=3 / np.sqrt(256))
    assert signature_distance(signature(one), signature(one)) == 0.0


def test_a_hundred_and_fifty_models_take_less_than_a_second() -> None:
    rng = np.random.default_rng(0)
    everything = numbers(0, 3_000)
    sets = [everything[rng.random(len(everything)) < 0.9] for _ in range(150)]
    began = time.process_time()
    divergence(sets, everything)
    assert time.process_time() - began < 1.0


def test_a_predicted_loss_grows_with_staleness_and_is_never_a_gain() -> None:
    curve = LossCurve(staleness=10.0, bend=5.0, distance=-3.0)
    assert curve.predict(0.0, 0.5) == 0.0
    assert curve.predict(0.4, 0.0) == pytest.approx(4.8)
    assert curve.predict(0.5, 0.2) > curve.predict(0.4, 0.2)
