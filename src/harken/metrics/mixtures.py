"""How far apart two voices are: the divergence between Gaussian mixtures of their frames.

J. Lorenzo-Trueba et al., "Towards achieving robust universal neural vocoding", Interspeech 2019, section 4: it chooses
the training voice that is nearest to a test voice. There is no closed form, so it is a mean over drawn frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """A mixture of Gaussians with diagonal covariances.

    Raises:
        DataError: shapes do not match, weights do not sum to 1, or a variance is not positive.
    """

    weights: Floats
    """[K], summing to 1."""
    means: Floats
    """[K, D]"""
    variances: Floats
    """[K, D], > 0"""

    def __post_init__(self) -> None:
        if not (self.weights.ndim == 1 and len(self.weights) == len(self.means)
                and self.means.shape == self.variances.shape and self.means.ndim == 2):  # fmt: skip
            raise DataError(
                f"weights {self.weights.shape}, means {self.means.shape} and variances {self.variances.shape} do not "
                "match; expected [K], [K, D] and [K, D]"
            )
        if not np.isclose(self.weights.sum(), 1) or not (self.variances > 0).all():
            raise DataError(f"weights sum to {self.weights.sum():.3f}, lowest variance {self.variances.min()}; "
                            "expected 1 and more than 0")  # fmt: skip

    def log_density(self, points: Floats) -> Floats:
        """Natural log of the density at points [N, D], [N]."""
        constant = np.log(self.weights) - 0.5 * np.log(2 * np.pi * self.variances).sum(1)
        scaled = (points[:, None] - self.means) ** 2 / self.variances
        return np.asarray(np.logaddexp.reduce(constant - 0.5 * scaled.sum(2), axis=1))

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Points [count, D]."""
        which = rng.choice(len(self.weights), count, p=self.weights / self.weights.sum())
        spread = np.sqrt(self.variances[which])
        return np.asarray(self.means[which] + spread * rng.standard_normal((count, self.means.shape[1])))


def divergence(one: Mixture, other: Mixture, *, rng: np.random.Generator, count: int = 10_000) -> float:
    """Kullback-Leibler divergence of `other` from `one` in nats: the mean of log one(x) - log other(x), x from `one`.

    0 for equal mixtures; the estimate of a small divergence is never below 0.

    Raises:
        DataError: the mixtures have different dimensions.
    """
    if one.means.shape[1] != other.means.shape[1]:
        raise DataError(f"mixtures of {one.means.shape[1]} and {other.means.shape[1]} dimensions cannot be compared")
    points = one.draw(count, rng)
    return max(0.0, float((one.log_density(points) - other.log_density(points)).mean()))
