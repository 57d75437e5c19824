"""Joins graphs without recompiling them: lists into the gaps of a grammar, and graphs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Costs, Ints
from harken.asr.graph.acceptor import NO_GAPS, Gaps
from harken.asr.graph.grammar import LIST_END, LIST_ROOT
from harken.asr.graph.graph import DERIVED, Graph, graph_of


def fill_gaps(graph: Graph, lists: Mapping[str, Graph]) -> Graph:
    """The graph with the entries of its lists in their gaps.

    The first phones of a list become arcs of the state before the gap, what follows is copied once for each state
    behind a gap of that list, and the last phones lead there. States of `graph` keep their numbers.

    Args:
        graph: of a grammar.
        lists: list name -> graph of its `list_acceptor`; there may be more than the gaps need.
    """
    gaps = graph.gaps
    ids = {word: number for number, word in enumerate(graph.words)}
    arcs, states = [_arcs_of(graph)], graph.states
    for number, name in enumerate(gaps.lists):
        entries, chosen = lists[name], gaps.list == number
        renamed = np.array([ids.setdefault(word, len(ids)) for word in entries.words], np.int32)
        spots = Gaps((name,), *(getattr(gaps, field)[chosen] for field in ("source", "list", "cost", "target")))
        inner = _Copies.of(entries, spots, states)
        arcs += inner.arcs(entries, spots, renamed)
        states += inner.count
    return _sorted_graph(graph, tuple(ids), arcs, states)


@dataclass(frozen=True)
class _Arcs:
    """Arcs [N] in any order."""

    source: Ints
    phone: Ints
    word: Ints
    cost: Costs
    target: Ints


def _arcs_of(graph: Graph) -> _Arcs:
    return _Arcs(graph.sources, graph.phone, graph.word, graph.cost, graph.target)


@dataclass(frozen=True)
class _Copies:
    """Copies of a list's states between its root and its end: one for each of the states behind its gaps."""

    behind: Ints
    """[C] state behind the gaps that share a copy."""
    copy: Ints
    """[gaps] which copy follows each gap."""
    begin: Ints
    """[C] what must be added to a state's number in the list to get that in the copy."""
    count: int
    """States of all copies."""

    @classmethod
    def of(cls, entries: Graph, spots: Gaps, first: int) -> _Copies:
        behind, copy = np.unique(spots.target, return_inverse=True)
        each = entries.states - 2  # all but the root and the end
        return cls(behind, copy, first + each * np.arange(len(behind)) - 2, each * len(behind))

    def arcs(self, entries: Graph, spots: Gaps, renamed: Ints) -> list[_Arcs]:
        """The arcs into the copies, and those inside them."""
        rows = _arcs_of(entries)
        heads = np.flatnonzero((rows.source == LIST_ROOT) & (rows.target != LIST_ROOT))  # its silence is not needed
        inner = np.flatnonzero(rows.source > LIST_END)
        spot, head = _pairs(len(spots.source), heads)
        copy, arc = _pairs(len(self.behind), inner)
        return [
            _Arcs(
                spots.source[spot], rows.phone[head], renamed[rows.word[head]], spots.cost[spot] + rows.cost[head],
                self._place(rows.target[head], self.copy[spot]),
            ),
            _Arcs(
                self.begin[copy] + rows.source[arc], rows.phone[arc], renamed[rows.word[arc]], rows.cost[arc],
                self._place(rows.target[arc], copy),
            ),
        ]  # fmt: skip

    def _place(self, states: Ints, copy: Ints) -> Ints:
        """The numbers of states of the list in a copy; its end is the state behind."""
        return np.where(states == LIST_END, self.behind[copy], self.begin[copy] + states)


def _pairs(count: int, members: Ints) -> tuple[Ints, Ints]:
    """Each of 0 .. count - 1 with each of the members."""
    return np.repeat(np.arange(count), len(members)), np.tile(members, count)


