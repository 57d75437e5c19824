"""Commands about skills: skill new, check, test, build, add, list, remove, status."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from harken.cli.options import Json, examples
from harken.cli.output import FAILED, message, print_json, print_table

if TYPE_CHECKING:
    from harken.workshop.skill_trial import Finding
    from harken.workshop.skills import Built

app = typer.Typer(help="Your own skills: folders with sentences (skill.yaml) and, if they do something, skill.py.",
                  no_args_is_help=True)  # fmt: skip

Folder: TypeAlias = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the skill.")]


@app.command(epilog=examples("harken skill new feeding", "harken skill new feeding --to my-skills"))
def new(
    name: Annotated[str, typer.Argument(help="Name: lower-case letters, digits and _.")],
    to: Annotated[Path, typer.Option(metavar="DIR", help="Folder to create it in.")] = Path(),
) -> None:
    """Create a small working skill for you to change."""
    from harken.workshop.skills import new_skill

    folder = new_skill(name, to)
    print(folder)
    message(f"edit {folder / 'skill.yaml'}, then: harken skill check {folder}; harken skill test {folder}")


@app.command(epilog=examples("harken skill check feeding"))
def check(folder: Folder, as_json: Json = False) -> None:
    """Check a skill's sentences, examples, tests.yaml, code and words; every wrong line is named."""
    from harken.workshop.skill_check import check_skill

    _show_findings(check_skill(folder), as_json=as_json)


@app.command("test", epilog=examples("harken skill test feeding", "harken skill test feeding --json"))
def try_(folder: Folder, as_json: Json = False) -> None:
    """Build a skill and try its examples and tests.yaml in whole conversations; every wrong line is named."""
    from harken.workshop.skill_trial import try_skill

    _show_findings(try_skill(folder), as_json=as_json)


@app.command(epilog=examples("harken skill build feeding", "harken skill build --force --json feeding"))
def build(
    folder: Folder,
    force: Annotated[bool, typer.Option("--force", help="Build even if nothing has changed.")] = False,
    as_json: Json = False,
) -> None:
    """Train the skill's classifier and slot tagger from its sentences and report their accuracy."""
    from harken.workshop.skills import build_skill

    _show_built(build_skill(folder, force=force), as_json=as_json)


@app.command(epilog=examples("harken skill add feeding"))
def add(folder: Folder, as_json: Json = False) -> None:
    """Build the skill and register a copy; a running assistant uses it from its next turn on."""
    from harken.workshop.skills import add_skill

    _show_built(add_skill(folder), as_json=as_json)


@app.command(epilog=examples("harken skill remove feeding"))
def remove(name: Annotated[str, typer.Argument(help="Name of a skill that you added.")]) -> None:
    """Unregister a skill that you added; its original folder stays."""
    from harken.workshop.skills import remove_skill

    print(f"removed {remove_skill(name)}")


@app.command("list", epilog=examples("harken skill list", "harken skill list --json"))
def list_(as_json: Json = False) -> None:
    """List every skill: those that come with harken and those you added."""
    from harken.assistant.profile import load_profile
    from harken.languages.loading import load_locale
    from harken.workshop.skills import list_skills

    rows = list_skills(load_locale(load_profile().language))
    if as_json:
        for row in rows:
            print_json(row)
        return
    table = [
        (row["name"], row["origin"], row["intents"], row["sentences"], row["error"] or row["about"]) for row in rows
    ]
    print_table(["skill", "origin", "intents", "sentences", "about"], table)


@app.command(epilog=examples("harken skill status", "harken skill status --json"))
def status(as_json: Json = False) -> None:
    """Show which skills have changed since they were trained, what that costs, and whether to train them again."""
    from dataclasses import asdict

    from harken.assistant.profile import load_profile
    from harken.languages.loading import load_locale
    from harken.workshop.skill_status import skill_status

    rows = skill_status(load_locale(load_profile().language))
    if as_json:
        for row in rows:
            print_json(asdict(row))
        return
    table = [
        (row.name, row.origin, ", ".join(row.changes) or ("nothing" if row.trained else "never trained"),
         f"{row.staleness:.0%}", f"{row.loss:.1f}", "yes" if row.refresh else "no")
        for row in rows
    ]  # fmt: skip
    print_table(["skill", "origin", "changed", "unseen", "expected loss", "train again"], table)


@app.command("import", epilog=examples(
    "harken skill import sentences/en --from ha --entities home.yaml --name house",
    "harken skill import nlu.yml --from rasa",
))  # fmt: skip
def import_(
    sources: Annotated[list[Path], typer.Argument(metavar="FILE|DIR...", help="YAML files, or folders of them.")],
    origin: Annotated[str, typer.Option("--from", metavar="ha|rasa", help="Home Assistant's intents or Rasa's nlu.")],
    name: Annotated[str, typer.Option(help="Name of the skill; that of the first file by default.")] = "",
    to: Annotated[Path, typer.Option(metavar="DIR", help="Folder to create it in.")] = Path(),
    entities: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Names of a home: entities, areas, floors.")
    ] = None,
) -> None:
    """Write a skill folder from the files of another assistant, with notes on what could not be taken over."""
    from harken.workshop.skill_import import NOTES_FILE, import_skill

    folder, notes = import_skill(sources, origin, name=name, to=to, entities=entities)
    print(folder)
    message(f"{len(notes)} notes in {folder / NOTES_FILE}; then: harken skill check {folder}")


def _show_findings(findings: list[Finding], *, as_json: bool) -> None:
    for finding in findings:
        if as_json:
            print_json({"ok": finding.ok, "line": finding.line, "text": finding.text})
        else:
            print(f"{'ok   ' if finding.ok else 'WRONG'} {finding.text}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(FAILED)


def _show_built(built: Built, *, as_json: bool) -> None:
    answer = {"skill": built.skill.name, "folder": str(built.skill.folder), "bundle": str(built.bundle.folder),
              "cached": built.cached, **built.report}  # fmt: skip
    if as_json:
        print_json(answer)
    else:
        print_table(["", ""], list(answer.items()), title=built.skill.about)
