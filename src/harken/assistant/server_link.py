"""The connection of a satellite to its server: `/v1/stream` of `harken serve`; it comes back by itself.

Reading and writing happen in two threads, so that neither a slow network nor a dead server keeps the satellite from
hearing its own wake word.
"""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from harken.errors import ConfigError, HarkenError, MissingExtra

PORT = 8765
"""Of a server that is named without one."""
AGAIN = 2.0
"""Seconds between two attempts to connect."""
ALIVE = 600.0
"""Seconds without anything to send after which a sign of life is sent."""
_UNSENT = 200
"""Messages that wait to be sent, at most; later ones are lost."""
_OPEN = 5.0
"""Seconds that an attempt to connect may take."""
_SILENT = 20.0
"""Seconds between two signs of life that the server must give."""
_REFUSED = (401, 403)

Told: TypeAlias = tuple[dict[str, Any], bytes]
"""A message of the server, and the sound that followed it; b'' for none."""


class ServerLink:
    """A connection.

    Args:
        server: 'host', 'host:port' or the address of its web page.
        start: the first message of each connection.
        token: of the server; '' if it has none.
        tell: takes messages for people, from another thread.

    Raises:
        ConfigError: the server's name is not understood.
    """

    def __init__(
        self, server: str, *, start: Mapping[str, Any], token: str = "", tell: Callable[[str], None] = lambda _: None
    ):
        self.address = stream_address(server)
        self._start, self._token, self._tell = dict(start), token, tell
        self._in: queue.SimpleQueue[Told] = queue.SimpleQueue()
        self._out: queue.Queue[bytes | str | None] = queue.Queue(_UNSENT)
        self._over = threading.Event()
        self._socket: Any = None
        self._threads: list[threading.Thread] = []

    @property
    def connected(self) -> bool:
        """Whether the server can be reached at present."""
        return self._socket is not None

    def open(self, *, timeout: float = _OPEN) -> None:
        """Connect, and stay connected from now on.

        Raises:
            MissingExtra: the package for it is not installed.
            LinkError: the server cannot be reached, or refuses.
        """
        self._socket = self._connect(timeout)
        for work in (self._read, self._write):
            thread = threading.Thread(target=work, name=f"harken-link-{work.__name__.strip('_')}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Disconnect for good."""
        self._over.set()
        with contextlib.suppress(queue.Full):
            self._out.put_nowait(None)
        if self._socket is not None:
            self._socket.close()
        for thread in self._threads:
            thread.join(timeout=_OPEN)

    def send(self, message: Mapping[str, Any] | bytes) -> bool:
        """Send a message, or sound; False when that is impossible at present: it is lost."""
        if not self.connected:
            return False
        try:
            self._out.put_nowait(bytes(message) if isinstance(message, bytes) else json.dumps(message))
        except queue.Full:
            return False
        return True

    def received(self) -> list[Told]:
        """What has come since the last call. After a connection was lost, {'type': 'lost'} is among it."""
        told = []
        with contextlib.suppress(queue.Empty):
            while True:
                told.append(self._in.get_nowait())
        return told

    def _connect(self, timeout: float) -> Any:
        try:
            from websockets.exceptions import InvalidHandshake, InvalidStatus
            from websockets.sync.client import connect
        except ModuleNotFoundError as error:
            raise MissingExtra("`harken satellite`", "serve") from error
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            opening = connect(
                self.address, additional_headers=headers, open_timeout=timeout, close_timeout=1, max_size=2**22,
                ping_interval=_SILENT, ping_timeout=_SILENT, compression=None, proxy=None,
            )  # fmt: skip
            socket = opening.__enter__()  # the reader's thread, or `close`, ends it
            socket.send(json.dumps({"type": "start", **self._start}))
        except InvalidStatus as error:
            raise LinkError(_refused(self.address, error.response.status_code)) from error
        except (OSError, InvalidHandshake) as error:
            raise LinkError(
                f"the server {self.address} cannot be reached ({error}); is `harken serve` running?"
            ) from error
        return socket

    def _read(self) -> None:
        while not self._over.is_set():
            socket = self._socket
            if socket is None:
                self._try_again()
                continue
            told: dict[str, Any] | None = None
            try:
                for message in socket:
                    told = self._take(message, told)
            except Exception as error:  # whatever ends a connection, the next one is tried
                self._note_end(error)
            self._socket = None
            if told is not None:
                self._in.put((told, b""))
            self._in.put(({"type": "lost"}, b""))
            if not self._over.is_set():
                self._tell(f"the server {self.address} is gone; trying again every {AGAIN:.0f} s")

    def _take(self, message: str | bytes, before: dict[str, Any] | None) -> dict[str, Any] | None:
        """Hand on a message when its sound, if it has any, is there; returns what still waits for it."""
        if isinstance(message, bytes):
            if before is not None:
                self._in.put((before, message))
            return None
        if before is not None:
            self._in.put((before, b""))
        told = json.loads(message)
        if told.get("event") == "SpeechChunk":
            return dict(told)
        self._in.put((told, b""))
        return None

    def _note_end(self, error: Exception) -> None:
        reason = getattr(getattr(error, "rcvd", None), "reason", "")
        if reason and not self._over.is_set():
            self._tell(f"the server says: {reason}")

    def _try_again(self) -> None:
        if self._over.wait(AGAIN):
            return
        try:
            self._socket = self._connect(_OPEN)
        except HarkenError:
            return  # told when it was lost
        self._tell(f"connected again with {self.address}")

    def _write(self) -> None:
        last = time.monotonic()
        while not self._over.is_set():
            try:
                message = self._out.get(timeout=1.0)
            except queue.Empty:
                message = b"" if time.monotonic() - last > ALIVE else None
            socket = self._socket
            if message is None or socket is None:
                continue
            last = time.monotonic()
            try:
                socket.send(message)
            except Exception as error:  # the reader notices it, too, and connects again
                self._note_end(error)


class LinkError(HarkenError):
    """A server cannot be reached, or does not let a satellite in."""


def stream_address(server: str) -> str:
    """The address of a server's stream.

    Args:
        server: 'host', 'host:port', '[::1]:8765', or the address of its web page.

    Raises:
        ConfigError: it is none of these.
    """
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    try:
        parts = urlsplit(server if "://" in server else f"http://{server}")
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if not host or parts.scheme not in schemes or parts.username or parts.query or parts.fragment:
        raise ConfigError(f"'{server}' is not a server; give its name, NAME:PORT, or the address of its web page")
    shown = f"[{host}]" if ":" in host else host
    plain = "://" not in server
    place = f"{shown}:{port or PORT}" if plain or port else shown
    path = parts.path.rstrip("/").removesuffix("/v1/stream")
    return f"{schemes[parts.scheme]}://{place}{path}/v1/stream"


def _refused(address: str, status: int) -> str:
    if status in _REFUSED:
        return (
            f"the server {address} does not let this satellite in (status {status}); give its token with --token or "
            "HARKEN_TOKEN, and name the server as it names itself"
        )
    return f"the server {address} answered with status {status}; is it `harken serve`?"
