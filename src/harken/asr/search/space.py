"""Search spaces: what can be said and how to search in it, shared by all streams that hear the same.

A space is immutable and thread-safe. Besides its own frames, a search needs tables over all states and arcs. They are
lent for the length of a call: there are only as many as threads that search at once, however many streams there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from harken.asr.arrays import Costs, Ints
from harken.asr.graph.graph import Graph, entered_at, scaled_graph

if TYPE_CHECKING:
    from harken.asr.search.source import Source


@dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """Settings of the search; the first four and `nothing` belong to an acoustic model and a kind of graph and are
    fitted on dev."""

    acoustic_scale: float = 0.7
    phone_bonus: float = 1.0
    """Natural log units for each phone entered that is not silence."""
    silence_cost: float = 0.0
    """For each silence entered."""
    graph_scale: float = 1.0
    """Factor on the graph's costs (language model scale)."""
    beam: float = 11.0
    max_active: int = 1200
    lattice_beam: float = 5.0
    lattice_width: int = 60
    """Nodes of the lattice per frame, at most: bounds the time after the end of a turn."""
    nothing: float = -1.25
    """Natural log units by which a sentence of a grammar must beat silence in a second of sound; otherwise nothing was
    said (`harken.asr.passes.silence`)."""
    consensus: bool = False
    """Combine the likeliest word of each place (`harken.asr.passes.consensus`) instead of taking the likeliest
    sentence: fewer words are wrong, but the graph need not contain such a sentence. For free speech."""


class PlaceTable:
    """Finds where numbers are in a short list, by a table over all numbers that is clean between calls.

    Args:
        size: numbers are below this.
    """

    def __init__(self, size: int):
        self._table = np.zeros(size, np.int32)  # pages that were never written take no memory

    def within(self, listed: Ints, numbers: Ints) -> Ints:
        """Places [M] of numbers in a list [N], counted from 1; 0 for a number that is not in it.

        If the list contains a number twice, the later place counts.
        """
        self._table[listed] = np.arange(1, len(listed) + 1, dtype=np.int32)
        places = self._table[numbers]
        self._table[listed] = 0
        return places


@dataclass(frozen=True, eq=False)
class Scratch:
    """Tables over all states and arcs that one search uses at a time."""

    states: PlaceTable
    arcs: PlaceTable

    @classmethod
    def of(cls, graph: Graph) -> Scratch:
        """Clean tables for a graph."""
        states, arcs = graph.states, graph.arcs
        return cls(PlaceTable(states), PlaceTable(arcs))


@dataclass(frozen=True, eq=False)
class Answers:
    """The sentences of a search space that answer a yes-or-no question."""

    start_costs: Costs
    """Costs of the graph's starts while a question is open, scaled as the graph's: answers are likelier then."""
    accepts: Callable[[Sequence[str]], bool]
    """Whether these words are such a sentence."""


@dataclass(frozen=True, eq=False)
class SearchSpace:
    """A graph and how to search in it. Make one with `load_space`, or from a graph with `SearchSpace.of`.

    Attributes:
        graph: what can be said, its costs scaled by `options.graph_scale`.
        silence: index of the silence phone.
        options: scales and beams, fitted on dev for this kind of graph.
        source: what it was made from; None for one that was assembled by hand, which cannot be changed.
        answers: sentences that answer a yes-or-no question; None where the grammar has none.
        asked: whether such a question is open.
    """

    graph: Graph
    silence: int
    options: SearchOptions
    source: Source | None = None
    answers: Answers | None = None
    asked: bool = False
    _free: list[Scratch] = field(default_factory=list, init=False, repr=False)
    """Scratch that is not in use."""

    @classmethod
    def of(
        cls, graph: Graph, silence: int, options: SearchOptions | None = None, *, source: Source | None = None
    ) -> SearchSpace:  # fmt: skip
        """The space of a graph whose costs are not scaled yet."""
        options = options or SearchOptions()
        return cls(scaled_graph(graph, options.graph_scale), silence, options, source)

    def with_options(self, options: SearchOptions) -> SearchSpace:
        """The same graph, searched in another way."""
        scale = options.graph_scale / self.options.graph_scale
        answers = self.answers and replace(self.answers, start_costs=self.answers.start_costs * np.float32(scale))
        return replace(self, graph=scaled_graph(self.graph, scale), options=options, answers=answers)

    def while_asked(self) -> SearchSpace:
        """The same space while a yes-or-no question is open; its tables are shared. Without answers, itself."""
        if self.answers is None or self.asked:
            return self
        return replace(self, graph=entered_at(self.graph, self.answers.start_costs), asked=True)

    @contextmanager
    def scratch(self) -> Iterator[Scratch]:
        """Tables for the length of a call, in any thread."""
        try:
            tables = self._free.pop()
        except IndexError:  # as many as threads search at once
            tables = Scratch.of(self.graph)
        yield tables
        self._free.append(tables)  # not after an exception, which may have left them unclean
