"""All measured figures of all recipes, and whether they belong to what ships."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from harken.bundle import load_bundle
from harken.errors import BundleError
from harken.metrics.result import OURS, RECIPES, RESULTS, Result, latest, read_result_lines
from harken.paths import PACKAGE
from harken.recipes.papers import Paper


def read_results(root: Path = RECIPES) -> list[Result]:
    """The figures that count: of several about the same thing the last one.

    Raises:
        DataError: naming the line that is no result.
    """
    return latest(result for file in sorted(root.rglob(RESULTS)) for result in read_result_lines(file))


def shipped_hash(bundle: str) -> str | None:
    """Hash of a bundle that comes with harken (not the user's own of that name); None when there is none."""
    try:
        return load_bundle(PACKAGE / "bundles" / bundle).hash
    except BundleError:
        return None


def check_results(
    results: Iterable[Result], papers: Iterable[Paper] = (), *, hash_of: Callable[[str], str | None] = shipped_hash
) -> list[str]:
    """What is wrong: figures of bundles that do not ship, papers that name a figure nobody measured.

    Args:
        results: from `read_results`.
        papers: from `read_papers`.
        hash_of: bundle name -> the hash it ships with, or None.
    """
    results = list(results)
    return [*_stale(results, hash_of), *_unmeasured(results, papers)]


def paper_result(paper: Paper, results: Iterable[Result]) -> list[Result]:
    """The figures that answer a paper's claim; empty until measured."""
    return [
        result
        for result in results
        if paper.result and (result.recipe, result.metric, result.system) == (paper.recipe, paper.result, OURS)
    ]


def _stale(results: list[Result], hash_of: Callable[[str], str | None]) -> Iterator[str]:
    for result in results:
        for bundle, measured in result.bundles.items():
            shipped = hash_of(bundle)
            if shipped != measured:
                has = f"what ships has {shipped[:12]}" if shipped else "no such bundle ships"
                yield (
                    f"{result.recipe}: '{result.metric}' on {result.set} belongs to {bundle} {measured[:12]}, "
                    f"but {has}; measure again with `{result.command}`"
                )


def _unmeasured(results: list[Result], papers: Iterable[Paper]) -> Iterator[str]:
    for paper in papers:
        if paper.result and not paper_result(paper, results):
            yield (
                f"paper {paper.id} is '{paper.status}' by '{paper.result}', but recipes/{paper.recipe}/{RESULTS} "
                "has no such figure; measure it or set the status back"
            )
