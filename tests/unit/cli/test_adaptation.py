"""`harken log` and `harken adapt` as people call them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from harken.cli.app import app
from harken.events import Hypothesis, Transcript, Word
from harken.workshop.heard_log import HeardLog


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def keep(*words: str) -> str:
    heard = tuple(Word(text=word, start=0, end=1, confidence=0.9) for word in words)
    entry = HeardLog().add(
        np.zeros(16000, np.float32),
        Transcript(turn=0, hypotheses=(Hypothesis(words=heard, log_prob=0, confidence=0.8),)),
    )
    assert entry is not None
    return entry.name


def test_the_log_is_off_until_it_is_turned_on() -> None:
    assert "the log is off; 0 turns" in run("log", "show")[2]
    code, out, _ = run("log", "on", "--days", "7")
    assert code == 0
    assert "7 days and 200 MB at most" in out
    assert "the log is on" in run("log", "show")[2]
    keep("hello")
    assert "1 turns are still" in run("log", "off")[1]
    assert not HeardLog().settings.on


def test_turns_are_shown_corrected_and_wiped() -> None:
    run("log", "on")
    name = keep("turn", "write")
    assert run("log", "correct", name, "turn", "right")[1] == f"{name}: turn right\n"
    shown = json.loads(run("log", "show", "--json")[1])
    assert (shown["text"], shown["said"], shown["words"]) == (
        "turn write",
        "turn right",
        [["turn", 0.9], ["write", 0.9]],
    )
    assert run("log", "wipe")[1] == "deleted 1 turns\n"
    assert run("log", "show")[1] == ""


def test_adapting_without_recordings_says_what_to_do() -> None:
    pytest.importorskip("torch")
    code, _, errors = run("adapt")
    assert code == 2
    assert "harken log on" in errors
    assert "nothing to undo" in run("adapt", "--undo")[2]


def test_adapting_needs_the_extra_train(tmp_path: Path) -> None:
    program = "import sys; sys.modules['torch'] = None; from harken.cli import main; sys.argv[0] = 'harken'; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "adapt"], env=os.environ | {"HARKEN_HOME": str(tmp_path)}, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "harken[train]" in done.stderr
