"""How good a confidence is: whether it tells right from wrong, and whether it is a probability.

Every figure reads `right` [n], whether each item (a word, a sentence) is correct, and `p` [n], the probability 0..1
that was claimed for it. EER and AUC ignore calibration; NCE and ECE move with the error rate, so they are never
compared across recognisers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harken.errors import DataError
from harken.metrics.detection import det_curve

CLIP = 1e-6
"""Claims are kept this far from 0 and 1 before a logarithm is taken."""
MASS_BINS = 15
"""Bins of equal mass, for the calibration error."""

Judged = tuple[NDArray[np.bool_], NDArray[np.float64]]
"""`right` [n] and `p` [n] of one unit, such as a speaker."""


def normalised_cross_entropy(right: ArrayLike, p: ArrayLike) -> float:
    """NCE of NIST: the share of the uncertainty about correctness that the confidences remove.

    1 is perfect, 0 what the constant share of correct items gives, below 0 is worse than that.

    Raises:
        DataError: all items are right or all wrong, or the lengths differ.
    """
    correct, claimed = _checked(right, p)
    n, share = len(correct), correct.mean()
    if share in (0, 1):
        raise DataError(f"all {n} items are {'right' if share else 'wrong'}; NCE needs both kinds")
    claimed = np.clip(claimed, CLIP, 1 - CLIP)
    most = -n * (share * np.log2(share) + (1 - share) * np.log2(1 - share))
    return float((most + np.log2(np.where(correct, claimed, 1 - claimed)).sum()) / most)


def equal_error_rate(right: ArrayLike, p: ArrayLike) -> float:
    """Where as large a share of the wrong items is accepted as of the right ones is rejected, 0..1.

    Raises:
        DataError: all items are right or all wrong, or the lengths differ.
    """
    correct, claimed = _checked(right, p)
    return det_curve(claimed[correct], claimed[~correct]).eer


def area_under_roc(right: ArrayLike, p: ArrayLike) -> float:
    """Probability 0..1 that a right item has a higher confidence than a wrong one; ties count half.

    Raises:
        DataError: all items are right or all wrong, or the lengths differ.
    """
    correct, claimed = _checked(right, p)
    positives, negatives = int(correct.sum()), int((~correct).sum())
    if not positives or not negatives:
        raise DataError(f"got {positives} right and {negatives} wrong items; the area needs both kinds")
    _, group, counts = np.unique(claimed, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[group]
    return float((ranks[correct].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def area_under_precision(right: ArrayLike, p: ArrayLike) -> float:
    """Average precision 0..1 of finding the errors by low confidence.

    Raises:
        DataError: nothing is wrong, or the lengths differ.
    """
    correct, claimed = _checked(right, p)
    if correct.all():
        raise DataError(f"none of the {len(correct)} items is wrong; there is nothing to find")
    values, group = np.unique(claimed, return_inverse=True)
    wrong = np.cumsum(np.bincount(group, weights=~correct, minlength=len(values)))
    found = np.cumsum(np.bincount(group, minlength=len(values)))
    recalls = wrong / wrong[-1]
    return float(np.sum(np.diff(recalls, prepend=0.0) * wrong / found))


class ReliabilityBin(NamedTuple):
    """Items of similar confidence."""

    claimed: float
    """Mean confidence."""
    right: float
    """Share of them that is right."""
    n: int


def reliability(right: ArrayLike, p: ArrayLike, *, bins: int = MASS_BINS) -> list[ReliabilityBin]:
    """Claim and truth in bins of equal mass, lowest confidence first; no more bins than items.

    Raises:
        DataError: there are no items, or the lengths differ.
    """
    correct, claimed = _checked(right, p)
    order = np.argsort(claimed, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    return [ReliabilityBin(float(claimed[part].mean()), float(correct[part].mean()), len(part)) for part in parts]


def calibration_error(right: ArrayLike, p: ArrayLike, *, bins: int = MASS_BINS) -> float:
    """ECE 0..1: mean distance of claim and truth over bins of equal mass.

    Raises:
        DataError: there are no items, or the lengths differ.
    """
    parts = reliability(right, p, bins=bins)
    return sum(part.n * abs(part.claimed - part.right) for part in parts) / sum(part.n for part in parts)


class Answered(NamedTuple):
    """What is left when everything below a threshold is rejected."""

    threshold: float
    answered: float
    """Share 0..1 of the items."""
    error: float
    """Share 0..1 of the answered ones that is wrong."""


def rejection_curve(right: ArrayLike, p: ArrayLike) -> list[Answered]:
    """Error against the share answered, from the highest threshold down to the one that answers everything.

    Raises:
        DataError: there are no items, or the lengths differ.
    """
    correct, claimed = _checked(right, p)
    values, group = np.unique(-claimed, return_inverse=True)
    counts = np.cumsum(np.bincount(group, minlength=len(values)))
    wrong = np.cumsum(np.bincount(group, weights=~correct, minlength=len(values)))
    return [
        Answered(float(-value), float(count / len(claimed)), float(errors / count))
        for value, count, errors in zip(values, counts, wrong, strict=True)
    ]


def pooled(units: Sequence[Judged]) -> Judged:
    """Several units as one."""
    return np.concatenate([right for right, _ in units]), np.concatenate([p for _, p in units])


def _checked(right: ArrayLike, p: ArrayLike) -> Judged:
    correct, claimed = np.asarray(right, bool), np.asarray(p, np.float64)
    if correct.ndim != 1 or correct.shape != claimed.shape or not len(correct):
        raise DataError(f"got {correct.shape} verdicts and {claimed.shape} confidences; expected one or more, as many")
    if np.isnan(claimed).any() or claimed.min() < 0 or claimed.max() > 1:
        raise DataError("a confidence is not a probability 0..1; calibrate the scores first")
    return correct, claimed
