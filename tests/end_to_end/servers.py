"""`harken serve` as a program of its own, watched."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = """
import sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "subprocess.Popen", "os.system"):
        with open(sys.argv[1], "a") as kept:
            print(event, arguments[1:], file=kept)
    if event in ("socket.getaddrinfo", "socket.gethostbyname") and arguments[0] not in ("127.0.0.1", "localhost", None):
        with open(sys.argv[1], "a") as kept:
            print(event, arguments, file=kept)

sys.addaudithook(watch)
from harken.cli.app import app
app(sys.argv[2:])
"""
"""harken, with a note in a file of everything that could leave the machine or start another program."""


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    wyoming: int
    noted: Path

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def stream(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/stream"


@contextlib.contextmanager
def serving(folder: Path, *options: str) -> Iterator[Served]:
    port, wyoming = free_port(), free_port()
    noted = folder / "connections.txt"
    noted.write_text("")
    command = [sys.executable, "-c", PROGRAM, str(noted), "serve", "--port", str(port), "--wyoming-port", str(wyoming)]
    with (folder / "messages.txt").open("wb") as messages:
        process = subprocess.Popen([*command, *options], stderr=messages, env={**os.environ, "NO_PROXY": "*"})
        try:
            served = Served(process, port, wyoming, noted)
            wait_for(served)
            yield served
        finally:
            process.kill()
            process.wait()


def wait_for(served: Served) -> None:
    for _ in range(600):
        assert served.process.poll() is None, "the server has ended"
        with contextlib.suppress(OSError), urllib.request.urlopen(served.base + "/healthz", timeout=5):
            return
        time.sleep(0.2)
    pytest.fail("the server did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
