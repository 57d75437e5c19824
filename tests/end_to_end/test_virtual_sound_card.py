"""`harken listen` on a virtual sound card: PulseAudio with null sinks, through ALSA and PortAudio as on a real machine.

Needs `pulseaudio`, `pulseaudio-utils`, `libasound2-plugins`, `libportaudio2` and the package `sounddevice`; skipped
without them. It runs in real time: on a machine that is too busy to hear, a request is said again.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from harken.audio.files import write_wav
from harken.demo.requests import DemoSentence, own_requests
from harken.tts.voice import Voice

pytestmark = pytest.mark.skipif(
    not (shutil.which("pulseaudio") and shutil.which("paplay") and importlib.util.find_spec("sounddevice")),
    reason="needs PulseAudio, its programs, and sounddevice",
)
WAIT = 60.0
"""Seconds until an answer must have come, on a busy machine."""
ALSA = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"


class VirtualCard:
    """A sound server of its own, with a room that the microphone hears and a loudspeaker that the room hears."""

    def __init__(self, folder: Path):
        self._folder, self._socket = folder, folder / "socket"
        (folder / ".asoundrc").write_text(ALSA)
        self.environment = {
            **os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "PULSE_SERVER": f"unix:{self._socket}",
        }  # fmt: skip
        self.plug_in()

    def plug_in(self) -> None:
        modules = [
            f"module-native-protocol-unix socket={self._socket} auth-anonymous=1",
            "module-null-sink sink_name=room rate=16000 channels=1",
            "module-null-sink sink_name=speaker rate=44100 channels=2",
            "module-loopback source=speaker.monitor sink=room latency_msec=60",
        ]
        self._server = subprocess.Popen(
            ["pulseaudio", "-n", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes",
             *(part for module in modules for part in ("-L", module))],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(lambda: self._ran("pactl", "info") == 0)
        self._ran("pactl", "set-default-sink", "speaker")
        self._ran("pactl", "set-default-source", "room.monitor")

    def unplug(self) -> None:
        self._server.terminate()
        self._server.wait()
        self._socket.unlink(missing_ok=True)

    def say(self, recording: Path) -> None:
        self._ran("paplay", "--device=room", str(recording))

    def _ran(self, *command: str) -> int:
        done = subprocess.run(command, env=self.environment, capture_output=True, check=False, timeout=WAIT)
        return done.returncode


class Program:
    """`harken listen`, running."""

    def __init__(self, card: VirtualCard, folder: Path):
        self._out = folder / "out.txt"
        with self._out.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from harken.cli import main; main()", "listen", "--plain"],
                env=card.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def said(self) -> str:
        return self._out.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


def until(reached: Callable[[], bool], *, seconds: float = WAIT) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if reached():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualCard]:
    card = VirtualCard(tmp_path_factory.mktemp("pulse"))
    yield card
    card.unplug()


@pytest.fixture
def program(card: VirtualCard, tmp_path: Path) -> Iterator[Program]:
    program = Program(card, tmp_path)
    assert until(lambda: "listening on" in program.said()), program.said()
    yield program
    program.close()


@pytest.fixture(scope="module")
def request_wav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    voice = Voice.load()
    sentence = DemoSentence(text="what is the capital of france", skill="facts", intent="capital", slots={})
    spoken = next(own_requests([sentence], lambda text: (voice.say(text), voice.rate)))
    path = tmp_path_factory.mktemp("said") / "request.wav"
    write_wav(path, np.concatenate([np.zeros(8000, np.float32), spoken.samples]))
    return path


def answered(program: Program, card: VirtualCard, recording: Path, answer: str) -> bool:
    before = program.said().count(answer)
    for _ in range(4):
        card.say(recording)
        if until(lambda: program.said().count(answer) > before, seconds=15):
            return True
    return False


def test_a_request_is_heard_and_answered_and_the_card_may_go_and_come_back(
    program: Program, card: VirtualCard, request_wav: Path
) -> None:
    answer = "harken: The capital of France is Paris."
    assert answered(program, card, request_wav, answer), program.said()
    card.unplug()
    assert until(lambda: "trying again" in program.said()), program.said()
    card.plug_in()
    assert until(lambda: "listening again after" in program.said()), program.said()
    assert answered(program, card, request_wav, answer), program.said()
    assert "ALSA lib" not in program.said()
