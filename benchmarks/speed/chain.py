"""The whole chain on one core: processor time per stage, first reply audio after the end-point decision, cold start,
memory.

    taskset -c 0 python -m benchmarks.speed.chain [--runs 5] [--write]

The process binds itself to one core when it was started without `taskset`. Requests: coffee orders of `dev` with
HARKEN_DATA, else sentences of our own voice. `--write` appends lines to recipes/assistant/results.jsonl.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harken.assistant.assistant import Assistant
from harken.audio.files import write_wav
from harken.bundle import list_bundles
from harken.demo.demonstration import data_folder
from harken.demo.requests import SpokenRequest, own_requests, read_sentences, recorded_orders
from harken.dialogue.store import Store
from harken.events import SAMPLE_RATE, Event, SpeechChunk, TurnEnded
from harken.metrics.result import Result, append_result

COMMAND = "taskset -c 0 python -m benchmarks.speed.chain"
ALWAYS_ON = ("wakeword", "vad", "gate")
BUDGETS = {
    "wakeword": "0.008",
    "all always-on": "0.02",
    "recognizer": "0.15",
    "understanding and dialogue": "20 ms",
    "first reply audio": "300 ms",
    "cold start": "1.5 s",
    "memory": "300 MB",
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table."""

    name: str
    metric: str
    value: float
    unit: str
    n: int
    spread: str = ""
    """Lowest and highest of the runs."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="runs whose median counts (5 or more for a result)")
    parser.add_argument("--requests", type=int, default=8, help="requests per run")
    parser.add_argument("--write", action="store_true", help="append the figures to the recipe's results.jsonl")
    options = parser.parse_args(arguments)
    bind_to_one_core()
    assistant = Assistant.load("en", store=Store(":memory:"))
    requests, where = choose(assistant, options.requests)
    figures = [
        *stages(assistant, requests, options.runs),
        *first_audio(assistant, requests),
        memory(),
        *cold_starts(requests[0], options.runs),
    ]
    show(figures, where, others=os.getloadavg()[0])
    if options.write:
        record(figures, where)


def bind_to_one_core() -> None:
    """Keep to one core; which one was chosen by `taskset`, else the first."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def choose(assistant: Assistant, count: int) -> tuple[list[SpokenRequest], str]:
    """The requests, and what they are."""
    folder = data_folder()
    if folder is not None:
        return list(recorded_orders(folder, limit=count)), "coffee-commands dev, each after a recorded wake word"
    return list(own_requests(read_sentences()[:count], assistant.say)), "own voice, simulated rooms, 20 dB"


def stages(assistant: Assistant, requests: Sequence[SpokenRequest], runs: int) -> list[Figure]:
    """Processor time over sound, per stage; replies per turn in milliseconds."""
    heard = sum(len(request.samples) for request in requests) / SAMPLE_RATE
    taken: dict[str, list[float]] = {}
    spoken: list[float] = []
    for run in range(runs + 1):
        assistant.restart_clock()
        seconds = sum(_hear(assistant, request) for request in requests)
        if run:  # the first run loads the models
            spoken.append(seconds)
            for stage, used in assistant.seconds.items():
                taken.setdefault(stage, []).append(used)
    always_on = [sum(taken[stage][run] for stage in ALWAYS_ON) for run in range(runs)]
    turns = [1000 * (taken["interpreter"][run] + taken["dialogue"][run]) / len(requests) for run in range(runs)]
    figures = [_figure(stage, "RTF", [used / heard for used in taken[stage]]) for stage in (*ALWAYS_ON, "recognizer")]
    figures.append(_figure("all always-on", "RTF", [used / heard for used in always_on]))
    figures.append(_figure("understanding and dialogue", "processor time per turn", turns, unit="ms"))
    speaking = [used / max(length, 1e-9) for used, length in zip(taken["synthesizer"], spoken, strict=True)]
    return [*figures, _figure("synthesizer", "RTF", speaking)]


def first_audio(assistant: Assistant, requests: Sequence[SpokenRequest]) -> list[Figure]:
    """Wall time from the gate's decision that the turn is over to the first piece of the spoken reply, per request."""
    decided = _watch_gate(assistant)
    waits = []
    for request in requests:
        assistant.reset()
        for event in assistant.stream(request.samples):
            if isinstance(event, SpeechChunk):
                waits.append(1000 * (time.perf_counter() - decided[-1]))
                break
    return [_figure("first reply audio", "after the end-point decision", waits, unit="ms")] if waits else []


def _watch_gate(assistant: Assistant) -> list[float]:
    """A list that grows by the time of every end-point decision."""
    gate = next(stage for stage in assistant.chain.stages if stage.name == "gate")
    process, decided = gate.process, []

    def watched(event: Event) -> list[Event]:
        events = list(process(event))
        if any(isinstance(answer, TurnEnded) for answer in events):
            decided.append(time.perf_counter())
        return events

    gate.process = watched  # type: ignore[method-assign]
    return decided


def memory() -> Figure:
    """Resident memory of this process after all of the above."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return _figure("memory", "resident", [pages * os.sysconf("SC_PAGE_SIZE") / 1e6], unit="MB")


def cold_starts(request: SpokenRequest, runs: int) -> list[Figure]:
    """Wall time of `harken ask` from start to exit, typed and recorded."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "order.wav")
        write_wav(file, request.samples)
        program = [sys.executable, "-c", "from harken.cli import main; main()", "ask"]
        typed = [_wall([*program, "--text", "what time is it"]) for _ in range(runs + 1)][1:]
        recorded = [_wall([*program, str(file)]) for _ in range(runs + 1)][1:]
    return [
        _figure("cold start", "harken ask --text", typed, unit="s"),
        _figure("cold start", f"harken ask FILE ({len(request.samples) / SAMPLE_RATE:.0f} s)", recorded, unit="s"),
    ]


def show(figures: Sequence[Figure], where: str, *, others: float) -> None:
    table = Table(title=f"One core; {where}; load of the machine {others:.1f}")
    for column in ("what", "measured", "median", "range", "n", "budget"):
        table.add_column(column)
    for figure in figures:
        budget = BUDGETS.get(figure.name, "")
        median = f"{figure.value:.4g} {figure.unit}"
        table.add_row(figure.name, figure.metric, median, figure.spread, str(figure.n), budget)
    Console().print(table)


def record(figures: Sequence[Figure], where: str) -> None:
    hashes = {bundle.name: bundle.hash for bundle in list_bundles()}
    for figure in figures:
        append_result(
            Result(
                recipe="assistant",
                metric=f"{figure.name}: {figure.metric}",
                value=figure.value,
                unit=figure.unit,
                n=figure.n,
                set=where,
                condition="one core, median",
                command=COMMAND,
                bundles=hashes,
                note=figure.spread,
            )
        )


def _hear(assistant: Assistant, request: SpokenRequest) -> float:
    """Seconds of speech that came back."""
    assistant.reset()
    events = [*assistant.process(request.samples), *assistant.flush()]
    return sum(len(event.samples) / event.rate for event in events if isinstance(event, SpeechChunk))


def _wall(command: Sequence[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def _figure(name: str, metric: str, values: Sequence[float], *, unit: str = "") -> Figure:
    spread = f"{min(values):.3g} .. {max(values):.3g}"
    return Figure(name=name, metric=metric, value=statistics.median(values), unit=unit, n=len(values), spread=spread)


if __name__ == "__main__":
    main()
