"""Evidence from the whole pool: what the most similar slots of other recordings say about the same two words.

The seed model's posteriors of two words may all lean to one of them, as they do in a new domain. Raw votes would only
repeat that, so the votes of a pair are shifted until they split as the words do in text of the domain, half-way to
even. A slot whose label the evidence would change is not rewarded for becoming certain: it is flipped, and never
learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats, Ints
from harken.train.asr.selection.slots import Slots
from harken.train.asr.selection.uncertainty import entropy

Prior = Callable[[str, str], float | None]
"""Share 0..1 of the first of two words among both in text of the domain; None: unknown."""
Kind = Callable[[str, str], str]
"""What two words differ in, for pairs that are too rare, such as 'L R'; '' for nothing short. The first word is the one
that sorts before the other."""


@dataclass(frozen=True, kw_only=True)
class EvidenceConfig:
    """How neighbours vote."""

    neighbours: int = 20
    """Most neighbours of a slot."""
    fewest: int = 3
    """With fewer, slots of the same kind of difference vote; with fewer of those, nobody."""
    strength: float = 4.0
    """Log-odds that unanimous and certain neighbours add."""
    width: float = 0.25
    """Cosine distance at which a vote weighs 1/e, as a share of the median distance within pairs."""
    balance: bool = True
    """Shift the votes of a pair so that they split as the text says."""
    shrink: float = 0.5
    """How far the text's share is drawn to even, 0..1."""
    kept: bool = True
    """A slot whose label the evidence would change is flipped. Off only for comparison."""
    most: int = 2000
    """Slots of a pair that vote, at most; more are drawn at random."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """What the pool says about each of N slots."""

    shift: Floats
    """[N] log-odds for its word, E; negative: against it."""
    drop: Floats
    """[N] fall of its uncertainty in nats; minus its whole uncertainty where the label is flipped."""
    flipped: NDArray[np.bool_]
    """[N] the evidence is for the rival."""
    neighbours: Sequence[Ints]
    """Numbers of the slots that voted."""
    weights: Sequence[Floats]
    """Their weights in (0, 1]."""


def gather_evidence(
    slots: Slots, config: EvidenceConfig, *, rng: np.random.Generator, prior: Prior = lambda word, rival: None,
    kind: Kind = lambda word, rival: "",
) -> Evidence:  # fmt: skip
    """The evidence for every slot from slots of other recordings and other voices.

    Args:
        slots: of the pool.
        config: how neighbours vote.
        rng: for pairs with too many slots.
        prior: of word pairs in text of the domain.
        kind: of their difference.
    """
    none = np.zeros(0, np.int64)
    neighbours: list[Ints] = [none] * len(slots)
    weights: list[Floats] = [np.zeros(0)] * len(slots)
    shift = np.zeros(len(slots))
    groups = _groups(slots, kind)
    width = config.width * _median_distance(slots, groups, rng)
    for group in groups:
        votes = _votes(slots, group, config, prior)
        voters = _drawn(np.arange(len(group.members)), config.most, rng)
        for place, near, weight in _nearest(slots, group, voters, config, width):
            number = group.members[place]
            if not len(neighbours[number]):  # pairs come before kinds of difference
                shift[number] = vote(weight, group.side[place] * votes[near], strength=config.strength)
                neighbours[number], weights[number] = group.members[near], weight
    adjusted = slots.odds + shift
    drop, flipped = drop_of(slots.odds, adjusted, kept=config.kept)
    return Evidence(shift=shift, drop=drop, flipped=flipped, neighbours=neighbours, weights=weights)


def vote(weights: Floats, votes: Floats, *, strength: float, normalised: bool = True) -> float:
    """E = strength * sum(k v) / sum(k): log-odds that neighbours add.

    Args:
        weights: k in (0, 1].
        votes: tanh(l / 2) of each one's log-odds l, -1..1; positive for the word.
        strength: alpha.
        normalised: divide by the sum of the weights.
    """
    total = float(weights @ votes)
    return strength * (total / float(weights.sum()) if normalised else total)


def drop_of(odds: Floats, adjusted: Floats, *, kept: bool = True) -> tuple[Floats, NDArray[np.bool_]]:
    """Fall of the entropy [N] in nats, and whether the label is flipped.

    Args:
        odds: ln(p1 / p2) before, >= 0.
        adjusted: after the evidence.
        kept: a flipped slot loses all its uncertainty instead of gaining by it.
    """
    flipped = adjusted < 0
    before = entropy(odds)
    fall = before - entropy(adjusted)
    return (np.where(flipped, -before, fall) if kept else fall), flipped


def offset(odds: Floats, share: float) -> float:
    """What to subtract from log-odds so that this share 0..1 of them is positive: their (1 - share) quantile."""
    return float(np.quantile(odds, 1 - share))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Group:
    """Slots that vote together; `side` is 1 where the slot's word is the first of the pair, else -1."""

    members: Ints
    side: Ints
    pair: tuple[str, str] | None
    """The two words; None for a kind of difference."""


