"""Keys and lines that a person types while the program does something else."""

from __future__ import annotations

import os
import queue
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

ENTER, ESCAPE, SPACE = "\n", "\x1b", " "
_RUBOUT = ("\x7f", "\b")
_SPECIAL = re.compile(r"\x1b[\[O][0-9;]*[A-Za-z~]")
"""What a terminal sends for an arrow or function key."""


class Typing(Protocol):
    """What has been typed meanwhile."""

    line: str
    """The line that is being typed."""

    def entered(self) -> Iterator[str]:
        """Everything that was entered since the last call: a line, SPACE for that key on an empty line (or an empty
        line), ESCAPE."""


class TerminalKeys:
    """Single keys of a terminal that shows no typed letters by itself."""

    def __init__(self) -> None:
        self.line = ""

    def entered(self) -> Iterator[str]:
        """As `Typing.entered`."""
        for key in _pressed():
            if key in ("\r", "\n"):
                line, self.line = self.line.strip(), ""
                yield line or SPACE
            elif key in _RUBOUT:
                self.line = self.line[:-1]
            elif key == ESCAPE:
                self.line = ""
                yield ESCAPE
            elif key == SPACE and not self.line:
                yield SPACE
            elif key.isprintable():
                self.line += key


class Lines:
    """Whole lines, from a pipe or a terminal that is left as it is."""

    line = ""

    def __init__(self) -> None:
        self._lines: queue.Queue[str] = queue.Queue(100)
        threading.Thread(target=self._read, daemon=True, name="harken-lines").start()

    def entered(self) -> Iterator[str]:
        """As `Typing.entered`; an empty line counts as the space key."""
        while not self._lines.empty():
            yield self._lines.get().strip() or SPACE

    def _read(self) -> None:
        for line in sys.stdin or ():
            self._lines.put(line)  # waits when a hundred lines have not been taken yet


@contextmanager
def typing(*, keys: bool) -> Iterator[Typing]:
    """What is typed on standard input.

    Args:
        keys: read single keys from the terminal, which is left as it was at the end; else whole lines.
    """
    if not keys:
        yield Lines()
    elif sys.platform == "win32":
        yield TerminalKeys()
    else:
        import termios
        import tty

        before = termios.tcgetattr(sys.stdin)
        tty.setcbreak(sys.stdin)  # Ctrl-C still ends the program
        try:
            yield TerminalKeys()
        finally:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _pressed() -> str:
    """The keys pressed since the last call; arrow and function keys are left out."""
    if sys.platform == "win32":
        import msvcrt

        keys = ""
        while msvcrt.kbhit():
            keys += msvcrt.getwch()
        return keys
    import select

    if not select.select([sys.stdin], [], [], 0)[0]:
        return ""
    return _SPECIAL.sub("", os.read(sys.stdin.fileno(), 1024).decode(errors="ignore"))
