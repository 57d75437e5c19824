"""A plain folder of one person's recordings: what is read, what is left out and said to be, what is refused."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from harken.audio.files import write_wav
from harken.data.voice_folder import read_voice_folder
from harken.errors import DataError


def recording(path: Path, seconds: float = 2.0) -> float:
    write_wav(path, 0.1 * np.random.default_rng(0).standard_normal(round(seconds * 16000)).astype(np.float32))
    return seconds


def listed(folder: Path, rows: list[Mapping[str, object]]) -> Path:
    for row in rows:
        recording(folder / str(row["audio"]), float(str(row["duration"])))
    (folder / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def row(number: int, **more: object) -> dict[str, object]:
    return {"audio": f"{number}.wav", "duration": 2.0, "text": f"sentence number {number}", **more}


def test_a_folder_like_ljspeech_is_read_with_the_same_split_every_time(tmp_path: Path) -> None:
    names = [f"LJ-{number:03d}" for number in range(60)]
    for name in names:
        recording(tmp_path / "wavs" / f"{name}.wav")
    (tmp_path / "metadata.csv").write_text("".join(f"{name}|Hello from {name}.\n" for name in names))
    found = read_voice_folder(tmp_path)
    assert [one.text for one in found] == [f"Hello from {name}." for name in names]
    assert {one.duration for one in found} == {2.0}
    dev = [one.audio for one in read_voice_folder(tmp_path, "dev")]
    assert 0 < len(dev) < 10
    assert dev == [one.audio for one in found if one.split == "dev"]


def test_a_manifest_keeps_its_own_split(tmp_path: Path) -> None:
    folder = listed(tmp_path, [row(1), row(2, split="dev"), row(3, split="train")])
    assert [one.split for one in read_voice_folder(folder)] == ["train", "dev", "train"]
    assert [one.audio.name for one in read_voice_folder(folder, "train")] == ["1.wav", "3.wav"]


def test_a_manifest_without_dev_gives_every_twentieth_recording_to_it(tmp_path: Path) -> None:
    folder = listed(tmp_path, [row(number) for number in range(45)])
    assert [one.audio.name for one in read_voice_folder(folder, "dev")] == ["19.wav", "39.wav"]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"text": "?!"}, "has no text"),
        ({"duration": 21.0}, "21.0 s long"),
        ({"duration": 0.2}, "0.2 s long"),
        ({"text": " ".join(["word"] * 17)}, "too short for its 17 words"),
        ({"split": "test"}, "split 'test'"),
    ],
)
def test_a_recording_that_cannot_teach_is_left_out_and_named(
    bad: dict[str, object], why: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = listed(tmp_path, [row(1), row(2, split="dev"), {**row(3), **bad}])
    with caplog.at_level(logging.WARNING):
        assert [one.audio.name for one in read_voice_folder(folder)] == ["1.wav", "2.wav"]
    assert "3.wav" in caplog.text
    assert why in caplog.text


def test_a_recording_as_fast_as_people_speak_is_kept(tmp_path: Path) -> None:
    folder = listed(tmp_path, [row(1, text=" ".join(["word"] * 16)), row(2, split="dev")])
    assert len(read_voice_folder(folder)) == 2


def test_a_missing_recording_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = listed(tmp_path, [row(1), row(2, split="dev"), row(3)])
    (folder / "3.wav").unlink()
    with caplog.at_level(logging.WARNING):
        assert len(read_voice_folder(folder)) == 2
    assert "3.wav is missing" in caplog.text


def test_a_missing_recording_of_a_table_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = [f"p{number}" for number in range(60)]
    for name in names[1:]:
        recording(tmp_path / f"{name}.wav")
    (tmp_path / "metadata.csv").write_text("".join(f"{name}|Hello there.\n" for name in names))
    with caplog.at_level(logging.WARNING):
        assert len(read_voice_folder(tmp_path)) == 59
    assert "p0 is missing" in caplog.text or "p0.wav is missing" in caplog.text


def test_of_many_bad_recordings_five_are_named_and_the_rest_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = listed(tmp_path, [row(1), row(2, split="dev"), *(row(number, text="") for number in range(3, 11))])
    with caplog.at_level(logging.WARNING):
        read_voice_folder(folder)
    assert "8 recordings left out" in caplog.text
    assert "7.wav" in caplog.text
    assert "8.wav" not in caplog.text
    assert "and 3 more" in caplog.text


def test_several_speakers_are_refused(tmp_path: Path) -> None:
    folder = listed(tmp_path, [row(1, speaker="ann"), row(2, speaker="bob", split="dev")])
    with pytest.raises(DataError, match="ann, bob; a voice learns from one speaker"):
        read_voice_folder(folder)


def test_a_folder_without_a_usable_dev_recording_says_what_is_wrong(tmp_path: Path) -> None:
    folder = listed(tmp_path, [row(1), row(2, split="dev", text="")])
    with pytest.raises(DataError, match=r"none of them for 'dev'.*2\.wav"):
        read_voice_folder(folder)


def test_what_is_no_folder_of_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a folder"):
        read_voice_folder(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"metadata\.csv"):
        read_voice_folder(tmp_path)
