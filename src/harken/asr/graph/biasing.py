"""Words that are likelier than the general language model thinks, without recompiling it.

A word that the model knows becomes cheaper wherever it may occur, and the rarer it is the more: frequent words need no
help, and would be heard where nobody says them. Unknown words form their own tree, which the search can enter from the
empty history at any time and to which it returns after the word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from harken.asr.arrays import Costs, Ints
from harken.asr.graph.grammar import LIST_END, LIST_ROOT
from harken.asr.graph.graph import Graph
from harken.asr.graph.joining import join_graphs

BOOST = 6.0
"""Natural log units by which an expected word is cheaper than the language model thinks, at most."""
FREQUENT = 9.0
"""Cost (natural log units, without history) of a word that needs no help: about one word in 8,000."""
STEEPNESS = 1.5
"""Natural log units of boost for each by which a word costs more than a frequent one."""

_EMPTY = 0
"""State of the empty history in the graph of a language model."""


def boost_of(cost: float) -> float:
    """By how much a word with this cost (without history) becomes cheaper."""
    return min(BOOST, STEEPNESS * max(0.0, cost - FREQUENT))


def favour_words(graph: Graph, boosts: Mapping[str, float], silence: int) -> Graph:
    """The graph with some of its words made likelier; unknown words change nothing.

    As everywhere in a graph, the lower cost is placed as early as possible, so that the beam keeps the path.

    Args:
        graph: of a language model.
        boosts: word -> natural log units by which it becomes cheaper.
        silence: index of the silence phone.
    """
    boost = np.array([0.0, *(boosts.get(word, 0.0) for word in graph.words[1:])], np.float32)
    sources = graph.sources
    is_root = np.zeros(graph.states, bool)
    is_root[sources[(graph.phone == silence) & (graph.target == sources)]] = True
    cost = graph.cost.copy()
    changed: Ints = np.flatnonzero(boost[graph.word])
    cost[changed] -= boost[graph.word[changed]]
    while len(changed):
        states = np.unique(sources[changed])
        changed = _move_to_the_front(graph, cost, states[~is_root[states]])
    return replace(graph, cost=cost)


def _move_to_the_front(graph: Graph, cost: Costs, states: Ints) -> Ints:
    """Move what the cheapest way out of each state costs onto the arcs into it; those arcs."""
    if not len(states):
        return states
    arcs, counts = graph.leaving(states)
    least = np.minimum.reduceat(cost[arcs], np.cumsum(counts) - counts)
    cost[arcs] -= np.repeat(least, counts)
    moved = np.zeros(graph.states, np.float32)
    moved[states] = least
    gained = moved[graph.target]
    into = np.flatnonzero(gained)
    cost[into] += gained[into]
    return into


def add_words(graph: Graph, fresh: Graph, cost: float, silence: int) -> Graph:
    """The graph of a language model with further words that may follow anything.

    Args:
        graph: of a language model; its states and arcs keep their numbers.
        fresh: graph of a `list_acceptor` of the words.
        cost: of the whole list, in addition to each word's share.
        silence: index of the silence phone.
    """
    joined = join_graphs([(graph, 1.0), (fresh, 1.0)])
    root, end = graph.states + LIST_ROOT, graph.states + LIST_END
    target = np.where(joined.target == end, np.int32(_EMPTY), joined.target)
    backoff, backoff_cost, prices = joined.backoff.copy(), joined.backoff_cost.copy(), joined.cost.copy()
    backoff[_EMPTY], backoff_cost[_EMPTY] = root, cost
    own_silence = np.arange(joined.first[root], joined.first[root + 1])
    prices[own_silence[joined.phone[own_silence] == silence]] = np.inf  # pauses belong to the empty history
    return replace(
        joined, target=target, backoff=backoff, backoff_cost=backoff_cost, cost=prices,
        starts=graph.starts, start_costs=graph.start_costs,
    )  # fmt: skip
