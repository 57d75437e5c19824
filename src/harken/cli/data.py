"""Commands about corpora: data list, fetch, prepare."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harken.cli.options import Json, examples
from harken.cli.output import message, print_json, print_table

if TYPE_CHECKING:
    from rich.progress import Progress

app = typer.Typer(help="Recordings for training: list, download and prepare corpora.",
                  no_args_is_help=True)  # fmt: skip


@app.command("list", epilog=examples("harken data list", "harken data list --json"))
def list_(as_json: Json = False) -> None:
    """List every corpus harken knows: what it is, its licence and home page, and whether you have it."""
    from harken.data import corpora

    listed = [(corpus, corpora.has_manifest(corpus.name)) for corpus in corpora.CORPORA]
    if as_json:
        for corpus, here in listed:
            print_json({"name": corpus.name, "here": here, "what": corpus.what, "hours": corpus.hours,
                        "licence": corpus.licence, "home": corpus.home,
                        "folder": str(corpora.folder(corpus.name))})  # fmt: skip
        return
    table = [(corpus.name, "yes" if here else "", f"{corpus.hours:g}", corpus.licence, corpus.what)
             for corpus, here in listed]  # fmt: skip
    print_table(["corpus", "here", "hours", "licence", "what"], table, title=f"Corpora; yours are in {corpora.root()}")
    message("`harken data fetch NAME` downloads one; `harken data list --json` shows its home page")


@app.command(epilog=examples("harken data fetch librispeech", "harken data fetch speech-commands --accept"))
def fetch(
    name: Annotated[str, typer.Argument(help="Name of the corpus, as shown by `harken data list`.")],
    accept: Annotated[bool, typer.Option("--accept", help="Accept the corpus's terms, if it has any.")] = False,
) -> None:
    """Download a corpus from its public home, check it against its published checksum, and write its manifest.

    An interrupted download continues where it stopped.
    """
    from harken.data.fetch import fetch as fetch_corpus

    with _progress() as bar:
        tasks: dict[str, int] = {}

        def update(file: str, done: int, total: int) -> None:
            if file not in tasks:
                tasks[file] = bar.add_task(file, total=total or None)
            bar.update(tasks[file], completed=done)  # type: ignore[arg-type]

        source = fetch_corpus(name, accept=accept, progress=update)
    message(f"{name} is in {source}; writing its manifest")
    _prepare(name, source, None, again=False, as_json=False)


@app.command(
    epilog=examples(
        "harken data prepare librispeech --from ~/LibriSpeech",
        "harken data prepare an4 --from ~/an4 --to ~/harken-data/audio/an4",
    )
)
def prepare(
    name: Annotated[str, typer.Argument(help="Name of the corpus, as shown by `harken data list`.")],
    source: Annotated[Path, typer.Option("--from", metavar="DIR", help="Its folder, as published or with a manifest.")],
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the manifest.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Read everything again.")] = False,
    as_json: Json = False,
) -> None:
    """Read a corpus in its published layout and write its manifest; bad records are reported and left out."""
    _prepare(name, source, to, again=again, as_json=as_json)


def _prepare(name: str, source: Path, to: Path | None, *, again: bool, as_json: bool) -> None:
    from harken.data.prepare import prepare as prepare_corpus

    with _progress() as bar:
        task = bar.add_task(f"reading {name}", total=None)
        report = prepare_corpus(name, source, to=to, again=again, progress=lambda n: bar.update(task, completed=n))
    for problem in report.problems:
        message(f"harken: {problem}")
    if as_json:
        print_json(asdict(report))
        return
    rows = [(split, count, f"{report.hours[split]:.2f}") for split, count in report.records.items()]
    print_table(["split", "recordings", "hours"], rows, title=str(report.manifest))
    if report.problems:
        message(f"{len(report.problems)} records were left out or are doubtful (see above)")


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
