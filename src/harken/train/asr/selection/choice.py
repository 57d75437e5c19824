"""Which recordings to learn from: by their fall of uncertainty within a budget of hours, and the simpler rules."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from harken.asr.arrays import Floats
from harken.train.asr.selection.decoding import Decoded
from harken.train.asr.selection.evidence import Evidence
from harken.train.asr.selection.slots import Slots
from harken.train.asr.selection.uncertainty import entropy, mean_over_recordings

STEPS_PER_HOUR = 120_000
"""Steps of 30 ms."""


@dataclass(frozen=True, kw_only=True)
class ChoiceConfig:
    """What counts against a recording."""

    penalty: float = 1.0
    """Weight of the uncertainty that is left beyond `most_uncertain`."""
    most_uncertain: float = 0.3
    """Mean uncertainty in nats that costs nothing."""
    doubt: float = 0.2
    """A flipped slot as uncertain as this (nats) disqualifies its recording, unless flipped slots are cut out."""
    cut: bool = True
    """Cut flipped slots out instead of leaving the recording."""
    fewest_words: int = 2
    slowest: float = 3.0
    """Phones a second; slower recordings are mostly not speech, or partly not understood."""
    fastest: float = 30.0


def usable(decoded: Sequence[Decoded], phones: Sequence[int], config: ChoiceConfig) -> list[bool]:
    """Whether each stretch has enough words and a plausible rate of speech, whatever the rule of choice.

    Args:
        decoded: the pool.
        phones: in the label of each.
        config: the limits.
    """
    return [
        len(row.words) >= config.fewest_words and config.slowest <= count / (0.03 * row.steps) <= config.fastest
        for row, count in zip(decoded, phones, strict=True)
    ]


def within_hours(order: Iterable[int], steps: Sequence[int], hours: float, allowed: Sequence[bool]) -> list[int]:
    """The first of these recordings that fill the budget; the one that would exceed it ends the list.

    Args:
        order: numbers of recordings, best first.
        steps: of all recordings.
        hours: the budget.
        allowed: of all recordings: others are passed over.
    """
    chosen, left = [], hours * STEPS_PER_HOUR
    for number in order:
        if allowed[number]:
            if steps[number] > left:
                break
            chosen.append(number)
            left -= steps[number]
    return chosen


def by_local_global(
    slots: Slots, evidence: Evidence, steps: Sequence[int], hours: float, allowed: Sequence[bool], config: ChoiceConfig
) -> list[int]:
    """Greedy choice by the fall of uncertainty, with diminishing returns, until the budget is filled.

    What a chosen recording teaches, its neighbours need not teach again: their fall shrinks by the weight of each vote.

    Args:
        slots: of the pool.
        evidence: on them.
        steps: of each recording.
        hours: the budget.
        allowed: of each recording.
        config: what counts against it.
    """
    run = _Greedy(slots, evidence, len(steps), config)
    waiting = [(-run.score(n), n) for n in range(len(steps)) if allowed[n] and not run.disqualified[n]]
    heapq.heapify(waiting)
    chosen: list[int] = []
    left = hours * STEPS_PER_HOUR
    while waiting:
        _, number = heapq.heappop(waiting)
        fresh = -run.score(number)
        if waiting and (fresh, number) > waiting[0]:  # scores only fall, so what is still best is best
            heapq.heappush(waiting, (fresh, number))
            continue
        if steps[number] > left:
            break
        chosen.append(number)
        left -= steps[number]
        run.take(number)
    return chosen


def rank_sum(orders: Sequence[Sequence[int]], count: int) -> list[int]:
    """One order from several by the sum of the ranks; what an order lacks comes after its last.

    Args:
        orders: numbers of recordings, best first.
        count: recordings in all.
    """
    ranks = np.zeros(count)
    for order in orders:
        own = np.full(count, float(len(order)))
        own[np.asarray(order, np.int64)] = np.arange(len(order))
        ranks += own
    return [int(number) for number in np.argsort(ranks, kind="stable")]


class _Greedy:
    """Scores S(i) = G(i) - penalty * what uncertainty is left too much; G is the mean fall of the slots."""

    def __init__(self, slots: Slots, evidence: Evidence, count: int, config: ChoiceConfig):
        self.slots, self.evidence = slots, evidence
        self.drop = evidence.drop.copy()
        left = mean_over_recordings(entropy(slots.odds + evidence.shift), slots.steps, slots.recording, count)
        self.cost: Floats = config.penalty * np.maximum(0.0, left - config.most_uncertain)
        self.length = np.maximum(1, np.bincount(slots.recording, weights=slots.steps, minlength=count))
        self.bounds = np.searchsorted(slots.recording, np.arange(count + 1))
        doubtful = evidence.flipped & (entropy(slots.odds) > config.doubt) & (not config.cut)
        self.disqualified = np.bincount(slots.recording, weights=doubtful, minlength=count) > 0

    def score(self, number: int) -> float:
        """S of a recording as things stand."""
        own = slice(self.bounds[number], self.bounds[number + 1])
        gain = float(self.slots.steps[own] @ self.drop[own]) / float(self.length[number])
        return gain - float(self.cost[number])

    def take(self, number: int) -> None:
        """The recording is chosen."""
        for slot in range(self.bounds[number], self.bounds[number + 1]):
            near, weights = self.evidence.neighbours[slot], self.evidence.weights[slot]
            gains = self.drop[near]
            self.drop[near] = np.where(gains > 0, gains * (1 - weights), gains)
