"""The acceptors of a grammar: its sentences with gaps for its lists and chains, and each of these by itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Sequence as Row

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Ints
from harken.asr.graph.acceptor import Acceptor, Gaps
from harken.errors import ConfigError
from harken.languages.chains import START, Chain
from harken.text.grammar import Choice, Grammar, ListRef, Node, Sequence, Words


def grammar_acceptor(grammar: Grammar) -> Acceptor:
    """The acceptor of a grammar: deterministic, with common beginnings and common ends shared; its lists and
    chains are gaps.

    Options of a choice share its probability (by their weights, if any), and so do the entries of a list. When a
    sentence can be derived in several ways, the likeliest counts (a list and a word, or two lists, stay ways of their
    own). Lists that the grammar calls fixed are compiled in, and leave no gap.

    Raises:
        ConfigError: the grammar allows no word at all, or a fixed list is empty.
    """
    builder = _Builder(grammar)
    state, cost = builder.build(grammar.root, (builder.end, 0.0))
    return builder.acceptor(state, cost)


def sentence_test(acceptor: Acceptor) -> Callable[[Row[str]], bool]:
    """Whether given words are a sentence of a grammar without open lists, from its acceptor."""
    named = [acceptor.words[word] for word in acceptor.word]
    follows = dict(zip(zip(acceptor.source.tolist(), named, strict=True), acceptor.target.tolist(), strict=True))
    ends = np.isfinite(acceptor.final)

    def accepts(words: Row[str]) -> bool:
        state: int | None = acceptor.start
        for word in words:
            state = None if state is None else follows.get((state, word))
        return state is not None and bool(ends[state])

    return accepts


LIST_ROOT, LIST_END = 0, 1
"""States of every list's and every chain's acceptor: where its entries begin, and where all of them end."""


def list_acceptor(entries: Row[tuple[str, ...]]) -> Acceptor:
    """The acceptor of a list: a tree of its entries from `LIST_ROOT` on, all of which end in `LIST_END`.

    Each entry has its share, 1 / number of entries. An entry that begins a longer one has an arc of its own to the
    end, so that leaving needs no back-off.

    Args:
        entries: from `checked_entries`.
    """
    names = {"": 0}
    states: dict[tuple[str, ...], int] = {(): LIST_ROOT}
    rows: dict[tuple[int, int, int], None] = {}
    for entry in entries:
        for place, word in enumerate(entry, 1):
            before, last = states[entry[: place - 1]], place == len(entry)
            after = LIST_END if last else states.setdefault(entry[:place], len(states) + 1)
            rows[before, names.setdefault(word, len(names)), after] = None
    costs = [math.log(len(entries)) if source == LIST_ROOT else 0.0 for source, _, _ in rows]
    return _between(tuple(names), list(rows), costs, len(states) + 1)


def _between(words: tuple[str, ...], arcs: Row[tuple[int, int, int]], costs: Row[float], count: int) -> Acceptor:
    """The acceptor of arcs (source, word, target) between `LIST_ROOT` and `LIST_END`; `count` states."""
    source, word, target = np.array(arcs, np.int64).T
    final = np.full(count, np.inf, np.float32)
    final[LIST_END] = 0.0
    none = np.full(count, -1, np.int64)
    cost = np.array(costs, np.float32)
    return Acceptor(words, source, word, cost, target, final, none, np.zeros(count, np.float32), LIST_ROOT)


def chain_acceptor(chain: Chain) -> Acceptor:
    """The acceptor of a chain: from `LIST_ROOT` along its links, round and round, until some way ends in `LIST_END`.

    A phrase that may be the last has arcs of its own to the end, so that leaving needs no back-off.
    """
    words, states = {"": 0}, dict[tuple[str, tuple[str, ...]], int]()
    states[START, ()] = LIST_ROOT
    arcs: dict[tuple[int, int, int], float] = {}

    def state(name: str, rest: tuple[str, ...] = ()) -> int:
        """Before the rest of a phrase that leads to a state."""
        if name == _LAST and not rest:
            return LIST_END
        return states.setdefault((name, rest), len(states) + 1)

    for link in chain.links:
        share = math.log(len(link.phrases) * chain.total(link.before) / link.weight)
        targets = [(link.after, 0.0)] if link.after in chain.leaving else []
        if link.after in chain.ends:
            targets.append((_LAST, math.log(chain.total(link.after) / chain.ends[link.after])))
        for target, more in targets:
            for phrase in link.phrases:
                source = state(link.before)
                for place, word in enumerate(phrase, 1):
                    behind, cost = state(target, phrase[place:]), share + more if place == 1 else 0.0
                    arc = source, words.setdefault(word, len(words)), behind
                    arcs[arc] = min(arcs.get(arc, math.inf), cost)
                    source = behind
    return _between(tuple(words), list(arcs), list(arcs.values()), len(states) + 1)


_LAST = "\0"
"""Stands for the end among a chain's states."""
_Place = tuple[int, float]
"""A state and the cost of getting there."""
_Label = tuple[bool, str]
"""What an arc carries: (whether it is a list, the list's name or the word)."""
_Rows = tuple[tuple[_Label, float, int], ...]


