"""Fills the reference pages from the code when the site is built, so that no list can go stale.

A page says `<!-- made: events -->`; the function of that name in MAKERS writes what stands there on the built page.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from harken import errors, events, paths
from harken.data.corpora import CORPORA
from harken.metrics.claim import verdict_on_paper
from harken.metrics.result import OURS, Result
from harken.recipes.papers import read_papers
from harken.recipes.results import judge_paper, read_results

MARK = re.compile(r"<!-- made: (\w+) -->")
FIGURES = ["measured on", "n", "harken", "other systems"]
LONG = 4
"""A measure taken on at least so many sets gets a table of its own."""


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs for every page: the page with its marks filled."""
    return MARK.sub(lambda match: MAKERS[match[1]](), markdown)


def make_events() -> str:
    """Every event and the records inside events, with their fields."""
    kinds = [kind for kind in vars(events).values() if dataclasses.is_dataclass(kind) and isinstance(kind, type)]
    return "\n\n".join(_event(kind) for kind in kinds if kind is not events.Event)


def make_errors() -> str:
    """Every error with its meaning."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.HarkenError)]
    return _table(["error", "when"], ([f"`{kind.__name__}`", _first(kind.__doc__)] for kind in kinds))


def make_commands() -> str:
    """Every command with its arguments, options and examples."""
    return "\n\n".join(_command(name, command) for name, command in walk_commands())


def make_corpora() -> str:
    """Every corpus that `harken data` knows."""
    rows = (
        [f"`{c.name}`", c.what, f"{c.hours:g}" if c.hours else "", c.licence, f"<{c.home}>" if c.home else ""]
        for c in CORPORA
    )
    return _table(["name", "what", "hours", "licence", "home"], rows)


def make_papers() -> str:
    """The published methods, their claims and what became of them."""
    results, parts = read_results(), []
    for paper in read_papers():
        judged = judge_paper(paper, results)
        about = f"{paper.authors}. {paper.venue}. Recipe `{paper.recipe}`. Read: {paper.read}. Data: {paper.data}."
        rows = ([f"{paper.id}.{one.claim.number}", one.claim.text, f"{one.claim.stated} ({one.claim.read})",
                 "" if one.result is None else f"{one.result.figure}, n = {one.result.n}", one.verdict]
                for one in judged)  # fmt: skip
        table = _table(["", "claim", "the paper", "here", "verdict"], rows)
        parts.append(f"## {paper.id}. {paper.title}\n\n**{verdict_on_paper(judged)}**. {about}\n\n{table}")
    return "\n\n".join(parts)


def make_figures() -> str:
    """Every measured figure that counts, harken's and other systems', by recipe; long lists of one measure apart."""
    parts = []
    for recipe, results in _grouped(read_results(), lambda one: one.recipe).items():
        short, long = [], []
        for metric, rows in _grouped(results, lambda one: one.metric).items():
            places = _grouped(rows, _place)
            (long if len(places) >= LONG else short).append((metric, places))
        parts.append(f"## {recipe}")
        if short:
            lines = [[metric, *cells] for metric, places in short for cells in _beside(places)]
            parts.append(_table(["measure", *FIGURES], lines))
        parts += [
            f"### {metric[0].upper()}{metric[1:]}\n\n{_table(FIGURES, _beside(places))}" for metric, places in long
        ]
    return "\n\n".join(parts)


def make_profile() -> str:
    """The shipped profile, as it is."""
    return f"```toml\n{(paths.PACKAGE / 'profiles' / 'en.toml').read_text(encoding='utf-8').strip()}\n```"


MAKERS: dict[str, Callable[[], str]] = {
    "commands": make_commands, "corpora": make_corpora, "errors": make_errors, "events": make_events,
    "papers": make_papers, "profile": make_profile, "figures": make_figures,
}  # fmt: skip


def walk_commands() -> Iterator[tuple[str, Any]]:
    """(name as typed after `harken`, click command) of every command that does something."""
    import typer

    from harken.cli.app import app

    def walk(prefix: str, command: Any) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield prefix, command
            return
        for name, one in inner.items():
            yield from walk(f"{prefix} {name}".strip(), one)

    return walk("", typer.main.get_command(app))


def _place(one: Result) -> str:
    return ", ".join(part for part in (one.set, one.condition) if part)


def _grouped(results: Iterable[Result], key: Callable[[Result], str]) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = {}
    for one in results:
        groups.setdefault(key(one), []).append(one)
    return groups


def _beside(places: dict[str, list[Result]]) -> Iterator[list[str]]:
    """A line for each thing measured: where, how many, harken's figure, those of other systems."""
    for place, figures in places.items():
        n = max(one.n for one in figures)
        ours = [_unbroken(one.figure) for one in figures if one.system == OURS]
        others = [
            f"{one.system}: {_unbroken(one.figure)}" + (f" (n = {one.n})" if one.n != n else "")
            for one in figures
            if one.system != OURS
        ]
        yield [place, str(n), "; ".join(ours), "<br>".join(others)]


def _unbroken(figure: str) -> str:
    return figure.replace(" ", "&nbsp;")


def _event(kind: type[Any]) -> str:
    notes = _field_notes(kind)
    rows = (
        [f"`{field.name}`", f"`{field.type}`", notes.get(field.name, "")] for field in dataclasses.fields(kind)
    )  # fmt: skip
    return f"## {kind.__name__}\n\n{inspect.cleandoc(kind.__doc__ or '')}\n\n{_table(['field', 'type', ''], rows)}"


def _field_notes(kind: type[Any]) -> dict[str, str]:
    """Field -> the text under it in the source."""
    (tree,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(tree, ast.ClassDef)
    notes = {}
    for field, text in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            assert isinstance(text.value, ast.Constant)
            notes[field.target.id] = " ".join(str(text.value.value).split())
    return notes


def _command(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join(["harken", name, "[OPTIONS]", *map(_metavar, arguments)])
    parts = [f"## harken {name}", inspect.cleandoc(command.help or ""), f"```text\n{usage}\n```"]
    rows = [[_option(p), (p.help or "").replace("\n", " ")] for p in command.params if getattr(p, "help", None)]
    if rows:
        parts.append(_table(["argument or option", ""], rows))
    examples = [line.strip() for line in (command.epilog or "").splitlines() if line.strip().startswith("harken ")]
    if examples:
        parts.append("```console\n" + "\n".join(f"$ {line}" for line in examples) + "\n```")
    return "\n\n".join(parts)


def _metavar(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _option(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_metavar(parameter)}`"
    return ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])


def _first(text: str | None) -> str:
    """First paragraph, on one line."""
    return " ".join((text or "").strip().split("\n\n")[0].split())


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
