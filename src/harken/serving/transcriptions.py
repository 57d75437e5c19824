"""`/v1/audio/transcriptions`: recordings as text, as OpenAI's interface has it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from harken.errors import ConfigError
from harken.events import Transcript, Word, seconds
from harken.languages.locale import Locale
from harken.serving.house import House
from harken.text.subtitles import VTT_HEAD, format_srt, format_vtt, make_cues


class ResponseFormat(StrEnum):
    """What a transcript is written as."""

    JSON = "json"
    TEXT = "text"
    SRT = "srt"
    VERBOSE = "verbose_json"
    VTT = "vtt"


@dataclass(frozen=True, kw_only=True)
class TranscriptionRequest:
    """What a client asks for. There is one model: its name may be any; `prompt` and `temperature` change nothing."""

    file: UploadFile
    form: ResponseFormat
    words: bool
    """Whether to give the times of words (verbose_json)."""
    segments: bool
    """Whether to give those of segments."""
    stream: bool
    """Whether to send text while the recording is heard."""


def read_transcription_request(form: FormData, locale: Locale) -> TranscriptionRequest:
    """The request in a form.

    Raises:
        ConfigError: it is not a request for a transcription, or for something that cannot be had.
    """
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise ConfigError("the form has no 'file'; send the recording (wav, flac, ogg, opus, mp3) in it")
    try:
        chosen = ResponseFormat(_text(form, "response_format") or "json")
    except ValueError:
        known = ", ".join(kind.value for kind in ResponseFormat)
        raise ConfigError(
            f"response_format is '{_text(form, 'response_format')[:40]}'; expected one of {known}"
        ) from None
    _check_language(_text(form, "language"), locale)
    wanted = [str(item) for item in form.getlist("timestamp_granularities[]")]
    if unknown := [item for item in wanted if item not in ("word", "segment")]:
        raise ConfigError(f"timestamp_granularities has '{unknown[0][:40]}'; expected 'word' or 'segment'")
    if wanted and chosen is not ResponseFormat.VERBOSE:
        raise ConfigError("timestamp_granularities needs response_format=verbose_json")
    stream = _text(form, "stream").lower() in ("true", "1")
    if stream and chosen not in (ResponseFormat.JSON, ResponseFormat.TEXT):
        raise ConfigError(f"a stream has no room for {chosen.value}; ask for json or text, or leave out 'stream'")
    return TranscriptionRequest(
        file=file, form=chosen, words="word" in wanted, segments="segment" in wanted or not wanted, stream=stream
    )


async def transcriptions(request: Request) -> Response:
    """One recording."""
    house: House = request.app.state.house
    locale = house.models.locale
    async with AsyncExitStack() as place, asyncio.timeout(house.limits.request):
        place.enter_context(house.request())
        form = await request.form(max_files=1, max_fields=32, max_part_size=house.limits.message)
        place.push_async_callback(form.close)  # the recording, which may lie in a temporary file, is deleted
        asked = read_transcription_request(form, locale)
        recording = _Recording(house, request, asked.file.file)
        parts = recording.heard()
        if not asked.stream:
            told = [part async for part in parts]
            return write_response(told, asked, locale, length=recording.length)
        first = await anext(parts, None)  # what cannot be read is refused before anything is sent
        return StreamingResponse(_events(place.pop_all(), first, parts), media_type="text/event-stream")


def write_response(
    parts: Sequence[Transcript], asked: TranscriptionRequest, locale: Locale, *, length: int
) -> Response:
    """The transcript in the requested format.

    Args:
        parts: of the recording, in order.
        asked: the request.
        locale: the language.
        length: samples of the recording.
    """
    words = [word for part in parts for word in part.hypotheses[0].words]
    text = " ".join(word.text for word in words)
    match asked.form:
        case ResponseFormat.TEXT:
            return PlainTextResponse(text + "\n")
        case ResponseFormat.SRT:
            cues = "".join(format_srt(cue, number) for number, cue in enumerate(make_cues(words, locale), 1))
            return PlainTextResponse(cues, media_type="application/x-subrip")
        case ResponseFormat.VTT:
            return PlainTextResponse(
                VTT_HEAD + "".join(map(format_vtt, make_cues(words, locale))), media_type="text/vtt"
            )
        case ResponseFormat.VERBOSE:
            return JSONResponse(_verbose(parts, words, text, asked, locale) | {"duration": round(seconds(length), 3)})
    return JSONResponse({"text": text, "usage": {"type": "duration", "seconds": round(seconds(length), 3)}})


class _Recording:
    """A recording that is being heard.

    Args:
        house: what is shared.
        request: whose client wants the transcript.
        file: the recording.
    """

    def __init__(self, house: House, request: Request, file: IO[bytes]):
        self._house, self._request, self._file = house, request, file
        self.length = 0
        """Samples heard so far."""

    async def heard(self) -> AsyncIterator[Transcript]:
        """The stretches, each as soon as it is recognised, while the client is there to get them."""
        transcriber = await self._house.whole(self._house.transcriber)
        parts = transcriber.parts(self._file, progress=self._note)
        while not await self._request.is_disconnected():
            part = await self._house.whole(lambda: next(parts, None))
            if part is None:
                return
            yield part

    def _note(self, done: int, _: int) -> None:
        self.length = done


async def _events(
    place: AsyncExitStack, first: Transcript | None, rest: AsyncIterator[Transcript]
) -> AsyncIterator[str]:
    """The text as it is recognised; the place among the requests is held until the end."""
    said: list[str] = []
    async with place:
        part = first
        while part is not None:
            if part.text:
                delta = f" {part.text}" if said else part.text
                said.append(part.text)
                yield _event({"type": "transcript.text.delta", "delta": delta})
            part = await anext(rest, None)
        yield _event({"type": "transcript.text.done", "text": " ".join(said)})


def _verbose(
    parts: Sequence[Transcript], words: Sequence[Word], text: str, asked: TranscriptionRequest, locale: Locale
) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "task": "transcribe", "language": locale.name.lower(), "text": text,
    }  # fmt: skip
    if asked.segments:
        spoken = [part for part in parts if part.text]
        answer["segments"] = [_segment(number, part) for number, part in enumerate(spoken)]
    if asked.words:
        answer["words"] = [
            {
                "word": word.text, "start": round(seconds(word.start), 3), "end": round(seconds(word.end), 3),
                "confidence": round(word.confidence, 4),
            }
            for word in words
        ]  # fmt: skip
    return answer


def _segment(number: int, part: Transcript) -> dict[str, Any]:
    """A stretch, with the fields that clients of OpenAI's interface expect; `seek`, `tokens` and `temperature` mean
    nothing here."""
    best = part.hypotheses[0]
    confidence = max(best.confidence, 1e-6)
    return {
        "id": number, "seek": 0, "start": round(seconds(best.words[0].start), 3),
        "end": round(seconds(best.words[-1].end), 3), "text": best.text, "tokens": [], "temperature": 0.0,
        "avg_logprob": round(math.log(confidence) / len(best.words), 4), "compression_ratio": 1.0,
        "no_speech_prob": 0.0, "confidence": round(best.confidence, 4),
    }  # fmt: skip


def _check_language(asked: str, locale: Locale) -> None:
    if asked and asked.lower().partition("-")[0] != locale.code.lower().partition("-")[0]:
        raise ConfigError(f"the language is '{asked[:40]}', but this server hears {locale.code}; leave it out")


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content)}\n\n"
