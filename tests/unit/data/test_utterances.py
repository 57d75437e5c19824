"""Manifests: what is wrong with a line is named, and a recording that is listed again counts once."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from harken.data.utterances import MANIFEST, read_manifest
from harken.errors import DataError


def manifest(folder: Path, *rows: dict[str, Any] | str) -> Path:
    path = folder / MANIFEST
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def row(audio: str, split: str = "train", **more: Any) -> dict[str, Any]:
    return {"audio": audio, "duration": 1.5, "split": split, **more}


def test_what_has_no_field_of_its_own_is_kept(tmp_path: Path) -> None:
    (utterance,) = read_manifest(manifest(tmp_path, row("a.wav", "dev", text="yes", accent="us")))
    assert (utterance.audio, utterance.split, utterance.text, utterance.more) == (
        tmp_path / "a.wav",
        "dev",
        "yes",
        {"accent": "us"},
    )


def test_a_recording_that_is_listed_again_counts_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = manifest(tmp_path, row("a.wav"), "", row("b.wav"), row("a.wav"), row("a.wav"))
    with caplog.at_level(logging.WARNING):
        assert [utterance.audio.name for utterance in read_manifest(path)] == ["a.wav", "b.wav"]
    assert "lists 2 recordings again" in caplog.text
    caplog.clear()
    assert len(list(read_manifest(manifest(tmp_path, row("a.wav"), row("b.wav"))))) == 2
    assert caplog.text == ""


def test_a_recording_in_two_splits_is_refused(tmp_path: Path) -> None:
    path = manifest(tmp_path, row("a.wav", "train"), row("a.wav", "test"))
    with pytest.raises(DataError, match=r":2: a.wav is in split 'test' here, but in 'train' above"):
        list(read_manifest(path))


@pytest.mark.parametrize("line", ["{", "[]", '{"audio": "a.wav"}', '{"audio": "a.wav", "duration": "long"}'])
def test_a_line_that_is_no_recording_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(DataError, match=r":2: expected an object with 'audio' and 'duration'"):
        list(read_manifest(manifest(tmp_path, row("a.wav"), line)))
