"""The web page: its few files, read once. No path of a client is ever opened."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_FOLDER = Path(__file__).parent / "page"
_TYPES = {
    ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}  # fmt: skip


def _read() -> dict[str, tuple[bytes, str]]:
    files = {f"/{path.name}": (path.read_bytes(), _TYPES[path.suffix]) for path in sorted(_FOLDER.iterdir())}
    return {"/": files.pop("/index.html"), **files}


PAGES = _read()
"""Path -> content and type."""


async def page(request: Request) -> Response:
    """A file of the page."""
    content, kind = PAGES[request.url.path]
    return Response(content, media_type=kind, headers={"Cache-Control": "no-cache"})
