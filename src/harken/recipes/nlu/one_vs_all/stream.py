"""A simulated year of a growing assistant: when is each one-vs-all model trained again, and what does waiting cost?

The stream adds examples, corrects wrong labels, deletes examples and brings new classes, day by day. A policy says
which classes are refreshed on a day; each then learns from that day's snapshot. Multiclass training would always take
the whole system.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.nlu.divergence import divergence
from harken.nlu.logistic import Floats, fit_logistic
from harken.recipes.nlu.one_vs_all.models import DECAY, Examples

POLICIES = ("synchronous", "round robin", "random lag", "trigger")
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Examples with the days on which something happens to them."""

    examples: Examples
    classes: NDArray[np.str_]
    added: NDArray[np.int64]
    """[n] day"""
    deleted: NDArray[np.int64]
    """[n] day; `NEVER` for most."""
    corrected: NDArray[np.int64]
    """[n] day from which the label is right; before it is `wrong`."""
    wrong: NDArray[np.str_]
    """[n]"""
    days: int

    def snapshot(self, day: int) -> tuple[NDArray[np.bool_], NDArray[np.str_]]:
        """Which examples are there on a day, and how they are labelled."""
        there = (self.added <= day) & (day < self.deleted)
        return there, np.where(day >= self.corrected, self.examples.labels, self.wrong)


@dataclass(frozen=True, kw_only=True)
class Point:
    """The state of a system on a day."""

    policy: str
    day: int
    accuracy: float
    """On test sentences of the classes that exist by then, 0..1."""
    distance: float
    staleness: float
    refreshes: int
    """Class models trained so far."""


def make_stream(
    examples: Examples, rng: np.random.Generator, *, days: int = 60, late: float = 0.3, mislabelled: float = 0.05,
    deleted: float = 0.05,
) -> Stream:  # fmt: skip
    """Dated events for examples.

    Args:
        examples: all that will ever be added.
        rng: source of randomness.
        days: length of the stream.
        late: share of the classes that begin later than the first day.
        mislabelled: share of the examples whose label is wrong until it is corrected.
        deleted: share that is deleted some day.
    """
    n, classes = len(examples), np.unique(examples.labels)
    begins = np.where(rng.random(len(classes)) < late, rng.integers(5, days * 2 // 3, len(classes)), 0)
    start = begins[np.searchsorted(classes, examples.labels)]
    first = rng.random(n) < 0.25  # a class begins with a quarter of its examples
    added = np.where(first, start, start + (rng.random(n) * (days - start)).astype(np.int64))
    is_wrong, goes = rng.random(n) < mislabelled, rng.random(n) < deleted
    wait = rng.integers(5, days, n)
    existing = classes[begins == 0]
    return Stream(
        examples=examples, classes=classes, added=added, days=days,
        deleted=np.where(goes, added + wait, NEVER), corrected=np.where(is_wrong, added + wait, 0),
        wrong=np.where(is_wrong, existing[rng.integers(len(existing), size=n)], examples.labels),
    )  # fmt: skip


def simulate(
    stream: Stream, test: Examples, policy: str, *, every: int, measured: Sequence[int], seed: int
) -> list[Point]:
    """Run a policy through the stream.

    Args:
        stream: the events.
        test: sentences to score.
        policy: one of `POLICIES`. `synchronous`: all classes every `every` days; `round robin`: each every `every`
            days, a few a day; `random lag`: each on a day with the chance 1 / `every`; `trigger`: a class when a tenth
            of its own examples is new or changed.
        every: days between refreshes.
        measured: days on which accuracy is measured.
        seed: of the random lags.
    """
    rng = np.random.default_rng(seed)
    count = len(stream.classes)
    trained = np.full(count, -1)
    weights: Floats = np.zeros((stream.examples.x.shape[1], count), dtype=np.float32)
    bias = np.full(count, -np.inf, dtype=np.float32)
    fitted = np.full(count, -1)
    points, refreshes = [], 0
    for day in range(stream.days):
        there, labels = stream.snapshot(day)
        exist = np.isin(stream.classes, labels[there])
        new = exist & (trained < 0)
        due = _due(policy, stream, day, trained, every, rng) & exist
        refreshes += int((new | due).sum())
        trained[new | due] = day
        if day in measured:
            late = np.flatnonzero((fitted != trained) & exist)
            if len(late):
                weights[:, late], bias[late] = _fit(stream, late, trained)
            fitted[late] = trained[late]
            points.append(_point(stream, test, policy, day, trained, weights, bias, exist, refreshes))
    return points


def _due(
    policy: str, stream: Stream, day: int, trained: NDArray[np.int64], every: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    count = len(stream.classes)
    if policy == "synchronous":
        return np.full(count, day % every == 0)
    if policy == "round robin":
        return np.asarray(np.arange(count) % every == day % every)
    if policy == "random lag":
        return np.asarray(rng.random(count) < 1 / every)
    now, labels = stream.snapshot(day)
    due = np.zeros(count, dtype=bool)
    for number, name in enumerate(stream.classes):
        if trained[number] >= 0:
            then, old = stream.snapshot(int(trained[number]))
            mine, before = now & (labels == name), then & (old == name)
            due[number] = (mine ^ before).sum() > 0.1 * max(int(before.sum()), 1)
    return due


def _fit(stream: Stream, columns: NDArray[np.int64], trained: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """The models of some classes, each on the snapshot of its own day."""
    shots = [stream.snapshot(int(trained[column])) for column in columns]
    counts = np.stack([there for there, _ in shots], axis=1).astype(np.float32)
    answers = np.stack([labels == stream.classes[c] for c, (_, labels) in zip(columns, shots, strict=True)], axis=1)
    used = counts.any(axis=1)
    return fit_logistic(stream.examples.x[used], answers[used], counts[used], decay=DECAY, steps=30)


def _point(
    stream: Stream, test: Examples, policy: str, day: int, trained: NDArray[np.int64], weights: Floats, bias: Floats,
    exist: NDArray[np.bool_], refreshes: int,
) -> Point:  # fmt: skip
    scored = test.part(np.isin(test.labels, stream.classes[exist]))
    answers = stream.classes[(scored.x @ weights + bias).argmax(axis=1)]
    measured = divergence([_manifest(stream, int(at)) for at in trained[exist]], _manifest(stream, day))
    return Point(
        policy=policy, day=day, accuracy=float((answers == scored.labels).mean()), distance=measured.distance,
        staleness=measured.staleness, refreshes=refreshes,
    )  # fmt: skip


def _manifest(stream: Stream, day: int) -> NDArray[np.uint64]:
    """The examples of a day; one with another label is another example."""
    there, labels = stream.snapshot(day)
    numbers = np.flatnonzero(there).astype(np.uint64)
    return np.sort(numbers * np.uint64(2) + (labels[there] != stream.examples.labels[there]))
