"""One-vs-all against multiclass on the same vectors: accuracy, calibration, rejection, cost of an update."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.nlu.logistic import Floats, fit_calibration, fit_logistic, sigmoid
from harken.recipes.nlu.one_vs_all.models import (
    STEPS,
    Examples,
    fit_classes,
    fit_softmax,
    fit_temperature,
    one_hot,
    softmax,
)

OUTSIDE = "oos"
"""Label of sentences of no class."""
KEPT = 0.95
"""Share of the held-out sentences of the classes that the threshold of rejection keeps."""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What a system said of the test sentences."""

    system: str
    """'one-vs-all' or 'multiclass'."""
    right: NDArray[np.bool_]
    """[in scope]: the likeliest class is right."""
    f1: float
    """Mean over the classes."""
    raw_error: float
    """Calibration error of the greatest probability before calibration."""
    error: float
    """The same after calibration on held-out sentences: of each class, then of the answer."""
    auroc: float
    """Of telling sentences of the classes from those of none; nan without the latter."""
    accepted: NDArray[np.bool_]
    """[out of scope]: passed the threshold that held-out sentences set."""
    kept: NDArray[np.bool_]
    """[in scope]: passed it."""
    most_wins: float
    """Greatest ratio of a class's share of the answers to its share of the sentences."""
    seconds: float
    """Processor time of training all classes."""
    update_seconds: float
    """Of bringing one class up to date."""
    update_bytes: int
    """What such an update ships."""


def compare(taught: Examples, held_out: Examples, test: Examples, decays: tuple[float, float]) -> list[Scored]:
    """Both systems on the same data.

    Args:
        taught: training examples; those of `OUTSIDE` are negative for all classes, and unknown to the multiclass model.
        held_out: sets calibration and threshold.
        test: is scored.
        decays: of the weights, one-vs-all and multiclass.
    """
    names = sorted(set(taught.labels.tolist()) - {OUTSIDE})
    inside = taught.part(taught.labels != OUTSIDE)
    calibration = held_out.part(held_out.labels != OUTSIDE)
    began = time.process_time()
    models = fit_classes(taught, names, calibration, decay=decays[0])
    ova_seconds = time.process_time() - began
    began = time.process_time()
    fit_classes(taught, names[:1], calibration, decay=decays[0])
    one = time.process_time() - began
    began = time.process_time()
    weights, bias = fit_softmax(inside, names, decay=decays[1])
    factor = fit_temperature(calibration.x @ weights + bias, calibration.labels, names)
    multi_seconds = time.process_time() - began
    size = weights.shape[0]

    def ova(part: Examples) -> tuple[Floats, Floats]:
        return (
            np.stack([sigmoid(models[name].scores(part.x)) for name in names], axis=1),
            np.stack([models[name].chances(part.x) for name in names], axis=1),
        )

    def multi(part: Examples) -> tuple[Floats, Floats]:
        z = part.x @ weights + bias
        return softmax(z), softmax(np.float32(factor) * z)

    return [
        _scored(
            "one-vs-all", names, (ova(calibration)[1], calibration.labels), ova(test), test,
            (ova_seconds, one, 2 * (size + 1) + 8),
        ),
        _scored(
            "multiclass", names, (multi(calibration)[1], calibration.labels), multi(test), test,
            (multi_seconds, multi_seconds, 2 * (size + 1) * len(names) + 4),
        ),
    ]  # fmt: skip


def best_decays(taught: Examples, held_out: Examples, decays: Sequence[float]) -> tuple[float, float]:
    """The decays with the best accuracy on held-out sentences, for one-vs-all and multiclass."""
    names = sorted(set(taught.labels.tolist()) - {OUTSIDE})
    inside, checked = (part.part(part.labels != OUTSIDE) for part in (taught, held_out))
    accuracies: dict[str, list[float]] = {"ova": [], "multi": []}
    for decay in decays:
        counts = np.ones((len(taught), len(names)), dtype=np.float32)
        ova = fit_logistic(taught.x, one_hot(taught.labels, names), counts, decay=decay, steps=STEPS)
        for system, (weights, bias) in (("ova", ova), ("multi", fit_softmax(inside, names, decay=decay))):
            answers = np.array(names)[(checked.x @ weights + bias).argmax(axis=1)]
            accuracies[system].append(float((answers == checked.labels).mean()))
    return decays[int(np.argmax(accuracies["ova"]))], decays[int(np.argmax(accuracies["multi"]))]


def _scored(
    system: str, names: Sequence[str], held_out: tuple[Floats, NDArray[np.str_]], tested: tuple[Floats, Floats],
    test: Examples,
    cost: tuple[float, float, int],
) -> Scored:  # fmt: skip
    raw, chances = tested
    kept, labels = held_out
    sure = fit_calibration(
        _log_odds(kept.max(axis=1)),
        np.array(names)[kept.argmax(axis=1)] == labels,
        np.ones(len(kept), dtype=np.float32),
    )
    inside = test.labels != OUTSIDE
    most = chances.max(axis=1)
    answer = np.array(names)[chances.argmax(axis=1)]
    right = answer[inside] == test.labels[inside]
    threshold = float(np.quantile(kept.max(axis=1), 1 - KEPT))
    stated = sigmoid(np.float32(sure[0]) * _log_odds(most[inside]) + np.float32(sure[1]))
    raw_right = np.array(names)[raw.argmax(axis=1)][inside] == test.labels[inside]
    return Scored(
        system=system, right=right, f1=macro_f1(answer[inside], test.labels[inside]),
        raw_error=calibration_error(raw.max(axis=1)[inside], raw_right),
        error=calibration_error(stated, right), auroc=auroc(most[inside], most[~inside]),
        accepted=most[~inside] >= threshold, kept=most[inside] >= threshold,
        most_wins=_most_wins(answer[inside], test.labels[inside]), seconds=cost[0], update_seconds=cost[1],
        update_bytes=cost[2],
    )  # fmt: skip


def calibration_error(chances: NDArray[np.floating], right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error: mean distance of stated and observed correctness over equally wide bins, 0..1."""
    places = np.minimum((np.asarray(chances) * bins).astype(int), bins - 1)
    gaps = [
        abs(float(chances[places == place].mean()) - float(right[places == place].mean()))
        * float((places == place).mean())
        for place in np.unique(places)
    ]
    return float(sum(gaps))


def auroc(above: NDArray[np.floating], below: NDArray[np.floating]) -> float:
    """Chance that one of `above` is greater than one of `below`; ties count half; nan if one is empty."""
    if not len(above) or not len(below):
        return float("nan")
    ordered = np.sort(below)
    left, right = np.searchsorted(ordered, above, "left"), np.searchsorted(ordered, above, "right")
    return float((left + right).mean() / 2 / len(below))


def macro_f1(answers: NDArray[np.str_], labels: NDArray[np.str_]) -> float:
    """Mean F1 of the classes that occur among the labels, 0..1."""
    names = np.unique(labels)
    said, there = one_hot(answers, names.tolist()), one_hot(labels, names.tolist())
    both = (said & there).sum(axis=0)
    return float((2 * both / np.maximum(said.sum(axis=0) + there.sum(axis=0), 1)).mean())


def _log_odds(chances: Floats) -> Floats:
    clipped = np.clip(chances, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float32)


def _most_wins(answers: NDArray[np.str_], labels: NDArray[np.str_]) -> float:
    names = np.unique(labels).tolist()
    said, there = one_hot(answers, names).sum(axis=0), one_hot(labels, names).sum(axis=0)
    return float((said / there).max())
