from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from harken.audio.files import write_wav
from harken.cli.data import app


def test_preparing_says_nothing_on_standard_error_when_nothing_is_wrong(tmp_path: Path) -> None:
    write_wav(tmp_path / "own" / "a.wav", np.zeros(16_000, np.float32), 16_000)
    row = {"audio": "a.wav", "duration": 1.0, "text": "hello", "speaker": "ada", "split": "train"}
    (tmp_path / "own" / "manifest.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    ran = CliRunner().invoke(app, ["prepare", "voices", "--from", str(tmp_path / "own"), "--to", str(tmp_path / "out")])
    assert ran.exit_code == 0
    assert ran.stderr == ""
    assert str(tmp_path / "out" / "manifest.jsonl") in ran.stdout
