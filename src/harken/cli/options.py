"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="One JSON object per input, one a line; messages go to standard error.")
]
SkillFolders: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option("--skill", metavar="DIR", help="A further skill folder; built and cached. May be repeated."),
]
ProfileName: TypeAlias = Annotated[str, typer.Option("--profile", help="Name of the profile.")]
Recordings: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="FILE..", help="Recordings of any rate and format; '-' is a WAV stream.")
]


def examples(*lines: str) -> str:
    """The epilog of a command: how it is typed."""
    return "Examples:\n\n" + "\n\n".join(f"  {line}" for line in lines)
