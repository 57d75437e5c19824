"""Streaming beam search over a decoding graph, frame by frame, in numpy.

A token sits on an arc: the arc's phone is being heard. In each frame it may stay, or leave to the arc's target (and the
states that this one falls back to) and enter an arc that starts there. All tokens of a frame are moved at once. Each
frame's tokens are kept with their costs and best predecessors: enough for the best path now, and for the exact lattice
when the sentence is over (`harken.asr.lattice`).

Costs are negative natural logs. Acoustic scores are scaled, every phone entered (silence apart) earns a bonus, because
a search for one best path deletes after training with sums over paths; both are fitted on dev.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from harken.asr.graph import Graph, spread
from harken.asr.ngram import Ints

Costs = NDArray[np.float32]
Scores = NDArray[np.float32]

ENTERED_FROM_START = -1
"""Predecessor of a token that began with the first frame."""


@dataclass(frozen=True, kw_only=True)
class DecoderOptions:
    """Settings of the search; the first four belong to an acoustic model and a kind of graph and are fitted on dev."""

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
    consensus: bool = False
    """Put the likeliest word of each place together (`harken.asr.confusion.consensus`) instead of taking the likeliest
    sentence: fewer words are wrong, but nothing says that the graph has a sentence like it. For free speech."""


@dataclass(frozen=True)
class FrameTokens:
    """The tokens after one frame."""

    arc: Ints
    """[N] arc that each token sits on."""
    cost: Costs
    """[N] cost of the best way there, above the frame's best (0)."""
    previous: Ints
    """[N] place in the frame before."""
    entered: NDArray[np.bool_]
    """[N] whether the arc was entered in this frame (else: stayed)."""
    enter: Costs
    """[P] cost of entering each phone in this frame."""
    stay: Costs
    """[P]."""


@dataclass(frozen=True)
class PathWord:
    """A word of a path; frames are half open."""

    word: int
    first: int
    last: int


