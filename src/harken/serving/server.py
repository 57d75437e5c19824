"""The server: HTTP and Wyoming in one process, until it is told to stop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, suppress
from types import FrameType

import uvicorn

from harken.errors import ConfigError
from harken.serving.app import make_app
from harken.serving.house import House
from harken.serving.options import ServeOptions
from harken.serving.wyoming import WyomingDoor

_PING = 20.0
"""Seconds between two signs of life that a WebSocket client must give; half-open connections end that way."""
_MORE = 64
"""HTTP connections beyond sessions and requests: the page, health, counters, and clients that are sent away."""
_POLL = 0.05
"""Seconds between two looks whether all clients have gone."""


async def serve(house: House, options: ServeOptions) -> None:
    """Serve until SIGTERM or Ctrl-C; turns in progress end first. A second signal ends them at once.

    Args:
        house: what all connections share; closed at the end.
        options: where, and for whom.

    Raises:
        ConfigError: a port cannot be used.
    """
    async with AsyncExitStack() as doors:
        doors.callback(house.close)
        doors.push_async_callback(house.trainer.stop)
        front = doors.enter_context(listen(options.host, options.port, option="--port"))
        if options.wyoming_port:
            side = doors.enter_context(listen(options.wyoming_host, options.wyoming_port, option="--wyoming-port"))
            await doors.enter_async_context(WyomingDoor(house, options, side))
        await _Server(house, options).serve([front])


def listen(host: str, port: int, *, option: str) -> socket.socket:
    """A socket that listens.

    Args:
        host: name or address.
        port: 0 for any that is free.
        option: by which a user chooses another port.

    Raises:
        ConfigError: it cannot.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host.strip("[]"), port), family=family)
    except OSError as error:
        why = error.strerror or error
        raise ConfigError(f"cannot listen on port {port} of {host}: {why}; choose another with {option}") from error


class _Server(uvicorn.Server):
    """Lets turns end before it stops."""

    def __init__(self, house: House, options: ServeOptions):
        self._house, limits = house, options.limits
        config = uvicorn.Config(
            make_app(house, options), ws="websockets-sansio", ws_max_size=limits.message,
            ws_per_message_deflate=False, ws_ping_interval=_PING, ws_ping_timeout=_PING, lifespan="off",
            log_config=None, access_log=False, server_header=False, date_header=False, proxy_headers=False,
            timeout_graceful_shutdown=round(limits.drain),
            limit_concurrency=limits.sessions + limits.requests + _MORE,
        )  # fmt: skip
        super().__init__(config)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came: the first lets turns end, the second does not."""
        if self._house.draining.is_set():
            self.should_exit = self.force_exit = True
        else:
            self._loop.call_soon_threadsafe(self._drain)

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal comes and turns have ended."""
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def _drain(self) -> None:
        self._house.draining.set()
        self._leaving = asyncio.ensure_future(self._leave())

    async def _leave(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._house.limits.drain):
                while not self._house.empty:
                    await asyncio.sleep(_POLL)
        self.should_exit = True
