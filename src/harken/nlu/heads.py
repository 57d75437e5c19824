"""One linear head per skill: is this sentence for the skill (one against all), and if so, with which intent?

P(skill | s) = sigmoid(w . x + b) and P(intent | skill, s) = softmax(V x + c), where x joins the sentence's embedding
and its hashed n-grams. Each head is fitted by itself, so a skill can be retrained without touching another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.nlu.features import BUCKETS, Encoder, Floats, Ids

UNKNOWN_INTENT = -2
"""Label of a sentence that is for the skill but whose intent is not known."""
_STRANGER = -1
_EPOCHS, _BATCH, _LEAST_STEPS = 8, 256, 200
_RATE = 0.5
_DECAY = 2e-4
"""Weight decay on n-grams; keeps a rare n-gram from deciding alone."""


@dataclass(frozen=True)
class Head:
    """Weights of one skill. Column 0 decides skill against rest, columns 1.. choose among `intents`."""

    intents: tuple[str, ...]
    dense: Floats
    """[embedding size, 1 + intents]"""
    sparse: NDArray[np.int8]
    """[BUCKETS, 1 + intents], to be multiplied by `scale`."""
    scale: Floats
    """[1 + intents]"""
    bias: Floats
    """[1 + intents]"""

    def scores(self, ids: Ids, embedding: Floats) -> tuple[float, Floats]:
        """P(skill), and P(intent | skill) of each intent (float32 [intents], sums to 1)."""
        raw = embedding @ self.dense + self.bias
        if len(ids):
            raw = raw + self.sparse[ids].sum(axis=0, dtype=np.float32) * self.scale / np.sqrt(np.float32(len(ids)))
        inner = np.exp(raw[1:] - raw[1:].max())
        return float(1.0 / (1.0 + np.exp(-np.clip(raw[0], -30, 30)))), inner / inner.sum()

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """For an .npz file; only buckets with a weight are kept."""
        used = np.flatnonzero(self.sparse.any(axis=1)).astype(np.int32)
        return {
            "intents": np.array(self.intents), "dense": self.dense.astype(np.float16), "buckets": used,
            "weights": self.sparse[used], "scale": self.scale, "bias": self.bias,
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[np.generic]]) -> Head:
        """The inverse of `arrays`."""
        weights = arrays["weights"]
        sparse = np.zeros((BUCKETS, weights.shape[1]), dtype=np.int8)
        sparse[arrays["buckets"]] = weights
        return cls(
            tuple(str(name) for name in arrays["intents"]), arrays["dense"].astype(np.float32), sparse,
            arrays["scale"].astype(np.float32), arrays["bias"].astype(np.float32),
        )  # fmt: skip


def fit_head(
    intents: Sequence[str],
    positives: Sequence[tuple[Ids, int]],
    negatives: Sequence[Ids],
    encoder: Encoder,
    rng: np.random.Generator,
) -> Head:
    """Fit a head by mini-batch Adagrad (Duchi et al. 2011) on the logistic losses.

    Args:
        intents: names, in the order of the labels.
        positives: (n-grams, number of the intent, or `UNKNOWN_INTENT`).
        negatives: n-grams of sentences for other skills or for none.
        encoder: the frozen embedding.
        rng: source of randomness.
    """
    marked = [*positives, *((ids, _STRANGER) for ids in negatives)]
    marked = [(ids, label) for ids, label in marked if len(ids)]
    sentences, labels = [ids for ids, _ in marked], np.array([label for _, label in marked])
    dense = np.stack([encoder.embed(ids) for ids in sentences])
    fit = _Fit(len(intents), encoder.size)
    own = int((labels != _STRANGER).sum())
    balance = np.where(labels != _STRANGER, 0.5 / max(own, 1), 0.5 / max(len(labels) - own, 1)) * len(labels)
    epochs = max(_EPOCHS, _LEAST_STEPS * _BATCH // max(len(sentences), _BATCH))
    for _ in range(epochs):
        order = rng.permutation(len(sentences))
        for start in range(0, len(order), _BATCH):
            picked = order[start : start + _BATCH]
            fit.step([sentences[i] for i in picked], dense[picked], labels[picked], balance[picked])
    return fit.head(tuple(intents))


class _Fit:
    """Weights while they are fitted."""

    def __init__(self, intents: int, size: int):
        columns = 1 + intents
        self.sparse = np.zeros((BUCKETS, columns), dtype=np.float32)
        self.dense = np.zeros((size, columns), dtype=np.float32)
        self.bias = np.zeros(columns, dtype=np.float32)
        self._sums = [np.full_like(weights, 1e-3) for weights in (self.sparse, self.dense, self.bias)]

    def step(self, sentences: list[Ids], dense: Floats, labels: NDArray[np.int64], balance: Floats) -> None:
        """One batch: dense [n, size], labels [n], balance [n] weights of the sentences."""
        lengths = np.array([len(ids) for ids in sentences])
        rows = np.repeat(np.arange(len(sentences)), lengths)
        touched, places = np.unique(np.concatenate(sentences), return_inverse=True)
        unit = (1.0 / np.sqrt(np.maximum(lengths, 1))).astype(np.float32)
        known = self.sparse[touched]
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        raw = dense @ self.dense + self.bias + np.add.reduceat(known[places], starts, axis=0) * unit[:, None]
        error = _errors(raw, labels, balance) / len(sentences)
        weighted = (error * unit[:, None])[rows]
        columns = [np.bincount(places, weights=column, minlength=len(touched)) for column in weighted.T]
        slope = np.stack(columns, axis=1).astype(np.float32) + _DECAY * known
        sums = self._sums[0][touched] + slope * slope
        self._sums[0][touched] = sums
        self.sparse[touched] = known - _RATE * slope / np.sqrt(sums)
        for weights, down, own in (
            (self.dense, dense.T @ error + _DECAY * self.dense, self._sums[1]),
            (self.bias, error.sum(axis=0), self._sums[2]),
        ):
            own += down * down
            weights -= _RATE * down / np.sqrt(own)

    def head(self, intents: tuple[str, ...]) -> Head:
        """The weights in eight bits."""
        scale = (np.abs(self.sparse).max(axis=0) / 127.0 + 1e-12).astype(np.float32)
        return Head(intents, self.dense, np.round(self.sparse / scale).astype(np.int8), scale, self.bias)


def _errors(raw: Floats, labels: NDArray[np.int64], balance: Floats) -> Floats:
    """Gradient of the loss with respect to the outputs, [n, 1 + intents]."""
    error = np.zeros_like(raw)
    error[:, 0] = (1.0 / (1.0 + np.exp(-np.clip(raw[:, 0], -30, 30))) - (labels != _STRANGER)) * balance
    mine = labels >= 0
    if mine.any():
        inner = raw[mine, 1:]
        inner = np.exp(inner - inner.max(axis=1, keepdims=True))
        inner /= inner.sum(axis=1, keepdims=True)
        inner[np.arange(len(inner)), labels[mine]] -= 1.0
        error[mine, 1:] = inner * balance[mine, None]
    return error
