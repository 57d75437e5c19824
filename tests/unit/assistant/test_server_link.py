"""How a server is named, and what is said when it refuses."""

from __future__ import annotations

import pytest

from harken.assistant.server_link import ServerLink, stream_address
from harken.errors import ConfigError


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("kitchen", "ws://kitchen:8765/v1/stream"), ("kitchen:9000", "ws://kitchen:9000/v1/stream"),
        ("192.168.1.10", "ws://192.168.1.10:8765/v1/stream"), ("[::1]:9000", "ws://[::1]:9000/v1/stream"),
        ("http://kitchen:8765/", "ws://kitchen:8765/v1/stream"),
        ("https://harken.home.example", "wss://harken.home.example/v1/stream"),
        ("https://home.example/harken/", "wss://home.example/harken/v1/stream"),
        ("ws://kitchen:8765/v1/stream", "ws://kitchen:8765/v1/stream"),
    ],
)  # fmt: skip
def test_a_server_is_named_by_host_port_or_page(server: str, address: str) -> None:
    assert stream_address(server) == address


@pytest.mark.parametrize(
    "server", ["", "ftp://kitchen", "kitchen:port", "http://me:secret@kitchen", "http://kitchen/?token=1", "[::1"]
)
def test_what_is_not_a_server_is_refused(server: str) -> None:
    with pytest.raises(ConfigError, match="NAME:PORT"):
        stream_address(server)


def test_nothing_is_sent_before_there_is_a_connection() -> None:
    link = ServerLink("kitchen", start={})
    assert not link.connected
    assert link.send(b"sound") is False
    assert link.received() == []
    link.close()
