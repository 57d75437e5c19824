"""Commands about the installation: doctor, results."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from harken.cli.options import Json, examples
from harken.cli.output import FAILED, message, print_json, print_table


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(epilog=examples("harken results", "harken results --json"))(results)
    app.command(epilog=examples("harken doctor", "harken doctor --json", "harken doctor --stages"))(doctor)


def results(as_json: Json = False) -> None:
    """The sixteen published methods and what was measured here, each figure tied to the bundle it belongs to.

    Fails when a figure belongs to a bundle that is not the shipped one.
    """
    from harken.recipes.papers import read_papers
    from harken.recipes.results import check_results, paper_result, read_results

    papers, found = read_papers(), read_results()
    if as_json:
        for paper in papers:
            answers = [dataclasses.asdict(one) for one in paper_result(paper, found)]
            print_json({**dataclasses.asdict(paper), "results": answers})
        for one in found:
            print_json(dataclasses.asdict(one))
    else:
        rows = [
            (paper.id, paper.title, paper.claim,
             "; ".join(f"{one.figure} {one.condition}".strip() for one in paper_result(paper, found)) or "-",
             paper.data, paper.status)
            for paper in papers
        ]  # fmt: skip
        print_table(["", "paper", "claims", "here", "on", "status"], rows, title="Published methods")
        measured = [
            (one.recipe, one.metric, " ".join(filter(None, (one.set, one.condition))), one.system, one.figure, one.n,
             one.date)
            for one in found
        ]  # fmt: skip
        print_table(["recipe", "metric", "set", "system", "result", "n", "date"], measured, title="Measured figures")
    problems = check_results(found, papers)
    for problem in problems:
        message(f"harken: {problem}")
    if problems:
        raise typer.Exit(FAILED)


def doctor(
    stages: Annotated[
        bool, typer.Option("--stages", help="Instead: what each stage of the assistant consumes, emits and replaces.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What is installed, which bundles, do their hashes hold, are there recordings, voices and a microphone."""
    from harken.assistant.doctor import check_all

    if stages:
        _show_stages(as_json)
        return

    checks = list(check_all())
    if as_json:
        for check in checks:
            print_json(dataclasses.asdict(check))
    else:
        marks = {True: "ok", False: "FAULT", None: "-"}
        print_table(["", "", ""], [(marks[check.ok], check.name, check.text) for check in checks])
    faults = [check for check in checks if check.ok is False]
    for fault in faults:
        message(f"harken: {fault.name}: {fault.text}")
    if faults:
        raise typer.Exit(FAILED)


def _show_stages(as_json: bool) -> None:
    from harken.assistant.doctor import stage_rows

    rows = list(stage_rows())
    if as_json:
        for row in rows:
            print_json(row)
        return
    print_table(
        ["stage", "consumes", "emits", "replaces"],
        [(row["stage"], *("\n".join(row[what]) for what in ("consumes", "emits", "replaces"))) for row in rows],
    )
