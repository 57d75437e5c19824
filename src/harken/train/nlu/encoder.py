"""The embedding of sentences: one linear layer per label set on a shared bag of n-gram vectors, as in fastText."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from harken.nlu.features import BUCKETS, Encoder, Ids


@dataclass(frozen=True, kw_only=True)
class TaskSentence:
    """A sentence with its label in its own label set."""

    ids: Ids
    task: str
    label: str


def fit_encoder(
    sentences: Sequence[TaskSentence], *, size: int, epochs: int, rate: float, dropout: float, seed: int
) -> Encoder:
    """Learn the embedding.

    Args:
        sentences: with labels of several label sets, each of which gets a classifier of its own.
        size: length of an embedding.
        epochs: passes over all sentences.
        rate: learning rate of Adam.
        dropout: share of n-grams left out of each sentence in training.
        seed: of all randomness.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    tasks = sorted({sentence.task for sentence in sentences})
    labels = {task: sorted({s.label for s in sentences if s.task == task}) for task in tasks}
    table = nn.EmbeddingBag(BUCKETS, size, mode="mean")
    nn.init.normal_(table.weight, std=0.1)
    heads = nn.ModuleDict({task: nn.Linear(size, len(labels[task])) for task in tasks})
    optimizer = torch.optim.Adam([*table.parameters(), *heads.parameters()], lr=rate)
    number = {task: {label: i for i, label in enumerate(names)} for task, names in labels.items()}
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - epoch / epochs)
        for batch in _batches(sentences, rng):
            loss = _loss(table, heads[batch[0].task], batch, number[batch[0].task], dropout, rng)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    weights = table.weight.detach().numpy()
    scale = float(np.abs(weights).max()) / 127
    return Encoder(np.round(weights / scale).astype(np.int8), scale)


def _batches(sentences: Sequence[TaskSentence], rng: np.random.Generator, size: int = 256) -> list[list[TaskSentence]]:
    """Batches of one label set each, in random order."""
    batches = []
    for task in sorted({sentence.task for sentence in sentences}):
        own = [sentence for sentence in sentences if sentence.task == task and len(sentence.ids)]
        order = rng.permutation(len(own))
        batches += [[own[i] for i in order[start : start + size]] for start in range(0, len(own), size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def _loss(
    table: nn.Module,
    head: nn.Module,
    batch: Sequence[TaskSentence],
    number: dict[str, int],
    dropout: float,
    rng: np.random.Generator,
) -> Tensor:
    kept = [sentence.ids[rng.random(len(sentence.ids)) >= dropout] for sentence in batch]
    kept = [ids if len(ids) else sentence.ids for ids, sentence in zip(kept, batch, strict=True)]
    offsets = np.cumsum([0, *(len(ids) for ids in kept[:-1])])
    mean = table(torch.from_numpy(np.concatenate(kept)).long(), torch.from_numpy(offsets).long())
    embedding = F.normalize(mean, dim=1) * 8.0  # as at run time; the factor lets the softmax become sharp
    targets = torch.tensor([number[sentence.label] for sentence in batch])
    loss: Tensor = F.cross_entropy(head(embedding), targets)
    return loss
