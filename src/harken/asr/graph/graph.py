"""Decoding graphs as flat arrays: states, arcs with the phone that is heard on them, and where words end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Costs, Ints
from harken.asr.graph.acceptor import NO_GAPS, Gaps

DERIVED = ("sources", "least", "levels")
"""Tables of a graph that follow from the others: made when first needed, and kept with large graphs."""


@dataclass(frozen=True)
class Graph:
    """A decoding graph with S states and A arcs, sorted by source.

    Attributes:
        words: names of the word ids; id 0 is no word.
        first: [S + 1] arcs of state s are first[s] .. first[s + 1].
        phone: [A] index of the acoustic label. Positions and ids have 32 bits: half the memory of machine integers.
        word: [A] word that ends with this arc, 0 for none.
        cost: [A] negative log.
        target: [A].
        backoff: [S] state to fall back to without sound, -1 for none; backoff_cost [S].
        final: [S] cost of ending here, inf where not possible.
        starts: [N] first states; start_costs [N].
        gaps: where lists go; before they are filled (`harken.asr.graph.joining`), no path leads through them.
    """

    words: tuple[str, ...]
    first: Ints
    phone: Ints
    word: Ints
    cost: Costs
    target: Ints
    backoff: Ints
    backoff_cost: Costs
    final: Costs
    starts: Ints
    start_costs: Costs
    gaps: Gaps = NO_GAPS

    @property
    def states(self) -> int:
        """How many states."""
        return len(self.final)

    @property
    def arcs(self) -> int:
        """How many arcs."""
        return len(self.phone)

    def leaving(self, states: Ints) -> tuple[Ints, Ints]:
        """All arcs out of some states [N], state by state, and how many each of these has [N]."""
        firsts = self.first[states]
        counts = self.first[states + 1] - firsts
        return spread(firsts, counts), counts

    @cached_property
    def sources(self) -> Ints:
        """[A] state that each arc leaves."""
        return np.repeat(np.arange(self.states, dtype=np.int32), np.diff(self.first))

    @cached_property
    def least(self) -> Costs:
        """[S] cost of the cheapest arc out of each state."""
        return np.minimum.reduceat(self.cost, self.first[:-1])

    @cached_property
    def levels(self) -> NDArray[np.int8]:
        """[S] how many times one can fall back from each state."""
        levels = np.zeros(self.states, np.int8)
        states: Ints = np.flatnonzero(self.backoff >= 0)
        at = states
        while len(states):
            levels[states] += 1
            at = self.backoff[at]
            on = self.backoff[at] >= 0
            states, at = states[on], at[on]
        return levels

    @cached_property
    def depth(self) -> int:
        """How many times one can fall back, at most."""
        return int(self.levels.max(initial=0))


def graph_of(tables: Mapping[str, Any]) -> Graph:
    """The graph of these fields; of derived tables among them, none is made again."""
    graph = Graph(**{name: table for name, table in tables.items() if name not in DERIVED})
    vars(graph).update({name: tables[name] for name in DERIVED if name in tables})
    return graph


def entered_at(graph: Graph, start_costs: Costs) -> Graph:
    """The graph with other costs [N] of its starts; all other tables, derived ones among them, are the same."""
    tables = {name: getattr(graph, name) for name in (*(field.name for field in fields(graph)), *DERIVED)}
    return graph_of({**tables, "start_costs": start_costs})


def scaled_graph(graph: Graph, scale: float) -> Graph:
    """The graph with all its costs times `scale`; itself when that is 1."""
    if scale == 1.0:
        return graph
    factor = np.float32(scale)
    return replace(
        graph, cost=graph.cost * factor, backoff_cost=graph.backoff_cost * factor, final=graph.final * factor,
        start_costs=graph.start_costs * factor,
    )  # fmt: skip


def fall_back(graph: Graph, states: Ints, paid: Costs) -> tuple[Ints, Ints, Costs]:
    """Each of some states [N], and all states that it falls back to, level by level.

    Args:
        graph: in which they are.
        states: [N].
        paid: [N] cost of getting to each.

    Returns:
        which of the N states [M], where it leads [M], and the cost of getting there [M].
    """
    owners: Ints = np.arange(len(states))
    levels = [(owners, states, paid)]
    while len(falls := np.flatnonzero(graph.backoff[states] >= 0)):  # few do: only states between words
        owners, paid = owners[falls], paid[falls] + graph.backoff_cost[states[falls]]
        states = graph.backoff[states[falls]]
        levels.append((owners, states, paid))
    owners, states, paid = (np.concatenate(column) for column in zip(*levels, strict=True))
    return owners, states, paid


def spread(firsts: Ints, counts: Ints) -> Ints:
    """firsts[0], firsts[0] + 1, ... (counts[0] of them), firsts[1], ...: all positions of several ranges."""
    total = int(counts.sum())
    shifts = np.repeat(firsts - np.cumsum(counts) + counts, counts)
    return shifts + np.arange(total)
