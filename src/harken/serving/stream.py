"""The WebSocket `/v1/stream`: sound and messages in, events and spoken replies out."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from harken.errors import DataError, HarkenError
from harken.serving.house import Busy, House
from harken.serving.messages import Incoming, Start, error_message, read_message
from harken.serving.session import Session
from harken.serving.talk import Outgoing

log = logging.getLogger(__name__)

PROTOCOL = "harken"
"""The subprotocol."""
_FAULTS = 20
"""Messages that are not understood, after which a client is disconnected."""
_REST_EVERY = 0.05
"""Seconds between two looks whether a turn has ended, when the server is to stop."""
POLICY, FAILED, RESTART, LATER = 1008, 1011, 1012, 1013
"""Why the server closes a connection."""


async def stream(socket: WebSocket) -> None:
    """One client."""
    house: House = socket.app.state.house
    await socket.accept(subprotocol=PROTOCOL if PROTOCOL in socket.scope["subprotocols"] else None)
    pipe = _Pipe(socket)
    try:
        with house.session("stream"):
            await _converse(house, pipe)
    except (WebSocketDisconnect, ConnectionError):
        pass
    except Busy as error:
        await pipe.close(RESTART if house.draining.is_set() else LATER, error)
    except TimeoutError:
        await pipe.close(POLICY, DataError("nothing was sent or read for too long"))
    except DataError as error:
        await pipe.close(POLICY, error)
    except HarkenError as error:
        log.error("a conversation could not be held: %s", error)
        await pipe.close(FAILED, error)


async def _converse(house: House, pipe: _Pipe) -> None:
    """Until one side has had enough."""
    first = await pipe.receive(house)
    session = Session(house, first if isinstance(first, Start) else Start(), pipe)
    given: list[Incoming | bytes] = [] if isinstance(first, Start) else [first]
    ends = [
        asyncio.ensure_future(end)
        for end in (_read(house, pipe, session, given), session.run(), _drained(house, session))
    ]
    try:
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
    for end in done:
        if error := end.exception():
            raise _innermost(error)


async def _read(house: House, pipe: _Pipe, session: Session, given: list[Incoming | bytes]) -> None:
    faults = 0
    while True:
        try:
            item = given.pop() if given else await pipe.receive(house)
        except DataError as error:
            faults += 1
            if faults >= _FAULTS:
                raise
            await session.tell(error_message(error))
            continue
        await (session.hear(item) if isinstance(item, bytes) else session.take(item))


async def _drained(house: House, session: Session) -> None:
    """The server is to stop, and the turn in progress has ended, or has taken too long."""
    await house.draining.wait()
    with suppress(TimeoutError):
        async with asyncio.timeout(house.limits.drain):
            while not session.at_rest:
                await asyncio.sleep(_REST_EVERY)
    raise Busy("the server is about to stop; connect again in a minute")


def _innermost(error: BaseException) -> BaseException:
    """The first error of a group of tasks: what made the others end."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


class _Pipe:
    """A WebSocket as messages."""

    def __init__(self, socket: WebSocket):
        self._socket = socket

    async def send(self, message: Outgoing) -> None:
        told, sound = message
        await self._socket.send_text(json.dumps(told, ensure_ascii=False, default=str))
        if sound:
            await self._socket.send_bytes(sound)

    async def receive(self, house: House) -> Incoming | bytes:
        """The client's next message.

        Raises:
            DataError: it is not one of this protocol.
            WebSocketDisconnect: the client has gone.
            TimeoutError: nothing came for too long.
        """
        async with asyncio.timeout(house.limits.idle):
            message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        return message.get("bytes") or b"" if text is None else read_message(text, longest=house.limits.text)

    async def close(self, code: int, error: Exception) -> None:
        """Say why, and close."""
        with suppress(RuntimeError, WebSocketDisconnect, ConnectionError, TimeoutError):
            async with asyncio.timeout(1):
                await self.send((error_message(error), b""))
                await self._socket.close(code, str(error)[:100])
