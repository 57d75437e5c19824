"""Melodies: a copy has no error, an octave is a gross one, and what is slower is warped."""

from __future__ import annotations

import numpy as np
import pytest

from harken.errors import DataError
from harken.metrics.melody import Melodies, cepstra, warp

HERTZ = 200 + 30 * np.sin(np.arange(100) / 7)
VOICED = np.arange(100) % 10 < 7


def melodies(heard: np.ndarray, voiced: np.ndarray = VOICED) -> Melodies:
    return Melodies(wanted=HERTZ, wanted_voiced=VOICED, heard=heard, heard_voiced=voiced)


def test_a_melody_is_its_own_copy() -> None:
    same = melodies(HERTZ)
    assert (same.frame_error, same.gross_error, same.deviation) == (0, 0, 0)
    assert same.correlation == pytest.approx(1)


def test_an_octave_is_a_gross_error_in_every_frame() -> None:
    octave = melodies(2 * HERTZ)
    assert octave.gross_error == 1
    assert octave.frame_error == pytest.approx(0.7)
    assert octave.correlation == pytest.approx(1)


@pytest.mark.parametrize(("factor", "share"), [(1.19, 0.0), (1.21, 1.0), (0.81, 0.0), (0.79, 1.0)])
def test_a_fifth_is_the_border_of_a_gross_error(factor: float, share: float) -> None:
    assert melodies(factor * HERTZ).gross_error == share


def test_without_any_voice_the_error_is_the_voiced_share() -> None:
    silent = melodies(HERTZ, np.zeros(100, np.bool_))
    assert silent.frame_error == pytest.approx(0.7)
    assert np.isnan([silent.gross_error, silent.deviation, silent.correlation]).all()


def test_the_deviation_is_in_hertz_of_frames_voiced_in_both() -> None:
    assert melodies(np.where(VOICED, HERTZ + 5, 999)).deviation == pytest.approx(5)


def test_a_melody_without_movement_has_no_correlation() -> None:
    assert np.isnan(melodies(np.full(100, 200.0)).correlation)


def test_warping_finds_the_same_place_in_what_is_slower() -> None:
    frames = np.random.default_rng(0).standard_normal((40, 24)).cumsum(0)
    slow = np.repeat(frames, np.where(np.arange(40) < 20, 2, 1), axis=0)
    rows, columns = warp(frames, slow)
    assert (rows[0], columns[0], rows[-1], columns[-1]) == (0, 0, 39, 59)
    np.testing.assert_array_equal(frames[rows], slow[columns])
    assert (np.diff(rows) >= 0).all()
    assert (np.diff(columns) >= 0).all()


def test_cepstra_do_not_hear_the_level() -> None:
    frames = np.random.default_rng(0).standard_normal((5, 80))
    assert cepstra(frames).shape == (5, 24)
    np.testing.assert_allclose(cepstra(frames + 7), cepstra(frames), atol=1e-9)


def test_nothing_cannot_be_warped() -> None:
    with pytest.raises(DataError, match="0 and 3 frames"):
        warp(np.zeros((0, 24)), np.zeros((3, 24)))
