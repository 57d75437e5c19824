"""How commands answer: results on standard output (tables, or one JSON object a line), messages on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from harken.errors import HarkenError

if TYPE_CHECKING:
    from rich.console import Console

FAILED, MISUSED = 1, 2
"""Exit statuses: an input failed or a check did not pass; wrong usage, settings or installation."""

PlainAnswer = Mapping[str, Any]
"""What a command found out about one input, as plain values."""


def message(text: str) -> None:
    """A line for the user, on standard error."""
    print(text, file=sys.stderr)


def console() -> Console:
    """Where tables go."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def answer_each(
    inputs: Iterable[str],
    answer: Callable[[str], PlainAnswer],
    *,
    as_json: bool,
    show: Callable[[PlainAnswer], None],
    key: str = "file",
) -> None:
    """Answer every input; an input that fails is named and counted, and the others are still answered.

    Args:
        inputs: files or texts.
        answer: input -> answer; a HarkenError or OSError becomes {key, "error"}, and an answer with "errors" counts as
            failed.
        as_json: print JSON lines instead of calling `show`.
        show: prints an answer for people.
        key: name of the input in a failed answer.

    Raises:
        typer.Exit: with status 1 if an input failed.
    """
    items, failed = list(inputs), 0
    for item in items:
        try:
            answered = answer(item)
        except (HarkenError, OSError) as error:  # OSError: the system refuses this file, but perhaps not the next one
            failed += 1
            message(f"harken: {error}")
            if as_json:
                print_json({key: item, "error": str(error)})
            continue
        failed += bool(answered.get("errors"))
        if as_json:
            print_json(answered)
        else:
            show(answered)
    if failed:
        if len(items) > 1:
            message(f"harken: {failed} of {len(items)} inputs failed")
        raise typer.Exit(FAILED)


def print_json(answer: PlainAnswer) -> None:
    """One object on one line; letters that the output cannot encode are escaped as JSON requires."""
    line = json.dumps(answer, ensure_ascii=False, default=str)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(answer, default=str)
    print(line, flush=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """A table for people; columns of numbers are right-aligned. Without column names there is no header."""
    from rich.table import Table
    from rich.text import Text

    kept = [[str(cell) for cell in row] for row in rows]
    table = Table(header_style="bold", show_header=any(columns))
    for place, column in enumerate(columns):
        numbers = bool(kept) and all(_is_number(row[place]) for row in kept)
        table.add_column(column, justify="right" if numbers else "left", overflow="fold")
    for row in kept:
        table.add_row(*(Text(cell) for cell in row))
    if title:
        console().print(Text(title, style="bold"), soft_wrap=True)  # rich would fold it to the width of the table
    console().print(table)


def _is_number(cell: str) -> bool:
    return not cell or cell.replace(".", "", 1).replace("-", "", 1).rstrip(" %smMBk").isdigit()