def _sorted_graph(graph: Graph, words: tuple[str, ...], arcs: Sequence[_Arcs], states: int) -> Graph:
    """The graph with these arcs and with further states, which neither end nor fall back."""
    source, phone, word, cost, target = (
        np.concatenate([getattr(part, field.name) for part in arcs]) for field in fields(_Arcs)
    )
    order = np.argsort(source, kind="stable")
    more = states - graph.states
    return replace(
        graph, words=words, first=np.append(0, np.cumsum(np.bincount(source, minlength=states))).astype(np.int32),
        phone=phone[order].astype(np.int32), word=word[order].astype(np.int32), cost=cost[order].astype(np.float32),
        target=target[order].astype(np.int32), backoff=np.append(graph.backoff, np.full(more, -1, np.int32)),
        backoff_cost=np.append(graph.backoff_cost, np.zeros(more, np.float32)),
        final=np.append(graph.final, np.full(more, np.inf, np.float32)), gaps=NO_GAPS,
    )  # fmt: skip


def join_graphs(
    graphs: Sequence[tuple[Graph, float]], *, scale: float = 1.0, room: Mapping[str, NDArray[Any]] | None = None
) -> Graph:  # fmt: skip
    """One graph that starts in any of several, each entered with its probability (relative weights > 0).

    The first one's words, states and arcs keep their numbers (see `first_of`), so that it may be large.

    Args:
        graphs: with their weights.
        scale: of the graphs' costs, for the costs of the weights.
        room: tables of the joined graph's size that begin with those of the first graph, derived ones among them; they
            become the result's, so that the first graph is not copied.
    """
    ids = {word: number for number, word in enumerate(graphs[0][0].words)}
    parts, states, arcs = list[dict[str, Any]](), 0, 0
    for graph, _ in graphs:
        parts.append(_shifted(graph, ids if parts else None, states, arcs, DERIVED if room else ()))
        states, arcs = states + graph.states, arcs + graph.arcs
    parts[-1]["first"] = np.append(parts[-1]["first"], np.int32(arcs))
    joined = {name: _joined([part[name] for part in parts], (room or {}).get(name)) for name in parts[0]}
    return graph_of({"words": tuple(ids), **joined, "start_costs": start_costs(graphs, scale)})


def start_costs(graphs: Sequence[tuple[Graph, float]], scale: float) -> Costs:
    """Costs of the starts of graphs that are joined (see `join_graphs`), in their order."""
    total = sum(weight for _, weight in graphs)
    costs = [graph.start_costs - scale * np.log(weight / total) for graph, weight in graphs]
    return np.concatenate(costs).astype(np.float32)


def _joined(parts: Sequence[NDArray[Any]], room: NDArray[Any] | None) -> NDArray[Any]:
    """The parts joined; a table with room begins with the first part already."""
    if room is None:
        return np.concatenate(parts)
    np.concatenate(parts[1:], out=room[len(parts[0]) :])
    room.flags.writeable = False
    return room


def first_of(joined: Graph, graph: Graph) -> Graph:
    """The first graph that was joined, as a view of the result: it takes no memory of its own."""
    of_arcs = dict.fromkeys(("phone", "word", "cost", "target"), graph.arcs)
    of_states = dict.fromkeys(("backoff", "backoff_cost", "final"), graph.states)
    sizes = {"first": graph.states + 1, **of_arcs, **of_states}
    return replace(graph, **{name: getattr(joined, name)[:size] for name, size in sizes.items()})


def _shifted(
    graph: Graph, ids: dict[str, int] | None, states: int, arcs: int, derived: Sequence[str]
) -> dict[str, Any]:  # fmt: skip
    """The tables of a graph that follows others: numbers raised, words renamed by `ids`, which grow. None: the first.

    `first` is without its end.
    """
    tables = {name: getattr(graph, name) for name in ("phone", "cost", "backoff_cost", "final", "starts")}
    tables |= {name: getattr(graph, name) for name in ("word", "target", "backoff", *derived)}
    tables["first"] = graph.first[:-1]
    if ids is None:
        return tables
    renamed = np.array([ids.setdefault(word, len(ids)) for word in graph.words], np.int32)
    tables |= {
        "first": tables["first"] + np.int32(arcs), "word": renamed[graph.word],
        "target": graph.target + np.int32(states), "starts": graph.starts + states,
        "backoff": np.where(graph.backoff >= 0, graph.backoff + np.int32(states), np.int32(-1)),
    }  # fmt: skip
    return tables | ({"sources": graph.sources + np.int32(states)} if derived else {})
