"""The sentence encoder: a small transformer over words, taught by labels of several kinds and by a larger encoder.

A word's vector is its row in a vocabulary plus the mean of its hashed letter n-grams (Bojanowski et al. 2017), so an
unknown or misspelt word has one, too. Two transformer layers (Vaswani et al. 2017; normalised before each part) read
the words; mean and maximum over the words, through one more layer, are the sentence's vector. It learns to have the
angles of a teacher's vectors (Hinton et al. 2015; Reimers and Gurevych 2020 for sentences), and to be linearly
separable, one label against all others, for every label set.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from harken.nlu.features import HEADS, LONGEST, PIECE_ROWS, Encoder, WordPieces
from harken.train.nlu.configs import Schooling, Shape


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """Sentences with the teacher's vectors and public labels."""

    sentences: Sequence[tuple[str, ...]]
    teacher: NDArray[np.float16]
    """[sentences, teacher's size], each of length 1; size 0 to learn without a teacher."""
    labels: Mapping[str, NDArray[np.int32]]
    """Label set -> label of each sentence; -1: not of this set; -2: of none of its labels."""

    def __len__(self) -> int:
        return len(self.sentences)


class SentenceNet(nn.Module):
    """The encoder while it learns."""

    def __init__(self, pieces: WordPieces, shape: Shape, dropout: float):
        super().__init__()
        width = shape.width
        self.shape, self.pieces = shape, pieces
        self.words = nn.Embedding(len(pieces.vocabulary) + 1, width, padding_idx=0)
        self.grams = nn.EmbeddingBag(PIECE_ROWS, width, mode="mean")
        self.places = nn.Parameter(torch.randn(LONGEST, width) * 0.02)
        self.layers = nn.ModuleList(_Layer(width, shape.inner) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(2 * width, shape.size)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.words.weight[1:], std=0.1)
        nn.init.normal_(self.grams.weight, std=0.1)

    def forward(self, sentences: Sequence[Sequence[str]]) -> Tensor:
        """float32 [sentences, size], not normalised; words beyond the longest that is read are left out."""
        sentences = [words[:LONGEST] for words in sentences]
        distinct = {word: i for i, word in enumerate(dict.fromkeys(w for words in sentences for w in words))}
        grams = [self.pieces.grams(word) for word in distinct]
        offsets = np.cumsum([0, *(len(own) for own in grams[:-1])])
        vectors = self.grams(torch.from_numpy(np.concatenate(grams)).long(), torch.from_numpy(offsets).long())
        vectors = vectors + self.words(torch.tensor([self.pieces.row(word) for word in distinct]))
        longest = max(len(words) for words in sentences)
        index = np.zeros((len(sentences), longest), dtype=np.int64)
        there = np.zeros((len(sentences), longest), dtype=bool)
        for row, words in enumerate(sentences):
            index[row, : len(words)] = [distinct[word] for word in words]
            there[row, : len(words)] = True
        mask = torch.from_numpy(there)
        x = self.dropout(vectors[torch.from_numpy(index)] + self.places[:longest])
        for layer in self.layers:
            x = layer(x, mask)
        x = self.norm(x)
        mean = (x * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
        most = x.masked_fill(~mask[:, :, None], -1e4).amax(dim=1)
        result: Tensor = self.out(torch.cat([mean, most], dim=1))
        return result

    def frozen(self) -> Encoder:
        """As it ships, in eight bits."""
        weights = {name: value.detach().float().numpy() for name, value in self.state_dict().items()}
        return Encoder.of_weights(self.pieces, weights)


class _Layer(nn.Module):
    def __init__(self, width: int, inner: int):
        super().__init__()
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.asks, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        n, length, width = x.shape
        parts = self.asks(self.before(x)).view(n, length, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask=mask[:, None, None, :])
        x = x + self.mix(mixed.transpose(1, 2).reshape(n, length, width))
        result: Tensor = x + self.down(F.relu(self.up(self.between(x))))
        return result


def fit_encoder(
    lessons: Lessons,
    pieces: WordPieces,
    *,
    shape: Shape,
    schooling: Schooling,
    report: Callable[[int, float, SentenceNet], None] = lambda step, loss, net: None,
) -> Encoder:
    """Teach an encoder.

    Args:
        lessons: what it learns from.
        pieces: how a word is split.
        shape: its sizes.
        schooling: how it learns.
        report: called every 200 steps with the step, the mean loss and the network.
    """
    torch.manual_seed(schooling.seed)
    rng = np.random.default_rng(schooling.seed)
    net = SentenceNet(pieces, shape, schooling.dropout)
    like = nn.Linear(shape.size, max(lessons.teacher.shape[1], 1))
    heads = nn.ModuleDict({task: nn.Linear(shape.size, int(own.max()) + 1) for task, own in lessons.labels.items()})
    parameters = [*net.parameters(), *like.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=schooling.rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, schooling.rate, schooling.steps, pct_start=0.1)
    losses: list[float] = []
    for step, rows in enumerate(itertools.islice(_batches(lessons, schooling, rng), schooling.steps), 1):
        sentences = [_thinned(lessons.sentences[row], schooling.word_dropout, rng) for row in rows]
        with torch.autocast("cpu", torch.bfloat16):
            vectors = net(sentences)
        vectors = vectors.float()
        wanted = torch.from_numpy(lessons.teacher[rows].astype(np.float32))
        loss = _likeness_loss(like(vectors), wanted) if wanted.shape[1] else vectors.sum() * 0.0
        for task, own in lessons.labels.items():
            loss = loss + schooling.tasks * _task_loss(heads[task], vectors, torch.from_numpy(own[rows]).long())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if step % 200 == 0:
            net.eval()
            report(step, float(np.mean(losses[-200:])), net)
            net.train()
    net.eval()
    return net.frozen()


def _batches(lessons: Lessons, schooling: Schooling, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Rows of sentences of about the same length, part of them labelled."""
    has = np.any([own >= 0 for own in lessons.labels.values()], axis=0)
    lengths = np.array([len(words) for words in lessons.sentences])
    groups = np.flatnonzero(has), np.flatnonzero(~has)
    take = int(schooling.batch * schooling.labelled)
    together = 16
    for _ in range(0, schooling.steps, together):
        rows = np.concatenate([
            rng.choice(groups[0], take * together), rng.choice(groups[1], (schooling.batch - take) * together)
        ])  # fmt: skip
        rows = rows[np.argsort(lengths[rows] + 0.5 * rng.random(len(rows)), kind="stable")]
        parts = np.split(rows, together)
        yield from (parts[i] for i in rng.permutation(together))


def _thinned(words: tuple[str, ...], share: float, rng: np.random.Generator) -> Sequence[str]:
    kept = [word for word in words if rng.random() >= share]
    return kept or words


def _likeness_loss(mine: Tensor, wanted: Tensor) -> Tensor:
    """One minus the cosine to the teacher's vector, and the difference of all similarities within the batch."""
    mine = F.normalize(mine, dim=1)
    direct = 1.0 - (mine * wanted).sum(dim=1).mean()
    pairs = F.mse_loss(mine @ mine.T, wanted @ wanted.T)
    return 2.0 * direct + 10.0 * pairs


def _task_loss(head: nn.Module, vectors: Tensor, labels: Tensor) -> Tensor:
    """One-vs-all losses of the sentences of this label set, each as heavy as a softmax's."""
    known = labels != -1
    if not bool(known.any()):
        return vectors.sum() * 0.0
    labels = labels[known]
    scores = head(F.normalize(vectors[known], dim=1) * 12.0)
    goal = torch.zeros_like(scores)
    inside = labels >= 0
    goal[inside, labels[inside]] = 1.0
    loss = F.binary_cross_entropy_with_logits(scores, goal * 0.98, reduction="none").sum(dim=1)
    softmax = F.cross_entropy(scores[inside], labels[inside]) if bool(inside.any()) else scores.sum() * 0.0
    result: Tensor = loss.mean() * len(labels) / len(known) + 0.5 * softmax * len(labels) / len(known)
    return result
