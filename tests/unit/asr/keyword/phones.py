"""A toy phone set and phrases over it, and their margins found the slow way."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from harken.asr.keyword.phrases import Phrases

LABELS = ("SIL", "A", "B", "C")


def phrases(*networks: Sequence[tuple[str, Sequence[int | str]]]) -> Phrases:
    """Phrases of states (phone, states before: their numbers in the phrase, or '' for anything); the last ends it."""
    phones: list[int] = []
    before: list[list[int | str]] = []
    last = []
    for network in networks:
        first = len(phones)
        phones += [LABELS.index(phone) for phone, _ in network]
        before += [[state if state == "" else first + int(state) for state in states] for _, states in network]
        last.append(len(phones) - 1)
    count, most = len(phones), max(map(len, before))
    table = np.full((count, most), count + 1)
    for row, states in zip(table, before, strict=True):
        row[: len(states)] = [count if state == "" else state for state in states]
    return Phrases(
        texts=tuple(f"phrase {n}" for n in range(len(networks))), phones=np.array(phones), before=table,
        sizes=np.array([float(len(network)) for network in networks]), last=np.array(last),
        first_last=np.arange(len(networks)),
    )  # fmt: skip


def slow_margins(scores: np.ndarray, spoken: Sequence[str], price: float) -> list[float]:
    """After each step, over all paths there are: the best that ends with these phones, less the best of all."""
    count = scores.shape[1] // 2
    margins = []
    for steps in range(1, len(scores) + 1):
        best, ending = -np.inf, -np.inf
        for moves in itertools.product(range(-1, count), repeat=steps):
            if moves[0] < 0:
                continue
            said: list[str] = []
            score = 0.0
            for step, move in enumerate(moves):
                if move >= 0:
                    said.append(LABELS[move])
                    score += scores[step, move] - price
                else:
                    score += scores[step, count + LABELS.index(said[-1])]
            best = max(best, score)
            if said[-len(spoken) :] == list(spoken):
                ending = max(ending, score)
        margins.append(ending - best)
    return margins
