"""`/v1/audio/speech`: texts as speech, as OpenAI's interface has it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from harken.errors import ConfigError
from harken.serving.encoding import MEDIA_TYPES, check_format, encode
from harken.serving.house import House
from harken.tts.manner import FASTEST, SLOWEST


class SpeechRequest(BaseModel):
    """What a client asks for. There is one model and one voice: their names may be any, and so may `instructions`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    input: str = Field(min_length=1)
    model: str = "harken"
    voice: str | dict[str, Any] = ""
    response_format: str = "mp3"
    speed: Annotated[float, Field(ge=SLOWEST, le=FASTEST, allow_inf_nan=False)] = 1.0
    stream_format: Literal["audio", "sse"] = "audio"


def read_speech_request(body: bytes, *, longest: int) -> SpeechRequest:
    """The request in a body.

    Args:
        body: JSON.
        longest: characters of the text, at most.

    Raises:
        ConfigError: it is not a request for speech, or for a format that speech cannot be encoded in.
    """
    try:
        asked = SpeechRequest.model_validate_json(body)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the body"
        raise ConfigError(f"{place}: {fault['msg']}") from None
    if len(asked.input) > longest:
        raise ConfigError(f"the text has {len(asked.input)} characters; send at most {longest}")
    check_format(asked.response_format)
    return asked


async def speech(request: Request) -> Response:
    """One text."""
    house: House = request.app.state.house
    async with asyncio.timeout(house.limits.request):
        return await _speak(request, house)


async def _speak(request: Request, house: House) -> Response:
    with ExitStack() as place:
        place.enter_context(house.request())
        asked = read_speech_request(await request.body(), longest=house.limits.text)
        pieces = _encoded(house, asked)
        first = await anext(pieces)  # what cannot be spoken is refused before anything is sent
        rest = _held(place.pop_all(), first, pieces)
    if asked.stream_format == "sse":
        return StreamingResponse(_events(rest), media_type="text/event-stream")
    return StreamingResponse(rest, media_type=MEDIA_TYPES[asked.response_format])


async def _encoded(house: House, asked: SpeechRequest) -> AsyncIterator[bytes]:
    voice = await house.live(lambda: house.models.voice)
    spoken = (piece.samples for piece in voice.stream(asked.input, rate=asked.speed))
    coded = encode(spoken, rate=voice.rate, form=asked.response_format)
    while (data := await house.live(lambda: next(coded, None))) is not None:
        yield data


async def _held(place: ExitStack, first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces; the place among the requests is held until the last one."""
    with place:
        yield first
        async for data in rest:
            yield data


async def _events(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for data in pieces:
        yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})
    yield _event({"type": "speech.audio.done", "usage": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}})


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content)}\n\n"