@dataclass
class BeamSearch:
    """The search over one graph; `accept` frames, ask `best_words` at any time, hand `frames` to the lattice.

    Args:
        graph: what can be said.
        silence: index of the silence phone.
        options: scales and beams.
    """

    graph: Graph
    silence: int
    options: DecoderOptions = field(default_factory=DecoderOptions)

    def __post_init__(self) -> None:
        if self.options.graph_scale != 1.0:
            scale = np.float32(self.options.graph_scale)
            g = self.graph
            self.graph = replace(
                g, cost=g.cost * scale, backoff_cost=g.backoff_cost * scale, final=g.final * scale,
                start_costs=g.start_costs * scale,
            )  # fmt: skip
        self.sources = np.repeat(np.arange(self.graph.states, dtype=np.int32), np.diff(self.graph.first))
        """[A] state that each arc leaves."""
        self._least = np.minimum.reduceat(self.graph.cost, self.graph.first[:-1])
        self._levels = _levels(self.graph.backoff)
        self.depth = int(self._levels.max(initial=0))
        # Scratch tables over all states and arcs, clean (inf) between frames: only touched places are reset.
        self._state_cost = np.full(self.graph.states, np.inf, np.float32)
        self._state_owner = np.zeros(self.graph.states, np.int32)
        self._arc_cost = np.full(self.graph.arcs, np.inf, np.float32)
        self._arc_place = np.zeros(self.graph.arcs, np.int32)
        self.reset()

    def reset(self) -> None:
        """Back to the start of a sentence."""
        self.frames: list[FrameTokens] = []
        self.offsets: list[float] = []

    def accept(self, scores: Scores) -> None:
        """Advance by frames of acoustic scores [t, 2P]: P log-scores for entering a phone, P for staying in it."""
        phones = scores.shape[1] // 2
        enter, stay = self.entry_costs(scores[:, :phones]), -self.options.acoustic_scale * scores[:, phones:]
        for row in range(len(scores)):
            self._advance(enter[row], stay[row])

    def entry_costs(self, scores: Scores) -> Costs:
        """Costs [t, P] of entering each phone."""
        costs = (-self.options.acoustic_scale * scores - self.options.phone_bonus).astype(np.float32)
        costs[:, self.silence] += self.options.phone_bonus + self.options.silence_cost
        return costs

    def _advance(self, enter: Costs, stay: Costs) -> None:
        g = self.graph
        if self.frames:
            before = self.frames[-1]
            states, costs, owners = self._leave(g.target[before.arc], before.cost, np.arange(len(before.arc)))
            stay_arcs, stay_costs = before.arc, before.cost + stay[g.phone[before.arc]]
        else:
            states, costs, owners = self._leave(
                g.starts, g.start_costs, np.full(len(g.starts), ENTERED_FROM_START, np.int64)
            )
            stay_arcs, stay_costs = np.zeros(0, np.int64), np.zeros(0, np.float32)
        # Two early cuts, because trees branch widely: states that no phone can bring into the beam are not expanded,
        # and nothing far above the best candidate is merged.
        head = int(np.argmin(costs))
        _, leading, _ = self._enter(states[head : head + 1], costs[head : head + 1], enter)
        limit = min(leading.min(initial=np.inf), stay_costs.min(initial=np.inf)) + self.options.beam
        hopeful = costs + self._least[states] <= limit - enter.min()
        states, costs, owners = states[hopeful], costs[hopeful], owners[hopeful]
        arcs, entry, counts = self._enter(states, costs, enter)
        limit = min(entry.min(initial=np.inf), stay_costs.min(initial=np.inf)) + self.options.beam
        chosen = entry <= limit
        arcs, entry, owners = arcs[chosen], entry[chosen], np.repeat(owners, counts)[chosen]
        self._merge(stay_arcs, stay_costs, arcs, entry, owners, limit, enter, stay)

    def _enter(self, states: Ints, costs: Costs, enter: Costs) -> tuple[Ints, Costs, Ints]:
        """All arcs out of states, the cost of entering each, and how many each state has."""
        counts = self.graph.first[states + 1] - self.graph.first[states]
        arcs = spread(self.graph.first[states], counts)
        return arcs, np.repeat(costs, counts) + self.graph.cost[arcs] + enter[self.graph.phone[arcs]], counts

    def _leave(self, states: Ints, costs: Costs, owners: Ints) -> tuple[Ints, Costs, Ints]:
        """Recombine in the targets, then fall back level by level; unique states with best cost and its owner."""
        states, costs, owners = self._recombine(states, costs, owners)
        limit = costs.min(initial=np.inf) + self.options.beam
        near = costs <= limit
        states, costs, owners = states[near], costs[near], owners[near]
        for level in range(self.depth, 0, -1):
            falling = self._levels[states] == level
            if not falling.any():
                continue
            lower = self.graph.backoff[states[falling]]
            lower_costs = costs[falling] + self.graph.backoff_cost[states[falling]]
            states, costs, owners = self._recombine(
                np.concatenate([states, lower]),
                np.concatenate([costs, lower_costs]),
                np.concatenate([owners, owners[falling]]),
            )
        return states, costs, owners

    def _recombine(self, states: Ints, costs: Costs, owners: Ints) -> tuple[Ints, Costs, Ints]:
        """The cheapest entry of every state; the later one on ties."""
        table = self._state_cost
        np.minimum.at(table, states, costs)
        winners = np.flatnonzero(costs == table[states])
        self._state_owner[states[winners]] = winners
        winners = winners[self._state_owner[states[winners]] == winners]
        table[states] = np.inf
        return states[winners], costs[winners], owners[winners]

    def _merge(
        self, stay_arcs: Ints, stay_costs: Costs, arcs: Ints, entry: Costs, owners: Ints, limit: float,
        enter: Costs, stay: Costs,
    ) -> None:  # fmt: skip
        """Tokens that stayed and tokens that entered, one per arc, inside the beam."""
        table, place = self._arc_cost, self._arc_place
        table[stay_arcs] = stay_costs
        place[stay_arcs] = np.arange(len(stay_arcs))
        held = table[arcs]
        fresh, better = np.isinf(held), entry < held
        table[stay_arcs] = np.inf
        again = better & ~fresh
        costs, previous = stay_costs.copy(), np.arange(len(stay_arcs))
        entered = np.zeros(len(stay_arcs), bool)
        spot = place[arcs[again]]
        costs[spot], previous[spot], entered[spot] = entry[again], owners[again], True
        costs = np.concatenate([costs, entry[fresh]])
        keep = self._within_beam(costs, limit)
        best = costs[keep].min()
        self.offsets.append((self.offsets[-1] if self.offsets else 0.0) + float(best))
        self.frames.append(
            FrameTokens(
                np.concatenate([stay_arcs, arcs[fresh]])[keep], costs[keep] - best,
                np.concatenate([previous, owners[fresh]])[keep],
                np.concatenate([entered, np.ones(int(fresh.sum()), bool)])[keep], enter, stay,
            )
        )  # fmt: skip

    def _within_beam(self, costs: Costs, limit: float) -> NDArray[np.intp]:
        inside = np.flatnonzero(costs <= limit)
        most = self.options.max_active
        if len(inside) > most:
            inside = inside[np.argpartition(costs[inside], most)[:most]]
        return inside

    def final_costs(self) -> tuple[Costs, bool]:
        """Cost [N] of ending after each token of the last frame, and whether any may end; if none, all may for free."""
        g = self.graph
        states = g.target[self.frames[-1].arc]
        best, sofar = g.final[states], np.zeros(len(states), np.float32)
        for _ in range(self.depth):
            falls = g.backoff[states] >= 0
            sofar = np.where(falls, sofar + g.backoff_cost[states], np.inf).astype(np.float32)
            states = np.where(falls, g.backoff[states], states)
            best = np.minimum(best, sofar + g.final[states])
        ended = bool(np.isfinite(best).any())
        return (best, True) if ended else (np.zeros_like(best), False)

    def best_words(self, *, ended: bool = False) -> list[PathWord]:
        """Words of the best path so far; with `ended`, of the best path that may end here."""
        if not self.frames:
            return []
        costs = self.frames[-1].cost + (self.final_costs()[0] if ended else np.float32(0))
        return self.trace(len(self.frames) - 1, int(np.argmin(costs)), ended=ended)

    def trace(self, frame: int, place: int, *, ended: bool = True) -> list[PathWord]:
        """Words on the best way to a token; the last arc's own word counts only when it has `ended`."""
        words: list[PathWord] = []
        last, word = frame + 1, 0
        previous = None
        while frame >= 0:
            tokens = self.frames[frame]
            arc = int(tokens.arc[place])
            if previous is None or previous:
                ended_word = int(self.graph.word[arc]) if previous or ended else 0
                if ended_word or self.graph.phone[arc] == self.silence:
                    if word:
                        words.append(PathWord(word, frame + 1, last))
                    word, last = ended_word, frame + 1
            previous = bool(tokens.entered[place])
            place = int(tokens.previous[place])
            frame -= 1
        if word:
            words.append(PathWord(word, 0, last))
        return words[::-1]

    def agreement(self) -> dict[int, float]:
        """How sure the past is: frame -> share of the tokens' probability whose history passes the best path's node.

        Only for the frames since all histories met; before them the share is 1.
        """
        if not self.frames:
            return {}
        mass = np.exp(-self.frames[-1].cost.astype(np.float64))
        mass /= mass.sum()
        best = int(np.argmin(self.frames[-1].cost))
        places: Ints = np.arange(len(mass))
        found: dict[int, float] = {}
        for frame in range(len(self.frames) - 1, -1, -1):
            at = int(np.flatnonzero(places == best)[0])
            found[frame] = float(mass[at])
            if len(places) == 1 or not frame:
                break
            previous = self.frames[frame].previous
            before, group = np.unique(previous[places], return_inverse=True)
            mass, places, best = np.bincount(group, weights=mass), before, int(previous[best])
        return found

    def trailing_silence(self) -> int:
        """Frames of silence at the end of the best path."""
        frame, place = len(self.frames) - 1, int(np.argmin(self.frames[-1].cost)) if self.frames else 0
        count = 0
        while frame >= 0 and self.graph.phone[self.frames[frame].arc[place]] == self.silence:
            place, frame, count = int(self.frames[frame].previous[place]), frame - 1, count + 1
        return count


def _levels(backoff: Ints) -> NDArray[np.int8]:
    """How many times one can fall back from each state."""
    levels = np.zeros(len(backoff), np.int8)
    states = np.flatnonzero(backoff >= 0)
    at: Ints = states
    while len(states):
        levels[states] += 1
        at = backoff[at]
        on = backoff[at] >= 0
        states, at = states[on], at[on]
    return levels
