"""DET curve, equal error rate, thresholds for a rate, peaks."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from harken.errors import DataError
from harken.metrics.detection import det_curve, find_peaks, threshold_for_rate


def test_eer_of_two_normal_distributions() -> None:
    rng = np.random.default_rng(0)
    curve = det_curve(rng.normal(2, 1, 40_000), rng.normal(0, 1, 40_000))
    assert curve.eer == pytest.approx(NormalDist().cdf(-1), abs=0.004)


def test_eer_at_the_extremes() -> None:
    assert det_curve([2.0, 3.0], [0.0, 1.0]).eer == 0
    assert det_curve([0.0, 1.0], [2.0, 3.0]).eer == 1


def test_eer_lies_where_the_lines_between_the_points_cross() -> None:
    # Missed at 2 and 2.5: a quarter and a half; false alarms: a third at both.
    assert det_curve([1.0, 2.0, 3.0, 4.0], [0.0, 1.5, 2.5]).eer == pytest.approx(1 / 3)
    # Missed at 2 and 3: a quarter and a half; false alarms: a half and a quarter.
    assert det_curve([1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 2.0, 3.0]).eer == pytest.approx(3 / 8)


def test_eer_of_a_point_where_both_rates_agree_is_that_point() -> None:
    assert det_curve([1.0, 3.0], [0.0, 2.0]).eer == 0.5


@pytest.mark.parametrize(("positives", "negatives"), [([0.0], [5.0]), ([5.0], [0.0])])
def test_the_curve_reaches_from_all_accepted_to_nothing_accepted(
    positives: list[float], negatives: list[float]
) -> None:
    curve = det_curve(positives, negatives)
    assert (curve.misses[0], curve.false_alarms[0]) == (0, 1)
    assert (curve.misses[-1], curve.false_alarms[-1]) == (1, 0)


def test_the_curve_counts_what_a_threshold_accepts() -> None:
    curve = det_curve([0.2, 0.6, 0.9], [0.1, 0.6])
    at = dict(zip(curve.thresholds.tolist(), zip(curve.misses, curve.false_alarms, strict=True), strict=True))
    assert at[0.6] == pytest.approx((1 / 3, 0.5))
    assert at[0.1] == pytest.approx((0, 1))
    assert curve.misses[-1] == 1
    assert curve.false_alarms[-1] == 0


def test_misses_rise_and_false_alarms_fall_with_the_threshold() -> None:
    rng = np.random.default_rng(1)
    curve = det_curve(rng.normal(1, 1, 50), rng.normal(0, 1, 70))
    assert np.all(np.diff(curve.misses) >= 0)
    assert np.all(np.diff(curve.false_alarms) <= 0)


@pytest.mark.parametrize("bad", [[], [float("nan")]])
def test_scores_must_be_there(bad: list[float]) -> None:
    with pytest.raises(DataError, match="positive"):
        det_curve(bad, [0.0])


def test_a_threshold_leaves_the_allowed_number_of_false_alarms() -> None:
    peaks = [0.9, 0.8, 0.7, 0.3]
    for allowed in range(5):
        threshold = threshold_for_rate(peaks, hours=10.0, rate=allowed / 10)
        assert sum(peak >= threshold for peak in peaks) == allowed
    assert threshold_for_rate(peaks, hours=10.0, rate=5.0) == 0.3


def test_a_threshold_can_be_found_for_less_than_an_hour_and_without_any_peak() -> None:
    assert threshold_for_rate([0.9, 0.8], hours=0.5, rate=2.0) == pytest.approx(0.8, abs=1e-9)
    assert threshold_for_rate([], hours=10.0, rate=0.1) == 0.0


def test_a_rate_needs_hours() -> None:
    with pytest.raises(DataError, match="hours"):
        threshold_for_rate([0.5], 0.0, 0.1)


def test_peaks_stand_apart_highest_first() -> None:
    scores = np.asarray([0, 0.5, 0.4, 0.9, 0.2, 0, 0, 0, 0.7, 0.7, 0])
    assert find_peaks(scores, apart=3) == [3, 9]
    assert find_peaks(scores, apart=1) == [3, 9, 1]
    assert find_peaks(scores, apart=1, floor=0.6) == [3, 9]


def test_a_peak_at_either_end_counts() -> None:
    assert sorted(find_peaks(np.asarray([1.0, 0.0, 0.0, 2.0]), apart=1)) == [0, 3]


def test_peaks_closer_than_a_refractory_time_are_one() -> None:
    scores = np.asarray([0, 0.5, 0.4, 0.9, 0.2, 0, 0, 0, 0.7, 0.7, 0])
    assert find_peaks(scores, apart=5) == [3, 9]
    assert find_peaks(scores, apart=6) == [3]


def test_a_score_on_the_floor_counts_and_one_on_a_slope_does_not() -> None:
    assert find_peaks(np.asarray([0.0, 0.9, 0.5, 0.2]), apart=0) == [1]
    assert find_peaks(np.asarray([0.2, 0.5, 0.9, 0.0]), apart=0) == [2]
    assert find_peaks(np.asarray([0.0, 0.6, 0.0]), apart=0, floor=0.6) == [1]
    assert find_peaks(np.asarray([-1.0, 0.0, -1.0, -0.5, -1.0]), apart=0) == [1]
