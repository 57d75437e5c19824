"""Compiles graphs: spells the words of an acceptor in phones.

Every acceptor state is the root of a prefix tree over the pronunciations of the words that may follow; what is left
of a word once it is the only one possible (its tail) is shared by all trees that lead to the same state. Costs move
towards the root, so that the beam knows early what a branch can still become. The arc of a word's last phone carries
the word and leads to the root of the next state. Each root has a silence arc to itself. A phone takes one frame or
more; the search lets it stay, so graphs hold no loops for that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Costs, Ints
from harken.asr.graph.acceptor import Acceptor
from harken.asr.graph.graph import Graph, spread
from harken.errors import VocabularyError
from harken.phones.sets import SILENCE

Pronounce = Callable[[str], Sequence[Sequence[str]]]
"""Word -> its pronunciations, each a sequence of phone labels; empty when it has none."""


def compile_graph(acceptor: Acceptor, pronounce: Pronounce, phones: Sequence[str]) -> Graph:
    """Spell an acceptor in phones.

    Args:
        acceptor: word sequences and their costs; its gaps become those of the graph, states keep their numbers.
        pronounce: gives the pronunciations of every word that occurs.
        phones: labels of the acoustic model in the order of its scores, 'SIL' among them.

    Raises:
        VocabularyError: words without pronunciation, or a phone that the acoustic model does not know.
    """
    lexicon = _Lexicon.of(acceptor, pronounce, phones)
    tree = _Arcs(acceptor.states)
    rows = lexicon.rows(acceptor)
    _grow(tree, rows, lexicon)
    roots = np.arange(acceptor.states)
    silence = np.full(len(roots), list(phones).index(SILENCE))
    tree.add(roots, silence, np.zeros_like(roots), np.zeros(len(roots), np.float32), roots)
    return tree.graph(acceptor)


@dataclass
class _Rows:
    """Continuations of the trees under construction: one row per (arc of the acceptor, pronunciation)."""

    parent: Ints
    base: Costs
    """Cost already paid on the way to `parent`."""
    pron: Ints
    cost: Costs
    target: Ints

    def take(self, chosen: NDArray[np.bool_]) -> _Rows:
        return _Rows(*(getattr(self, f.name)[chosen] for f in fields(self)))


@dataclass(frozen=True)
class _Lexicon:
    """Pronunciations in alphabetical order of their phones."""

    spelled: NDArray[np.uint8]
    """[N, longest] phone index + 1, 0 behind the end."""
    length: Ints
    word: Ints

    @classmethod
    def of(cls, acceptor: Acceptor, pronounce: Pronounce, phones: Sequence[str]) -> _Lexicon:
        pairs, missing = [], []
        ids = {phone: number + 1 for number, phone in enumerate(phones)}
        for word in np.unique(acceptor.word).tolist():
            ways = {tuple(pron) for pron in pronounce(acceptor.words[word]) if len(pron)}
            if not ways:
                missing.append(acceptor.words[word])
            pairs += [(word, pron) for pron in sorted(ways)]
        if missing:
            shown = ", ".join(repr(word) for word in missing[:8])
            raise VocabularyError(
                f"{len(missing)} word(s) have no pronunciation: {shown}; expected words that the lexicon or the "
                "pronouncer can spell: write them in letters, or add a pronunciation"
            )
        unknown = {phone for _, pron in pairs for phone in pron if phone not in ids}
        if unknown:
            raise VocabularyError(
                f"the acoustic model does not have the phones {sorted(unknown)}; it has {', '.join(phones)}"
            )
        width = max((len(pron) for _, pron in pairs), default=1)
        spelled = np.zeros((len(pairs), width), np.uint8)
        for row, (_, pron) in enumerate(pairs):
            spelled[row, : len(pron)] = [ids[phone] for phone in pron]
        order = np.argsort(spelled.view(f"S{width}").ravel(), kind="stable")
        words = np.array([word for word, _ in pairs], np.int64)
        return cls(spelled[order], (spelled[order] > 0).sum(axis=1), words[order])

    def rows(self, acceptor: Acceptor) -> _Rows:
        """All (acceptor arc, pronunciation) pairs, sorted by source, then pronunciation."""
        by_word = np.argsort(self.word, kind="stable")
        firsts = np.searchsorted(self.word[by_word], acceptor.word, "left")
        counts = np.searchsorted(self.word[by_word], acceptor.word, "right") - firsts
        arc = np.repeat(np.arange(len(acceptor.word)), counts)
        pron = by_word[spread(firsts, counts)]
        order = np.argsort(acceptor.source[arc] * len(self.word) + pron, kind="stable")
        arc, pron = arc[order], pron[order]
        return _Rows(
            acceptor.source[arc], np.zeros(len(arc), np.float32), pron, acceptor.cost[arc], acceptor.target[arc]
        )


class _Arcs:
    """Arcs in the order they are made; states beyond the roots are numbered as they come."""

    def __init__(self, roots: int):
        self.states = roots
        self._parts: list[tuple[Ints, Ints, Ints, Costs, Ints]] = []

    def add(self, source: Ints, phone: Ints, word: Ints, cost: Costs, target: Ints) -> None:
        self._parts.append((source, phone, word, cost, target))

    def new_states(self, count: int) -> Ints:
        numbers = np.arange(self.states, self.states + count)
        self.states += count
        return numbers

    def graph(self, acceptor: Acceptor) -> Graph:
        source, phone, word, cost, target = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        order = np.argsort(source, kind="stable")
        inner = self.states - acceptor.states
        first = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=self.states))])
        return Graph(
            acceptor.words, first.astype(np.int32), phone[order].astype(np.int32), word[order].astype(np.int32),
            cost[order].astype(np.float32), target[order].astype(np.int32),
            np.concatenate([acceptor.backoff, np.full(inner, -1)]).astype(np.int32),
            np.concatenate([acceptor.backoff_cost, np.zeros(inner, np.float32)]),
            np.concatenate([acceptor.final, np.full(inner, np.inf, np.float32)]),
            np.array([acceptor.start]), np.zeros(1, np.float32), acceptor.gaps,
        )  # fmt: skip


def _grow(tree: _Arcs, rows: _Rows, lexicon: _Lexicon) -> None:
    """Grow all prefix trees at once, one phone per pass."""
    waiting: list[tuple[_Rows, Ints, int]] = []
    depth = 0
    while len(rows.pron):
        phone = lexicon.spelled[rows.pron, depth].astype(np.int64) - 1
        last = lexicon.length[rows.pron] == depth + 1
        ends = rows.take(last)
        tree.add(ends.parent, phone[last], lexicon.word[ends.pron], ends.cost - ends.base, ends.target)
        rows, phone = rows.take(~last), phone[~last]
        if not len(rows.pron):
            break
        change = (np.diff(rows.parent) != 0) | (np.diff(phone) != 0)
        starts = np.flatnonzero(np.concatenate([[True], change]))
        sizes = np.diff(np.append(starts, len(phone)))
        alone = np.repeat(sizes == 1, sizes)
        waiting.append((rows.take(alone), phone[alone], depth + 1))
        heads = starts[sizes > 1]
        least = np.minimum.reduceat(rows.cost, starts)[sizes > 1]
        nodes = tree.new_states(len(heads))
        tree.add(rows.parent[heads], phone[heads], np.zeros_like(heads), least - rows.base[heads], nodes)
        rows = rows.take(~alone)
        rows.parent, rows.base = np.repeat(nodes, sizes[sizes > 1]), np.repeat(least, sizes[sizes > 1])
        depth += 1
    _add_tails(tree, waiting, lexicon)


def _add_tails(tree: _Arcs, waiting: list[tuple[_Rows, Ints, int]], lexicon: _Lexicon) -> None:
    """Lead each branch with one word left into the tail of that pronunciation and target, made once."""
    if not waiting:
        return
    pron = np.concatenate([rows.pron for rows, _, _ in waiting])
    target = np.concatenate([rows.target for rows, _, _ in waiting])
    depth = np.concatenate([np.full(len(rows.pron), at) for rows, _, at in waiting])
    kinds, kind = np.unique(pron * (tree.states + 1) + target, return_inverse=True)
    begin = np.full(len(kinds), 255)
    np.minimum.at(begin, kind, depth)
    example = np.zeros(len(kinds), np.int64)
    example[kind] = np.arange(len(kind))
    kind_pron, kind_target = pron[example], target[example]
    counts = lexicon.length[kind_pron] - begin
    nodes = tree.new_states(int(counts.sum()))
    offset = np.cumsum(counts) - counts
    place = spread(begin, counts)
    owner = np.repeat(np.arange(len(kinds)), counts)
    is_last = place == lexicon.length[kind_pron[owner]] - 1
    phone = lexicon.spelled[kind_pron[owner], place].astype(np.int64) - 1
    word = np.where(is_last, lexicon.word[kind_pron[owner]], 0)
    following = np.where(is_last, kind_target[owner], nodes + 1)
    tree.add(nodes, phone, word, np.zeros(len(nodes), np.float32), following)
    entry = nodes[offset[kind] + depth - begin[kind]]
    cost = np.concatenate([rows.cost - rows.base for rows, _, _ in waiting])
    parent = np.concatenate([rows.parent for rows, _, _ in waiting])
    tree.add(parent, np.concatenate([phone for _, phone, _ in waiting]), np.zeros_like(entry), cost, entry)
