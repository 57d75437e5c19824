"""Word-level acceptors: which word sequences a language model or a grammar allows, and at what cost.

Costs are negative natural logs. A state may back off to another one at a cost without consuming a word; grammars have
no back-off. `harken.asr.graph` spells the words of an acceptor in phones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.asr.ngram import END, START, UNKNOWN, Floats, Ints, NgramModel, pack, unpack
from harken.errors import ConfigError
from harken.text.grammar import Choice, Grammar, ListRef, Node, Sequence, Words

_WORD_BITS = 20


@dataclass(frozen=True)
class Acceptor:
    """A deterministic weighted acceptor over words.

    Attributes:
        words: names of the word ids; id 0 is no word.
        source, word, cost, target: [N] arcs.
        final: [S] cost of ending in a state; inf where a sentence cannot end.
        backoff: [S] state to fall back to, -1 for none.
        backoff_cost: [S].
        start: the first state.
    """

    words: tuple[str, ...]
    source: Ints
    word: Ints
    cost: NDArray[np.float32]
    target: Ints
    final: NDArray[np.float32]
    backoff: Ints
    backoff_cost: NDArray[np.float32]
    start: int

    @property
    def states(self) -> int:
        """How many states."""
        return len(self.final)


def ngram_acceptor(model: NgramModel) -> Acceptor:
    """The acceptor of a back-off model: one state per history that is extended, back-off arcs in between.

    '<unk>' is left out: a recogniser cannot say it.
    """
    histories = [np.zeros(1, np.int64)] + [_histories(model, n) for n in range(1, len(model.orders))]
    offsets = np.cumsum([0] + [len(keys) for keys in histories])
    parts = [_arcs(model, n, histories, offsets) for n in range(1, len(model.orders) + 1)]
    source, word, cost, target = (np.concatenate(column) for column in zip(*parts, strict=True))
    ends, speakable = word == END, (word != END) & (word != START) & (word != UNKNOWN)
    final = np.full(offsets[-1], np.inf, np.float32)
    final[source[ends]] = cost[ends]
    backoff, backoff_cost = _backoffs(model, histories, offsets)
    return Acceptor(
        ("", *model.words[1:]), source[speakable], word[speakable], cost[speakable].astype(np.float32),
        target[speakable], final, backoff, backoff_cost.astype(np.float32),
        int(_state(np.array([[START]]), histories, offsets)[0]),
    )  # fmt: skip


def _histories(model: NgramModel, n: int) -> Ints:
    """Packed histories of n words that some listed n+1-gram extends; the sentence start is always one."""
    extended = np.unique(model.orders[n].keys >> _WORD_BITS)
    return np.union1d(extended, [START]) if n == 1 else extended


def _state(grams: NDArray[np.int32] | Ints, histories: list[Ints], offsets: Ints) -> Ints:
    """State [M] of the longest suffix of each history [M, n] that is a state."""
    n = grams.shape[1]
    if n == 0:
        return np.zeros(len(grams), np.int64)
    if n >= len(histories):
        return _state(grams[:, 1:], histories, offsets)
    keys, listed = pack(grams), histories[n]
    if not len(listed):
        return _state(grams[:, 1:], histories, offsets)
    place = np.minimum(np.searchsorted(listed, keys), len(listed) - 1)
    return np.where(listed[place] == keys, offsets[n] + place, _state(grams[:, 1:], histories, offsets))


def _arcs(model: NgramModel, n: int, histories: list[Ints], offsets: Ints) -> tuple[Ints, Ints, Floats, Ints]:
    table = model.orders[n - 1]
    grams = unpack(table.keys, n)
    source = _state(grams[:, :-1], histories, offsets)
    return source, grams[:, -1].astype(np.int64), -table.log_prob.astype(np.float64), _state(grams, histories, offsets)


def _backoffs(model: NgramModel, histories: list[Ints], offsets: Ints) -> tuple[Ints, Floats]:
    targets, costs = [np.array([-1])], [np.zeros(1)]
    for n in range(1, len(histories)):
        grams = unpack(histories[n], n)
        targets.append(_state(grams[:, 1:], histories, offsets))
        costs.append(-model.backoffs(grams))
    return np.concatenate(targets), np.concatenate(costs)


def grammar_acceptor(grammar: Grammar) -> Acceptor:
    """The acceptor of a grammar: deterministic, with common beginnings and common ends shared.

    Options of a choice and entries of a list share its probability (by their weights, if any); when a sentence can be
    derived in several ways, the likeliest counts.

    Raises:
        ConfigError: the grammar allows no word at all.
    """
    builder = _Builder(grammar)
    state, cost = builder.build(grammar.root, (builder.end, 0.0))
    return builder.acceptor(state, cost)


_Place = tuple[int, float]
"""A state and the cost of getting there."""


class _Builder:
    """Builds from right to left; equal states are made once, so that the result is minimal.

    A state is (final cost, arcs (word, cost, target)), normalised so that its cheapest way out costs 0; what was taken
    off travels left with the state.
    """

    def __init__(self, grammar: Grammar):
        self._grammar = grammar
        self._known: dict[tuple[float, tuple[tuple[str, float, int], ...]], int] = {}
        self._states: list[tuple[float, tuple[tuple[str, float, int], ...]]] = []
        self._unions: dict[tuple[_Place, ...], _Place] = {}
        self._lists: dict[tuple[str, _Place], _Place] = {}
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
            return self._list(node.list, after)
        return self._choose(node, after)

    def _choose(self, node: Choice, after: _Place) -> _Place:
        if not node.options:
            raise ConfigError("the grammar has a choice without options; give it at least one")
        weights = node.weights or (1.0,) * len(node.options)
        total = sum(weights)
        places = [self.build(option, after) for option in node.options]
        return self._union([(s, c - math.log(w / total)) for (s, c), w in zip(places, weights, strict=True)])

    def _list(self, name: str, after: _Place) -> _Place:
        if (name, after) not in self._lists:
            entries = self._grammar.lists[name]
            if not entries:
                raise ConfigError(f"the list '{name}' is empty; give it at least one entry")
            share = math.log(len(entries))
            places = [self._spell(entry, after) for entry in entries]
            self._lists[name, after] = self._union([(state, cost + share) for state, cost in places])
        return self._lists[name, after]

    def _spell(self, words: tuple[str, ...], after: _Place) -> _Place:
        for word in reversed(words):
            after = self._make(math.inf, {word: after})
        return after

    def _make(self, final: float, arcs: dict[str, _Place]) -> _Place:
        least = min([final, *(cost for _, cost in arcs.values())])
        rows = tuple(sorted((word, round(cost - least, 4), state) for word, (state, cost) in arcs.items()))
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
        final, targets = math.inf, dict[str, list[_Place]]()
        for state, cost in places:
            own_final, rows = self._states[state]
            final = min(final, cost + own_final)
            for word, price, target in rows:
                targets.setdefault(word, []).append((target, cost + price))
        return self._make(final, {word: self._union(found) for word, found in targets.items()})

    def acceptor(self, start: int, cost: float) -> Acceptor:
        """The states that `start` reaches, as arrays; the leading cost goes onto the first arcs."""
        order, numbers = [start], {start: 0}
        for state in order:
            for _, _, target in self._states[state][1]:
                if target not in numbers:
                    numbers[target] = len(order)
                    order.append(target)
        words = sorted({word for state in order for word, _, _ in self._states[state][1]})
        if not words:
            raise ConfigError("the grammar allows no word at all; give it at least one sentence")
        ids = {word: number for number, word in enumerate(words, 1)}
        rows = [
            (numbers[state], ids[word], price + (cost if state == start else 0.0), numbers[target])
            for state in order
            for word, price, target in self._states[state][1]
        ]
        source, word_ids, costs, targets = (np.array(column) for column in zip(*rows, strict=True))
        count = len(order)
        return Acceptor(
            ("", *words), source, word_ids, costs.astype(np.float32), targets,
            np.array([self._states[state][0] for state in order], np.float32),
            np.full(count, -1, np.int64), np.zeros(count, np.float32), 0,
        )  # fmt: skip
