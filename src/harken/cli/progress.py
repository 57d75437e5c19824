"""Progress of a long job: a bar on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harken.events import SAMPLE_RATE

LONG = 60 * SAMPLE_RATE
"""Samples of the shortest recording that gets a bar."""


@contextmanager
def hearing_bar(name: str, *, shown: bool = True) -> Iterator[Callable[[int, int], None]]:
    """A bar for one recording, removed at the end; yields a function that takes samples heard and samples in total.

    Args:
        name: of the recording.
        shown: False for no bar. There is also none if standard error is not a terminal or the recording is short.
    """
    if not (shown and sys.stderr.isatty()):
        yield lambda heard, length: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    # redirect_stdout would send what is printed to standard error.
    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[place]}"),
        TimeRemainingColumn(), console=Console(stderr=True), transient=True, redirect_stdout=False,
    )  # fmt: skip
    task = bar.add_task(name, total=None, place="")

    def update(heard: int, length: int) -> None:
        if length >= LONG:
            bar.start()
            bar.update(task, completed=heard, total=max(heard, length), place=f"{_clock(heard)} of {_clock(length)}")

    try:
        yield update
    finally:
        bar.stop()


def _clock(samples: int) -> str:
    whole = samples // SAMPLE_RATE
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
