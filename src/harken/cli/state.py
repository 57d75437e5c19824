"""Commands about the installation: doctor."""

from __future__ import annotations

import dataclasses

import typer

from harken.cli.options import Json, examples
from harken.cli.output import FAILED, message, print_json, print_table


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(epilog=examples("harken doctor", "harken doctor --json"))(doctor)


def doctor(as_json: Json = False) -> None:
    """What is installed, which bundles, do their hashes hold, are there recordings, voices and a microphone."""
    from harken.assistant.doctor import check_all

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
