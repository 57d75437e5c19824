"""How well a score separates what should be detected from what should not be: DET curve, EER, false alarms per hour.

Higher scores mean "detected"; a trial is accepted when its score is at least the threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.errors import DataError

Scores = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class DetCurve:
    """Error rates at every threshold where one of them changes, thresholds rising.

    `misses` and `false_alarms` are shares 0..1 of the positive and negative trials.
    """

    thresholds: Scores
    misses: Scores
    false_alarms: Scores

    @property
    def eer(self) -> float:
        """Equal error rate 0..1: where misses and false alarms cross, straight between neighbouring points."""
        gap = self.misses - self.false_alarms
        right = int(np.argmax(gap >= 0))
        if right == 0 or gap[right] == 0:
            return float(max(self.misses[right], self.false_alarms[right]))
        left = right - 1
        share = gap[left] / (gap[left] - gap[right])
        return float(self.misses[left] + share * (self.misses[right] - self.misses[left]))


def det_curve(positives: Sequence[float] | Scores, negatives: Sequence[float] | Scores) -> DetCurve:
    """Detection error trade-off of scores of positive [n] and negative [m] trials.

    Raises:
        DataError: no trial of one kind, or a score that is not a number.
    """
    high, low = _sorted(positives, "positive"), _sorted(negatives, "negative")
    # One threshold above all scores, so that the curve reaches "nothing accepted".
    thresholds = np.unique(np.concatenate([high, low, [max(high[-1], low[-1]) + 1]]))
    misses = np.searchsorted(high, thresholds, side="left") / len(high)
    false_alarms = 1 - np.searchsorted(low, thresholds, side="left") / len(low)
    return DetCurve(thresholds=thresholds, misses=misses, false_alarms=false_alarms)


def threshold_for_rate(peaks: Sequence[float] | Scores, hours: float, rate: float) -> float:
    """Lowest threshold at which at most `rate` false alarms an hour remain.

    Args:
        peaks: scores of all separate peaks in negative sound.
        hours: how long that sound was.
        rate: false alarms per hour that are accepted.

    Raises:
        DataError: no hours.
    """
    if not hours > 0:
        raise DataError(f"got {hours} hours of negative sound; a rate needs more than 0")
    ranked = np.sort(np.asarray(peaks, np.float64))[::-1]
    allowed = int(rate * hours)
    if allowed >= len(ranked):
        return float(ranked[-1]) if len(ranked) else 0.0
    # Just above the first peak that must not count.
    return float(np.nextafter(ranked[allowed], np.inf))


def find_peaks(scores: Scores, *, apart: int, floor: float = 0.0) -> list[int]:
    """Indices of the separate peaks of a score over time [n], highest first: none within `apart` of a higher one.

    Args:
        scores: one score per frame.
        apart: frames; a detector's refractory time.
        floor: peaks below it are not reported.
    """
    scores = np.asarray(scores, np.float64)
    left = np.concatenate([[-np.inf], scores[:-1]])
    right = np.concatenate([scores[1:], [-np.inf]])
    places = np.flatnonzero((scores >= left) & (scores > right) & (scores >= floor))
    kept: list[int] = []
    for place in places[np.argsort(-scores[places], kind="stable")]:
        if all(abs(place - other) > apart for other in kept):
            kept.append(int(place))
    return kept


def _sorted(scores: Sequence[float] | Scores, kind: str) -> Scores:
    values = np.sort(np.asarray(scores, np.float64))
    if not len(values) or np.isnan(values).any():
        raise DataError(f"got {len(values)} {kind} scores (or one that is not a number); expected one or more numbers")
    return values
