"""Does divergence of the training sets predict accuracy? Classes x examples x divergence, as in Gupta et al. 2019.

Each one-vs-all model is trained on its own part of the data. Four ways to make the parts differ: `stale` (a model lacks
the newest part of every class), `loss` (examples are missing at random), `added` (a model never saw some of the other
classes) and `apart` (parts of the same size that overlap less).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from harken.nlu.divergence import LossCurve, divergence
from harken.nlu.logistic import fit_logistic
from harken.recipes.nlu.one_vs_all.models import DECAY, Examples, one_hot

KINDS = ("stale", "loss", "added", "apart")
WHOLE = ("stale", "apart")
"""Kinds with systems at level 0: all of the data, and the same half of it for every model."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One trained system of the study."""

    kind: str
    classes: int
    examples: int
    """Of each class."""
    level: float
    """How strongly the parts differ, 0..1."""
    seed: int
    distance: float
    coverage: float
    staleness: float
    disagreement: float
    shift: float
    accuracy: float
    """0..1"""


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What the accuracy of the study's systems depends on."""

    partial: dict[str, float]
    """Factor -> partial correlation with the accuracy, the other factors held constant."""
    slopes: dict[str, float]
    """Factor -> accuracy points per standard deviation of the factor, by linear regression."""
    correlations: dict[str, float]
    """'KIND MEASURE' -> mean over classes x examples of the correlation of a measure with the accuracy."""
    curve: LossCurve


def study(
    taught: Examples, test: Examples, *, classes: Sequence[int], examples: Sequence[int], levels: Sequence[float],
    seeds: Sequence[int],
) -> Iterator[Cell]:  # fmt: skip
    """Train and score every combination."""
    names = np.unique(taught.labels)
    for seed, count, size in itertools.product(seeds, classes, examples):
        rng = np.random.default_rng([seed, count, size])
        chosen = np.sort(rng.permutation(names)[:count])
        rows = np.concatenate([rng.permutation(np.flatnonzero(taught.labels == name))[:size] for name in chosen])
        part, scored = taught.part(rows), test.part(np.isin(test.labels, chosen))
        for kind, level in itertools.product(KINDS, levels):
            if level or kind in WHOLE:
                seen = parts(kind, part, chosen, level, np.random.default_rng([seed, count, size, int(level * 100)]))
                yield _cell(kind, level, seed, part, scored, chosen, seen, size)


