"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON object per input, one per line; messages go to standard error.")
]
SkillFolders: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option("--skill", metavar="DIR", help="An additional skill folder; built and cached. Repeatable."),
]
ProfileName: TypeAlias = Annotated[str, typer.Option("--profile", help="Name of the profile.")]
Recordings: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="FILE..", help="Recordings of any rate and format; '-' reads a WAV stream.")
]


def examples(*lines: str) -> str:
    """The epilog of a command: examples of its use."""
    return "Examples:\n\n" + "\n\n".join(f"  {line}" for line in lines)
