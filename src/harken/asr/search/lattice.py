"""The exact lattice of a search: every path through the kept tokens within a margin of the best one.

A node is a token (an arc of the graph after a frame); a link is a stay or an entry. Sums over the links, forward and
backward (in logs), give the posterior of each link, hence of each word: alternatives of times, pronunciations and
back-off are all added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Costs, Floats, Ints
from harken.asr.graph.graph import Graph, fall_back, spread
from harken.asr.search.beam import BeamSearch, FrameTokens
from harken.asr.search.space import PlaceTable, Scratch


@dataclass(frozen=True)
class Step:
    """The links into the nodes of one frame."""

    source: Ints
    """[L] place among the nodes of the frame before; in the first frame all 0 (the start)."""
    target: Ints
    """[L] place among this frame's nodes."""
    cost: Floats
    """[L] acoustic and language cost together."""
    language: Floats
    """[L] the graph's part of it: language model, grammar, pronunciation; the rest is acoustic."""
    entered: NDArray[np.bool_]
    """[L] the target was entered (else stayed in)."""


@dataclass(frozen=True)
class Lattice:
    """Nodes and links of T frames.

    Attributes:
        arcs: per frame the graph arcs [N] of its nodes.
        steps: per frame the links into it.
        final: [N of the last frame] cost of ending there, all of it language.
        begins: per frame [N]: frame in which the word (or silence) under way began, on the best path there.
        complete: whether a sentence may end in the last frame (else all nodes end for free).
    """

    graph: Graph
    silence: int
    arcs: list[Ints]
    steps: list[Step]
    final: Floats
    begins: list[Ints]
    complete: bool

    def forward(self) -> list[Floats]:
        """Per frame: log sum over all ways from the start to each node [N], negated costs."""
        at, sums = np.zeros(1), []
        for arcs, step in zip(self.arcs, self.steps, strict=True):
            at = _log_sum(at[step.source] - step.cost, step.target, len(arcs))
            sums.append(at)
        return sums

    def backward(self) -> list[Floats]:
        """Per frame: log sum over all ways from each node [N] to the end."""
        at, sums = -self.final, [-self.final]
        for number in range(len(self.steps) - 1, 0, -1):
            step = self.steps[number]
            at = _log_sum(at[step.target] - step.cost, step.source, len(self.arcs[number - 1]))
            sums.append(at)
        return sums[::-1]


@dataclass(frozen=True)
class WordEvents:
    """Words that end somewhere in the lattice, with their posterior; the same word may end at several frames."""

    word: Ints
    first: Ints
    """[N] frame in which it begins on the best way to its end."""
    last: Ints
    """[N] one past its last frame."""
    posterior: Floats


def _log_sum(values: Floats, groups: Ints, size: int) -> Floats:
    top = np.full(size, -np.inf)
    np.maximum.at(top, groups, values)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(safe + np.log(np.bincount(groups, weights=np.exp(values - safe[groups]), minlength=size)))


def make_lattice(search: BeamSearch) -> Lattice | None:
    """The lattice of everything that the search has accepted; None if that is nothing."""
    if not search.frames:
        return None
    graph, silence = search.space.graph, search.space.silence
    ending, complete = search.final_costs()
    with search.space.scratch() as scratch:
        kept = _prune(search, ending, scratch)
    final = _final_sums(graph, search.frames[-1].arc[kept[-1]]) if complete else np.zeros(len(kept[-1]))
    arcs = [tokens.arc[chosen] for tokens, chosen in zip(search.frames, kept, strict=True)]
    befores = [None, *arcs[:-1]]
    steps = [_link(graph, *places) for places in zip(befores, search.frames, arcs, strict=True)]
    return Lattice(graph, silence, arcs, steps, final, _begins(search, kept), complete)


def _final_sums(graph: Graph, arcs: Ints) -> Floats:
    """Cost [N] of ending after each of these arcs, all ways of falling back added up."""
    owners, states, paid = fall_back(graph, graph.target[arcs], np.zeros(len(arcs), np.float32))
    sums = np.full(len(arcs), -np.inf)
    np.logaddexp.at(sums, owners, -(paid + graph.final[states]).astype(np.float64))
    return -sums


