"""Seven numbers of each symbol: means over the states of an alignment, and contours through them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.tts.prosody import DURATION, ENERGY, NUMBERS, PITCH, aggregate, contour, thirds

STATES = np.array([[2, 3, 1], [4, 0, 2], [0, 0, 0], [1, 1, 1]])
FRAMES = int(STATES.sum())
VOICED = np.ones(FRAMES, np.bool_)


def test_a_constant_stays_what_it_is() -> None:
    numbers = aggregate(np.full(FRAMES, 5.2), VOICED, np.full(FRAMES, -1.5), STATES)
    assert numbers.shape == (4, NUMBERS)
    np.testing.assert_allclose(numbers[:, PITCH], 5.2)
    np.testing.assert_allclose(numbers[:, ENERGY], -1.5)


def test_a_ramp_has_the_value_of_each_states_middle() -> None:
    numbers = aggregate(np.arange(FRAMES, dtype=float), VOICED, -np.arange(FRAMES, dtype=float), STATES)
    np.testing.assert_allclose(numbers[0, PITCH], [0.5, 3, 5])
    np.testing.assert_allclose(numbers[1, ENERGY], [-7.5, -9, -10.5])


def test_durations_sum_to_the_frames() -> None:
    numbers = aggregate(np.zeros(FRAMES), VOICED, np.zeros(FRAMES), STATES)
    assert numbers[:, DURATION].tolist() == [6, 6, 0, 3]


def test_the_order_of_frames_within_a_state_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    pitch, voiced, level = rng.random(FRAMES), rng.random(FRAMES) > 0.4, rng.random(FRAMES)
    order = np.concatenate([rng.permutation(np.arange(a, b)) for a, b in ((0, 2), (2, 5), (5, 6), (6, 10), (10, 12))])
    order = np.concatenate([order, np.arange(12, FRAMES)])
    assert (order != np.arange(FRAMES)).any()
    np.testing.assert_allclose(
        aggregate(pitch[order], voiced[order], level[order], STATES), aggregate(pitch, voiced, level, STATES)
    )


def test_an_unvoiced_state_has_the_pitch_between_its_neighbours() -> None:
    voiced = VOICED.copy()
    voiced[2:5] = False
    pitch = np.where(voiced, np.arange(FRAMES), 99.0)
    numbers = aggregate(pitch, voiced, np.zeros(FRAMES), STATES)
    np.testing.assert_allclose(numbers[0, PITCH], [0.5, 2.75, 5])


def test_frames_that_are_not_voiced_do_not_count() -> None:
    voiced = VOICED.copy()
    voiced[3] = False
    numbers = aggregate(np.where(voiced, 1.0, 50.0), voiced, np.zeros(FRAMES), STATES)
    np.testing.assert_allclose(numbers[:, PITCH], 1.0)


def test_without_any_voice_the_pitch_is_neutral() -> None:
    assert not aggregate(np.full(FRAMES, 5.0), ~VOICED, np.ones(FRAMES), STATES)[:, PITCH].any()


def test_states_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="15 frames, the recording 14"):
        aggregate(np.zeros(FRAMES - 1), VOICED[1:], np.zeros(FRAMES - 1), STATES)


@given(st.lists(st.integers(0, 80), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_thirds_are_nearly_equal_and_sum_to_the_whole(durations: list[int]) -> None:
    states = thirds(np.array(durations))
    assert states.sum(1).tolist() == durations
    assert (states.max(1) - states.min(1) <= 1).all()


def test_a_contour_passes_through_the_middles_of_the_thirds() -> None:
    line = contour(np.array([[1.0, 2.0, 3.0], [9.0, 9.0, 9.0], [3.0, 6.0, 0.0]]), np.array([9, 0, 9]))
    assert len(line) == 18
    assert line[[1, 4, 7, 10, 13, 16]].tolist() == [1, 2, 3, 3, 6, 0]
    assert line[0] == 1
    assert line[17] == 0
    assert line[12] == pytest.approx(5)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.floats(-3, 3))
@settings(max_examples=50, deadline=None)
def test_a_contour_has_one_value_for_each_frame(durations: list[int], height: float) -> None:
    line = contour(np.full((len(durations), 3), height), np.array(durations))
    assert len(line) == sum(durations)
    np.testing.assert_allclose(line, height, rtol=1e-6, atol=1e-30)
