"""The simulation of section 4 of the specification: pairs of words, sounds that tell them apart, a seed that leans."""

from __future__ import annotations

import numpy as np

from harken.train.asr.selection.evidence import EvidenceConfig, gather_evidence
from harken.train.asr.selection.slots import Slots
from harken.train.asr.selection.uncertainty import entropy

PAIRS, EACH, SIZE = 40, 100, 8


def simulate(prior: float, bias: float, *, separation: float = 1.0, seed: int = 0) -> tuple[Slots, np.ndarray]:
    """Slots of 40 pairs, and whether the likelier candidate of each is right.

    Args:
        prior: true share of the first word of each pair.
        bias: added to the seed's log-odds of the first word.
        separation: distance of the two words' sounds from their middle; 0: they sound the same.
        seed: of everything.
    """
    rng = np.random.default_rng(seed)
    pair = np.repeat(np.arange(PAIRS), EACH)
    first = rng.random(len(pair)) < prior
    side = np.where(first, 1.0, -1.0)
    axes = rng.standard_normal((PAIRS, SIZE))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    noise = 1.3 * rng.standard_normal((len(pair), SIZE)) / np.sqrt(SIZE)
    vectors = separation * side[:, None] * axes[pair] + noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    odds = 1.287 * (0.643 * side + rng.standard_normal(len(pair))) + bias  # calibrated, right in 74 % without bias
    one, other = 1 + 2 * pair, 2 + 2 * pair
    slots = Slots(
        names=("", *(f"{number}{word}" for number in range(PAIRS) for word in "ab")),
        recording=np.arange(len(pair)), voice=np.arange(len(pair)), word=np.where(odds > 0, one, other),
        rival=np.where(odds > 0, other, one), odds=np.abs(odds), steps=np.ones(len(pair), np.int64),
        vectors=vectors.astype(np.float32),
    )  # fmt: skip
    return slots, (odds > 0) == first


def accuracy(slots: Slots, right: np.ndarray, value: np.ndarray) -> float:
    """Share of right labels among the quarter of the pool with the greatest value, from its uncertain half."""
    uncertainty = entropy(slots.odds)
    half = np.flatnonzero(uncertainty >= np.median(uncertainty))
    return float(right[half[np.argsort(-value[half], kind="stable")][: len(slots) // 4]].mean())


def of_rule(prior: float, bias: float, config: EvidenceConfig | None, *, separation: float = 1.0) -> float:
    """Mean accuracy over three seeds of the evidence with a configuration, or of confidence when None."""
    accuracies = []
    for seed in range(3):
        slots, right = simulate(prior, bias, separation=separation, seed=seed)
        if config is None:
            value = -entropy(slots.odds)
        else:
            rng = np.random.default_rng(0)
            value = gather_evidence(slots, config, rng=rng, prior=lambda word, rival: prior).drop
        accuracies.append(accuracy(slots, right, value))
    return float(np.mean(accuracies))
