"""The program `harken`: one command per task. Expected errors become one line and an exit status."""

from __future__ import annotations

import io
import logging
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import harken
from harken.cli import (
    adaptation,
    answers,
    copying,
    hearing,
    house,
    listening,
    results,
    saying,
    serving,
    skills,
    state,
    training,
)
from harken.cli import data as data_commands
from harken.cli.output import FAILED, MISUSED, message
from harken.errors import HarkenError

_EPILOG = (
    "Exit status: 0 all answered, 1 an input failed or a check did not pass, 2 wrong usage, settings or installation. "
    "HARKEN_HOME is your own folder, HARKEN_DATA the recordings and texts, HARKEN_RUNS the run folders of training, "
    "HARKEN_CACHE what can be made anew; HARKEN_DEBUG=1 shows where in the code an error was raised."
)


class _Group(TyperGroup):
    """Prints errors meant for users as one line."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except HarkenError as error:
            if os.environ.get("HARKEN_DEBUG"):
                raise
            message(f"harken: {error}")
            raise typer.Exit(MISUSED) from None
        except BrokenPipeError:
            # Whatever reads our output has closed it (`harken ... | head`); what is still buffered has nowhere to go.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(FAILED) from None
        except OSError as error:
            if os.environ.get("HARKEN_DEBUG"):
                raise
            message(f"harken: {error}; check that the file exists, that you may access it, and that the disk has room")
            raise typer.Exit(MISUSED) from None


app = typer.Typer(
    name="harken",
    cls=_Group,
    epilog=_EPILOG,
    help="A private, offline voice assistant, and the toolkit that trains every part of it.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"harken {harken.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A private, offline voice assistant, and the toolkit that trains every part of it."""
    _log_to_people()
    _print_any_letter()


class _OneLine(logging.Formatter):
    """Log records on one line; the traceback appears only with `HARKEN_DEBUG=1`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line: the program and the error."""
        if not os.environ.get("HARKEN_DEBUG") and record.exc_info:
            error = record.exc_info[1]
            return f"harken: {record.getMessage()}: {error}"
        return f"harken: {super().format(record)}"


def _log_to_people() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _print_any_letter() -> None:
    """Escape what the output cannot show, because of its encoding or a file name that is not Unicode."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def run() -> None:
    """Run the program with the arguments of this process."""
    app()


answers.add_to(app)
saying.add_to(app)
copying.add_to(app)
listening.add_to(app)
hearing.add_to(app)
serving.add_to(app)
app.add_typer(skills.app, name="skill")
app.add_typer(house.app, name="home")
app.add_typer(data_commands.app, name="data")
training.add_to(app)
adaptation.add_to(app)
results.add_to(app)
state.add_to(app)
