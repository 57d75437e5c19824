"""Training of the confidence: compression of embeddings, logistic regression, small networks, calibration.

The embeddings are made first and stay as they are; the classifier learns on top of them, with the plain cross-entropy:
classes of other weights would spoil the calibration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor, nn

from harken.asr.arrays import Floats
from harken.asr.passes.confidence import FREE, GRAMMAR, Classifier
from harken.audio.features import Frames
from harken.errors import DataError
from harken.metrics.edits import align

Truths = NDArray[np.bool_]
CORRECT, SUBSTITUTED, INSERTED = "C", "S", "I"
"""What a word of the hypothesis is; a deletion has no word."""
NO_CHANGE = {FREE: (1.0, 0.0), GRAMMAR: (1.0, 0.0)}
"""Calibrations before anything is calibrated."""


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """The small network; without hidden layers it is a logistic regression."""

    hidden: tuple[int, ...] = (128, 64)
    dropout: float = 0.2
    rate: float = 1e-3
    decay: float = 1e-4
    """Weight decay."""
    batch: int = 512
    """Words."""
    epochs: int = 30
    patience: int = 4
    """Epochs without a better dev before training ends."""


def word_types(reference: Sequence[str], heard: Sequence[str]) -> list[str]:
    """`CORRECT`, `SUBSTITUTED` or `INSERTED` for each heard word, by an alignment with the fewest edits."""
    kinds = []
    for wanted, word in align(reference, heard):
        if word is not None:
            kinds.append(INSERTED if wanted is None else CORRECT if wanted == word else SUBSTITUTED)
    return kinds


def principal_axes(rows: Frames, count: int) -> tuple[Frames, Frames]:
    """Mean [m] and the `count` directions [m, count] of most variance, each scaled to unit deviation.

    Raises:
        DataError: fewer rows than directions.
    """
    if len(rows) <= count:
        raise DataError(f"{len(rows)} embeddings cannot give {count} axes; prepare more speech or ask for fewer axes")
    mean = rows.mean(axis=0, dtype=np.float64)
    centred = rows - mean
    values, vectors = np.linalg.eigh(centred.T @ centred / len(rows))
    axes = vectors[:, ::-1][:, :count] / np.sqrt(np.maximum(values[::-1][:count], 1e-8))
    return mean.astype(np.float32), axes.astype(np.float32)


def fit_logistic(inputs: Floats, right: Truths, *, decay: float = 1e-4) -> Classifier:
    """Logistic regression by L-BFGS: mean cross-entropy + decay / 2 * squared norm of the weights of scaled inputs.

    Args:
        inputs: [items, n].
        right: [items].
        decay: weight of the norm.
    """
    mean, deviation = _scales(inputs)
    x, signs = (inputs - mean) / deviation, np.where(right, 1.0, -1.0)

    def cost(values: Floats) -> tuple[float, Floats]:
        margins = signs * (x @ values[:-1] + values[-1])
        slopes = -signs / (1 + np.exp(np.clip(margins, -500, 500))) / len(x)
        gradient = np.append(x.T @ slopes + decay * values[:-1], slopes.sum())
        return float(np.logaddexp(0, -margins).mean() + decay / 2 * values[:-1] @ values[:-1]), gradient

    found = minimize(
        cost, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B",
        options={"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-8},
    ).x  # fmt: skip
    return Classifier(mean, deviation, ((found[:-1, None], found[-1:]),), NO_CHANGE)


def fit_network(
    inputs: Floats, right: Truths, dev: tuple[Floats, Truths], config: NetworkConfig, *, seed: int
) -> Classifier:
    """A small network by Adam; the epoch with the least cross-entropy on dev counts."""
    torch.manual_seed(seed)
    mean, deviation = _scales(inputs)
    sizes = (inputs.shape[1], *config.hidden, 1)
    layers = [nn.Linear(before, after) for before, after in pairwise(sizes)]
    parts: list[nn.Module] = [layers[0]]
    for layer in layers[1:]:
        parts += [nn.ReLU(), nn.Dropout(config.dropout), layer]
    network = nn.Sequential(*parts)
    x, y = _tensors((inputs - mean) / deviation, right)
    dev_x, dev_y = _tensors((dev[0] - mean) / deviation, dev[1])
    best, kept, waited = np.inf, _weights(layers), 0
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.rate, weight_decay=config.decay)
    for _ in range(config.epochs):
        network.train()
        for chosen in torch.split(torch.randperm(len(x)), config.batch):
            optimiser.zero_grad()
            _cost(network, x[chosen], y[chosen]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        network.eval()
        with torch.no_grad():
            cost = float(_cost(network, dev_x, dev_y))
        waited += 1
        if cost < best:
            best, kept, waited = cost, _weights(layers), 0
        if waited >= config.patience:
            break
    return Classifier(mean, deviation, kept, NO_CHANGE)


def cross_entropy(classifier: Classifier, inputs: Floats, right: Truths) -> float:
    """Mean natural-log cost of what the classifier says before calibration."""
    return float(np.logaddexp(0, np.where(right, -1, 1) * classifier.logits(inputs)).mean())


def fit_calibration(logits: Floats, right: Truths) -> tuple[float, float]:
    """Slope and offset of Platt's calibration of logits [items]; the order of items never changes (slope > 0).

    J. Platt, "Probabilistic outputs for support vector machines", 1999, with his targets, which keep it finite.
    """
    hits = int(right.sum())
    wanted = np.where(right, (hits + 1) / (hits + 2), 1 / (len(right) - hits + 2))

    def cost(values: Floats) -> float:
        slope, offset = np.exp(values[0]), values[1]
        z = slope * logits + offset
        return float((np.logaddexp(0, z) - wanted * z).mean())

    found = minimize(cost, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-10}).x
    return float(np.exp(found[0])), float(found[1])


def _scales(inputs: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation of each input; constant ones keep their size."""
    deviation = inputs.std(axis=0)
    return inputs.mean(axis=0), np.where(deviation > 1e-9, deviation, 1.0)


def _tensors(inputs: Floats, right: Truths) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(inputs.astype(np.float32)), torch.from_numpy(right.astype(np.float32))


def _cost(network: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    return nn.functional.binary_cross_entropy_with_logits(network(x)[:, 0], y)


def _weights(layers: Sequence[nn.Linear]) -> tuple[tuple[Floats, Floats], ...]:
    return tuple(
        (layer.weight.detach().numpy().T.astype(np.float64), layer.bias.detach().numpy().astype(np.float64))
        for layer in layers
    )
