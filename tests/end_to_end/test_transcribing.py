"""transcribe as text and subtitles: files, folders, refusals, and Ctrl-C in the middle of a long recording."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harken.audio.files import read_audio, resample, write_wav
from harken.tts.voice import Voice

Harken = Callable[..., Any]
PROGRAM = [sys.executable, "-c", "from harken.cli import main; main()"]
SRT_CUE = re.compile(r"(\d+)\n(\d\d:\d\d:\d\d,\d{3}) --> (\d\d:\d\d:\d\d,\d{3})\n((?:[^\n]{1,42}\n){1,2})\n")


@pytest.fixture(scope="module")
def lecture(voice: Voice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of speech with pauses."""
    spoken = voice.say("The morning was cold and bright. We walked along the river until the bridge came into sight.")
    one = np.concatenate([resample(spoken, voice.rate, 16_000), np.zeros(16_000, np.float32)])
    path = tmp_path_factory.mktemp("lecture") / "lecture.wav"
    write_wav(path, np.tile(one, -(-60 * 16_000 // len(one))))
    return path


def words_of_cues(content: str) -> list[str]:
    assert SRT_CUE.sub("", content) == ""
    return [word for cue in SRT_CUE.findall(content) for word in cue[3].split()]


def test_subtitles_hold_the_words_of_the_transcript(harken: Harken, lecture: Path, tmp_path: Path) -> None:
    (answer,) = harken("transcribe", "--json", lecture).lines()
    assert len(answer["words"]) > 50
    times = [(word["start"], word["end"]) for word in answer["words"]]
    assert times == sorted(times)
    assert 55 < times[-1][1] <= 70
    ran = harken("transcribe", "--output", tmp_path / "deep" / "l.srt", lecture)
    content = (tmp_path / "deep" / "l.srt").read_text(encoding="utf-8")
    assert (ran.status, ran.err) == (0, "")
    assert re.search(r"l.srt: \d+ cues", ran.out)
    assert words_of_cues(content) == answer["text"].split()
    cues = SRT_CUE.findall(content)
    assert [int(cue[0]) for cue in cues] == list(range(1, len(cues) + 1))
    edges = [edge for cue in cues for edge in cue[1:3]]
    assert edges == sorted(edges)


def test_text_and_subtitles_go_to_standard_output(harken: Harken, recordings: Path) -> None:
    plain = harken("transcribe", recordings / "request.wav")
    text = harken("transcribe", "--format", "txt", recordings / "request.wav")
    assert text.out.split() == plain.out.split() != []
    vtt = harken("transcribe", "--format", "vtt", recordings / "request.wav")
    assert vtt.out.startswith("WEBVTT\n\n00:00:0")
    assert harken("transcribe", "--format", "json", recordings / "request.wav").lines()[0]["text"]


def test_a_folder_of_recordings_survives_its_bad_ones(harken: Harken, recordings: Path, tmp_path: Path) -> None:
    files = [recordings / name for name in ("request.wav", "corrupt.wav", "empty.wav", "missing.wav", "silence.wav")]
    ran = harken("transcribe", "--format", "vtt", "--output", f"{tmp_path}/out/", *files)
    assert ran.status == 1
    assert "3 of 5 inputs failed" in ran.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["request.vtt", "silence.vtt"]
    assert (tmp_path / "out" / "silence.vtt").read_text() == "WEBVTT\n\n"


@pytest.mark.parametrize(
    "options",
    [
        ("--json", "--format", "srt"), ("--format", "doc"), ("--output", "folder/"), ("--json", "--output", "x.srt"),
        ("--format", "srt", "--nbest", "2"), ("--format", "vtt", "--confusion-network"), ("--format", "srt", "b.wav"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_options_that_do_not_go_together_are_wrong_usage(harken: Harken, options: tuple[str, ...]) -> None:
    ran = harken("transcribe", *options, "recording.wav")
    assert ran.status == 2
    assert ran.out == ""


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent another way there")
def test_an_interrupted_recording_keeps_valid_subtitles(lecture: Path, tmp_path: Path) -> None:
    target, long = tmp_path / "l.srt", tmp_path / "long.wav"
    write_wav(long, np.tile(read_audio(lecture), 10))  # ten minutes: it cannot be done before it is interrupted
    with subprocess.Popen(
        [*PROGRAM, "transcribe", "-o", target, long], stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # whatever runs the tests may ignore it
    ) as program:  # fmt: skip
        deadline = time.monotonic() + 60
        while not (target.exists() and target.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.01)
        program.send_signal(signal.SIGINT)
        _, said = program.communicate(timeout=60)
    assert program.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert 0 < len(words_of_cues(target.read_text(encoding="utf-8"))) < 1000
