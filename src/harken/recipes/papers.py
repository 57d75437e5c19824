"""The published methods: one row per paper with its claims, from `papers.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from harken import paths
from harken.errors import DataError, nearest
from harken.metrics.claim import Claim

PAPERS = paths.PACKAGE / "papers.toml"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One published method."""

    id: int
    title: str
    authors: str
    venue: str
    read: str
    """How much of the paper was available when its claims were written down."""
    recipe: str
    """Folder under recipes/ that contains (or will contain) the method."""
    bundle: str
    """Bundle that it ships in; empty for methods that ship no weights."""
    data: str
    """What replaces the paper's data."""
    claims: tuple[Claim, ...]
    """What the paper says, one comparison each."""

    @property
    def begun(self) -> bool:
        """Whether its recipe exists. Without a verdict this means that the stage works and the claims are untested."""
        return (paths.PACKAGE / "recipes" / self.recipe / "recipe.py").is_file()


def read_papers(path: Path = PAPERS) -> list[Paper]:
    """Every row, in order.

    Raises:
        DataError: a row or a claim lacks a field, has an unknown one, or a value without meaning.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["paper"]
    except (OSError, KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path} is not a table of papers ({error}); install harken again") from error
    papers = [_paper(row, f"{path}: row {number}") for number, row in enumerate(rows, 1)]
    _check_numbers([paper.id for paper in papers], f"{path}: ids")
    return papers


def _paper(row: Mapping[str, Any], where: str) -> Paper:
    claims = tuple(
        _from_row(Claim, {**claim, "groups": tuple(claim.get("groups", ()))}, f"{where}, claim {number}")
        for number, claim in enumerate(row.get("claim", ()), 1)
    )
    if not claims:
        raise DataError(f"{where}: there is no [[paper.claim]]; write down what the paper says")
    _check_numbers([claim.number for claim in claims], f"{where}: numbers of claims")
    return _from_row(Paper, {**{key: value for key, value in row.items() if key != "claim"}, "claims": claims}, where)


def _from_row(kind: type[T], row: Mapping[str, Any], where: str) -> T:
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    for key in row:
        if key not in known:
            raise DataError(f"{where}: unknown field '{key}'; {nearest(key, known)}")
    try:
        return kind(**row)
    except (TypeError, DataError) as error:
        raise DataError(f"{where}: {error}") from error


def _check_numbers(numbers: list[int], what: str) -> None:
    if numbers != list(range(1, len(numbers) + 1)):
        raise DataError(f"{what} must count 1, 2, 3, ...; they are {numbers}")
