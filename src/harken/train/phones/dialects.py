"""Finds which phone of the pivot corresponds to each phone of another dialect, and lists what a person must decide.

Harish Arsikere, Ashtosh Sapru, Sri Garimella, "Multi-Dialect Acoustic Modeling Using Phone Mapping and Online
I-Vectors", Interspeech 2019: the dialects share one acoustic model once their phones are written with one set. What
passes the rule is taken; the rest, and every vowel that would become schwa, is a short list for a reviewer, whose
answers are kept in `phones/dialects.toml`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from harken.errors import ConfigError, DataError
from harken.phones.dialect_table import reviewed_map
from harken.phones.dialects import SCHWA, DialectLexicon, is_vowel
from harken.phones.phone_map import AUTOMATIC, GROUPED
from harken.train.phones.alignment import Comparison, compare, folded
from harken.train.phones.dialect_report import OPEN, DialectReport, PhoneRow, PivotReport


@dataclass(frozen=True, kw_only=True)
class MappingRule:
    """When a phone is mapped without asking a person."""

    least_share: float = 0.7
    """Of its places that face the candidate, 0..1."""
    least_count: int = 30
    """Places; a rarer phone follows its allophone group where that has a common phone."""


def map_dialects(
    lexicons: Mapping[str, DialectLexicon],
    pivot: str = "us",
    *,
    groups: Mapping[str, str] | None = None,
    rule: MappingRule | None = None,
) -> PivotReport:
    """Compare every lexicon with the pivot's and propose a common phone for each phone that the pivot lacks.

    Args:
        lexicons: by name of the dialect, as `load_dialects` returns them.
        pivot: the dialect whose folded phones are the common set: the one with most data.
        groups: phone -> the phone that represents its group; by default those of the reviewed table.
        rule: when to map without asking.

    Raises:
        ConfigError: the pivot is not among the lexicons.
        DataError: a dialect shares no word with the pivot.
    """
    if pivot not in lexicons:
        raise ConfigError(f"the pivot '{pivot}' is not among the lexicons {', '.join(lexicons)}; choose one of them")
    known = reviewed_map().groups if groups is None else groups
    others = {name: lexicon for name, lexicon in lexicons.items() if name != pivot}
    base, base_folded = lexicons[pivot], folded(lexicons[pivot], known)
    proposer = _Proposer(base.inventory, known, rule or MappingRule())
    reports = {}
    for name, lexicon in others.items():
        raw = compare(lexicon, base)
        if not raw.words:
            raise DataError(f"dialect '{name}' shares no word with '{pivot}'; expected lexicons of one language")
        grouped = compare(folded(lexicon, known), base_folded)
        rows = proposer.rows(lexicon.inventory - base.inventory, raw)
        reports[name] = DialectReport(lexicon, raw, grouped, rows, _shifted(grouped))
    return PivotReport(base, reports, known)


@dataclass(frozen=True)
class _Proposer:
    """What the decision on a phone depends on."""

    pivot: frozenset[str]
    groups: Mapping[str, str]
    rule: MappingRule

    def rows(self, phones: Iterable[str], comparison: Comparison) -> tuple[PhoneRow, ...]:
        rows = [self.row(phone, comparison.counts.get(phone, Counter())) for phone in phones]
        return tuple(sorted(rows, key=lambda row: (-row.count, row.phone)))

    def row(self, phone: str, faced: Counter[str | None]) -> PhoneRow:
        count, candidates = faced.total(), _candidates(faced)
        best = candidates[0][0] if candidates else None
        image = None if best is None else self.groups.get(best, best)
        own_group = self.groups.get(phone)
        pivot_groups = {self.groups.get(pivot_phone, pivot_phone) for pivot_phone in self.pivot}
        grouped = own_group if own_group in pivot_groups else None
        if count < self.rule.least_count and grouped is not None:
            return PhoneRow(phone, count, candidates, grouped, GROUPED)
        row = PhoneRow(phone, count, candidates, image, AUTOMATIC)
        why = self.doubt(row, grouped)
        return replace(row, decision=OPEN, why=why) if why else row

    def doubt(self, row: PhoneRow, grouped: str | None) -> str:
        """Why a person must look at the row; empty when the rule is met."""
        phone, image = row.phone, row.image
        if row.count < self.rule.least_count:
            return f"only {row.count} places"
        if image is None:
            return "faces nothing most often"
        if row.share < self.rule.least_share:
            return "no clear candidate"
        if is_vowel(phone) != is_vowel(image):
            return "a vowel and a consonant"
        if is_vowel(phone) and image == self.groups.get(SCHWA, SCHWA):
            return "a vowel becomes schwa"
        if grouped is not None and grouped != image:
            return f"its allophone group says {grouped}"
        return ""


def _candidates(faced: Counter[str | None], most: int = 3) -> tuple[tuple[str | None, float], ...]:
    """The largest shares; equal ones in alphabetical order, so that the order of the words does not matter."""
    ranked = sorted(faced.items(), key=lambda item: (-item[1], item[0] or ""))
    return tuple((phone, places / faced.total()) for phone, places in ranked[:most])


def _shifted(comparison: Comparison) -> tuple[PhoneRow, ...]:
    """Folded phones that the pivot has, but that most often face another of its phones."""
    rows = []
    pivot = {facing for faced in comparison.counts.values() for facing in faced}
    for phone, faced in comparison.counts.items():
        candidates = _candidates(faced)
        if phone in pivot and candidates[0][0] != phone:
            rows.append(PhoneRow(phone, faced.total(), candidates, phone, AUTOMATIC, "same symbol, other phone"))
    return tuple(sorted(rows, key=lambda row: (-row.count, row.phone)))
