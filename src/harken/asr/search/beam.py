"""Streaming beam search over a decoding graph, frame by frame, in numpy.

A token sits on an arc: the arc's phone is being heard. In each frame it may stay, or leave to the arc's target (and the
states that this one falls back to) and enter an arc that starts there. All tokens of a frame move at once. Each
frame's tokens are kept with their costs and best predecessors: enough for the best path now, and for the exact lattice
when the sentence is over (`harken.asr.search.lattice`).

Costs are negative natural logs. Acoustic scores are scaled, every phone entered (silence apart) earns a bonus, because
a search for one best path deletes after training with sums over paths; both are fitted on dev.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Costs, Ints
from harken.asr.graph.graph import fall_back
from harken.asr.search.heard import HeardWord
from harken.asr.search.space import Scratch, SearchSpace
from harken.audio.features import Frames

ENTERED_FROM_START = -1
"""Predecessor of a token that began with the first frame."""


@dataclass(frozen=True)
class PhonePath:
    """The phones of one way through T frames."""

    phone: Ints
    """[T] phone of each frame, a number of the acoustic model's labels."""
    entered: NDArray[np.bool_]
    """[T] whether it was entered in that frame (else: stayed in)."""

    @classmethod
    def empty(cls) -> PhonePath:
        """The way through no frames."""
        return cls(np.zeros(0, np.int64), np.zeros(0, bool))


@dataclass(frozen=True)
class FrameTokens:
    """The tokens after one frame; numbers have 32 bits, since all frames of a stretch are kept."""

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


