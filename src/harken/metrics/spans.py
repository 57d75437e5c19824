"""Spans found and missed, as the evaluation script of CoNLL-2000 (conlleval.pl) counts them.

A span is right when its type, first and last word are. Tags need not be valid BIO: an I- that follows O or another
type begins a span, as there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harken.errors import DataError

Chunk = tuple[str, int, int]
"""(type, first word, one past the last)."""


@dataclass(frozen=True, kw_only=True)
class SpanCounts:
    """How many spans there are, were found, and agree."""

    right: int
    wanted: int
    found: int

    @property
    def precision(self) -> float:
        """Share of the found ones that are right, 0..1; 0 when nothing was found."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of the wanted ones that were found, 0..1; 0 when there is none."""
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0..1."""
        return 2 * self.right / (self.wanted + self.found) if self.wanted + self.found else 0.0

    def __add__(self, other: SpanCounts) -> SpanCounts:
        return SpanCounts(
            right=self.right + other.right, wanted=self.wanted + other.wanted, found=self.found + other.found
        )


def chunks(tags: Sequence[str]) -> list[Chunk]:
    """The spans of a sentence's tags ('O', 'B-type', 'I-type'), in order.

    Raises:
        DataError: a tag of another form.
    """
    found: list[Chunk] = []
    open_type, first = "", 0
    for place, tag in enumerate((*tags, "O")):
        mark, _, kind = tag.partition("-")
        if mark not in ("O", "B", "I") or (mark == "O") == bool(kind):
            raise DataError(f"'{tag}' is not a tag; expected O, B-type or I-type")
        if open_type and (mark != "I" or kind != open_type):
            found.append((open_type, first, place))
            open_type = ""
        if mark != "O" and not open_type:
            open_type, first = kind, place
    return found


def count_spans(wanted: Iterable[Chunk], found: Iterable[Chunk]) -> SpanCounts:
    """Counts of one sentence."""
    truth, answer = set(wanted), set(found)
    return SpanCounts(right=len(truth & answer), wanted=len(truth), found=len(answer))


def by_type(pairs: Iterable[tuple[Sequence[Chunk], Sequence[Chunk]]]) -> dict[str, SpanCounts]:
    """Counts of each type over sentences, given as (wanted, found), by name."""
    totals: dict[str, SpanCounts] = {}
    for wanted, found in pairs:
        for kind in {span[0] for span in (*wanted, *found)}:
            own = count_spans((s for s in wanted if s[0] == kind), (s for s in found if s[0] == kind))
            totals[kind] = totals.get(kind, SpanCounts(right=0, wanted=0, found=0)) + own
    return dict(sorted(totals.items()))
