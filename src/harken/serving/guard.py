"""Who may come in, how much they may bring, and what browsers must not do with what they get."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harken.serving.options import ServeOptions, is_loopback

TOKEN_PROTOCOL = "harken.token."
"""Prefix of the WebSocket subprotocol by which a browser shows the token; it cannot send a header."""
FORBIDDEN, UNAUTHORIZED, TOO_LARGE = 403, 401, 413

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Wraps the application.

    Args:
        app: the application.
        options: token, origins and limits.
        open_paths: what may be read without a token: the page itself, and whether the server is well.
    """

    def __init__(self, app: ASGIApp, *, options: ServeOptions, open_paths: frozenset[str]):
        self._app, self._options, self._open = app, options, open_paths
        self._origins = {_origin(origin) for origin in options.origins}
        self._hosts = {urlsplit(origin).hostname for origin in options.origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal[1][:100]})
        elif refusal:
            await _refuse(_secured(send), *refusal)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, self._bounded(receive), _secured(send))

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = _host(headers.get("host", ""))
        if not self._options.token and not is_loopback(host) and host not in self._hosts:
            # A page of another site could reach this machine under a name of its own (DNS rebinding).
            return FORBIDDEN, f"this server is not called '{host[:80]}'; use http://localhost, or name it with --origin"
        origin = headers.get("origin")
        if origin is not None and not self._welcome(origin, headers.get("host", "")):
            return FORBIDDEN, f"pages of {origin[:80]} may not use this server; allow them with --origin"
        if headers.get("sec-fetch-site") == "cross-site" and origin is None and scope["path"] not in self._open:
            return FORBIDDEN, "other sites may not use this server; allow them with --origin"
        if not self._options.token or (scope["type"] == "http" and scope["path"] in self._open):
            return self._too_large(headers)
        if not hmac.compare_digest(_shown_token(scope, headers).encode(), self._options.token.encode()):
            return UNAUTHORIZED, "show the token of this server: Authorization: Bearer TOKEN"
        return self._too_large(headers)

    def _welcome(self, origin: str, host: str) -> bool:
        given = _origin(origin)
        return given in self._origins or (given[0] in ("http", "https") and given[1] == host.lower())

    def _too_large(self, headers: Headers) -> tuple[int, str] | None:
        length = headers.get("content-length", "0")
        if length.isdecimal() and len(length) < 20 and int(length) <= self._options.limits.body:
            return None
        return TOO_LARGE, f"the request has {length[:20]} bytes; send at most {self._options.limits.body}"

    def _bounded(self, receive: Receive) -> Receive:
        """Refuses a body that is longer than it said, or did not say its length."""
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._options.limits.body:
                raise HTTPException(
                    TOO_LARGE, f"the request is too long; send at most {self._options.limits.body} bytes"
                )
            return message

        return bounded


def _host(text: str) -> str:
    """The name without the port; '' for what is not one."""
    try:
        return urlsplit(f"//{text}").hostname or ""
    except ValueError:
        return ""


def _origin(text: str) -> tuple[str, str]:
    try:
        parts = urlsplit(text.strip().lower().rstrip("/"))
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


def _shown_token(scope: Scope, headers: Headers) -> str:
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return token.strip()
    shown = (name for name in scope.get("subprotocols", ()) if name.startswith(TOKEN_PROTOCOL))
    return next(shown, "")[len(TOKEN_PROTOCOL) :]


def _secured(send: Send) -> Send:
    async def secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return secured


async def _refuse(send: Send, status: int, why: str) -> None:
    body = json.dumps(
        {"error": {"message": why, "type": "invalid_request_error", "param": None, "code": None}}
    ).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == UNAUTHORIZED:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
