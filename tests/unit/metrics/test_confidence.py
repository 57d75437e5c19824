"""Figures of confidences: worked examples, invariances, and what the truth earns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harken.errors import DataError
from harken.metrics.confidence import (
    area_under_precision,
    area_under_roc,
    calibration_error,
    equal_error_rate,
    normalised_cross_entropy,
    pooled,
    rejection_curve,
    reliability,
)

RIGHT, CLAIMED = [1, 1, 1, 0, 1, 0], [0.9, 0.8, 0.7, 0.4, 0.6, 0.2]


def test_cross_entropy_is_that_of_the_worked_example() -> None:
    assert normalised_cross_entropy(RIGHT, CLAIMED) == pytest.approx(0.494650, abs=1e-6)
    assert normalised_cross_entropy(RIGHT, [4 / 6] * 6) == pytest.approx(0, abs=1e-12)
    assert normalised_cross_entropy(RIGHT, [0.99] * 6) == pytest.approx(-1.422188, abs=1e-6)


def test_equal_error_rate_is_that_of_the_worked_example_and_needs_only_the_order() -> None:
    right, scores = [1, 1, 1, 0, 1, 0, 0, 1], np.array([0.95, 0.9, 0.6, 0.7, 0.8, 0.3, 0.1, 0.4])
    assert equal_error_rate(right, scores) == pytest.approx(1 / 3)
    assert equal_error_rate(right, scores**3) == pytest.approx(1 / 3)


def test_perfect_confidences_earn_everything() -> None:
    perfect = np.array(RIGHT, float)
    assert normalised_cross_entropy(RIGHT, perfect) == pytest.approx(1, abs=1e-4)
    assert equal_error_rate(RIGHT, perfect) == 0
    assert area_under_roc(RIGHT, perfect) == area_under_precision(RIGHT, perfect) == 1
    assert calibration_error(RIGHT, perfect) == 0


def test_areas_count_pairs_and_ties_half() -> None:
    assert area_under_roc([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1]) == pytest.approx((2 + 1 + 0.5) / 4)
    # Errors by rising confidence: one of one, then two of three.
    assert area_under_precision([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1]) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


@given(st.integers(0, 10**6), st.floats(-0.4, 0.4).filter(lambda shift: abs(shift) > 0.1))
def test_the_true_probabilities_earn_more_than_shifted_ones(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.05, 0.95, 4000)
    right = rng.random(4000) < p
    shifted = np.clip(p + shift, 0.01, 0.99)
    assert normalised_cross_entropy(right, p) > normalised_cross_entropy(right, shifted)
    assert calibration_error(right, p) < calibration_error(right, shifted)


def test_bins_have_equal_mass_and_say_what_was_claimed_and_true() -> None:
    low, high = reliability([0, 1, 1, 1], [0.2, 0.4, 0.7, 0.9], bins=2)
    assert low == pytest.approx((0.3, 0.5, 2))
    assert high == pytest.approx((0.8, 1.0, 2))
    assert calibration_error([0, 1, 1, 1], [0.2, 0.4, 0.7, 0.9], bins=2) == pytest.approx(0.2)


def test_a_rejection_curve_ends_with_the_error_rate_of_everything() -> None:
    curve = rejection_curve([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1])
    assert [tuple(point) for point in curve] == [(0.9, 0.25, 0.0), (0.5, 0.75, 1 / 3), (0.1, 1.0, 0.5)]


def test_units_are_pooled_in_order() -> None:
    right, p = pooled([(np.array([True]), np.array([0.9])), (np.array([False, True]), np.array([0.2, 0.3]))])
    assert right.tolist() == [True, False, True]
    assert p.tolist() == [0.9, 0.2, 0.3]


@pytest.mark.parametrize(
    ("right", "p", "message"),
    [([1, 1], [0.5, 0.5], "both kinds"), ([1], [0.5, 0.5], "as many"), ([], [], "one or more"),
     ([1, 0], [0.5, 1.5], "not a probability"), ([1, 0], [np.nan, 0.5], "not a probability")],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused(right: list[int], p: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        normalised_cross_entropy(right, p)
