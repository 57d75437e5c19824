"""The best sentences of a lattice: the likeliest different word sequences, each summed over its alignments.

Every node keeps the K best word histories that lead to it. Histories are told apart by a hash; ways with the same words
(other times, pronunciations, back-offs) are added up, which is what the acoustic model was trained for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harken.asr.arrays import Floats, Ints
from harken.asr.search.heard import HeardSentence, HeardWord
from harken.asr.search.lattice import Lattice, Step

_FACTOR = np.uint64(6364136223846793005)  # Knuth's multiplier for linear congruential sequences modulo 2**64
_BEGIN = np.uint64(0x9E3779B97F4A7C15)


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
    """K histories per node, flat: node, hash, score, the graph's part of the best way, place in the history tree."""

    node: Ints
    hash: np.ndarray[tuple[int], np.dtype[np.uint64]]
    score: Floats
    language: Floats
    history: Ints


def best_sentences(
    lattice: Lattice, count: int, *, width: int | None = None, margin: float | None = None
) -> list[HeardSentence]:  # fmt: skip
    """The `count` likeliest sentences, best first; confidences are not known yet.

    Args:
        lattice: from `make_lattice`.
        count: at most this many.
        width: histories kept per node; more than `count` makes the sums more exact.
        margin: natural log units; histories are dropped that no way to the end brings nearer than this to the best.
    """
    width = width or max(8, 2 * count)
    after = [] if margin is None else lattice.backward()
    tree = _Histories.empty()
    zero = np.zeros(1, np.int64)
    beam = _Beam(zero, np.array([_BEGIN]), np.zeros(1), np.zeros(1), zero)
    for number, step in enumerate(lattice.steps):
        if number:
            left = _end_words(lattice, beam, tree, number)
            beam = _move(beam, left, step, width)
        else:
            beam = _move(beam, beam, step, width)
        if margin is not None:
            beam = _near_the_best(beam, after[number], margin)
    beam = _end_words(lattice, beam, tree, len(lattice.steps))
    ending = lattice.final[beam.node]
    one_node = np.zeros_like(beam.node)
    beam = _merge(_Beam(one_node, beam.hash, beam.score - ending, beam.language - ending, beam.history), count)
    spelled = _spell(tree, beam.history, lattice.graph.words)
    return [
        HeardSentence(words=words, log_prob=score, language=language)
        for words, score, language in zip(spelled, beam.score.tolist(), beam.language.tolist(), strict=True)
    ]


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
    return _Beam(beam.node, hashes, beam.score, beam.language, history)


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
            beam.score[entry] - step.cost[link], beam.language[entry] - step.language[link],
            np.where(entered, left.history[entry], beam.history[entry]),
        ), width,
    )  # fmt: skip


def _near_the_best(beam: _Beam, after: Floats, margin: float) -> _Beam:
    """The histories that lead to sentences within the margin; `after` [N] is the log sum from each node to the end."""
    whole = beam.score + after[beam.node]
    kept = whole >= whole.max() - margin
    return _Beam(*(column[kept] for column in vars(beam).values()))


def _merge(beam: _Beam, width: int) -> _Beam:
    """Add up equal histories of a node (times and language score are the best one's), then keep the `width` best."""
    order = np.lexsort((-beam.score, beam.hash, beam.node))
    node, hashes, score = beam.node[order], beam.hash[order], beam.score[order]
    new = np.concatenate([[True], (np.diff(node) != 0) | (hashes[1:] != hashes[:-1])])
    starts = np.flatnonzero(new)
    best = order[starts]
    node, hashes, language, history = node[starts], hashes[starts], beam.language[best], beam.history[best]
    score = np.logaddexp.reduceat(score, starts)
    order = np.lexsort((-score, node))
    place = np.arange(len(order)) - np.searchsorted(node[order], node[order], "left")
    order = order[place < width]
    return _Beam(node[order], hashes[order], score[order], language[order], history[order])


def _spell(tree: _Histories, histories: Ints, names: Sequence[str]) -> list[tuple[HeardWord, ...]]:
    columns = (np.concatenate(c) for c in (tree.previous, tree.word, tree.first, tree.last))
    previous, word, first, last = (column.tolist() for column in columns)
    sentences = []
    for at in histories.tolist():
        words = []
        while at > 0:
            # Where a word begins is known of the best way to its end; on this way the word before may end later.
            begin = max(first[at], last[previous[at]])
            words.append(HeardWord(text=names[word[at]], first=begin, last=last[at]))
            at = previous[at]
        sentences.append(tuple(words[::-1]))
    return sentences
