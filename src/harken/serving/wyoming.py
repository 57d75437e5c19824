"""Wyoming, the protocol of Home Assistant and its satellites: connections on a port of their own.

What the requests mean is in `harken.serving.wyoming_roles`; reading and writing events is the package `wyoming`'s.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from contextlib import suppress
from typing import cast

from wyoming.error import Error
from wyoming.event import Event, async_read_event, async_write_event

from harken.errors import DataError, HarkenError
from harken.serving.house import Busy, House
from harken.serving.options import ServeOptions
from harken.serving.wyoming_roles import Roles, Send

log = logging.getLogger(__name__)

_LINE = 2**16
"""Bytes of an event's first line, at most."""
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
"""What the package raises on events that are not as they should be."""


class WyomingDoor:
    """The port; a context manager.

    Args:
        house: what all connections share.
        options: which clients may come in.
        listening: where.
    """

    def __init__(self, house: House, options: ServeOptions, listening: socket.socket):
        self._house, self._options, self._listening = house, options, listening
        self._allowed = options.allowed_networks
        self._clients: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listening.getsockname()[1])

    async def __aenter__(self) -> WyomingDoor:
        self._server = await asyncio.start_server(self._welcome, sock=self._listening, limit=_LINE)
        if self._options.announce:
            await self._announce()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _announce(self) -> None:
        from wyoming.zeroconf import HomeAssistantZeroconf

        host = self._options.wyoming_host
        known = None if ipaddress.ip_address(host).is_unspecified else host
        self._announced = HomeAssistantZeroconf(self.port, name="harken", host=known)
        await self._announced.register_server()

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            if self._may_enter(writer):
                await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the server stops; nothing waits for this task
        finally:
            self._clients.discard(task)
            writer.close()

    def _may_enter(self, writer: asyncio.StreamWriter) -> bool:
        peer = ipaddress.ip_address(writer.get_extra_info("peername")[0].partition("%")[0])
        mapped = getattr(peer, "ipv4_mapped", None)
        address = mapped or peer
        if address.is_loopback or any(address in network for network in self._allowed):
            return True
        self._house.counters.refused.labels("address").inc()
        log.warning("Wyoming: %s may not connect; name it with --wyoming-client", address)
        return False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(event: Event) -> None:
            async with asyncio.timeout(self._house.limits.stalled):
                await async_write_event(event, writer)

        with suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            try:
                with self._house.session("wyoming"):
                    await self._answer(cast(asyncio.StreamReader, _Bounded(reader, self._house.limits.message)), send)
            except (Busy, DataError) as error:
                await send(Error(text=str(error), code=type(error).__name__).event())

    async def _answer(self, reader: asyncio.StreamReader, send: Send) -> None:
        roles = Roles(self._house, send)
        try:
            while (event := await self._next(reader, roles)) is not None:
                try:
                    await roles.take(event)
                except HarkenError as error:
                    await send(Error(text=str(error), code=type(error).__name__).event())
                except _MALFORMED as error:
                    raise DataError(f"the event '{event.type}' is not as it should be: {error!r}"[:200]) from error
        finally:
            await roles.close()

    async def _next(self, reader: asyncio.StreamReader, roles: Roles) -> Event | None:
        """The client's next event; None when it has gone, or when it can be sent away because the server is to stop."""
        reading = asyncio.ensure_future(async_read_event(reader))
        stopping = asyncio.ensure_future(self._house.draining.wait())
        try:
            async with asyncio.timeout(self._house.limits.idle):
                await asyncio.wait([reading, stopping], return_when=asyncio.FIRST_COMPLETED)
                return None if roles.idle and not reading.done() else await reading
        except _MALFORMED as error:
            raise DataError(f"not an event of Wyoming: {error!r}"[:200]) from error
        finally:
            reading.cancel()
            stopping.cancel()


class _Bounded:
    """A stream from which only so much is read at once: the protocol lets a client name any length."""

    def __init__(self, reader: asyncio.StreamReader, longest: int):
        self._reader, self._longest = reader, longest

    async def readline(self) -> bytes:
        """A line of at most _LINE bytes; ValueError otherwise."""
        return await self._reader.readline()

    async def readexactly(self, count: int) -> bytes:
        """So many bytes; ValueError when they are too many."""
        if not isinstance(count, int) or not 0 <= count <= self._longest:
            raise ValueError(f"{count} bytes at once; at most {self._longest}")
        return await self._reader.readexactly(count)
