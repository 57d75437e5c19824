"""`/v1/wake-words`: teach a wake word - type it, record it, train it - and forget it again."""

from __future__ import annotations

import asyncio
import io
from dataclasses import asdict
from typing import Any

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from harken.audio.files import open_audio
from harken.errors import AudioError
from harken.events import SAMPLE_RATE, Samples
from harken.serving.house import House
from harken.serving.teaching import ENOUGH, Teaching, taught_words
from harken.serving.trainer import missing
from harken.workshop.wake_words import MOST_RECORDINGS, TaughtWords, checked_word

LONGEST = 6.0
"""Seconds of a recording, at most."""
_BODY = 2**20
"""Bytes of a recording, at most: 6 s of 48 kHz, 16 bit, and more."""


async def wake_words(request: Request) -> Response:
    """All wake words, and how far a training is."""
    house: House = request.app.state.house
    words = await house.live(lambda: taught_words(house.models))
    state = house.trainer.state
    training = None if state is None else asdict(state) | {"running": state.running}
    limits = {"enough": ENOUGH, "most": MOST_RECORDINGS}
    return JSONResponse({"words": words, "training": training, "recordings": limits})


async def wake_word(request: Request) -> Response:
    """GET: how a word would be heard. PUT: teach it. DELETE: forget it."""
    house: House = request.app.state.house
    word = checked_word(request.path_params["word"])
    if request.method == "DELETE":
        if house.trainer.state is not None and house.trainer.state.word == word:
            await house.trainer.stop()
        await house.live(lambda: TaughtWords().forget(word))
        return Response(status_code=204)
    sounding = await house.live(lambda: teaching(house).sounding(word))
    if request.method == "PUT":
        await house.live(lambda: TaughtWords().add(word))
    count = await house.live(lambda: len(TaughtWords().recordings(word)))
    return JSONResponse(asdict(sounding) | {"training_needs": missing(count)})


async def recordings(request: Request) -> Response:
    """POST: a recording of a word, as WAV, FLAC or Ogg; it is kept if it is good."""
    house: House = request.app.state.house
    word = checked_word(request.path_params["word"])
    with house.request():
        body = await _body(request)
        return JSONResponse(await house.live(lambda: _taken(house, word, body)))


async def training(request: Request) -> Response:
    """POST: train the network of a word. DELETE: stop that."""
    house: House = request.app.state.house
    word = checked_word(request.path_params["word"])
    if request.method == "DELETE":
        if house.trainer.state is not None and house.trainer.state.word == word:
            await house.trainer.stop()
        return Response(status_code=204)
    taught = TaughtWords()
    if word not in await asyncio.to_thread(taught.words):
        raise HTTPException(404, f"the wake word '{word}' has not been taught; type it first")
    count = len(await asyncio.to_thread(taught.recordings, word))
    await house.trainer.start(word, taught.recordings_folder(word), count=count)
    return JSONResponse({"word": word}, 202)


def teaching(house: House) -> Teaching:
    """What examines words and recordings."""
    return Teaching(house.models)


def _taken(house: House, word: str, body: bytes) -> dict[str, Any]:
    samples = _read(body)
    examined, taught = teaching(house).examine(word, samples), TaughtWords()
    if not examined.advice:
        taught.keep(word, samples)
    return asdict(examined) | {"kept": not examined.advice, "recordings": len(taught.recordings(word))}


def _read(body: bytes) -> Samples:
    samples: list[Samples] = []
    with open_audio(io.BytesIO(body)) as recording:
        for block in recording.blocks():
            samples.append(block)
            if sum(map(len, samples)) > LONGEST * SAMPLE_RATE:
                raise AudioError(f"the recording is longer than {LONGEST:.0f} s; say only the wake word, once")
    return np.concatenate(samples) if samples else np.zeros(0, np.float32)


async def _body(request: Request) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _BODY:
            raise HTTPException(413, f"the recording is too large; send at most {_BODY} bytes")
    return body