class _Builder:
    """Builds from right to left; equal states are made once, so that the result is minimal.

    A state is (final cost, arcs (label, cost, target)), normalised so that its cheapest way out costs 0; what was taken
    off travels left with the state.
    """

    def __init__(self, grammar: Grammar):
        self._grammar = grammar
        self._known: dict[tuple[float, _Rows], int] = {}
        self._states: list[tuple[float, _Rows]] = []
        self._unions: dict[tuple[_Place, ...], _Place] = {}
        self._fixed: dict[tuple[str, _Place], _Place] = {}
        self.end = self._make(0.0, {})[0]

    def build(self, node: Node, after: _Place) -> _Place:
        """The place before `node` when `after` follows it."""
        if isinstance(node, Words):
            return self._spell(node.words, after)
        if isinstance(node, Sequence):
            for part in reversed(node.parts):
                after = self.build(part, after)
            return after
        if isinstance(node, ListRef):
            if node.list in self._grammar.fixed:
                return self._compile_in(node.list, after)
            return self._make(math.inf, {(True, node.list): after})
        return self._choose(node, after)

    def _choose(self, node: Choice, after: _Place) -> _Place:
        if not node.options:
            raise ConfigError("the grammar has a choice without options; give it at least one")
        weights = node.weights or (1.0,) * len(node.options)
        total = sum(weights)
        places = [self.build(option, after) for option in node.options]
        return self._union([(s, c - math.log(w / total)) for (s, c), w in zip(places, weights, strict=True)])

    def _compile_in(self, name: str, after: _Place) -> _Place:
        if (name, after) not in self._fixed:
            entries = checked_entries(name, self._grammar.lists[name])
            share = math.log(len(entries))
            places = [self._spell(entry, after) for entry in entries]
            self._fixed[name, after] = self._union([(state, cost + share) for state, cost in places])
        return self._fixed[name, after]

    def _spell(self, words: tuple[str, ...], after: _Place) -> _Place:
        for word in reversed(words):
            after = self._make(math.inf, {(False, word): after})
        return after

    def _make(self, final: float, arcs: dict[_Label, _Place]) -> _Place:
        least = min([final, *(cost for _, cost in arcs.values())])
        rows = tuple(sorted((label, round(cost - least, 4), state) for label, (state, cost) in arcs.items()))
        key = (round(final - least, 4), rows)
        if key not in self._known:
            self._known[key] = len(self._states)
            self._states.append(key)
        return self._known[key], least

    def _union(self, places: list[_Place]) -> _Place:
        least = min(cost for _, cost in places)
        best: dict[int, float] = {}
        for state, cost in places:
            best[state] = min(best.get(state, math.inf), round(cost - least, 4))
        key = tuple(sorted(best.items()))
        if len(key) == 1:
            return key[0][0], least
        if key not in self._unions:
            self._unions[key] = self._merge(key)
        state, cost = self._unions[key]
        return state, least + cost

    def _merge(self, places: tuple[_Place, ...]) -> _Place:
        final, targets = math.inf, dict[_Label, list[_Place]]()
        for state, cost in places:
            own_final, rows = self._states[state]
            final = min(final, cost + own_final)
            for label, price, target in rows:
                targets.setdefault(label, []).append((target, cost + price))
        return self._make(final, {label: self._union(reached) for label, reached in targets.items()})

    def acceptor(self, start: int, cost: float) -> Acceptor:
        """The states that `start` reaches, as arrays; the leading cost goes onto the first arcs."""
        order, numbers = [start], {start: 0}
        for state in order:
            for _, _, target in self._states[state][1]:
                if target not in numbers:
                    numbers[target] = len(order)
                    order.append(target)
        rows = [
            (numbers[state], label, price + (cost if state == start else 0.0), numbers[target])
            for state in order
            for label, price, target in self._states[state][1]
        ]
        if not rows:
            raise ConfigError("the grammar allows no word at all; give it at least one sentence")
        words, before, word, costs, behind = _columns(rows, lists=False)
        count = len(order)
        return Acceptor(
            ("", *words), before, word + 1, costs, behind,
            np.array([self._states[state][0] for state in order], np.float32),
            np.full(count, -1, np.int64), np.zeros(count, np.float32), 0, Gaps(*_columns(rows, lists=True)),
        )  # fmt: skip


def _columns(
    rows: Row[tuple[int, _Label, float, int]], *, lists: bool
) -> tuple[tuple[str, ...], Ints, Ints, NDArray[np.float32], Ints]:
    """The names, and source, name, cost, target [N] of the arcs that carry lists, or of those that carry words."""
    chosen = [row for row in rows if row[1][0] == lists]
    names = sorted({label for _, (_, label), _, _ in chosen})
    ids = {name: number for number, name in enumerate(names)}
    return (
        tuple(names),
        np.array([row[0] for row in chosen], np.int64), np.array([ids[row[1][1]] for row in chosen], np.int64),
        np.array([row[2] for row in chosen], np.float32), np.array([row[3] for row in chosen], np.int64),
    )  # fmt: skip


def checked_entries(name: str, entries: Row[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """The entries of a list, each once.

    Raises:
        ConfigError: there are none, or one has no words.
    """
    if not entries:
        raise ConfigError(f"the list '{name}' is empty; give it at least one entry")
    if not all(entries):
        raise ConfigError(f"the list '{name}' has an entry without words; write every entry as it is spoken")
    return tuple(dict.fromkeys(entries))
