"""Writes the outcomes in the README: the picture, the output of the demo, and the figures that a user asks for.

env -u HARKEN_DATA harken demo 2>&1 | tee demo.txt; python -m benchmarks.readme --demo demo.txt
python -m benchmarks.readme --picture           # docs/images/timeline.png
python -m benchmarks.readme                     # the figures alone, from the recipes' results.jsonl
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harken.assistant.assistant import Assistant
from harken.demo.demonstration import run_demo
from harken.demo.requests import own_requests, read_sentences
from harken.demo.timeline import draw_timeline
from harken.dialogue.store import Store
from harken.metrics.result import OURS, Result
from harken.recipes.results import read_results

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "images" / "timeline.png"
PICTURED = "set a timer for ten minutes"
"""The request in the picture: one whose answer does not depend on the time of day."""
_COLOURS = 128
EXAMPLES = 4
"""Requests of the demo that are shown."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table: what a user asks for, and which figures answer it."""

    what: str
    figures: Sequence[tuple[str, str, str, str]]
    """(recipe, metric, set, condition) of each; a set that ends in * matches all sets that begin like it."""
    higher: bool = False
    """Whether more is better, which decides the best of the other systems."""


_ORDERS = ("asr/acoustic", "orders exactly understood", "coffee-commands test")
_WORDS = ("asr/acoustic", "word error rate")
_WAKE = ("activation/wakeword", "wake word computer, dev + test", "clean")
ROWS = (
    Row(what="orders understood, clean", figures=[(*_ORDERS, "clean")], higher=True),
    Row(what="orders understood, kitchen noise (12 dB)", figures=[(*_ORDERS, "kitchen noise 12 dB")], higher=True),
    Row(what="wake word missed", figures=[(_WAKE[0], "miss rate at the shipped threshold", *_WAKE[1:])]),
    Row(what="false wake-ups", figures=[(_WAKE[0], "false accepts", *_WAKE[1:])]),
    Row(what="words wrong, read English", figures=[(*_WORDS, "librispeech test", "")]),
    Row(what="words wrong, ordinary people", figures=[(*_WORDS, "common-voice*", "")]),
    Row(what="words wrong, learners of English", figures=[(*_WORDS, "speechocean762 test", "")]),
    Row(
        what="delay before it speaks: noticing that you have finished + first sound",
        figures=[
            ("activation/vad", "end decided after, median", "coffee-commands dev + test", "clean"),
            ("assistant", "first reply audio: after the end-point decision", "*", "one core, median"),
        ],
    ),
    Row(what="memory while in use", figures=[("assistant", "memory: resident", "*", "one core, median")]),
    Row(
        what="size on disk: models + program with dependencies",
        figures=[("assistant", "size: models", "*", ""), ("assistant", "size: program with dependencies", "*", "")],
    ),
)
"""At most ten, in the order in which a user cares. A line whose figures nobody measured is left out."""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", type=Path, help="what `harken demo` printed")
    parser.add_argument("--picture", action="store_true", help="also draw the picture")
    arguments = parser.parse_args()
    text = put(README.read_text(encoding="utf-8"), "measured", table(read_results()))
    if arguments.demo:
        text = put(text, "demo output", f"```console\n{shortened(arguments.demo.read_text(encoding='utf-8'))}\n```")
    README.write_text(text, encoding="utf-8")
    if arguments.picture:
        draw_picture()


def put(text: str, name: str, block: str) -> str:
    """The text with another block between the marks of that name."""
    pattern = re.compile(rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)", re.DOTALL)
    return pattern.sub(lambda marks: f"{marks[1]}\n{block}\n\n{marks[2]}", text)


def table(results: Iterable[Result], rows: Sequence[Row] = ROWS) -> str:
    """A Markdown table with a line for each measured row, harken next to the best of the other systems."""
    results = list(results)
    lines = ["| | harken | best other system | measured on |", "| --- | --- | --- | --- |"]
    for row in rows:
        measured = [_chosen(results, wanted) for wanted in row.figures]
        if all(measured):
            peers = measured[0][1:] if len(measured) == 1 else []
            best = sorted(peers, key=lambda result: result.value, reverse=row.higher)[:1]
            ours = [result for result, *_ in measured]
            other = "; ".join(_peer(result, ours[0].n) for result in best) or "not measured"
            lines.append(f"| {row.what} | {_joined(ours)} | {other} | {_where(ours)} |")
    return "\n".join(lines)


def _chosen(results: Iterable[Result], wanted: tuple[str, str, str, str]) -> list[Result]:
    """harken's figure, then those of other systems on the same set; empty when harken's was not measured."""
    recipe, metric, where, condition = wanted
    key = (recipe, metric, condition)
    about = [result for result in results if (result.recipe, result.metric, result.condition) == key]
    ours = [result for result in about if result.system == OURS and _fits(result.set, where)]
    ours.sort(key=lambda result: not result.set.endswith("test"))
    return [*ours[:1], *(result for result in about if ours and result.system != OURS and result.set == ours[0].set)]


def _fits(name: str, wanted: str) -> bool:
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def _joined(ours: Sequence[Result]) -> str:
    return " + ".join(_unbroken(one.figure.replace(" 1/h", " an hour")) for one in ours)


def _peer(one: Result, n: int) -> str:
    return f"{one.system}: {_unbroken(one.figure)}" + (f" (n&nbsp;=&nbsp;{one.n})" if one.n != n else "")


def _unbroken(figure: str) -> str:
    return figure.replace(" ", "&nbsp;")


def _where(ours: Sequence[Result]) -> str:
    first = ours[0]
    return first.set + (f", n&nbsp;=&nbsp;{first.n}" if first.low is not None else "")


def shortened(printed: str) -> str:
    """The command, the first requests of the demo, and its last count."""
    lines = [line.rstrip() for line in printed.splitlines()]
    begin = next(n for n, line in enumerate(lines) if "spoken requests" in line)
    total = next(line for line in lines if "heard and answered in" in line)
    return "\n".join(["$ make demo", *lines[begin : begin + 1 + 2 * EXAMPLES], "...", total])


def draw_picture(path: Path = PICTURE) -> None:
    """One request in harken's own voice, as the demo draws it."""
    assistant = Assistant.load("en", store=Store(":memory:"))
    requests = [one for one in own_requests(read_sentences(), assistant.say) if PICTURED in one.title]
    with tempfile.TemporaryDirectory() as folder:
        report = run_demo(assistant, requests, Path(folder))
    draw_timeline([outcome.take for outcome in report.outcomes], path, colours=_COLOURS)


if __name__ == "__main__":
    main()
