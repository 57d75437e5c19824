"""Calibration and thresholds of the sound events, and how well they find the sounds of the folds that were held out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.activation.packing import read_weights
from harken.activation.sound_events import SMOOTH, calibrated, log_odds
from harken.activation.sound_network import STEP, SoundNetwork, heard_logits, smoothed
from harken.audio.features import FRAMES_PER_SECOND, Frames
from harken.bundle import Bundle
from harken.metrics.comparison import by_unit, ratio
from harken.metrics.detection import find_peaks, threshold_for_rate
from harken.metrics.intervals import bootstrap_ratio, wilson
from harken.metrics.result import Result
from harken.train.activation.sound_events.material import LABELS
from harken.train.activation.sound_events.scenes import Sound

OFF = 0.5
"""An event ends below this share of its threshold."""
LOWEST = 0.5
"""No threshold is lower, however rare false events are: what is reported is likelier than not."""
PIECE = 5 * FRAMES_PER_SECOND // STEP
"""Steps in five seconds: the calibration counts decisions over pieces as long as ESC-10's clips."""
_APART = 25  # steps, 2 s: nearer peaks are one event
Odds = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Listening:
    """Log odds of a network that has not learned from a fold."""

    sources: tuple[str, ...]
    truth: tuple[str, ...]
    """Class of each clip of the fold."""
    odds: tuple[Odds, ...]
    """[t, labels] of each."""
    quiet: tuple[Odds, ...]
    """[t, labels] of each recording without any of the sounds."""

    @classmethod
    def of(cls, file: bytes, facts: Mapping[str, Any], tested: Sequence[Sound], quiet: Sequence[Frames]) -> Listening:
        """Run a packed file over both."""
        network = SoundNetwork(
            read_weights(file), np.asarray(facts["centre"], np.float32), np.asarray(facts["deviation"], np.float32)
        )
        return cls(
            sources=tuple(sound.source for sound in tested), truth=tuple(sound.event for sound in tested),
            odds=tuple(_odds(network, sound.frames) for sound in tested),
            quiet=tuple(_odds(network, frames) for frames in quiet),
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Operation:
    """At which score what is reported."""

    slope: float
    offset: float
    thresholds: Mapping[str, float]
    rate: float
    """False events per hour that were allowed, all labels together."""
    hours: float
    """Of sound without the events."""

    def facts(self) -> dict[str, Any]:
        """For the bundle."""
        return {"slope": self.slope, "offset": self.offset, "thresholds": dict(self.thresholds)}

    def summary(self) -> dict[str, float]:
        """Where they are from, for people."""
        return {"false_events_per_hour": self.rate, "hours": round(self.hours, 2)}


def choose_operation(heard: Sequence[Listening], *, rate: float) -> Operation:
    """Platt's calibration of the highest score in five seconds, and a threshold for each label.

    Each label may give `rate` / labels false events an hour; where the sound is too short to count so few, its
    threshold is above every score.
    """
    from harken.train.asr.confidence import fit_calibration

    slope, offset = fit_calibration(*_trials(heard))
    tracks = [calibrated(odds, slope, offset) for one in heard for odds in one.quiet]
    hours = sum(map(len, tracks)) * STEP / FRAMES_PER_SECOND / 3600
    thresholds = {}
    for place, label in enumerate(LABELS):
        peaks = [float(t[n, place]) for t in tracks for n in find_peaks(t[:, place], apart=_APART, floor=LOWEST)]
        limit = threshold_for_rate(peaks, hours, rate / len(LABELS))
        thresholds[label] = round(min(max(limit + 5e-5, LOWEST), 0.9999), 4)
    return Operation(slope=slope, offset=offset, thresholds=thresholds, rate=rate, hours=hours)


def found_results(heard: Sequence[Listening], bundle: Bundle, *, recipe: str) -> Iterator[Result]:
    """How many clips of the held-out folds reach the bundle's threshold of their own class, and of another one.

    Calibration and thresholds were fitted on what the same networks heard, these clips among it.
    """
    facts = bundle.features
    limits = np.asarray([facts["thresholds"][label] for label in LABELS])
    rows = []
    for one in heard:
        for source, truth, odds in zip(one.sources, one.truth, one.odds, strict=True):
            reached = calibrated(odds.max(axis=0), facts["slope"], facts["offset"]) >= limits
            own = LABELS.index(truth)
            rows.append((source, bool(reached[own]), bool(np.delete(reached, own).any())))
    for metric, column in (("found at the shipped thresholds", 1), ("another sound found in the clip", 2)):
        parts = list(by_unit((row[0], float(row[column]), 1.0) for row in rows).values())
        hits = sum(bool(row[column]) for row in rows)
        sure = hits in (0, len(rows))  # drawing recordings would vary nothing
        low, high = wilson(hits, len(rows)) if sure else bootstrap_ratio(parts, rng=np.random.default_rng(0))
        yield Result(
            recipe=recipe, metric=metric, unit="%", value=100 * ratio(parts), low=100 * low, high=100 * high,
            n=len(rows), set="ESC-10, four folds", condition="the first seed's networks of four bits",
            command=f"harken score {recipe} method", seeds=(0,),
        )  # fmt: skip


def _trials(heard: Sequence[Listening]) -> tuple[Odds, NDArray[np.bool_]]:
    """Highest log odds of each label in each piece, and whether the piece holds it."""
    best, right = [], []
    for one in heard:
        pieces = list(zip(one.odds, one.truth, strict=True))
        pieces += [(odds[n : n + PIECE], "") for odds in one.quiet for n in range(0, len(odds), PIECE)]
        for odds, truth in pieces:
            best.append(odds.max(axis=0))
            right.append([label == truth for label in LABELS])
    return np.concatenate(best), np.concatenate(right)


def _odds(network: SoundNetwork, frames: Frames) -> Odds:
    """Log odds [t, labels] of a recording as the run time smooths them; in steps without sound, of nothing."""
    network.reset()
    whole = frames[: max(STEP, len(frames) // STEP * STEP)]
    return log_odds(smoothed(heard_logits(network, whole), SMOOTH))
