"""What is learned from a chosen recording: its label, cut where the evidence contradicts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harken.asr.acoustic import STEP_FRAMES
from harken.train.asr.data import Piece
from harken.train.asr.selection.decoding import Decoded
from harken.train.asr.store import Entry

FEWEST_WORDS = 2
"""A part with fewer teaches little, and its edges are uncertain."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Words that were said in steps [first, last) of a stretch."""

    words: tuple[str, ...]
    first: int
    last: int


def parts_of(decoded: Decoded, flipped: Sequence[bool], *, fewest: int = FEWEST_WORDS) -> list[Part]:
    """The stretch without the flipped slots: what lies between them.

    Args:
        decoded: a stretch.
        flipped: of each of its slots.
        fewest: parts with fewer words are left out.
    """
    parts: list[Part] = []
    words: list[str] = []
    first = 0
    for slot, bad in zip(decoded.slots, flipped, strict=True):
        if not bad:
            words += [slot.word] if slot.word else []
            continue
        parts.append(Part(words=tuple(words), first=first, last=slot.first))
        words, first = [], slot.last
    parts.append(Part(words=tuple(words), first=first, last=decoded.steps))
    return [part for part in parts if len(part.words) >= fewest and part.last > part.first]


def pieces_of(
    decoded: Decoded, parts: Sequence[Part], entry: Entry, *, source: int, corpus: str
) -> list[Piece]:  # fmt: skip
    """Parts as training pieces.

    Args:
        decoded: their stretch.
        parts: of it.
        entry: its recording's place in the store.
        source: index of the store.
        corpus: name under which shares and logs count them.
    """
    pieces = []
    for part in parts:
        first = STEP_FRAMES * (decoded.first + part.first)
        last = min(entry.frames, STEP_FRAMES * (decoded.first + part.last))
        if last > first:
            pieces.append(
                Piece(source=source, entry=entry, first=first, frames=last - first, words=part.words, corpus=corpus)
            )
    return pieces
