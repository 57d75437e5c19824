"""What the comparison of dialects found: figures, the rows of a map, and a draft of the reviewed table."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harken.phones.dialects import NOISE_PHONE, DialectLexicon
from harken.phones.phone_map import AUTOMATIC, GROUPED, REVIEWED
from harken.train.phones.alignment import Comparison

OPEN = "review"
"""The decision of a row that a person must take."""


@dataclass(frozen=True)
class PhoneRow:
    """One phone that the pivot does not have.

    Attributes:
        phone: of the dialect.
        count: aligned places, those that face nothing included.
        candidates: up to three pivot phones (None: nothing) with their shares 0..1, the largest first.
        image: the common phone that is proposed; None where there is none.
        decision: 'automatic', 'grouped' (too rare to count, its group decides) or 'review'.
        why: what a reviewer has to look at; empty if nothing.
    """

    phone: str
    count: int
    candidates: tuple[tuple[str | None, float], ...]
    image: str | None
    decision: str
    why: str = ""

    @property
    def share(self) -> float:
        """Of the first candidate; 0 without any."""
        return self.candidates[0][1] if self.candidates else 0.0


@dataclass(frozen=True)
class DialectReport:
    """One dialect compared with the pivot.

    Attributes:
        lexicon: of the dialect.
        raw: the comparison with the phones as they are written.
        grouped: the same with allophones folded.
        rows: of the phones that the pivot lacks, the most frequent first.
        shifted: phones that the pivot has, but in whose places it mostly has another; they keep their symbol.
    """

    lexicon: DialectLexicon
    raw: Comparison
    grouped: Comparison
    rows: tuple[PhoneRow, ...]
    shifted: tuple[PhoneRow, ...]

    def images(self) -> dict[str, str]:
        """Dialect phone -> common phone, of the rows that need no reviewer."""
        return {row.phone: row.image for row in self.rows if row.decision != OPEN and row.image is not None}

    def open(self) -> tuple[PhoneRow, ...]:
        """The rows that a person must decide."""
        return tuple(row for row in self.rows if row.decision == OPEN)


@dataclass(frozen=True)
class PivotReport:
    """All dialects compared with the pivot.

    Attributes:
        pivot: the pivot's lexicon.
        dialects: the others, by name.
        groups: phone -> the phone that represents its allophone group.
    """

    pivot: DialectLexicon
    dialects: Mapping[str, DialectReport]
    groups: Mapping[str, str]

    @property
    def union(self) -> frozenset[str]:
        """Symbols that occur in any dialect, `spn` included."""
        return self.pivot.inventory.union(*(dialect.lexicon.inventory for dialect in self.dialects.values()))

    @property
    def shared(self) -> frozenset[str]:
        """Symbols that occur in all dialects."""
        return self.pivot.inventory.intersection(*(dialect.lexicon.inventory for dialect in self.dialects.values()))

    @property
    def folded_union(self) -> frozenset[str]:
        """The union, one symbol per allophone group."""
        return frozenset(self.groups.get(phone, phone) for phone in self.union)

    def table(self) -> str:
        """Figures and rows for a terminal, columns aligned."""
        parts = [_aligned([_FIGURES, *self._figures()]), self._sets()]
        for name, dialect in self.dialects.items():
            parts.append(f"{name}\n" + _aligned([_COLUMNS, *map(_cells, dialect.rows)]))
            if dialect.shifted:
                parts.append(f"{name}, same symbol and other phone\n" + _aligned(_shifts(dialect)))
        return "\n\n".join(parts)

    def __str__(self) -> str:
        return self.table()

    def toml(self) -> str:
        """The dialects' part of `dialects.toml`, to be completed: open rows have the finding and an empty reason."""
        parts = []
        for name, dialect in self.dialects.items():
            for how, title in ((AUTOMATIC, AUTOMATIC), (GROUPED, GROUPED), (OPEN, REVIEWED)):
                rows = [_draft(row) for row in dialect.rows if row.decision == how]
                if rows:
                    parts.append("\n".join([f"[dialects.{name}.{title}]", *rows]))
        return "\n\n".join(parts) + "\n"

    def _figures(self) -> list[list[str]]:
        pivot = self.pivot
        first = [pivot.name, str(len(pivot.words)), str(pivot.pronunciations), str(len(pivot.inventory)), *[""] * 4]
        return [first, *(_figures(name, dialect) for name, dialect in self.dialects.items())]

    def _sets(self) -> str:
        noise = " and noise" if NOISE_PHONE in self.folded_union else ""
        return (
            f"{len(self.union)} symbols in all, {len(self.shared)} in every dialect; "
            f"{len(self.folded_union - {NOISE_PHONE})} allophone groups{noise}"
        )


_FIGURES = ["dialect", "words", "pronunciations", "phones", "shared words", "identical %", "edits %", "folded %"]
_COLUMNS = ["phone", "faces", "places", "becomes", "decision", "why"]


def _figures(name: str, dialect: DialectReport) -> list[str]:
    lexicon, raw = dialect.lexicon, dialect.raw
    sizes = [len(lexicon.words), lexicon.pronunciations, len(lexicon.inventory), raw.words]
    shares = [raw.identical_share, raw.edit_rate, dialect.grouped.edit_rate]
    return [name, *map(str, sizes), *(f"{100 * share:.1f}" for share in shares)]


def _cells(row: PhoneRow) -> list[str]:
    return [row.phone, facing(row), str(row.count), row.image or "-", row.decision, row.why]


def _shifts(dialect: DialectReport) -> list[list[str]]:
    return [["phone", "faces", "places"], *([row.phone, facing(row), str(row.count)] for row in dialect.shifted)]


def facing(row: PhoneRow) -> str:
    """The candidates with their shares: 'v .50, w .31, vʲ .14'."""
    return ", ".join(f"{phone or '-'} {share:.2f}".replace(" 0.", " .") for phone, share in row.candidates)


def _draft(row: PhoneRow) -> str:
    """An open row has no image: the reviewer adds it with the reason."""
    image = "" if row.decision == OPEN else row.image
    start = f'"{row.phone}" = {{ to = "{image}", '
    if row.decision == AUTOMATIC:
        return start + f"share = {row.share:.3f}, count = {row.count} }}"
    if row.decision == GROUPED:
        return start + f"count = {row.count} }}"
    return start + f'count = {row.count}, found = "{facing(row)}", reason = "" }}  # {row.why}'


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns that a terminal needs: marks combine with the letter before them."""
    return sum(not unicodedata.combining(sign) for sign in text)
