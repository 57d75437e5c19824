"""Who may come in: token, host, origin, and how much may be brought."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from tests.unit.serving.doors import STREAM, Enter

from harken.serving.guard import SECURITY_HEADERS, TOKEN_PROTOCOL
from harken.serving.options import Limits

TOKEN = "correct-horse-battery"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def refused(client: TestClient, **options: object) -> bool:
    try:
        with client.websocket_connect(STREAM, **options):  # type: ignore[arg-type]
            return False
    except WebSocketDisconnect:
        return True


def test_every_answer_has_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/healthz", "/v1/models", "/nothing"):
        headers = client.get(path).headers
        assert {name: headers[name] for name in SECURITY_HEADERS if name != "Cache-Control"} == {
            name: value for name, value in SECURITY_HEADERS.items() if name != "Cache-Control"
        }


def test_with_a_token_only_the_page_and_health_are_open(enter: Enter) -> None:
    client = enter(token=TOKEN)
    assert client.get("/").status_code == client.get("/healthz").status_code == 200
    for path in ("/metrics", "/v1/models", "/nothing"):
        assert client.get(path).status_code == 401, path
    assert client.post("/v1/audio/speech", json={"input": "hello"}).status_code == 401
    assert client.get("/v1/models", headers=BEARER).status_code == 200


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \u00e9"])
def test_another_token_is_refused(enter: Enter, shown: str) -> None:
    answer = enter(token=TOKEN).get("/v1/models", headers={"Authorization": shown.encode("utf-8")})
    assert answer.status_code == 401
    assert "Bearer" in answer.json()["error"]["message"]


def test_a_websocket_shows_the_token_as_header_or_subprotocol(enter: Enter) -> None:
    client = enter(token=TOKEN)
    assert refused(client)
    assert refused(client, subprotocols=["harken", TOKEN_PROTOCOL + "wrong"])
    assert not refused(client, headers=BEARER)
    with client.websocket_connect(STREAM, subprotocols=["harken", TOKEN_PROTOCOL + TOKEN]) as socket:
        assert socket.accepted_subprotocol == "harken"  # the token is not sent back


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:9999", "null", "file://"])
def test_pages_of_other_origins_are_refused(client: TestClient, origin: str) -> None:
    assert client.get("/v1/models", headers={"Origin": origin}).status_code == 403
    assert refused(client, headers={"Origin": origin})


def test_the_servers_own_page_and_named_origins_are_welcome(enter: Enter) -> None:
    client = enter(origins=("https://home.example/",))
    for origin in ("http://localhost:8765", "https://home.example"):
        assert client.get("/v1/models", headers={"Origin": origin}).status_code == 200
        assert not refused(client, headers={"Origin": origin})


def test_a_foreign_page_cannot_load_anything_without_an_origin_either(client: TestClient) -> None:
    assert client.get("/metrics", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200  # a link to the page


def test_without_a_token_the_server_answers_only_to_names_of_this_machine(enter: Enter) -> None:
    client = enter(origins=("https://home.example",))
    for host in ("rebound.example", "rebound.example:8765", "127.0.0.1.nip.example", ""):
        assert client.get("/v1/models", headers={"Host": host}).status_code == 403, host
    for host in ("localhost", "127.0.0.1:8765", "[::1]:8765", "home.example"):
        assert client.get("/v1/models", headers={"Host": host}).status_code == 200, host


def test_a_body_that_is_announced_as_too_large_is_not_read(enter: Enter) -> None:
    client = enter(limits=Limits(body=1000))
    assert client.post("/v1/audio/speech", content=b"x" * 1001).status_code == 413


def test_a_body_of_unknown_length_is_read_up_to_the_limit(enter: Enter) -> None:
    sent = []

    def endless() -> Iterator[bytes]:
        for _ in range(100):
            sent.append(1)
            yield b"x" * 500

    client = enter(limits=Limits(body=1000))
    for path in ("/v1/audio/speech", "/v1/audio/transcriptions"):
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        assert client.post(path, content=endless(), headers=kind).status_code == 413, path


@pytest.mark.parametrize(
    "path", ["/../../pyproject.toml", "/%2e%2e/app.py", "/page/index.html", "/index.html", "//etc/passwd"]
)
def test_no_path_of_a_client_is_opened(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
