"""A linear-chain conditional random field over BIO tags, in numpy.

J. Lafferty, A. McCallum and F. Pereira 2001, "Conditional Random Fields". For the emissions P [words, tags] of a
sentence, score(y) = start[y_1] + sum_j P[j, y_j] + sum_j A[y_j-1, y_j] + stop[y_n], and P(y) = exp(score(y)) / Z.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
OUTSIDE = "O"
"""Tag of a word that belongs to no slot."""
Labelled = tuple[str, int, int]
"""(slot, first word, one past the last)."""


@dataclass(frozen=True)
class Crf:
    """Weights between tags; forbidden steps are -inf."""

    tags: tuple[str, ...]
    transitions: Floats
    """[from, to]"""
    start: Floats
    """[tags]"""
    stop: Floats
    """[tags]"""

    def log_partition(self, emissions: Floats) -> float:
        """log Z of a sentence of one word or more, float32 [words, tags] (forward algorithm)."""
        return float(_log_sum(self._forward(emissions)[-1] + self.stop, axis=0))

    def score(self, emissions: Floats, path: Sequence[int]) -> float:
        """Unnormalised score of a tagging, given as tag numbers."""
        steps = sum(float(self.transitions[a, b]) for a, b in pairwise(path))
        words = sum(float(emissions[place, tag]) for place, tag in enumerate(path))
        return float(self.start[path[0]]) + words + steps + float(self.stop[path[-1]])

    def best(self, emissions: Floats) -> tuple[int, ...]:
        """The likeliest tagging (Viterbi); empty for a sentence without words."""
        if not len(emissions):
            return ()
        score, back = self.start + emissions[0], []
        for row in emissions[1:]:
            through = score[:, None] + self.transitions
            back.append(through.argmax(axis=0))
            score = through[back[-1], np.arange(len(row))] + row
        path = [int((score + self.stop).argmax())]
        for pointers in reversed(back):
            path.append(int(pointers[path[-1]]))
        return tuple(reversed(path))

    def n_best(self, emissions: Floats, n: int) -> list[tuple[tuple[int, ...], float]]:
        """The `n` likeliest taggings with their probabilities 0..1, best first; fewer if fewer are possible."""
        if not len(emissions):
            return [((), 1.0)]
        kept, back = (self.start + emissions[0])[:, None], []
        for row in emissions[1:]:
            through = kept[:, :, None] + self.transitions[:, None, :]
            flat = through.reshape(-1, len(self.tags))
            back.append(_largest(flat, n))
            kept = np.take_along_axis(flat, back[-1], axis=0).T + row[:, None]
            back[-1] = np.stack(np.divmod(back[-1], through.shape[1]), axis=-1)
        last = (kept + self.stop[:, None]).reshape(-1)
        whole = self.log_partition(emissions)
        found = []
        for place in _largest(last[:, None], n)[:, 0]:
            if np.isfinite(last[place]):
                path = _walk(back, *divmod(int(place), kept.shape[1]))
                found.append((path, float(np.exp(min(0.0, float(last[place]) - whole)))))
        return found

    def marginals(self, emissions: Floats) -> Floats:
        """Probability of each tag at each word, [words, tags]; every row sums to 1."""
        whole = self._forward(emissions) + self._backward(emissions) - self.log_partition(emissions)
        return np.asarray(np.exp(whole))

    def span_probability(self, emissions: Floats, span: Labelled) -> float:
        """Probability that exactly these words are this slot, summed over all taggings of the rest."""
        slot, first, last = span
        ahead, behind = self._forward(emissions), self._backward(emissions)
        begin = self.tags.index(f"B-{slot}")
        inner = self.tags.index(f"I-{slot}") if f"I-{slot}" in self.tags else None  # None: values of one word only
        score, tag = float(ahead[first, begin]), begin
        if inner is not None:
            for place in range(first + 1, last):
                score += float(self.transitions[tag, inner] + emissions[place, inner])
                tag = inner
        if last < len(emissions):
            leaving = self.transitions[tag] + emissions[last] + behind[last]
            score += float(_log_sum(leaving if inner is None else np.delete(leaving, inner), axis=0))
        else:
            score += float(self.stop[tag])
        return float(np.exp(min(0.0, score - self.log_partition(emissions))))

    def _forward(self, emissions: Floats) -> Floats:
        """log of the summed scores of all beginnings that end in a tag, [words, tags]."""
        rows = [self.start + emissions[0]]
        for row in emissions[1:]:
            rows.append(_log_sum(rows[-1][:, None] + self.transitions, axis=0) + row)
        return np.stack(rows)

    def _backward(self, emissions: Floats) -> Floats:
        """log of the summed scores of all endings after a tag, [words, tags]."""
        rows = [np.asarray(self.stop)]
        for row in emissions[:0:-1]:
            rows.append(_log_sum(self.transitions + (row + rows[-1])[None, :], axis=1))
        return np.stack(rows[::-1])


def allowed_steps(tags: Sequence[str]) -> tuple[Floats, Floats]:
    """What BIO allows: (transitions [from, to], start [tags]), 0 where allowed and -inf where not."""
    steps = np.zeros((len(tags), len(tags)), dtype=np.float32)
    start = np.zeros(len(tags), dtype=np.float32)
    for to, tag in enumerate(tags):
        if tag.startswith("I-"):
            start[to] = -np.inf
            steps[[before[2:] != tag[2:] or before == OUTSIDE for before in tags], to] = -np.inf
    return steps, start


def tags_of(length: int, spans: Sequence[Labelled]) -> list[str]:
    """BIO tags of spans."""
    tags = [OUTSIDE] * length
    for slot, first, last in spans:
        tags[first:last] = [f"B-{slot}"] + [f"I-{slot}"] * (last - first - 1)
    return tags


def spans_of(tags: Sequence[str]) -> Iterator[Labelled]:
    """The spans of valid BIO tags, in order."""
    place = 0
    while place < len(tags):
        tag, first, place = tags[place], place, place + 1
        if not tag.startswith("B-"):
            continue
        while place < len(tags) and tags[place] == f"I-{tag[2:]}":
            place += 1
        yield tag[2:], first, place


def _walk(back: Sequence[NDArray[np.int64]], tag: int, rank: int) -> tuple[int, ...]:
    """Follow the pointers (tag before, its rank) from a tag of the last word."""
    path = [tag]
    for pointers in reversed(back):
        tag, rank = (int(part) for part in pointers[rank, tag])
        path.append(tag)
    return tuple(reversed(path))


def _largest(scores: NDArray[np.float32], n: int) -> NDArray[np.int64]:
    """Rows of the `n` largest scores of each column, largest first, [n or fewer, columns]."""
    return np.argsort(-scores, axis=0, kind="stable")[:n]


def _log_sum(scores: NDArray[np.float32], *, axis: int) -> NDArray[np.float32]:
    top = scores.max(axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        summed = np.log(np.exp(scores - top).sum(axis=axis, keepdims=True)) + top
    return np.asarray(summed.squeeze(axis))
