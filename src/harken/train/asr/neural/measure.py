"""How well a network predicts sentences, and how far its scores are from needing no sum: in 32 and in eight bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from harken.asr.neural.model import NeuralModel
from harken.asr.ngram.model import UNKNOWN
from harken.train.asr.neural.network import WordNetwork
from harken.train.asr.neural.sampler import Ids, Sentences, padded

BATCH = 32
"""Sentences scored at once."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """How well a network predicts sentences; words that it does not know are left out.

    Attributes:
        perplexity: normalised over the vocabulary.
        unnormalised: exp(-mean s): what a reader of the plain scores would compute.
        log_z_mean: mean of ln Z over the positions.
        log_z_deviation: its standard deviation.
        tokens: predicted words and sentence ends.
        unknown: share of the words that were left out, 0..1.
    """

    perplexity: float
    unnormalised: float
    log_z_mean: float
    log_z_deviation: float
    tokens: int
    unknown: float


def measure(network: WordNetwork, sentences: Sentences) -> Fit:
    """The fit of a network as it is trained."""
    network.eval()

    def score(inputs: Ids, targets: Ids) -> tuple[Floats, Floats]:
        z = network(torch.from_numpy(inputs).long())[torch.from_numpy(_counted(targets))]
        scores = network.scores(z)
        chosen = scores.gather(1, torch.from_numpy(targets[_counted(targets)]).long()[:, None])[:, 0]
        return torch.logsumexp(scores, -1).double().numpy(), chosen.double().numpy()

    with torch.no_grad():
        return _fit(score, sentences)


def measure_eight_bit(model: NeuralModel, sentences: Sentences) -> Fit:
    """The fit of a model as it runs."""
    embedding = model.rows.astype(np.float32) * model.scale[:, None]

    def score(inputs: Ids, targets: Ids) -> tuple[Floats, Floats]:
        states = model.begin().at(np.zeros(len(inputs), np.int64))
        z = [states.z]
        for words in inputs.T[1:]:
            states = model.after(states, words.astype(np.int64))
            z.append(states.z)
        scores = np.stack(z, 1)[_counted(targets)] @ embedding.T + model.bias
        chosen = scores[np.arange(len(scores)), targets[_counted(targets)]]
        top = scores.max(1)
        return (top + np.log(np.exp(scores - top[:, None]).sum(1))).astype(np.float64), chosen.astype(np.float64)

    return _fit(score, sentences)


def encode(words: Sequence[str], sentences: Sequence[Sequence[str]]) -> Sentences:
    """Sentences in the numbers of a vocabulary."""
    ids = {word: number for number, word in enumerate(words)}
    flat = np.array([ids.get(word, UNKNOWN) for sentence in sentences for word in sentence], np.int32)
    return Sentences(flat, np.cumsum([0, *map(len, sentences)]))


def _counted(targets: Ids) -> NDArray[np.bool_]:
    return np.asarray((targets >= 0) & (targets != UNKNOWN))


def _fit(score: Callable[[Ids, Ids], tuple[Floats, Floats]], sentences: Sentences) -> Fit:
    order = np.argsort(sentences.lengths, kind="stable")
    parts = [
        score(*padded([sentences.sentence(int(n)) for n in order[start : start + BATCH]]))
        for start in range(0, len(order), BATCH)
    ]
    log_z, chosen = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Fit(
        perplexity=float(np.exp((log_z - chosen).mean())), unnormalised=float(np.exp(-chosen.mean())),
        log_z_mean=float(log_z.mean()), log_z_deviation=float(log_z.std()), tokens=len(chosen),
        unknown=float((sentences.ids == UNKNOWN).mean()) if len(sentences.ids) else 0.0,
    )  # fmt: skip
