"""The command line: `harken COMMAND`. Commands import what they need when they run, so that `--help` is quick."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `harken` program."""
    from harken.cli.app import run

    run()
