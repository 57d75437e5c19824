"""The divergence between mixtures, against the closed form of single Gaussians."""

from __future__ import annotations

import numpy as np
import pytest

from harken.errors import DataError
from harken.metrics.mixtures import Mixture, divergence


def gaussian(mean: list[float], variance: list[float]) -> Mixture:
    return Mixture(np.array([1.0]), np.array([mean]), np.array([variance]))


TWO = Mixture(np.array([0.3, 0.7]), np.array([[0.0, 1.0], [4.0, -1.0]]), np.array([[1.0, 2.0], [0.5, 1.0]]))


def test_the_density_of_two_components_by_hand() -> None:
    mixture = Mixture(np.array([0.25, 0.75]), np.array([[0.0], [2.0]]), np.array([[1.0], [4.0]]))
    wanted = 0.25 * np.exp(-0.5) / np.sqrt(2 * np.pi) + 0.75 * np.exp(-1 / 8) / np.sqrt(2 * np.pi * 4)
    assert mixture.log_density(np.array([[1.0]])) == pytest.approx(np.log(wanted))


def test_the_divergence_of_gaussians_by_hand() -> None:
    # sum of (log(s2/s1) + (s1^2 + d^2) / (2 s2^2) - 1/2): log 2 + (1 + 1) / 8 - 1/2 in one dimension, 2 in the other
    found = divergence(
        gaussian([0, 0], [1, 1]), gaussian([1, 2], [4, 1]), rng=np.random.default_rng(0), count=200_000
    )  # fmt: skip
    assert found == pytest.approx(np.log(2) + 0.25 - 0.5 + 2, abs=0.02)


def test_it_is_not_symmetric() -> None:
    narrow, wide = gaussian([0], [1]), gaussian([0], [9])
    there = divergence(narrow, wide, rng=np.random.default_rng(0))
    assert divergence(wide, narrow, rng=np.random.default_rng(0)) > 2 * there


def test_equal_mixtures_are_no_distance_apart() -> None:
    assert divergence(TWO, TWO, rng=np.random.default_rng(0)) == 0


def test_draws_follow_the_weights() -> None:
    points = TWO.draw(20_000, np.random.default_rng(1))
    assert points.shape == (20_000, 2)
    assert (points[:, 0] > 2).mean() == pytest.approx(0.7, abs=0.02)
    assert points[points[:, 0] > 2][:, 0].var() == pytest.approx(0.5, abs=0.05)


def test_what_is_no_mixture_is_refused() -> None:
    with pytest.raises(DataError, match="weights sum to"):
        Mixture(np.array([0.5]), np.zeros((1, 2)), np.ones((1, 2)))
    with pytest.raises(DataError, match="do not match"):
        Mixture(np.array([1.0]), np.zeros((1, 2)), np.ones((2, 2)))
    with pytest.raises(DataError, match="dimensions"):
        divergence(TWO, gaussian([0], [1]), rng=np.random.default_rng(0))
