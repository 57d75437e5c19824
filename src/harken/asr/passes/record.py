"""The record of what was heard in one stretch, and the protocol of a pass over it.

A pass returns the record changed: other sentences, another order, other confidences. Passes run one after the other
before anything becomes an event (`harken.asr.passes.hearing`). A pass that has nothing to change returns the record
unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from harken.asr.acoustic.model import Outputs
from harken.asr.search.beam import PhonePath
from harken.asr.search.heard import HeardBin, HeardSentence
from harken.asr.search.lattice import Lattice
from harken.asr.search.space import SearchOptions


@dataclass(frozen=True, kw_only=True, eq=False)
class HeardStretch:
    """One stretch of T decoder frames (30 ms), at most as long as a turn may be before it is cut."""

    sentences: tuple[HeardSentence, ...]
    """Best first; at least one, possibly without words."""
    bins: tuple[HeardBin, ...]
    """The confusion network around the likeliest sentence of the lattice."""
    total: float
    """Natural log of the sum over everything in the lattice."""
    lattice: Lattice | None
    """None when T = 0."""
    path: PhonePath
    """The phones of the likeliest path of the search."""
    outputs: Outputs
    """What the acoustic network gave, T steps."""
    offset: int
    """Frames of the recording before this stretch."""
    options: SearchOptions
    """How it was searched: scales of the scores, and whether to expect free speech (`consensus`)."""
    expected: tuple[str, ...] = ()
    """Words that the user expects and the search therefore favours."""


class Pass(Protocol):
    """A pass over what was heard."""

    @property
    def name(self) -> str:
        """Name for messages, e.g. 'consensus'."""

    def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
        """The record, changed or not.

        Args:
            heard: what the search and the previous passes have found.
            before: the last words of the same recording before this stretch.
        """
