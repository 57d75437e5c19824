"""The web application: page, WebSocket, OpenAI-style HTTP, health and counters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Lifespan

import harken
from harken.errors import HarkenError
from harken.serving.counters import CONTENT_TYPE
from harken.serving.guard import Guard
from harken.serving.house import Busy, House
from harken.serving.options import ServeOptions
from harken.serving.overview import overview
from harken.serving.pages import PAGES, page
from harken.serving.speech import speech
from harken.serving.stream import stream
from harken.serving.transcriptions import transcriptions
from harken.serving.wake_words import recordings, training, wake_word, wake_words

MODEL = "harken"
"""The name of the one model that OpenAI-style clients can ask for."""
OPEN_PATHS = frozenset({"/healthz", *PAGES})
"""What may be read without a token; nothing of anybody is in it."""
BAD, UNAVAILABLE, TIMED_OUT = 400, 503, 504

Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(house: House, options: ServeOptions, *, lifespan: Lifespan[Starlette] | None = None) -> Starlette:
    """The application of a house.

    Args:
        house: what all connections share.
        options: who may come in.
        lifespan: what happens before the first and after the last request, where the application's own server does
            not see to it.
    """
    routes = [
        *(Route(path, page) for path in PAGES),
        Route("/healthz", health),
        Route("/metrics", metrics),
        Route("/v1/models", models),
        Route("/v1/models/{name}", models),
        Route("/v1/assistant", overview),
        Route("/v1/audio/transcriptions", _counted(transcriptions), methods=["POST"]),
        Route("/v1/audio/speech", _counted(speech), methods=["POST"]),
        Route("/v1/wake-words", wake_words),
        Route("/v1/wake-words/{word}", wake_word, methods=["GET", "PUT", "DELETE"]),
        Route("/v1/wake-words/{word}/recordings", recordings, methods=["POST"]),
        Route("/v1/wake-words/{word}/training", training, methods=["POST", "DELETE"]),
        WebSocketRoute("/v1/stream", stream),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, options=options, open_paths=OPEN_PATHS)],
        lifespan=lifespan,
        exception_handlers={HarkenError: _explained, HTTPException: _explained, TimeoutError: _explained},
    )
    app.state.house = house
    return app


async def health(request: Request) -> Response:
    """Whether the server takes new clients."""
    stopping = request.app.state.house.draining.is_set()
    status = "draining" if stopping else "ok"
    return JSONResponse({"status": status, "version": harken.__version__}, UNAVAILABLE if stopping else 200)


async def metrics(request: Request) -> Response:
    """The counters."""
    return Response(request.app.state.house.counters.page(), media_type=CONTENT_TYPE)


async def models(request: Request) -> Response:
    """The one model, as a list or by itself."""
    only = {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}
    name = request.path_params.get("name")
    if name is None:
        return JSONResponse({"object": "list", "data": [only]})
    if name != MODEL:
        raise HTTPException(404, f"there is no model '{name[:40]}'; there is '{MODEL}'")
    return JSONResponse(only)


def _counted(endpoint: Endpoint) -> Endpoint:
    async def counted(request: Request) -> Response:
        status = 500
        try:
            response = await endpoint(request)
            status = response.status_code
            return response
        except Exception as error:
            status = _status(error)
            raise
        finally:
            request.app.state.house.counters.requests.labels(request.url.path, status).inc()

    return counted


async def _explained(request: Request, error: Exception) -> Response:
    status = _status(error)
    why = str(error.detail if isinstance(error, HTTPException) else error) or "this took too long; send less at once"
    kind = "server_error" if status >= 500 else "invalid_request_error"
    content = {"error": {"message": why, "type": kind, "param": None, "code": None}}
    headers = {"Retry-After": "5"} if status == UNAVAILABLE else getattr(error, "headers", None)
    return JSONResponse(content, status, headers=headers)


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, Busy):
        return UNAVAILABLE
    if isinstance(error, TimeoutError):
        return TIMED_OUT
    return BAD if isinstance(error, HarkenError) else 500
