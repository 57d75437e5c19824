"""The best sentences of a lattice: the likeliest different word sequences, each summed over its alignments.

Every node keeps the K best word histories that lead to it. Histories are told apart by a hash; ways with the same words
(other times, pronunciations, back-offs) are added up, which is what the acoustic model was trained for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harken.asr.decoder import PathWord
from harken.asr.lattice import Lattice, Step
from harken.asr.ngram import Floats, Ints

_FACTOR = np.uint64(6364136223846793005)  # Knuth's multiplier for linear congruential sequences modulo 2**64
_BEGIN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Sentence:
    """A word sequence with the log sum over its paths in the lattice."""

    words: tuple[PathWord, ...]
    log_prob: float


@dataclass
class _Histories:
    """Word histories as a tree: each entry names its predecessor; entry 0 is no word."""

    previous: list[Ints]
    word: list[Ints]
    first: list[Ints]
    last: list[Ints]
    size: int = 1

    @classmethod
    def empty(cls) -> _Histories:
        none = np.zeros(1, np.int64)
        return cls([none - 1], [none], [none], [none])

    def extend(self, previous: Ints, word: Ints, first: Ints, last: int) -> Ints:
        for column, values in (
            (self.previous, previous), (self.word, word), (self.first, first), (self.last, np.full(len(word), last)),
        ):  # fmt: skip
            column.append(values)
        self.size += len(word)
        return np.arange(self.size - len(word), self.size)


@dataclass
class _Beam:
    """K histories per node, flat: node, hash, score, place in the history tree."""

    node: Ints
    hash: np.ndarray[tuple[int], np.dtype[np.uint64]]
    score: Floats
    history: Ints


def best_sentences(lattice: Lattice, count: int, *, width: int | None = None) -> list[Sentence]:
    """The `count` likeliest sentences, best first.

    Args:
        lattice: from `make_lattice`.
        count: at most so many.
        width: histories kept per node; more than `count` makes the sums more exact.
    """
    width = width or max(8, 2 * count)
    tree = _Histories.empty()
    zero = np.zeros(1, np.int64)
    beam = _Beam(zero, np.array([_BEGIN]), np.zeros(1), zero)
    for number, step in enumerate(lattice.steps):
        if number:
            left = _end_words(lattice, beam, tree, number)
            beam = _move(beam, left, step, width)
        else:
            beam = _move(beam, beam, step, width)
    beam = _end_words(lattice, beam, tree, len(lattice.steps))
    beam.score = beam.score - lattice.final[beam.node]
    beam = _merge(_Beam(np.zeros_like(beam.node), beam.hash, beam.score, beam.history), count)
    return [Sentence(words, float(score)) for words, score in zip(_spell(tree, beam.history), beam.score, strict=True)]


def _end_words(lattice: Lattice, beam: _Beam, tree: _Histories, frame: int) -> _Beam:
    """The beam as it leaves its nodes: where an arc carries a word, that word joins the history."""
    words = lattice.graph.word[lattice.arcs[frame - 1]][beam.node]
    ending = np.flatnonzero(words)
    hashes, history = beam.hash.copy(), beam.history.copy()
    if len(ending):
        hashes[ending] = (hashes[ending] ^ words[ending].astype(np.uint64)) * _FACTOR
        hashes[ending] ^= hashes[ending] >> np.uint64(29)
        first = lattice.begins[frame - 1][beam.node[ending]]
        history[ending] = tree.extend(beam.history[ending], words[ending], first, frame)
    return _Beam(beam.node, hashes, beam.score.copy(), history)


def _move(beam: _Beam, left: _Beam, step: Step, width: int) -> _Beam:
    """Along all links: entries take the beam that left, stays the beam as it was."""
    order = np.argsort(step.source, kind="stable")
    low = np.searchsorted(step.source[order], beam.node, "left")
    counts = np.searchsorted(step.source[order], beam.node, "right") - low
    entry = np.repeat(np.arange(len(beam.node)), counts)
    shifts = np.repeat(low - np.cumsum(counts) + counts, counts)
    link = order[shifts + np.arange(len(entry))]
    entered = step.entered[link]
    return _merge(
        _Beam(
            step.target[link], np.where(entered, left.hash[entry], beam.hash[entry]),
            beam.score[entry] - step.cost[link], np.where(entered, left.history[entry], beam.history[entry]),
        ), width,
    )  # fmt: skip


def _merge(beam: _Beam, width: int) -> _Beam:
    """Add up equal histories of a node (the best one's times stay), then keep the best `width` of each node."""
    order = np.lexsort((-beam.score, beam.hash, beam.node))
    node, hashes, score = beam.node[order], beam.hash[order], beam.score[order]
    new = np.concatenate([[True], (np.diff(node) != 0) | (hashes[1:] != hashes[:-1])])
    starts = np.flatnonzero(new)
    node, hashes, history = node[starts], hashes[starts], beam.history[order][starts]
    score = np.logaddexp.reduceat(score, starts)
    order = np.lexsort((-score, node))
    place = np.arange(len(order)) - np.searchsorted(node[order], node[order], "left")
    order = order[place < width]
    return _Beam(node[order], hashes[order], score[order], history[order])


def _spell(tree: _Histories, histories: Ints) -> list[tuple[PathWord, ...]]:
    columns = (np.concatenate(c) for c in (tree.previous, tree.word, tree.first, tree.last))
    previous, word, first, last = (column.tolist() for column in columns)
    found = []
    for at in histories.tolist():
        words = []
        while at > 0:
            # Where a word begins is known of the best way to its end; on this way the word before may end later.
            words.append(PathWord(word[at], max(first[at], last[previous[at]]), last[at]))
            at = previous[at]
        found.append(tuple(words[::-1]))
    return found
