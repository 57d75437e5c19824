"""Typed keys and lines, while the program listens."""

from __future__ import annotations

import io
import os
import sys
import time

import pytest

from harken.cli import keys
from harken.cli.keys import ESCAPE, SPACE, Lines, TerminalKeys, typing


@pytest.fixture
def pressed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    waiting: list[str] = []
    monkeypatch.setattr(keys, "_pressed", lambda: waiting.pop(0) if waiting else "")
    return waiting


def test_letters_make_a_line_and_enter_sends_it(pressed: list[str]) -> None:
    pressed += ["what ti", "mes\x7f is", "\x7f\x7fit\n"]
    typed = TerminalKeys()
    assert list(typed.entered()) == []
    assert typed.line == "what ti"
    assert list(typed.entered()) == []
    assert list(typed.entered()) == ["what time it"]
    assert typed.line == ""


def test_space_talks_only_on_an_empty_line_and_escape_clears_it(pressed: list[str]) -> None:
    pressed += [" ", "a b", "\x1b", "\n"]
    typed = TerminalKeys()
    assert list(typed.entered()) == [SPACE]
    assert list(typed.entered()) == []
    assert list(typed.entered()) == [ESCAPE]
    assert list(typed.entered()) == [SPACE], "Enter alone is the same as space"


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX systems")
def test_a_terminal_is_read_key_by_key_and_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    import pty
    import termios

    ours, theirs = pty.openpty()
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        before = termios.tcgetattr(theirs)
        with typing(keys=True) as typed:
            assert not termios.tcgetattr(theirs)[3] & termios.ICANON
            os.write(ours, b"hi\x1b[A")
            for _ in range(100):
                assert list(typed.entered()) == []
                if typed.line:
                    break
                time.sleep(0.01)
            os.write(ours, b"\x1b[A")
            time.sleep(0.05)
            assert list(typed.entered()) == [], "an arrow is no escape"
        assert termios.tcgetattr(theirs) == before
    os.close(ours)


def test_lines_of_a_pipe_arrive_as_they_come_and_an_empty_one_is_the_space_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("what time is it\n\nbye\n"))
    typed, found = Lines(), []
    deadline = time.monotonic() + 5
    while len(found) < 3 and time.monotonic() < deadline:
        found += list(typed.entered())
    assert found == ["what time is it", SPACE, "bye"]


def test_a_closed_standard_input_types_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert list(Lines().entered()) == []