class BeamSearch:
    """The search of one stream; `accept` frames, call `best_words` at any time, pass `frames` to the lattice.

    Args:
        space: what can be said, and how to search in it.
    """

    def __init__(self, space: SearchSpace):
        self.space = space
        self.reset()

    def reset(self) -> None:
        """Back to the start of a sentence."""
        self.frames: list[FrameTokens] = []
        self.offsets: list[float] = []

    def accept(self, scores: Frames) -> None:
        """Advance by frames of acoustic scores [t, 2P]: P log-scores for entering a phone, P for staying in it."""
        phones = scores.shape[1] // 2
        enter, stay = self.entry_costs(scores[:, :phones]), -self.space.options.acoustic_scale * scores[:, phones:]
        with self.space.scratch() as scratch:
            for row in range(len(scores)):
                self._advance(enter[row], stay[row], scratch)

    def entry_costs(self, scores: Frames) -> Costs:
        """Costs [t, P] of entering each phone."""
        options = self.space.options
        costs = (-options.acoustic_scale * scores - options.phone_bonus).astype(np.float32)
        costs[:, self.space.silence] += options.phone_bonus + options.silence_cost
        return costs

    def _advance(self, enter: Costs, stay: Costs, scratch: Scratch) -> None:
        g, beam = self.space.graph, self.space.options.beam
        if self.frames:
            before = self.frames[-1]
            stay_arcs = before.arc.astype(np.intp)
            states, costs, owners = self._leave(g.target[stay_arcs], before.cost, np.arange(len(stay_arcs)), scratch)
            stay_costs = before.cost + stay[g.phone[stay_arcs]]
        else:
            states, costs, owners = self._leave(
                g.starts, g.start_costs, np.full(len(g.starts), ENTERED_FROM_START, np.int64), scratch
            )
            stay_arcs, stay_costs = np.zeros(0, np.int64), np.zeros(0, np.float32)
        # Two early cuts, because trees branch widely: states that no phone can bring into the beam are not expanded,
        # and nothing far above the best candidate is merged.
        head = int(np.argmin(costs))
        _, leading, _ = self._enter(states[head : head + 1], costs[head : head + 1], enter)
        limit = min(leading.min(initial=np.inf), stay_costs.min(initial=np.inf)) + beam
        hopeful = costs + g.least[states] <= limit - enter.min()
        states, costs, owners = states[hopeful], costs[hopeful], owners[hopeful]
        arcs, entry, counts = self._enter(states, costs, enter)
        limit = min(entry.min(initial=np.inf), stay_costs.min(initial=np.inf)) + beam
        chosen = entry <= limit
        arcs, entry, owners = arcs[chosen], entry[chosen], np.repeat(owners, counts)[chosen]
        self._merge(stay_arcs, stay_costs, arcs, entry, owners, limit, enter, stay, scratch)

    def _enter(self, states: Ints, costs: Costs, enter: Costs) -> tuple[Ints, Costs, Ints]:
        """All arcs out of states, the cost of entering each, and how many each state has."""
        g = self.space.graph
        arcs, counts = g.leaving(states)
        return arcs, np.repeat(costs, counts) + g.cost[arcs] + enter[g.phone[arcs]], counts

    def _leave(self, states: Ints, costs: Costs, owners: Ints, scratch: Scratch) -> tuple[Ints, Costs, Ints]:
        """Recombine in the targets, then fall back level by level; unique states with best cost and its owner."""
        g = self.space.graph
        states, costs, owners = _recombine(states, costs, owners, scratch)
        limit = costs.min(initial=np.inf) + self.space.options.beam
        near = costs <= limit
        states, costs, owners = states[near], costs[near], owners[near]
        for level in range(g.depth, 0, -1):
            falling = g.levels[states] == level
            if not falling.any():
                continue
            lower = g.backoff[states[falling]]
            lower_costs = costs[falling] + g.backoff_cost[states[falling]]
            states, costs, owners = _recombine(
                np.concatenate([states, lower]), np.concatenate([costs, lower_costs]),
                np.concatenate([owners, owners[falling]]), scratch,
            )  # fmt: skip
        return states, costs, owners

    def _merge(
        self, stay_arcs: Ints, stay_costs: Costs, arcs: Ints, entry: Costs, owners: Ints, limit: float,
        enter: Costs, stay: Costs, scratch: Scratch,
    ) -> None:  # fmt: skip
        """Tokens that stayed and tokens that entered, one per arc, inside the beam."""
        place = scratch.arcs.within(stay_arcs, arcs)
        fresh, again = place == 0, np.flatnonzero(place)
        again = again[entry[again] < stay_costs[place[again] - 1]]
        spot = place[again] - 1
        costs, previous = stay_costs.copy(), np.arange(len(stay_arcs))
        entered = np.zeros(len(stay_arcs), bool)
        costs[spot], previous[spot], entered[spot] = entry[again], owners[again], True
        costs = np.concatenate([costs, entry[fresh]])
        keep = self._within_beam(costs, limit)
        best = costs[keep].min()
        self.offsets.append((self.offsets[-1] if self.offsets else 0.0) + float(best))
        self.frames.append(
            FrameTokens(
                np.concatenate([stay_arcs, arcs[fresh]])[keep].astype(np.int32), costs[keep] - best,
                np.concatenate([previous, owners[fresh]])[keep].astype(np.int32),
                np.concatenate([entered, np.ones(int(fresh.sum()), bool)])[keep], enter, stay,
            )
        )  # fmt: skip

    def _within_beam(self, costs: Costs, limit: float) -> NDArray[np.intp]:
        inside = np.flatnonzero(costs <= limit)
        most = self.space.options.max_active
        if len(inside) > most:
            inside = inside[np.argpartition(costs[inside], most)[:most]]
        return inside

    def final_costs(self) -> tuple[Costs, bool]:
        """Cost [N] of ending after each token of the last frame, and whether any may end; if none, all may for free."""
        g = self.space.graph
        states = g.target[self.frames[-1].arc]
        owners, reached, paid = fall_back(g, states, np.zeros(len(states), np.float32))
        best = np.full(len(states), np.inf, np.float32)
        np.minimum.at(best, owners, paid + g.final[reached])
        ended = bool(np.isfinite(best).any())
        return (best, True) if ended else (np.zeros_like(best), False)

    def completeness(self) -> float | None:
        """Probability 0..1 that what was heard is a whole sentence of the graph: 0 where more words must follow, 0.5
        where as likely as not they do, 1 where none can. Tokens of the last frame count by their probability. None
        while nothing but silence was heard."""
        if self.trailing_silence() == len(self.frames):
            return None
        g, tokens, scale = self.space.graph, self.frames[-1], self.space.options.graph_scale
        states, place = np.unique(g.target[tokens.arc], return_inverse=True)
        owners, reached, paid = fall_back(g, states, np.zeros(len(states), np.float32))
        ends = np.exp(-g.final[reached].astype(np.float64) / scale)
        # The arcs of a grammar cost nothing where all may follow, those of a language model are probabilities.
        shares = ends / np.maximum(1.0, ends + np.exp(-self._continuing(reached) / scale))
        best = np.zeros(len(states))
        np.maximum.at(best, owners, np.exp(-paid / scale) * shares)
        mass = np.exp(-tokens.cost.astype(np.float64))
        return float(mass @ best[place] / mass.sum())

    def _continuing(self, states: Ints) -> Costs:
        """Cost [N] of the cheapest arc out of each state that is not silence; inf where there is none."""
        g = self.space.graph
        arcs, counts = g.leaving(states)
        costs = np.where(g.phone[arcs] == self.space.silence, np.float32(np.inf), g.cost[arcs])
        least = np.full(len(states), np.inf, np.float32)
        np.minimum.at(least, np.repeat(np.arange(len(states)), counts), costs)
        return least

    def best_words(self, *, ended: bool = False) -> list[HeardWord]:
        """Words of the best path so far; with `ended`, of the best path that may end here."""
        if not self.frames:
            return []
        costs = self.frames[-1].cost + (self.final_costs()[0] if ended else np.float32(0))
        return self.trace(len(self.frames) - 1, int(np.argmin(costs)), ended=ended)

    def best_phones(self) -> PhonePath:
        """Phones of the best path that may end here."""
        if not self.frames:
            return PhonePath.empty()
        place = int(np.argmin(self.frames[-1].cost + self.final_costs()[0]))
        arcs, entered = np.zeros(len(self.frames), np.int64), np.zeros(len(self.frames), bool)
        for number in range(len(self.frames) - 1, -1, -1):
            tokens = self.frames[number]
            arcs[number], entered[number] = tokens.arc[place], tokens.entered[place]
            place = int(tokens.previous[place])
        return PhonePath(self.space.graph.phone[arcs].astype(np.int64), entered)

    def trace(self, frame: int, place: int, *, ended: bool = True) -> list[HeardWord]:
        """Words on the best way to a token; the last arc's own word counts only when it has `ended`."""
        g, silence = self.space.graph, self.space.silence
        words: list[HeardWord] = []
        last, word = frame + 1, 0
        previous = None
        while frame >= 0:
            tokens = self.frames[frame]
            arc = int(tokens.arc[place])
            if previous is None or previous:
                ended_word = int(g.word[arc]) if previous or ended else 0
                if ended_word or g.phone[arc] == silence:
                    if word:
                        words.append(HeardWord(text=g.words[word], first=frame + 1, last=last))
                    word, last = ended_word, frame + 1
            previous = bool(tokens.entered[place])
            place = int(tokens.previous[place])
            frame -= 1
        if word:
            words.append(HeardWord(text=g.words[word], first=0, last=last))
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
        shares: dict[int, float] = {}
        for frame in range(len(self.frames) - 1, -1, -1):
            at = int(np.flatnonzero(places == best)[0])
            shares[frame] = float(mass[at])
            if len(places) == 1 or not frame:
                break
            previous = self.frames[frame].previous
            before, group = np.unique(previous[places], return_inverse=True)
            mass, places, best = np.bincount(group, weights=mass), before, int(previous[best])
        return shares

    def sure_words(self, least: float) -> list[HeardWord]:
        """Words at the beginning of the best path so far on whose ends this share 0..1 of the probability agrees."""
        shares, sure = self.agreement(), list[HeardWord]()
        for word in self.best_words():
            share = shares.get(word.last, 1.0)
            if share < least:
                break
            sure.append(replace(word, confidence=share))
        return sure

    def trailing_silence(self) -> int:
        """Frames of silence at the end of the best path; all of them before anything was said."""
        frame, place = len(self.frames) - 1, int(np.argmin(self.frames[-1].cost)) if self.frames else 0
        phone, silence, count = self.space.graph.phone, self.space.silence, 0
        while frame >= 0 and phone[self.frames[frame].arc[place]] == silence:
            place, frame, count = int(self.frames[frame].previous[place]), frame - 1, count + 1
        return count


def _recombine(states: Ints, costs: Costs, owners: Ints, scratch: Scratch) -> tuple[Ints, Costs, Ints]:
    """The cheapest entry of every state; the later one on ties."""
    slot = scratch.states.within(states, states) - 1  # one place for each state
    least = np.full(len(states), np.inf, np.float32)
    np.minimum.at(least, slot, costs)
    winners = np.flatnonzero(costs == least[slot])
    chosen = np.zeros(len(states), np.int64)
    chosen[slot[winners]] = winners
    winners = winners[chosen[slot[winners]] == winners]
    return states[winners], costs[winners], owners[winners]
