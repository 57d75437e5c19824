"""The published methods: one row per paper, from `papers.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from harken import paths
from harken.errors import DataError

PAPERS = paths.PACKAGE / "papers.toml"
STATUSES = ("planned", "first generation", "measured", "not reproduced")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One published method."""

    id: int
    title: str
    authors: str
    venue: str
    claim: str
    """The paper's own relative change, as it can be quoted."""
    read: str
    """How much of the paper was at hand when the claim was written down."""
    recipe: str
    """Folder under recipes/ that holds (or will hold) the method."""
    bundle: str
    """What it ships in; empty for methods that ship no weights."""
    status: str
    """One of `STATUSES`."""
    data: str
    """What stands in for the paper's data."""
    result: str = ""
    """Metric of the recipe's results that answers the claim; empty until measured."""


def read_papers(path: Path = PAPERS) -> list[Paper]:
    """Every row, in order.

    Raises:
        DataError: a row lacks a field, has an unknown one, or a status that means nothing.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["paper"]
    except (OSError, KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path} is no table of papers ({error}); install harken again") from error
    papers = [_paper(row, number, path) for number, row in enumerate(rows, 1)]
    if [paper.id for paper in papers] != list(range(1, len(papers) + 1)):
        raise DataError(f"{path}: ids must count 1, 2, 3, ...; found {[paper.id for paper in papers]}")
    return papers


def _paper(row: dict[str, object], number: int, path: Path) -> Paper:
    unknown = row.keys() - {field.name for field in fields(Paper)}
    try:
        paper = Paper(**row)  # type: ignore[arg-type]
    except TypeError as error:
        reason = f"unknown field {', '.join(sorted(unknown))}" if unknown else str(error)
        raise DataError(f"{path}: row {number}: {reason}") from error
    if paper.status not in STATUSES:
        raise DataError(f"{path}: row {number}: status '{paper.status}' is none of {', '.join(STATUSES)}")
    if (paper.status in STATUSES[2:]) != bool(paper.result):
        raise DataError(f"{path}: row {number}: 'result' must be named when, and only when, the claim was measured")
    return paper