def parts(
    kind: str, part: Examples, chosen: NDArray[np.str_], level: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Which examples each model sees, bool [examples, classes]; at level 0 all of them (`apart`: the same half).

    Args:
        kind: one of `KINDS`.
        part: the examples, class after class, oldest first.
        chosen: the classes.
        level: greatest (`stale`) or mean (others) share that a model lacks.
        rng: source of randomness.
    """
    n, count = len(part), len(chosen)
    if not level and kind != "apart":
        return np.ones((n, count), dtype=bool)
    if kind == "stale":
        age = np.zeros(n)
        for name in chosen:
            own = np.flatnonzero(part.labels == name)
            age[own] = (np.arange(len(own)) + 1) / len(own)
        return np.asarray(age[:, None] <= 1 - level * rng.random(count)[None, :])
    if kind == "added":
        known = rng.random((count, count)) >= level
        np.fill_diagonal(known, True)
        return np.asarray(known[np.searchsorted(chosen, part.labels)])
    if kind == "loss":
        return np.asarray(rng.random((n, count)) >= level)
    half = rng.random(n) < 0.5  # `apart`: half of the data each, of which a share 1 - level is the same for all models
    own_half = rng.random((n, count)) < 0.5
    return np.asarray(np.where(rng.random(n)[:, None] < level, own_half, half[:, None]))


def accuracy(part: Examples, chosen: NDArray[np.str_], seen: NDArray[np.bool_], scored: Examples) -> float:
    """Of one-vs-all models that each learn from the examples that they see, 0..1."""
    y = one_hot(part.labels, chosen.tolist())
    weights, bias = fit_logistic(part.x, y, seen.astype(np.float32), decay=DECAY, steps=40)
    answers = chosen[(scored.x @ weights + bias).argmax(axis=1)]
    return float((answers == scored.labels).mean())


def _cell(
    kind: str, level: float, seed: int, part: Examples, scored: Examples, chosen: NDArray[np.str_],
    seen: NDArray[np.bool_], size: int,
) -> Cell:  # fmt: skip
    everything = np.arange(len(part), dtype=np.uint64)
    counts = [[int((part.labels[own] == name).sum()) for name in chosen] for own in seen.T]
    measured = divergence([everything[own] for own in seen.T], everything, counts)
    return Cell(
        kind=kind, classes=len(chosen), examples=size, level=level, seed=seed,
        accuracy=accuracy(part, chosen, seen, scored), **asdict(measured),
    )  # fmt: skip


def effects(cells: Sequence[Cell]) -> Effects:
    """Regression, partial correlations, correlations within classes x examples, and the curve of the loss."""
    factors = {
        "classes": np.log([cell.classes for cell in cells]), "examples": np.log([cell.examples for cell in cells]),
        "staleness": np.array([cell.staleness for cell in cells]),
        "distance": np.array([cell.distance for cell in cells]),
    }  # fmt: skip
    reached = np.array([100 * cell.accuracy for cell in cells])
    standard = {name: (values - values.mean()) / max(values.std(), 1e-9) for name, values in factors.items()}
    matrix = np.column_stack([*standard.values(), np.ones(len(cells))])
    slopes = np.linalg.lstsq(matrix, reached, rcond=None)[0][:-1]
    partial = {
        name: _correlation(
            _residual(values, [v for other, v in standard.items() if other != name]),
            _residual(reached, [v for other, v in standard.items() if other != name]),
        )
        for name, values in standard.items()
    }
    measures = ("distance", "coverage", "staleness", "disagreement", "shift")
    correlations = {
        f"{kind} {measure}": _within(
            [cell for cell in cells if cell.kind == kind or (kind != "apart" and _is_whole(cell))], measure
        )
        for kind in KINDS
        for measure in measures
    }
    return Effects(
        partial=partial,
        slopes=dict(zip(standard, slopes.tolist(), strict=True)),
        correlations=correlations,
        curve=fit_curve(losses(cells)),
    )


def losses(cells: Sequence[Cell]) -> list[tuple[float, float, float]]:
    """(staleness, distance, accuracy points lost against the same system without divergence)."""
    whole = {(c.classes, c.examples, c.seed): c.accuracy for c in cells if _is_whole(c)}
    return [
        (c.staleness, c.distance, 100 * (whole[c.classes, c.examples, c.seed] - c.accuracy))
        for c in cells
        if not _is_whole(c)
    ]


def _is_whole(cell: Cell) -> bool:
    return not cell.level and cell.kind != "apart"


def fit_curve(points: Sequence[tuple[float, float, float]]) -> LossCurve:
    """Least squares for the loss of accuracy by staleness, its square and distance; no weight is negative."""
    stale, apart, lost = (np.array(column) for column in zip(*points, strict=True))
    matrix, best, least = np.column_stack([stale, stale**2, apart]), np.zeros(3), np.inf
    for used in itertools.product((False, True), repeat=3):
        weights = np.zeros(3)
        weights[list(used)] = np.linalg.lstsq(matrix[:, list(used)], lost, rcond=None)[0]
        error = float(((matrix @ weights - lost) ** 2).sum())
        if (weights >= 0).all() and error < least:
            best, least = weights, error
    return LossCurve(staleness=float(best[0]), bend=float(best[1]), distance=float(best[2]))


def _within(cells: Sequence[Cell], measure: str) -> float:
    """Mean over (classes, examples) of the correlation of a measure with the accuracy, over levels and seeds."""
    found = []
    for key in sorted({(cell.classes, cell.examples) for cell in cells}):
        own = [cell for cell in cells if (cell.classes, cell.examples) == key]
        bases = {seed: np.mean([c.accuracy for c in own if c.seed == seed]) for seed in {c.seed for c in own}}
        found.append(
            _correlation(
                np.array([getattr(cell, measure) for cell in own]),
                np.array([cell.accuracy - bases[cell.seed] for cell in own]),
            )
        )
    return float(np.mean(found))


def _residual(values: NDArray[np.float64], others: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    matrix = np.column_stack([*others, np.ones(len(values))])
    return np.asarray(values - matrix @ np.linalg.lstsq(matrix, values, rcond=None)[0])


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    if one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
