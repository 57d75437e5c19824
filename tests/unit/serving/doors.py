"""Where tests find the server."""

from __future__ import annotations

from collections.abc import Callable

from starlette.testclient import TestClient

BASE, STREAM = "http://localhost:8765", "ws://localhost:8765/v1/stream"

Enter = Callable[..., TestClient]
"""Makes a server with limits and options, and returns a client of it."""