def _prune(search: BeamSearch, final: Costs, scratch: Scratch) -> list[NDArray[np.intp]]:
    """Per frame, the places of the tokens that are on a path within the margin."""
    g, options = search.space.graph, search.space.options
    after, kept = final, []
    for number in range(len(search.frames) - 1, -1, -1):
        tokens = search.frames[number]
        total = tokens.cost + after
        chosen = np.flatnonzero(total <= total.min() + np.float32(options.lattice_beam))
        if len(chosen) > options.lattice_width:
            chosen = chosen[np.argsort(total[chosen], kind="stable")[: options.lattice_width]]
        kept.append(chosen)
        if number:
            arcs, rest = tokens.arc[chosen], after[chosen]
            phones, before = g.phone[arcs], search.frames[number - 1].arc
            owners, states, paid = fall_back(g, g.target[before], np.zeros(len(before), np.float32))
            entering = rest + g.cost[arcs] + tokens.enter[phones]
            after = _least(rest + tokens.stay[phones], arcs, before, scratch.arcs)
            np.minimum.at(after, owners, paid + _least(entering, g.sources[arcs], states, scratch.states))
    return kept[::-1]


def _least(costs: Costs, numbers: Ints, asked: Ints, places: PlaceTable) -> Costs:
    """The least of the costs [N] of each number that is asked for [M]; inf for a number without a cost."""
    of_numbers, of_asked = np.split(places.within(numbers, np.concatenate([numbers, asked])), [len(numbers)])
    least = np.full(len(numbers) + 1, np.inf, np.float32)
    np.minimum.at(least, of_numbers, costs)
    return least[of_asked]


def _link(graph: Graph, before: Ints | None, tokens: FrameTokens, arcs: Ints) -> Step:
    """All links from the kept nodes of a frame to those of the next, which sit on `arcs`."""
    if before is None:
        starts, paid, nodes = graph.starts, graph.start_costs, np.zeros(len(graph.starts), np.int64)
    else:
        starts, paid, nodes = graph.target[before], np.zeros(len(before), np.float32), np.arange(len(before))
    owners, states, paid = fall_back(graph, starts, paid)
    sources = graph.sources[arcs]
    order = np.argsort(sources, kind="stable")
    low = np.searchsorted(sources[order], states, "left")
    counts = np.searchsorted(sources[order], states, "right") - low
    target = order[spread(low, counts)]
    language = (np.repeat(paid, counts) + graph.cost[arcs[target]]).astype(np.float64)
    cost = language + tokens.enter[graph.phone[arcs[target]]]
    source = np.repeat(nodes[owners], counts)
    if before is None:
        return Step(source, target, cost, language, np.ones(len(target), bool))
    _, held, holds = np.intersect1d(before, arcs, return_indices=True)
    staying = tokens.stay[graph.phone[arcs[holds]]]
    return Step(
        np.concatenate([source, held]), np.concatenate([target, holds]),
        np.concatenate([cost, staying]), np.concatenate([language, np.zeros(len(held))]),
        np.concatenate([np.ones(len(target), bool), np.zeros(len(held), bool)]),
    )  # fmt: skip


def _begins(search: BeamSearch, kept: list[NDArray[np.intp]]) -> list[Ints]:
    """Frame in which the word or silence of each kept node began, along the search's best predecessors."""
    g = search.space.graph
    begins: list[Ints] = []
    full = np.zeros(0, np.int64)
    for number, (tokens, chosen) in enumerate(zip(search.frames, kept, strict=True)):
        now = np.full(len(chosen), number)
        if number:
            previous = tokens.previous[chosen]
            last_arc = search.frames[number - 1].arc[previous]
            ended = (g.word[last_arc] > 0) | (g.phone[last_arc] == search.space.silence)
            new = tokens.entered[chosen] & (ended | (g.phone[tokens.arc[chosen]] == search.space.silence))
            now = np.where(new, number, full[previous])
        begins.append(now)
        full = np.zeros(len(tokens.arc), np.int64)
        full[chosen] = now
    return begins


def word_events(lattice: Lattice) -> tuple[WordEvents, float]:
    """Every word that ends in the lattice, with its posterior, and the log sum over all paths."""
    forward, backward = lattice.forward(), lattice.backward()
    total = float(np.logaddexp.reduce(forward[-1] - lattice.final))
    words: list[Ints] = []
    firsts: list[Ints] = []
    lasts: list[Ints] = []
    masses: list[Floats] = []
    for number, arcs in enumerate(lattice.arcs):
        named = np.flatnonzero(lattice.graph.word[arcs])
        if number + 1 < len(lattice.arcs):
            step = lattice.steps[number + 1]
            link = forward[number][step.source] - step.cost + backward[number + 1][step.target] - total
            left = np.bincount(step.source, weights=np.exp(link) * step.entered, minlength=len(arcs))[named]
        else:
            left = np.exp(forward[number][named] - lattice.final[named] - total)
        words.append(lattice.graph.word[arcs[named]])
        firsts.append(lattice.begins[number][named])
        lasts.append(np.full(len(named), number + 1))
        masses.append(np.asarray(left, np.float64))
    events = WordEvents(np.concatenate(words), np.concatenate(firsts), np.concatenate(lasts), np.concatenate(masses))
    return events, total
