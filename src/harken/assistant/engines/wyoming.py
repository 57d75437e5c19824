"""A Wyoming service as recogniser or voice: one connection for each turn or sentence."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import numpy as np
import soxr

from harken.assistant.engines.ears import EngineError
from harken.audio.pcm import WIDTH, from_pcm, to_pcm
from harken.errors import MissingExtra
from harken.events import SAMPLE_RATE, Samples

_PIECE = SAMPLE_RATE // 4
"""Samples of a chunk, at most: services limit the length of an event."""
_CONNECT = 3.0
"""Seconds that a connection may take."""
_ANSWER = 10.0
"""Seconds until the next event of the service."""
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


class WyomingEar:
    """A recogniser that hears one turn at a time, while it is spoken.

    Args:
        host, port: of the service.
        language: of the speech, e.g. 'en'.
    """

    def __init__(self, host: str, port: int, *, language: str):
        self._service = _Service(host, port)
        self._language = language
        self._open: _Connection | None = None

    def begin(self) -> None:
        """A turn begins.

        Raises:
            EngineError: the service cannot be reached.
        """
        self.drop()
        self._open = self._service.connect()
        self._open.send("transcribe", {"language": self._language})
        self._open.send("audio-start", _FORMAT)

    def hear(self, samples: Samples) -> None:
        """The next samples [n] of the turn.

        Raises:
            EngineError: the service is gone.
        """
        assert self._open is not None
        for first in range(0, len(samples), _PIECE):
            self._open.send("audio-chunk", _FORMAT, to_pcm(samples[first : first + _PIECE]))

    def finish(self) -> str:
        """The turn has ended: what was said.

        Raises:
            EngineError: the service does not answer.
        """
        assert self._open is not None
        with contextlib.closing(self._open) as connection:
            connection.send("audio-stop", {})
            self._open = None
            while True:
                kind, data, _ = connection.receive()
                if kind == "transcript":
                    return str(data.get("text") or "")

    def drop(self) -> None:
        """The turn is of no interest any more."""
        if self._open is not None:
            self._open.close()
            self._open = None


class WyomingMouth:
    """A synthesiser.

    Args:
        host, port: of the service.
    """

    def __init__(self, host: str, port: int):
        self._service = _Service(host, port)

    def speak(self, text: str) -> Iterator[Samples]:
        """A sentence in pieces [n] at 16 kHz, each as soon as it comes.

        Raises:
            EngineError: the service cannot be reached, or does not answer.
        """
        with contextlib.closing(self._service.connect()) as connection:
            connection.send("synthesize", {"text": text})
            resampler, rate, channels = None, SAMPLE_RATE, 1
            while True:
                kind, data, payload = connection.receive()
                if kind == "audio-start":
                    rate, channels = _form(data)
                    resampler = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
                elif kind == "audio-chunk" and resampler is not None:
                    yield np.asarray(resampler.resample_chunk(from_pcm(payload, channels=channels)), np.float32)
                elif kind == "audio-stop":
                    if resampler is not None:
                        yield np.asarray(resampler.resample_chunk(np.zeros(0, np.float32), last=True), np.float32)
                    return


class _Service:
    def __init__(self, host: str, port: int):
        self.name = f"wyoming://{host}:{port}"
        self._place = host, port

    def connect(self) -> _Connection:
        try:
            import wyoming.event as _  # noqa: F401
        except ModuleNotFoundError as error:
            raise MissingExtra("a Wyoming service as an engine", "serve") from error
        try:
            sock = socket.create_connection(self._place, timeout=_CONNECT)
        except OSError as error:
            raise EngineError(f"{self.name} cannot be reached: {error}") from error
        sock.settimeout(_ANSWER)
        return _Connection(self.name, sock)


class _Connection:
    """Reading and writing events is the package `wyoming`'s."""

    def __init__(self, name: str, sock: socket.socket):
        self._name, self._sock = name, sock
        self._reader, self._writer = sock.makefile("rb"), sock.makefile("wb")

    def send(self, kind: str, data: dict[str, Any], payload: bytes | None = None) -> None:
        from wyoming.event import Event, write_event

        try:
            write_event(Event(type=kind, data=data, payload=payload), cast(BinaryIO, self._writer))
        except OSError as error:
            raise EngineError(f"{self._name} is gone: {error}") from error

    def receive(self) -> tuple[str, dict[str, Any], bytes]:
        from wyoming.event import read_event

        try:
            event = read_event(cast(BinaryIO, self._reader))
        except OSError as error:
            raise EngineError(f"{self._name} does not answer: {error}") from error
        except _MALFORMED as error:
            raise EngineError(f"{self._name} does not speak Wyoming: {error!r}"[:200]) from error
        if event is None:
            raise EngineError(f"{self._name} hung up; its own messages say why")
        if event.type == "error":
            raise EngineError(f"{self._name} says: {str(event.data.get('text'))[:200]}")
        return event.type, dict(event.data), event.payload or b""

    def close(self) -> None:
        for end in (self._writer, self._reader, self._sock):
            with contextlib.suppress(OSError):
                end.close()


_FORMAT = {"rate": SAMPLE_RATE, "width": WIDTH, "channels": 1}


def _form(data: dict[str, Any]) -> tuple[int, int]:
    rate, width, channels = data.get("rate"), data.get("width"), data.get("channels")
    if isinstance(rate, int) and isinstance(channels, int) and rate > 0 and 1 <= channels <= 8 and width == WIDTH:
        return rate, channels
    raise EngineError(f"the service speaks {rate} Hz, {width} bytes, {channels} channels; 16-bit PCM is understood")
