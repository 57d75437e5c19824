"""Many binary logistic regressions at once, by numpy alone; each column is what it would be without the others.

Minimises, for each column k, sum_i c_ik log(1 + exp(-y_ik z_ik)) + (decay / 2) |w_k|^2 with z = X w_k + b_k and
y = +-1. The step is that of Newton's method with the curvature bounded from above (Boehning and Lindsay 1988,
"Monotonicity of quadratic-approximation algorithms"), so that all columns share one factorisation, with Nesterov's
momentum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_STEPS = 30
_NEAR = 1e-4
"""Steps end when no weight moves by more than this."""


def fit_logistic(
    x: Floats, y: NDArray[np.bool_], c: Floats, *, decay: float, steps: int = _STEPS
) -> tuple[Floats, Floats]:
    """Fit the weights.

    Args:
        x: float32 [n, d].
        y: bool [n, k], the answers.
        c: float32 [n, k] >= 0, how much each answer counts; 0 leaves a sentence out of a column.
        decay: of the weights (not of the bias), relative to a total weight of 1: the columns of `c` are normalised.
        steps: at most this many.

    Returns:
        Weights float32 [d, k] and bias float32 [k].
    """
    x = np.concatenate([x, np.ones((len(x), 1), dtype=np.float32)], axis=1)
    c = (c / np.maximum(c.sum(axis=0, keepdims=True), 1e-12)).astype(np.float32)
    penalty = np.full(x.shape[1], decay, dtype=np.float32)
    penalty[-1] = 1e-6
    curvature = 0.25 * (x.T @ (x * c.max(axis=1)[:, None])) + np.diag(penalty)
    inverse = np.linalg.inv(curvature.astype(np.float64)).astype(np.float32)
    now = before = np.zeros((x.shape[1], y.shape[1]), dtype=np.float32)
    momentum = 1.0
    for _ in range(steps):
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = now + np.float32((momentum - 1) / following) * (now - before)
        slope = x.T @ (c * (sigmoid(x @ ahead) - y)) + penalty[:, None] * ahead
        before, now, momentum = now, ahead - inverse @ slope, following
        if np.abs(now - before).max() < _NEAR:
            break
    return now[:-1], now[-1]


def fit_calibration(z: Floats, y: NDArray[np.bool_], c: Floats) -> tuple[float, float]:
    """Platt's scaling (1999): slope > 0 and offset that make sigmoid(slope z + offset) a probability.

    Args:
        z: float32 [n], scores of sentences that the model did not learn from.
        y: bool [n], the answers.
        c: float32 [n], how much each counts.
    """
    slope, offset = 1.0, 0.0
    goal = np.where(y, 1.0 - 1.0 / (y.sum() + 2.0), 1.0 / ((~y).sum() + 2.0))
    weight = c / max(float(c.sum()), 1e-12)
    for _ in range(50):
        p = sigmoid(slope * z + offset).astype(np.float64)
        error, bend = weight * (p - goal), np.maximum(weight * p * (1 - p), 1e-12)
        down = np.array([(error * z).sum() + 1e-4 * (slope - 1), error.sum()])
        curve = np.array([[(bend * z * z).sum() + 1e-4, (bend * z).sum()], [(bend * z).sum(), bend.sum() + 1e-9]])
        move = np.clip(np.linalg.solve(curve, down), -2.0, 2.0)
        slope, offset = max(slope - float(move[0]), 0.05), offset - float(move[1])
        if np.abs(move).max() < 1e-5:
            break
    return slope, offset


def sigmoid(z: Floats) -> Floats:
    """1 / (1 + exp(-z)), safe for large |z|."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0))), dtype=np.float32)
