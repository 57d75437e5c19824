"""Recordings for the commands, spoken by our own voice, and a way to call the program."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from harken.audio.files import write_wav
from harken.cli.app import app
from harken.demo.requests import DemoSentence, own_requests
from harken.tts.voice import Voice


@dataclass(frozen=True)
class Ran:
    """What the program did."""

    status: int
    out: str
    err: str

    def lines(self) -> list[dict[str, Any]]:
        """The JSON lines on standard output; every line must be one."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def harken() -> Callable[..., Ran]:
    """Calls `harken` with arguments, and fails on an error that is not meant for people."""

    def run(*arguments: str | Path, stdin: bytes | None = None) -> Ran:
        found = CliRunner().invoke(app, [str(one) for one in arguments], input=stdin)
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert "Traceback" not in found.stderr
        return Ran(found.exit_code, found.stdout, found.stderr)

    return run


@pytest.fixture(scope="session")
def voice() -> Voice:
    return Voice.load()


@pytest.fixture(scope="session")
def recordings(voice: Voice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `request.wav` (no wake word), `wake.wav` (with one), and files that cannot be answered."""
    folder = tmp_path_factory.mktemp("recordings")
    request = voice.say("What time is it?")
    write_wav(folder / "request.wav", np.concatenate([np.zeros(4000, np.float32), request]), voice.rate)
    stereo_44k(folder / "stereo.wav", request, voice.rate)
    sentence = DemoSentence(text="what time is it", skill="clock", intent="time", slots={})
    spoken = next(own_requests([sentence], lambda text: (voice.say(text), voice.rate)))
    write_wav(folder / "wake.wav", spoken.samples)
    write_wav(folder / "silence.wav", np.zeros(16_000, np.float32))
    (folder / "corrupt.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVEnonsense" * 20)
    (folder / "empty.wav").write_bytes(b"")
    return folder


def stereo_44k(path: Path, samples: Any, rate: int) -> None:
    import soundfile

    from harken.audio.files import resample

    one = resample(samples, rate, 44_100)
    soundfile.write(path, np.stack([one, one], axis=1), 44_100)
