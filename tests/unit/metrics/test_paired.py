"""Scores relative to natural speech, and tests over pairs, against values worked out by hand."""

from __future__ import annotations

import math

import pytest

from harken.errors import DataError
from harken.metrics.paired import holm, paired_t_test, relative_score


def test_a_relative_score_compares_means_and_not_pairs() -> None:
    assert relative_score([3.0, 1.0], [4.0, 1.0]) == pytest.approx(80)  # the mean of the pairs' ratios would be 87.5


def test_t_of_four_pairs_by_hand() -> None:
    # differences 1, 2, 3, 2: mean 2, variance 2/3, standard error 1/sqrt(6)
    found = paired_t_test([2, 4, 6, 5], [1, 2, 3, 3])
    assert found.t == pytest.approx(2 * math.sqrt(6))


def test_p_with_one_degree_of_freedom_is_that_of_a_cauchy_distribution() -> None:
    found = paired_t_test([3.0, 1.0], [0.0, 0.0])  # mean 2, standard error 1
    assert found == (pytest.approx(2), pytest.approx(1 - 2 * math.atan(2) / math.pi))


def test_p_with_two_degrees_of_freedom_has_a_closed_form() -> None:
    found = paired_t_test([1.0, 0.0, 2.0], [0.0, 0.0, 0.0])  # p = 1 - t / sqrt(2 + t^2)
    assert found == (pytest.approx(math.sqrt(3)), pytest.approx(1 - math.sqrt(3 / 5)))


def test_p_by_a_table() -> None:
    # t = 2.2622 cuts off 5 % with nine degrees of freedom.
    scale = 2.2622 / math.sqrt(10)
    spread = [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0]
    unit = math.sqrt(sum(value**2 for value in spread) / 9)
    found = paired_t_test([scale * unit + value for value in spread], [0.0] * 10)
    assert found.t == pytest.approx(2.2622)
    assert found.p == pytest.approx(0.05, abs=1e-5)


def test_the_sign_says_which_is_higher_and_p_does_not_depend_on_it() -> None:
    one, other = [1.0, 2.0, 4.0], [0.5, 1.0, 1.0]
    there, back = paired_t_test(one, other), paired_t_test(other, one)
    assert there.t > 0
    assert (back.t, back.p) == (-there.t, pytest.approx(there.p))


def test_equal_differences_are_certain_and_no_difference_is_none() -> None:
    assert paired_t_test([2.0, 3.0], [1.0, 2.0]) == (math.inf, 0.0)
    assert paired_t_test([1.0, 2.0], [1.0, 2.0]) == (0.0, 1.0)


def test_holm_by_hand() -> None:
    # sorted 0.01, 0.02, 0.03, 0.04 times 4, 3, 2, 1: 0.04, 0.06, 0.06, 0.04; each at least the one before
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_unequal_or_too_few_values_are_refused() -> None:
    with pytest.raises(DataError, match="as many of one"):
        paired_t_test([1.0, 2.0], [1.0])
    with pytest.raises(DataError, match="2 or more"):
        paired_t_test([1.0], [1.0])
    with pytest.raises(DataError, match="mean 0"):
        relative_score([1.0], [0.0])
    with pytest.raises(DataError, match=r"0\.\.1"):
        holm([1.5])
