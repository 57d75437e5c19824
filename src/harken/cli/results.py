"""The command `results`: what the papers claim, what was measured here, and whether it was measured on what ships."""

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
    str, typer.Argument(metavar="[PAPER|RECIPE]", help="Number of a paper or name of a recipe, for details.")
]
_WIDEST = 100
"""Columns; longer lines are hard to read, however wide the window is."""
_JOINED = "\N{NO-BREAK SPACE}"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        epilog=examples("harken results", "harken results 6", "harken results asr/acoustic", "harken results --json")
    )(results)


def results(about: About = "", as_json: Json = False) -> None:
    """Show what the sixteen papers claim, what was measured here, and the verdict, which follows by rule.

    With the number of a paper: how it was measured, and the commands. With a recipe: all its figures. The command fails
    if a figure belongs to a bundle other than the shipped one.
    """
    from harken.recipes.papers import read_papers
    from harken.recipes.results import judge_paper, read_results, stale_results

    papers, figures = read_papers(), read_results()
    judged = {paper.id: judge_paper(paper, figures) for paper in papers}
    chosen = _chosen(about, papers, figures)
    own = [figure for figure in figures if about in ("", figure.recipe)]
    if as_json:
        _print_json(chosen, judged, own)
    elif not about:
        _print_lines(_overview(papers, judged, figures))
    elif chosen:
        _print_lines(_paper(chosen[0], judged[chosen[0].id]))
    else:
        _print_lines(_recipe(about, own))
    problems = list(stale_results(figures))
    for problem in problems:
        message(f"harken: {problem}")
    if problems:
        raise typer.Exit(FAILED)


def _print_json(papers: Sequence[Paper], judged: dict[int, list[Judgement]], figures: Sequence[Result]) -> None:
    """A line for each paper, with its claims and verdicts, and a line for each figure."""
    from harken.metrics.claim import verdict_on_paper

    for paper in papers:
        values: dict[str, Any] = dataclasses.asdict(paper)
        values["claims"] = [dataclasses.asdict(judgement) for judgement in judged[paper.id]]
        print_json({**values, "verdict": verdict_on_paper(judged[paper.id])})
    for figure in figures:
        print_json(dataclasses.asdict(figure))


def _overview(papers: Sequence[Paper], judged: dict[int, list[Judgement]], figures: Sequence[Result]) -> Iterator[str]:
    """A block for each paper."""
    from harken.metrics.claim import verdict_on_paper

    for paper in papers:
        yield from _head(paper, judged[paper.id])
        for judgement in judged[paper.id]:
            name = f"    {paper.id}.{judgement.claim.number}  "
            yield from _wrapped(judgement.claim.text, name)
            yield from _wrapped(_compared(judgement), " " * len(name))
        yield ""
    counts = Counter(verdict_on_paper(judged[paper.id]) for paper in papers)
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    recipes = ", ".join(sorted({figure.recipe for figure in figures}))
    hint = "`harken results 6` shows how paper 6 was measured, `harken results RECIPE` all figures of a recipe"
    yield from _wrapped(f"{len(papers)} papers: {verdicts}. {hint}. Recipes with figures: {recipes}.", "")


def _head(paper: Paper, judged: Iterable[Judgement]) -> Iterator[str]:
    from harken.metrics.claim import NOT_YET, verdict_on_paper

    verdict = verdict_on_paper(judged)
    if verdict == NOT_YET:
        verdict += ": the stage works, its claims are untested" if paper.begun else ": planned"
    yield textwrap.shorten(f"{paper.id}. {paper.title}", _width(), placeholder=" ...", break_on_hyphens=False)
    yield from _wrapped(f"{verdict} ({paper.recipe})", "    ")


def _compared(judgement: Judgement) -> str:
    """The paper's figure, ours, and the verdict."""
    here = "" if judgement.result is None else f"; here: {_figure(judgement, judgement.result)}"
    reason = f" ({judgement.reason})" if judgement.reason else ""
    return f"paper: {judgement.claim.stated}{here}; {judgement.verdict.replace(' ', _JOINED)}{reason}"


def _figure(judgement: Judgement, result: Result) -> str:
    sign = "+" if judgement.claim.scale == "change" else ""
    ends = [f"{end:{sign}.3g}" for end in (result.low, result.high) if end is not None]
    interval = f" [{', '.join(ends)}]" if ends else ""
    return f"{result.value:{sign}.3g}{interval} {result.unit}".strip() + f", n = {result.n}"


def _chosen(about: str, papers: Sequence[Paper], figures: Sequence[Result]) -> list[Paper]:
    """The papers asked for; none for a recipe."""
    from harken.errors import nearest

    recipes = sorted({figure.recipe for figure in figures})
    chosen = [paper for paper in papers if about in ("", str(paper.id))]
    if not chosen and about not in recipes:
        message(f"harken: '{about}' is neither the number of a paper (1 to {len(papers)}) nor a recipe with figures; "
                f"{nearest(about, recipes)}")  # fmt: skip
        raise typer.Exit(MISUSED)
    return chosen


def _paper(paper: Paper, judged: Sequence[Judgement]) -> Iterator[str]:
    """Everything that is known about a paper's claims."""
    yield from _wrapped(paper.title, f"{paper.id}. ")
    yield from _wrapped(f"{paper.authors}. {paper.venue}.", "    ")
    yield from _wrapped(f"Read: {paper.read}. Measured on: {paper.data}. Recipe: {paper.recipe}.", "    ")
    for judgement in judged:
        claim, result, name = judgement.claim, judgement.result, f"{paper.id}.{judgement.claim.number}  "
        under = " " * len(name)
        yield ""
        yield from _wrapped(claim.text, name)
        yield from _wrapped(_compared(judgement), under)
        within = "" if claim.within is None else f", within {claim.within:g} {claim.unit}"
        yield from _wrapped(f"Claimed: {claim.asserts}{within}. Source: {claim.read}.", under)
        how = f"{claim.metric} ({claim.better} is better); {claim.set}; {claim.condition}"
        yield from _wrapped(f"Measured: {how}.", under)
        for group in judgement.groups:
            yield from _wrapped(f"{group.set}: {_figure(judgement, group)}", f"{under}- ")
        if result is not None:
            seeds = ", ".join(map(str, result.seeds)) or "none"
            yield from _wrapped(f"{result.date}, seeds {seeds}: {result.command}", under)


def _recipe(recipe: str, own: Sequence[Result]) -> Iterator[str]:
    """All figures of a recipe, by metric, with the commands that measure them."""
    yield recipe
    for metric in dict.fromkeys(figure.metric for figure in own):
        yield ""
        yield metric
        for figure in (figure for figure in own if figure.metric == metric):
            where = ", ".join(filter(None, (figure.set, figure.condition)))
            yield from _wrapped(f"{where}: {figure.figure}, n = {figure.n} ({figure.system})", "  ")
    yield ""
    for command in dict.fromkeys(figure.command for figure in own):
        yield from _wrapped(command, "$ ")


def _wrapped(text: str, start: str) -> list[str]:
    """Lines no wider than the window, later ones indented as far as the first one's text; a number keeps its unit."""
    lines = textwrap.wrap(
        text.replace(" %", f"{_JOINED}%").replace(" = ", f"{_JOINED}={_JOINED}"), _width(),
        initial_indent=start, subsequent_indent=" " * len(start),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return [line.replace(_JOINED, " ") for line in lines]


def _width() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST)


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