def _groups(slots: Slots, kind: Kind) -> list[_Group]:
    """Pairs with at least two slots, then kinds of difference."""
    first, second = np.minimum(slots.word, slots.rival), np.maximum(slots.word, slots.rival)
    side = np.where(slots.word == first, 1, -1)
    keys = first * len(slots.names) + second
    groups, kinds = [], dict[str, list[tuple[Ints, Ints]]]()
    order = np.argsort(keys, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(keys[order])) + 1):
        if not len(members):
            continue
        pair = slots.names[first[members[0]]], slots.names[second[members[0]]]
        if len(members) > 1:
            groups.append(_Group(members=members, side=side[members], pair=pair))
        ordered = sorted(pair)
        if "" not in pair and (difference := kind(*ordered)):
            turned = side[members] if pair[0] == ordered[0] else -side[members]
            kinds.setdefault(difference, []).append((members, turned))
    for parts in kinds.values():
        members, turned = (np.concatenate(column) for column in zip(*parts, strict=True))
        groups.append(_Group(members=members, side=turned, pair=None))
    return groups


def _votes(slots: Slots, group: _Group, config: EvidenceConfig, prior: Prior) -> Floats:
    """tanh of half the log-odds of each member for the group's first word, shifted."""
    odds = group.side * slots.odds[group.members]
    if config.balance:
        share = None if group.pair is None else prior(*group.pair)
        if group.pair is not None and "" in group.pair:
            # How often nothing was said is not in any text: the posteriors themselves are the best guess.
            share = float((1 / (1 + np.exp(-odds))).mean())
        elif share is None:
            share = 0.5
        else:
            share = 0.5 + (share - 0.5) * (1 - config.shrink)
        odds = odds - offset(odds, share)
    return np.asarray(np.tanh(odds / 2))


def _median_distance(slots: Slots, groups: Sequence[_Group], rng: np.random.Generator) -> float:
    """Median cosine distance of two slots of one pair, from at most 40 draws a pair."""
    distances = [1.0]
    for group in groups:
        count = min(40, len(group.members))
        one, other = rng.choice(group.members, count), rng.choice(group.members, count)
        different = one != other
        distances += (1 - (slots.vectors[one] * slots.vectors[other]).sum(1))[different].tolist()
    return max(1e-6, float(np.median(distances[1:] or distances)))


def _drawn(places: Ints, most: int, rng: np.random.Generator) -> Ints:
    return places if len(places) <= most else np.sort(rng.choice(places, most, replace=False))


def _nearest(
    slots: Slots, group: _Group, voters: Ints, config: EvidenceConfig, width: float
) -> list[tuple[int, Ints, Floats]]:
    """For each member with enough voters: its place, the places of the nearest ones, their weights."""
    found, members = [], group.members
    chosen = members[voters]
    block = max(1, 2_000_000 // len(chosen))  # cosines at once: 16 MB
    for start in range(0, len(members), block):
        asked = members[start : start + block]
        cosine = slots.vectors[asked] @ slots.vectors[chosen].T
        same = slots.recording[asked][:, None] == slots.recording[chosen]
        same |= slots.voice[asked][:, None] == slots.voice[chosen]
        cosine = np.where(same, -np.inf, cosine)
        most = min(config.neighbours, len(chosen))
        near = np.argpartition(-cosine, most - 1, axis=1)[:, :most]
        for row, places in enumerate(near):
            places = np.sort(places[np.isfinite(cosine[row, places])])
            if len(places) >= config.fewest:
                weights = np.exp(-np.maximum(0, 1 - cosine[row, places].astype(np.float64)) / width)
                found.append((start + row, voters[places], np.maximum(weights, 1e-12)))
    return found
