"""Commands about the installation: doctor."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from harken.cli.options import Json, examples
from harken.cli.output import FAILED, message, print_json, print_table


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(epilog=examples("harken doctor", "harken doctor --json", "harken doctor --stages"))(doctor)


def doctor(
    stages: Annotated[
        bool, typer.Option("--stages", help="Instead: what each stage of the assistant consumes, emits and replaces.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check the installation: packages, bundles and their hashes, recordings, voices, microphone."""
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
