"""The server: HTTP and Wyoming in one process, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from types import FrameType

import uvicorn

from harken.serving.app import make_app
from harken.serving.house import House
from harken.serving.options import ServeOptions
from harken.serving.wyoming import WyomingDoor

log = logging.getLogger(__name__)

_PING = 20.0
"""Seconds between two signs of life that a WebSocket client must give; half-open connections end that way."""
_POLL = 0.05


async def serve(house: House, options: ServeOptions) -> None:
    """Serve until SIGTERM or Ctrl-C; turns in progress end first. A second signal ends them at once.

    Args:
        house: what all connections share; closed at the end.
        options: where, and for whom.

    Raises:
        OSError: a port cannot be used.
    """
    server = _Server(house, options)
    async with AsyncExitStack() as doors:
        doors.callback(house.close)
        if options.wyoming_port:
            await doors.enter_async_context(WyomingDoor(house, options))
        await server.serve()


class _Server(uvicorn.Server):
    """Lets turns end before it stops."""

    def __init__(self, house: House, options: ServeOptions):
        self._house = house
        config = uvicorn.Config(
            make_app(house, options), host=options.host, port=options.port, ws="websockets-sansio",
            ws_max_size=options.limits.message, ws_ping_interval=_PING, ws_ping_timeout=_PING, lifespan="off",
            log_config=None, access_log=False, server_header=False, date_header=False, proxy_headers=False,
            timeout_graceful_shutdown=round(options.limits.drain), limit_concurrency=None,
        )  # fmt: skip
        super().__init__(config)
        self._draining: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came."""
        if self._house.draining.is_set():
            super().handle_exit(sig, frame)
            return
        loop = asyncio.get_event_loop()
        loop.call_soon_threadsafe(self._drain, sig, frame)

    def _drain(self, sig: int, frame: FrameType | None) -> None:
        self._house.draining.set()
        self._draining = asyncio.ensure_future(self._leave(sig, frame))

    async def _leave(self, sig: int, frame: FrameType | None) -> None:
        for _ in range(round(self._house.limits.drain / _POLL)):
            if self._house.empty:
                break
            await asyncio.sleep(_POLL)
        super().handle_exit(sig, frame)
