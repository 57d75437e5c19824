"""Progress of a long job: a bar on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

from harken.events import SAMPLE_RATE

LONG = 60 * SAMPLE_RATE
"""Samples of the shortest recording that gets a bar."""
LONG_TEXT = 2000
"""Bytes of the shortest text that gets one: about two minutes of speech."""

Update: TypeAlias = Callable[[int, int], None]
"""Takes how much is done, and how much there is in total."""


def speaking_bar(name: str, *, shown: bool = True) -> AbstractContextManager[Update]:
    """A bar for one text, in bytes, removed at the end.

    Args:
        name: of the text.
        shown: False for no bar. There is also none if standard error is not a terminal or the text is short.
    """
    return _bar(name, LONG_TEXT, lambda said, length: f"{said / 1000:,.0f} of {length / 1000:,.0f} kB", shown=shown)


def hearing_bar(name: str, *, shown: bool = True) -> AbstractContextManager[Update]:
    """A bar for one recording, in samples, removed at the end.

    Args:
        name: of the recording.
        shown: False for no bar. There is also none if standard error is not a terminal or the recording is short.
    """
    return _bar(name, LONG, lambda heard, length: f"{_clock(heard)} of {_clock(length)}", shown=shown)


@contextmanager
def _bar(name: str, shortest: int, place: Callable[[int, int], str], *, shown: bool) -> Iterator[Update]:
    """A bar that appears once the total is at least `shortest`; `place` words how far it is."""
    if not (shown and sys.stderr.isatty()):
        yield lambda done, length: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    # redirect_stdout would send what is printed to standard error.
    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[place]}"),
        TimeRemainingColumn(), console=Console(stderr=True), transient=True, redirect_stdout=False,
    )  # fmt: skip
    task = bar.add_task(name, total=None, place="")

    def update(done: int, length: int) -> None:
        if length >= shortest:
            bar.start()
            bar.update(task, completed=done, total=max(done, length), place=place(done, length))

    try:
        yield update
    finally:
        bar.stop()


def _clock(samples: int) -> str:
    whole = samples // SAMPLE_RATE
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
