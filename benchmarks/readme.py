"""Write the README's two blocks that are outcomes, not prose: what the demo printed, and the figures that ship.

make demo 2>&1 | tee /tmp/demo.txt; python -m benchmarks.readme --demo /tmp/demo.txt
python -m benchmarks.readme                     # the figures alone, from the recipes' results.jsonl
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from harken.metrics.result import Result
from harken.recipes.results import read_results

README = Path(__file__).parents[1] / "README.md"
HEADLINES: Sequence[tuple[str, str, str]] = (
    ("asr/acoustic", "word error rate", ""),
    ("asr/acoustic", "orders exactly understood", "clean"),
    ("asr/acoustic", "orders exactly understood", "kitchen noise 12 dB"),
    ("asr/acoustic", "orders exactly understood", "kitchen noise 6 dB"),
    ("activation/wakeword", "miss rate at the shipped threshold", ""),
    ("activation/wakeword", "false accepts", ""),
    ("activation/vad", "end decided after, median", "clean"),
    ("tts/voice", "word error rate of Moonshine tiny", ""),
    ("assistant", "", ""),
)
"""(recipe, metric, condition) of the figures shown; an empty one stands for any."""
EXAMPLES = 6
"""Requests of the demo that are shown."""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demo", type=Path, help="what `make demo` printed")
    given = parser.parse_args()
    text = README.read_text(encoding="utf-8")
    text = put(text, "measured", table(chosen(read_results())))
    if given.demo:
        text = put(text, "demo output", f"```text\n{shortened(given.demo.read_text(encoding='utf-8'))}\n```")
    README.write_text(text, encoding="utf-8")


def put(text: str, name: str, block: str) -> str:
    """The text with another block between the marks of that name."""
    pattern = re.compile(rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)", re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}\n{block}\n\n{found[2]}", text)


def chosen(results: Iterable[Result]) -> list[Result]:
    """The figures for the README, in the order of HEADLINES."""
    results = list(results)
    return [
        one
        for recipe, metric, condition in HEADLINES
        for one in results
        if one.recipe == recipe and metric in ("", one.metric) and condition in ("", one.condition)
    ]


def table(results: Iterable[Result]) -> str:
    """A Markdown table: one line for each thing measured, the systems beside each other."""
    rows: dict[tuple[str, str], list[Result]] = {}
    for one in results:
        where = ", ".join(part for part in (one.set, one.condition) if part)
        rows.setdefault((one.metric, where), []).append(one)
    lines = ["| what | where | n | harken | beside it |", "| --- | --- | --- | --- | --- |"]
    for (metric, where), found in rows.items():
        ours = "; ".join(one.figure for one in found if one.bundles)
        n = max(one.n for one in found)
        peers = "; ".join(_beside(one, n) for one in found if not one.bundles)
        lines.append(f"| {metric} | {where} | {n} | {ours} | {peers} |")
    return "\n".join(lines)


def _beside(one: Result, n: int) -> str:
    return f"{one.system} {one.figure}" + (f" (n = {one.n})" if one.n != n else "")


def shortened(printed: str) -> str:
    """The first requests of the demo and its tables."""
    lines = [line.rstrip() for line in printed.splitlines()]
    begin = next(n for n, line in enumerate(lines) if "spoken requests" in line)
    tables = next(n for n, line in enumerate(lines) if line.startswith("What each stage"))
    return "\n".join([*lines[begin : begin + 1 + 2 * EXAMPLES], "...", *lines[tables:]])


if __name__ == "__main__":
    main()
