"""The measured figures of all recipes: whether they belong to what ships, and what they say about the papers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from harken.bundle import load_bundle
from harken.errors import BundleError
from harken.metrics.claim import Judgement, judge
from harken.metrics.result import RECIPES, RESULTS, Result, latest, read_result_lines
from harken.paths import PACKAGE
from harken.recipes.papers import Paper


def read_results(root: Path = RECIPES) -> list[Result]:
    """The figures that count: of several about the same thing, the last.

    Raises:
        DataError: naming the line that is not a result.
    """
    return latest(result for file in sorted(root.rglob(RESULTS)) for result in read_result_lines(file))


def shipped_hash(bundle: str) -> str | None:
    """Hash of a bundle that comes with harken (not the user's own of that name); None if there is none."""
    try:
        return load_bundle(PACKAGE / "bundles" / bundle).hash
    except BundleError:
        return None


def ships(result: Result, *, hash_of: Callable[[str], str | None] = shipped_hash) -> bool:
    """Whether every bundle that a figure belongs to is the one that ships; true if it names none.

    Args:
        result: the figure.
        hash_of: bundle name -> the hash that ships, or None.
    """
    return all(hash_of(bundle) == measured for bundle, measured in result.bundles.items())


def stale_results(results: Iterable[Result], *, hash_of: Callable[[str], str | None] = shipped_hash) -> Iterator[str]:
    """A line for every figure that does not belong to the shipped bundle, with the command that measures it again."""
    for result in results:
        for bundle, measured in result.bundles.items():
            shipped = hash_of(bundle)
            if shipped != measured:
                has = f"what ships has {shipped[:12]}" if shipped else "no such bundle ships"
                yield (
                    f"{result.recipe}: '{result.metric}' on {result.set} belongs to {bundle} {measured[:12]}, "
                    f"but {has}; measure again with `{result.command}`"
                )


def judge_paper(
    paper: Paper, results: Iterable[Result], *, hash_of: Callable[[str], str | None] = shipped_hash
) -> list[Judgement]:
    """A paper's claims with our figures, each with its verdict (for the rule, see `harken.metrics.claim`)."""
    own = [result for result in results if result.recipe == paper.recipe]
    return [judge(claim, own, ships=lambda result: ships(result, hash_of=hash_of)) for claim in paper.claims]
