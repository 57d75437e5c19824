from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harken.data.prepare import MARKER, prepare
from harken.data.utterances import read_manifest
from harken.errors import DataError


def fill(folder: Path, takes: int = 6) -> None:
    """A small Free Spoken Digit Dataset."""
    (folder / "recordings").mkdir(parents=True)
    for take in range(takes):
        soundfile.write(folder / "recordings" / f"7_theo_{take}.wav", np.zeros(800 * (take + 1), np.float32), 8000)


def test_the_published_layout_becomes_a_manifest(tmp_path: Path) -> None:
    fill(tmp_path / "fsdd")
    report = prepare("digits", tmp_path / "fsdd", to=tmp_path / "out")
    assert report.records == {"test": 5, "train": 1}
    assert report.hours["train"] == pytest.approx(0.6 / 3600)
    assert report.problems == ()
    utterances = list(read_manifest(tmp_path / "out" / "manifest.jsonl"))
    assert [u.duration for u in utterances] == pytest.approx([0.1 * n for n in range(1, 7)])
    assert all(u.audio.is_file() and u.label == "7" and u.speaker == "fsdd-theo" for u in utterances)


def test_paths_under_the_manifest_are_relative_so_that_the_folder_can_move(tmp_path: Path) -> None:
    fill(tmp_path / "digits" / "original")
    prepare("digits", tmp_path / "digits" / "original", to=tmp_path / "digits")
    (tmp_path / "digits").rename(tmp_path / "moved")
    assert all(u.audio.is_file() for u in read_manifest(tmp_path / "moved" / "manifest.jsonl"))


def test_a_prepared_corpus_is_read_again_with_all_its_fields(tmp_path: Path) -> None:
    fill(tmp_path / "fsdd")
    prepare("digits", tmp_path / "fsdd", to=tmp_path / "first")
    rows = (tmp_path / "first" / "manifest.jsonl").read_text().splitlines()
    rows[0] = json.dumps({**json.loads(rows[0]), "age": 40})
    (tmp_path / "first" / "manifest.jsonl").write_text("\n".join(rows) + "\n")
    report = prepare("digits", tmp_path / "first", to=tmp_path / "second")
    assert sum(report.records.values()) == 6
    first, *_ = read_manifest(tmp_path / "second" / "manifest.jsonl")
    assert (first.more, first.label, first.speaker) == ({"age": 40}, "7", "fsdd-theo")


def corrupt(folder: Path) -> None:
    (folder / "recordings" / "7_theo_3.wav").write_bytes(b"no sound at all")


def shorten(folder: Path) -> None:
    soundfile.write(folder / "recordings" / "7_theo_3.wav", np.zeros(8000, np.float32), 8000)


def remove(folder: Path) -> None:
    (folder / "recordings" / "7_theo_3.wav").unlink()


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [(corrupt, "7_theo_3"), (shorten, "says 0.400 s, the recording has 1.000 s"), (remove, "is missing")],
)
def test_a_bad_record_is_left_out_named_and_counted(
    tmp_path: Path, damage: Callable[[Path], None], complaint: str
) -> None:
    fill(tmp_path / "fsdd")
    prepare("digits", tmp_path / "fsdd", to=tmp_path / "first")
    damage(tmp_path / "fsdd")
    report = prepare("digits", tmp_path / "first", to=tmp_path / "second")
    assert sum(report.records.values()) == 5
    (problem,) = report.problems
    assert "7_theo_3.wav" in problem
    assert complaint in problem


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"split": "tset"}, "'tset' is not one of train, test"),
        ({"text": "  "}, "the text is empty"),
        ({"duration": -1}, "is not a valid length"),
    ],
)
def test_a_bad_field_is_named(tmp_path: Path, change: dict[str, object], complaint: str) -> None:
    fill(tmp_path / "fsdd")
    prepare("digits", tmp_path / "fsdd", to=tmp_path / "first")
    manifest = tmp_path / "first" / "manifest.jsonl"
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    manifest.write_text("".join(json.dumps({**row, **(change if n == 2 else {})}) + "\n" for n, row in enumerate(rows)))
    report = prepare("digits", tmp_path / "first", to=tmp_path / "second")
    (problem,) = report.problems
    assert complaint in problem
    assert rows[2]["audio"].split("/")[-1] in problem


def test_a_record_listed_twice_is_kept_once(tmp_path: Path) -> None:
    fill(tmp_path / "fsdd")
    prepare("digits", tmp_path / "fsdd", to=tmp_path / "first")
    manifest = tmp_path / "first" / "manifest.jsonl"
    manifest.write_text(manifest.read_text() * 2)
    report = prepare("digits", tmp_path / "first", to=tmp_path / "second")
    assert sum(report.records.values()) == 6
    assert all("is listed twice" in problem for problem in report.problems)


def test_a_speaker_on_both_sides_is_reported_where_speakers_must_be_apart(tmp_path: Path) -> None:
    for split, take in (("train", 0), ("test", 1)):
        (tmp_path / "an4" / "etc").mkdir(parents=True, exist_ok=True)
        soundfile.write(tmp_path / "an4" / f"an{take}-fash-b.wav", np.zeros(1600, np.float32), 16_000)
        (tmp_path / "an4" / "etc" / f"an4_{split}.transcription").write_text(f"YES (an{take}-fash-b)\n")
    report = prepare("an4", tmp_path / "an4", to=tmp_path / "out")
    (problem,) = report.problems
    assert "speaker an4-fash is in 'test' and in 'train'" in problem


def test_a_second_call_trusts_the_marker_until_something_changed(tmp_path: Path) -> None:
    fill(tmp_path / "fsdd")
    steps: list[int] = []
    first = prepare("digits", tmp_path / "fsdd", to=tmp_path / "out", progress=steps.append)
    assert steps[-1] == 6
    steps.clear()
    assert prepare("digits", tmp_path / "fsdd", to=tmp_path / "out", progress=steps.append) == first
    assert steps == []
    (tmp_path / "out" / "manifest.jsonl").write_text("")
    prepare("digits", tmp_path / "fsdd", to=tmp_path / "out", progress=steps.append)
    assert steps[-1] == 6
    assert json.loads((tmp_path / "out" / MARKER).read_text())["records"] == {"test": 5, "train": 1}


def test_nothing_usable_is_an_error_with_the_first_reason(tmp_path: Path) -> None:
    fill(tmp_path / "fsdd", takes=1)
    (tmp_path / "fsdd" / "recordings" / "7_theo_0.wav").write_bytes(b"")
    with pytest.raises(DataError, match=r"no usable record of 'digits' \(1 bad, the first: .*7_theo_0"):
        prepare("digits", tmp_path / "fsdd", to=tmp_path / "out")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    fill(tmp_path / "fsdd")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot write"):
        prepare("digits", tmp_path / "fsdd", to=tmp_path / "file" / "out")


def test_an_unknown_corpus_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="did you mean 'librispeech'"):
        prepare("libri-speech", tmp_path)
