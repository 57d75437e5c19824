"""Result: one measured figure, one JSON line. The only writer and reader of `results.jsonl`.

    append_result(
        Result(recipe="asr/acoustic", metric="word error rate", unit="%", value=21.3, low=19.8, high=22.9, n=449,
               set="librispeech test", command="python -m benchmarks.quality.asr --set test",
               bundles={bundle.name: bundle.hash for bundle in used}),
    )

A later line about the same thing (recipe, metric, set, system, condition) replaces an earlier one; the file keeps both.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harken import paths
from harken.errors import DataError

RESULTS = "results.jsonl"
RECIPES = paths.PACKAGE / "recipes"
OURS = "harken"


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


@dataclass(frozen=True, kw_only=True)
class Result:
    """One measured figure.

    Raises:
        DataError: a field is empty, not finite, or the value lies outside its own interval.
    """

    recipe: str
    """Folder under recipes/, e.g. 'asr/acoustic'; 'assistant' for the whole chain."""
    metric: str
    """What was measured, e.g. 'word error rate'."""
    value: float
    unit: str = ""
    """'%', 'ms', 'MB', '1/h', 'RTF'; empty for plain numbers."""
    low: float | None = None
    """Lower end of the 95 % interval; None only for figures that are counted, not sampled (sizes, medians of times)."""
    high: float | None = None
    n: int
    """How many recordings, sentences, words or runs the value is based on."""
    set: str
    """Corpus and split, e.g. 'librispeech test'."""
    condition: str = ""
    """What was done to the set, e.g. 'kitchen noise 12 dB'; empty if nothing."""
    system: str = OURS
    """'harken', or the peer with its version, e.g. 'pocketsphinx 5.0.4'."""
    command: str
    """What to type to measure it again."""
    bundles: Mapping[str, str] = field(default_factory=dict)
    """Name -> hash of every bundle the figure belongs to; empty for a peer."""
    seeds: tuple[int, ...] = ()
    """Seeds of the training behind the value; empty if nothing random was trained."""
    date: str = field(default_factory=_today)
    """ISO day."""
    note: str = ""

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise DataError(f"not a result: {'; '.join(problems)} (in {self.recipe or '?'}: {self.metric or '?'})")

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What the figure is about; of two results with the same key the later counts."""
        return self.recipe, self.metric, self.set, self.condition, self.system

    @property
    def figure(self) -> str:
        """Value, interval and unit for people, e.g. '21.3 [19.8, 22.9] %'."""
        interval = "" if self.low is None or self.high is None else f" [{_short(self.low)}, {_short(self.high)}]"
        return f"{_short(self.value)}{interval} {self.unit}".strip()


def results_file(recipe: str) -> Path:
    """The file with the results of a recipe."""
    return RECIPES / recipe / RESULTS


def append_result(result: Result, path: Path | None = None) -> None:
    """Add a line; to the recipe's own file unless `path` says otherwise."""
    path = path or results_file(result.recipe)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(dataclasses.asdict(result), ensure_ascii=False) + "\n")


def read_result_lines(path: Path) -> Iterator[Result]:
    """Every result of a file, oldest first.

    Raises:
        DataError: naming the line that is not a result.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                yield _parse(json.loads(line))
            except (ValueError, TypeError, KeyError, DataError) as error:
                raise DataError(f"{path}:{number}: expected a line written by append_result, got: {error}") from error


def latest(results: Iterable[Result]) -> list[Result]:
    """Only the last of several results about the same thing, in order of first mention."""
    kept: dict[tuple[str, ...], Result] = {}
    for result in results:
        kept[result.key] = result
    return list(kept.values())


def _parse(row: dict[str, Any]) -> Result:
    return Result(**{**row, "seeds": tuple(row.get("seeds", ()))})


def _problems(result: Result) -> Iterator[str]:
    for name in ("recipe", "metric", "set", "command", "system"):
        if not getattr(result, name).strip():
            yield f"'{name}' is empty"
    numbers = [result.value, *(end for end in (result.low, result.high) if end is not None)]
    if not all(math.isfinite(number) for number in numbers):
        yield f"value and interval must be finite, got {numbers}"
    if (result.low is None) != (result.high is None):
        yield "give both ends of the interval or neither"
    if result.low is not None and result.high is not None and not result.low <= result.value <= result.high:
        yield f"the value {result.value} lies outside its interval [{result.low}, {result.high}]"
    if result.n < 1:
        yield f"n must be 1 or more, got {result.n}"
    if result.system == OURS and not result.bundles and not result.seeds:
        yield "a figure for harken needs the hashes of its bundles, or the seeds of what was trained for it"
    try:
        datetime.date.fromisoformat(result.date)
    except ValueError:
        yield f"date must be an ISO day such as 2026-11-23, got '{result.date}'"


def _short(number: float) -> str:
    """At least three significant digits, no trailing noise."""
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"
