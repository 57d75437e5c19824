"""The command `results`: what the papers claim, what was measured here, and whether it belongs to what ships."""

from __future__ import annotations

import dataclasses
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harken.cli.options import Json, examples
from harken.cli.output import FAILED, MISUSED, message, print_json

if TYPE_CHECKING:
    from harken.metrics.claim import Judgement
    from harken.metrics.result import Result
    from harken.recipes.papers import Paper

About = Annotated[
    str, typer.Argument(metavar="[PAPER|RECIPE]", help="Number of a paper, or a recipe: how it was measured.")
]
_WIDEST = 100
"""Columns: longer lines are hard to read, however wide the window is."""
_JOINED = "\N{NO-BREAK SPACE}"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        epilog=examples("harken results", "harken results 6", "harken results asr/acoustic", "harken results --json")
    )(results)


def results(about: About = "", as_json: Json = False) -> None:
    """What the sixteen papers claim, what was measured here, and the verdict that follows by rule.

    With the number of a paper: how it was measured, and the commands. With a recipe: all its figures. Fails when a
    figure belongs to a bundle that is not the shipped one.
    """
    from harken.recipes.papers import read_papers
    from harken.recipes.results import judge_paper, read_results, stale_results

    papers, found = read_papers(), read_results()
    judged = {paper.id: judge_paper(paper, found) for paper in papers}
    chosen = _chosen(about, papers, found)
    own = [one for one in found if about in ("", one.recipe)]
    if as_json:
        _print_json(chosen, judged, own)
    elif not about:
        _print_lines(_overview(papers, judged, found))
    elif chosen:
        _print_lines(_paper(chosen[0], judged[chosen[0].id]))
    else:
        _print_lines(_recipe(about, own))
    problems = list(stale_results(found))
    for problem in problems:
        message(f"harken: {problem}")
    if problems:
        raise typer.Exit(FAILED)


def _print_json(papers: Sequence[Paper], judged: dict[int, list[Judgement]], found: Sequence[Result]) -> None:
    """A line for each paper, with its claims and verdicts, and one for each figure."""
    from harken.metrics.claim import verdict_on_paper

    for paper in papers:
        row: dict[str, Any] = dataclasses.asdict(paper)
        row["claims"] = [dataclasses.asdict(one) for one in judged[paper.id]]
        print_json({**row, "verdict": verdict_on_paper(judged[paper.id])})
    for one in found:
        print_json(dataclasses.asdict(one))


def _overview(papers: Sequence[Paper], judged: dict[int, list[Judgement]], found: Sequence[Result]) -> Iterator[str]:
    """A block for each paper."""
    from harken.metrics.claim import verdict_on_paper

    for paper in papers:
        yield from _head(paper, judged[paper.id])
        for one in judged[paper.id]:
            name = f"    {paper.id}.{one.claim.number}  "
            yield from _wrapped(one.claim.text, name)
            yield from _wrapped(_beside(one), " " * len(name))
        yield ""
    counts = Counter(verdict_on_paper(judged[paper.id]) for paper in papers)
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    recipes = ", ".join(sorted({one.recipe for one in found}))
    hint = "`harken results 6` tells how paper 6 was measured, `harken results RECIPE` all figures of a recipe"
    yield from _wrapped(f"{len(papers)} papers: {told}. {hint}: {recipes}.", "")


def _head(paper: Paper, judged: Iterable[Judgement]) -> Iterator[str]:
    from harken.metrics.claim import NOT_YET, verdict_on_paper

    verdict = verdict_on_paper(judged)
    if verdict == NOT_YET:
        verdict += ": the stage works, its claims are untested" if paper.begun else ": planned"
    yield textwrap.shorten(f"{paper.id}. {paper.title}", _width(), placeholder=" ...")
    yield from _wrapped(f"{verdict} ({paper.recipe})", "    ")


def _beside(one: Judgement) -> str:
    """The paper's figure, ours, the verdict."""
    here = "" if one.result is None else f", here {_figure(one, one.result)}"
    reason = f" ({one.reason})" if one.reason else ""
    return f"paper {one.claim.stated}{here}: {one.verdict.replace(' ', _JOINED)}{reason}"


def _figure(one: Judgement, result: Result) -> str:
    sign = "+" if one.claim.scale == "change" else ""
    ends = [f"{end:{sign}.3g}" for end in (result.low, result.high) if end is not None]
    interval = f" [{', '.join(ends)}]" if ends else ""
    return f"{result.value:{sign}.3g}{interval} {result.unit}".strip() + f", n = {result.n}"


def _chosen(about: str, papers: Sequence[Paper], found: Sequence[Result]) -> list[Paper]:
    """The papers asked for; none for a recipe."""
    from harken.errors import nearest

    recipes = sorted({one.recipe for one in found})
    chosen = [paper for paper in papers if about in ("", str(paper.id))]
    if not chosen and about not in recipes:
        message(f"harken: '{about}' is neither the number of a paper (1 to {len(papers)}) nor a recipe with figures; "
                f"{nearest(about, recipes)}")  # fmt: skip
        raise typer.Exit(MISUSED)
    return chosen


def _paper(paper: Paper, judged: Sequence[Judgement]) -> Iterator[str]:
    """All that is known of a paper's claims."""
    yield from _wrapped(paper.title, f"{paper.id}. ")
    yield from _wrapped(f"{paper.authors}. {paper.venue}.", "    ")
    yield from _wrapped(f"Read: {paper.read}. Measured on: {paper.data}. Recipe: {paper.recipe}.", "    ")
    for one in judged:
        claim, result, name = one.claim, one.result, f"{paper.id}.{one.claim.number}  "
        under = " " * len(name)
        yield ""
        yield from _wrapped(claim.text, name)
        yield from _wrapped(_beside(one), under)
        within = "" if claim.within is None else f", the same within {claim.within:g} {claim.unit}"
        how = f"{claim.metric}, {claim.better} is better; {claim.asserts}{within}; {claim.condition}; {claim.set}"
        yield from _wrapped(f"{how}; the paper's figure: {claim.read}", under)
        for group in one.groups:
            yield from _wrapped(f"{group.set}: {_figure(one, group)}", f"{under}- ")
        if result is not None:
            seeds = ", ".join(map(str, result.seeds)) or "none"
            yield from _wrapped(f"{result.date}, seeds {seeds}: {result.command}", under)


def _recipe(recipe: str, own: Sequence[Result]) -> Iterator[str]:
    """All figures of a recipe, by metric, with the commands that measure them."""
    yield recipe
    for metric in dict.fromkeys(one.metric for one in own):
        yield ""
        yield metric
        for one in (one for one in own if one.metric == metric):
            where = ", ".join(filter(None, (one.set, one.condition)))
            yield from _wrapped(f"{where}: {one.figure}, n = {one.n} ({one.system})", "  ")
    yield ""
    for command in dict.fromkeys(one.command for one in own):
        yield from _wrapped(command, "$ ")


def _wrapped(text: str, start: str) -> list[str]:
    """Lines no wider than the window, what follows the first one under its text; a number keeps its unit."""
    lines = textwrap.wrap(
        text.replace(" %", f"{_JOINED}%"), _width(), initial_indent=start, subsequent_indent=" " * len(start),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return [line.replace(_JOINED, " ") for line in lines]


def _width() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST)


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
