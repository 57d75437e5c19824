"""Trains the network of a wake word in a process of its own, so that no conversation waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harken.errors import ConfigError, HarkenError
from harken.serving.teaching import ENOUGH

COMMAND = (sys.executable, "-c", "from harken.cli import main; main()")
"""harken, by the same Python and package as the server."""
_NICENESS = 10
"""What hears and answers comes first."""
_LINE = 2**16
"""Bytes of a line of the process, at most."""
_KEPT = 20
"""Last lines of its messages, for the reason why it failed."""


@dataclass(frozen=True, kw_only=True)
class TrainingState:
    """How far the last training is."""

    word: str
    step: str = "start"
    """'start', 'speak' (examples are synthesised), 'learn', 'measure', 'done' or 'failed'."""
    share: float = 0.0
    """Of the step, 0..1."""
    why: str = ""
    """Why it failed, or how the network compares."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.step not in ("done", "failed")


class Trainer:
    """One training at a time.

    Args:
        check: compares the network of a word with none; returns whether it is worth keeping, and why.
        command: starts harken.
    """

    def __init__(self, check: Callable[[str], tuple[bool, str]], *, command: Sequence[str] = COMMAND):
        self._check, self._command = check, tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self.state: TrainingState | None = None
        """Of the last training; None before the first."""

    @property
    def running(self) -> bool:
        """Whether a training is in progress."""
        return self.state is not None and self.state.running

    async def start(self, word: str, recordings: Path, *, count: int) -> None:
        """Begin to train.

        Args:
            word: the wake word.
            recordings: folder of recordings of it.
            count: how many there are; with fewer than ENOUGH, examples are synthesised alone.

        Raises:
            ConfigError: another one is in progress, or something is missing for it.
        """
        if self.running:
            raise ConfigError(f"'{self.state.word if self.state else ''}' is being trained; wait until that is done")
        if lacking := missing(count):
            raise ConfigError(lacking)
        positives = ["--positives", str(recordings)] if count >= ENOUGH else []
        self.state = TrainingState(word=word)
        self._process = await asyncio.create_subprocess_exec(
            *self._command, "train", "wakeword", "--json", "--word", word, *positives,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            limit=_LINE,
        )  # fmt: skip
        if hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICENESS)
        self._watching = asyncio.ensure_future(self._watch(word, self._process))

    async def stop(self) -> None:
        """End the training in progress, if there is one; started again, it continues where it was."""
        process, watching = self._process, self._watching
        if process is not None and process.returncode is None:
            process.kill()
        if watching is not None:
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self, word: str, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        _, messages = await asyncio.gather(self._follow(word, process.stdout), _last_lines(process.stderr))
        if await process.wait() == 0:
            await self._compare(word)
        else:
            why = messages[-1] if messages else "it was stopped"
            self.state = TrainingState(word=word, step="failed", why=why.removeprefix("harken: "))

    async def _compare(self, word: str) -> None:
        try:
            kept, why = await asyncio.to_thread(self._check, word)
        except (HarkenError, OSError) as error:
            kept, why = False, str(error)
        self.state = TrainingState(word=word, step="done" if kept else "failed", share=1.0, why=why)

    async def _follow(self, word: str, lines: asyncio.StreamReader) -> None:
        while line := await _next_line(lines):
            with contextlib.suppress(ValueError):
                told = json.loads(line)
                if isinstance(told, dict) and "step" in told:
                    self.state = TrainingState(word=word, step=str(told["step"]), share=float(told["share"]))


def missing(count: int) -> str:
    """What must be done before a word with so many recordings can be trained here; '' if nothing."""
    if importlib.util.find_spec("torch") is None:
        return "training needs the extra 'train': pip install 'harken[train]', then start the server again"
    if count < ENOUGH and shutil.which("espeak-ng") is None:
        return (
            f"with fewer than {ENOUGH} recordings, training needs examples from a synthesiser: record more, or "
            "install espeak-ng (Debian, Ubuntu: apt install espeak-ng)"
        )
    return ""


async def _last_lines(lines: asyncio.StreamReader) -> list[str]:
    kept: list[str] = []
    while line := await _next_line(lines):
        text = line.decode("utf-8", "replace").strip()
        if text.startswith("harken: "):
            kept = [*kept, text][-_KEPT:]
    return kept


async def _next_line(lines: asyncio.StreamReader) -> bytes:
    """The next line; b'' at the end. A line that is too long is left out."""
    while True:
        try:
            return await lines.readline()
        except ValueError:
            continue
