"""Slots: the places of a recording where two words compete, with their posteriors, times and sound."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic.model import Outputs
from harken.asr.arrays import Floats, Ints
from harken.asr.passes.record import HeardStretch
from harken.asr.search.heard import HeardBin
from harken.audio.features import Frames

LEAST_POSTERIOR = 1e-4
"""Posteriors are kept within this and 1 - this, so that log-odds stay finite."""
MARGIN_STEPS = 1
"""Steps (30 ms) on both sides of a word that belong to its sound: ends of words are only roughly known."""
PARTS = 3
"""Parts of a word's span whose means make up its vector, so that the order of sounds counts."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A bin of a confusion network with its two likeliest candidates; '' is no word. Steps are 30 ms."""

    word: str
    rival: str
    share: float
    """Posterior 0..1 of the word, at least that of the rival."""
    rival_share: float
    first: int
    """First step, counted from the start of the stretch."""
    last: int
    """One past the last step."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Slots:
    """All N slots of a pool as arrays."""

    names: tuple[str, ...]
    """Words by id; id 0 is '' (no word)."""
    recording: Ints
    """[N] index of the recording."""
    voice: Ints
    """[N] index of the speaker; that of the recording where speakers are unknown."""
    word: Ints
    """[N] id of the likeliest candidate."""
    rival: Ints
    """[N] id of the second."""
    odds: Floats
    """[N] ln(posterior of the word / posterior of the rival), >= 0 unless scaled."""
    steps: Ints
    """[N] length in steps of 30 ms, at least 1."""
    vectors: NDArray[np.float32]
    """[N, D] how it sounds, of length 1."""

    def __len__(self) -> int:
        return len(self.word)


def slots_of(heard: HeardStretch) -> list[Slot]:
    """The slots of a stretch in the order of time."""
    return [_slot(bin_) for bin_ in heard.bins]


def slot_vectors(slots: Sequence[Slot], outputs: Outputs) -> NDArray[np.float16]:
    """How each slot sounds, [slots, D], of length 1: means over the parts of its span.

    The means are those of the network's hidden layer where the bundle exports it, else of the phone posteriors.
    """
    steps = phone_posteriors(outputs.scores) if outputs.hidden is None else outputs.hidden
    rows = [_unit(_parts(steps[max(0, slot.first - MARGIN_STEPS) : slot.last + MARGIN_STEPS])) for slot in slots]
    width = PARTS * steps.shape[1]
    return np.asarray(rows, np.float16).reshape(len(slots), width)


def phone_posteriors(scores: Frames) -> Frames:
    """Probability of each phone at each step [T, P] from scores [T, 2P], whether it is entered or held."""
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    size = scores.shape[1] // 2
    phones = chances[:, :size] + chances[:, size:]
    return np.asarray(phones / phones.sum(axis=1, keepdims=True), np.float32)


def log_odds(share: Floats, rival: Floats) -> Floats:
    """ln(share / rival) of posteriors [N], both within the bounds of `LEAST_POSTERIOR`."""
    low, high = LEAST_POSTERIOR, 1 - LEAST_POSTERIOR
    return np.asarray(np.log(np.clip(share, low, high)) - np.log(np.clip(rival, low, high)))


def gather(
    recordings: Sequence[Sequence[Slot]], vectors: Sequence[NDArray[np.float16]], voices: Sequence[int] | None = None
) -> Slots:
    """The slots of a pool, recording by recording.

    Args:
        recordings: the slots of each.
        vectors: of their slots, [slots, D] each.
        voices: speaker of each recording; None: unknown, each counts as another.
    """
    ids: dict[str, int] = {"": 0}
    flat = list(_numbered(recordings))
    word = [ids.setdefault(slot.word, len(ids)) for _, slot in flat]
    rival = [ids.setdefault(slot.rival, len(ids)) for _, slot in flat]
    recording = np.array([number for number, _ in flat], np.int64)
    shares = np.array([(slot.share, slot.rival_share) for _, slot in flat], np.float64).reshape(-1, 2)
    return Slots(
        names=tuple(ids), recording=recording,
        voice=recording if voices is None else np.asarray(voices, np.int64)[recording],
        word=np.array(word, np.int64), rival=np.array(rival, np.int64), odds=log_odds(shares[:, 0], shares[:, 1]),
        steps=np.array([max(1, slot.last - slot.first) for _, slot in flat], np.int64),
        vectors=np.concatenate([np.asarray(rows, np.float32) for rows in vectors]),
    )  # fmt: skip


def _slot(bin_: HeardBin) -> Slot:
    (word, share), *others = bin_.words
    # A word without a competitor competes with silence; silence alone has nothing to compete with.
    rival, rest = others[0] if others else ("", 0.0)
    return Slot(word=word, rival=rival, share=share, rival_share=rest, first=bin_.first, last=bin_.last)


def _numbered(recordings: Sequence[Sequence[Slot]]) -> Iterator[tuple[int, Slot]]:
    for number, slots in enumerate(recordings):
        for slot in slots:
            yield number, slot


def _parts(steps: Frames) -> Frames:
    """Means of the parts of a span [T, n], one after the other; a short span repeats steps."""
    edges = np.linspace(0, len(steps), PARTS + 1)
    return np.concatenate([
        steps[int(low) : max(int(low) + 1, round(high))].mean(axis=0)
        for low, high in itertools.pairwise(edges)
    ])  # fmt: skip


def _unit(vector: Frames) -> Frames:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
