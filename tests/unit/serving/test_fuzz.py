"""Whatever comes from outside is understood or refused with a reason; nothing else happens. Bounded and repeatable."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from harken.assistant.engines.ears import EngineError
from harken.assistant.engines.naming import ONNX_ASR, WYOMING, read_engine
from harken.assistant.engines.wyoming import WyomingEar, WyomingMouth
from harken.assistant.server_link import stream_address
from harken.dialogue.home_assistant import HomeAssistantError, house_file, read_house
from harken.errors import ConfigError, DataError
from harken.languages.loading import load_locale
from harken.nlu.shipped import read_shipped_skill
from harken.serving.guard import Guard
from harken.serving.house import House
from harken.serving.options import Limits, ServeOptions
from harken.serving.server import listen
from harken.serving.wyoming import WyomingDoor
from harken.trace import from_json, to_json
from harken.workshop.house_sync import name_house
from harken.workshop.wake_words import TaughtWords, checked_word

BOUNDED = settings(
    max_examples=150, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
FEW = settings(BOUNDED, max_examples=25)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)


@BOUNDED
@given(text=st.text(max_size=60))
def test_a_wake_word_is_letters_or_refused(text: str) -> None:
    with suppress(ConfigError):
        plain = checked_word(text)
        assert all(part.replace("'", "").isalpha() for part in plain.split())
        folder = TaughtWords().recordings_folder(plain)
        assert folder.resolve().parent == TaughtWords().folder.resolve(), "no word leads elsewhere"


@BOUNDED
@given(
    text=st.text(max_size=60) | st.from_regex(r"(https?|wyoming|onnx-asr)://?[a-z0-9.:@/\[\]-]{0,30}", fullmatch=True)
)
def test_an_address_is_understood_or_refused(text: str) -> None:
    for read in (stream_address, lambda name: read_engine(name, kinds=(WYOMING, ONNX_ASR))):
        with suppress(ConfigError):
            found = read(text)
            if isinstance(found, str):
                assert found.startswith(("ws://", "wss://"))
                assert found.endswith("/v1/stream")


@BOUNDED
@given(values=JSON)
def test_an_event_of_a_server_is_understood_or_refused(values: Any) -> None:
    given_values = values if isinstance(values, dict) else {"event": values}
    for name in ("Reply", "TurnEnded", "FollowUpOpened"):
        with suppress(DataError):
            assert to_json(from_json({**given_values, "event": name}))["event"] == name


@BOUNDED
@given(host=HEADER, origin=st.none() | HEADER, length=HEADER, site=st.none() | HEADER, authorization=HEADER)
def test_no_headers_let_a_stranger_in_or_break_the_guard(
    host: str, origin: str | None, length: str, site: str | None, authorization: str
) -> None:
    entered, sent = [], []

    async def app(*_: object) -> None:
        entered.append(True)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    guard = Guard(cast(Any, app), options=ServeOptions(token="the token of this test"), open_paths=frozenset({"/"}))
    headers = {"host": host, "origin": origin, "content-length": length, "sec-fetch-site": site}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items() if value is not None]
    raw.append((b"authorization", authorization.encode("latin-1")))
    scope = {"type": "http", "path": "/v1/assistant", "headers": raw}
    asyncio.run(guard(cast(Any, scope), cast(Any, None), cast(Any, send)))
    assert not entered
    assert sent[0]["status"] in (401, 403, 413)


@FEW
@given(data=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode() + b"\n"))
def test_a_wyoming_service_that_sends_anything_is_an_engine_that_failed(data: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as strange:
        port = strange.getsockname()[1]

        def answer() -> None:
            for _ in range(2):
                guest, _ = strange.accept()
                with guest:
                    guest.sendall(data)
                    guest.shutdown(socket.SHUT_WR)
                    guest.settimeout(5)
                    while guest.recv(4096):
                        pass

        thread = threading.Thread(target=answer)
        thread.start()
        ear = WyomingEar("127.0.0.1", port, language="en")
        with suppress(EngineError):
            ear.begin()
            assert isinstance(ear.finish(), str)
        ear.drop()
        with suppress(EngineError):
            assert all(len(piece) >= 0 for piece in WyomingMouth("127.0.0.1", port).speak("hello"))
        thread.join(10)


def test_garbage_on_the_wyoming_port_ends_only_its_own_connection(models: Any) -> None:
    garbage = st.binary(min_size=1, max_size=400) | JSON.map(lambda value: json.dumps(value).encode() + b"\n")
    lines = st.fixed_dictionaries({
        "type": st.sampled_from(["audio-start", "audio-chunk", "transcribe", "detect", "synthesize-chunk"]),
        "data": JSON, "data_length": st.integers(-5, 70_000) | st.none(), "payload_length": st.integers(-5, 10**12),
    }).map(lambda value: json.dumps(value).encode() + b"\n" + b"\0" * 20)  # fmt: skip
    ready, over = threading.Event(), threading.Event()
    ports: list[int] = []

    def serve() -> None:
        async def serving() -> None:
            house = House(models, limits=Limits(idle=5.0))
            async with WyomingDoor(house, ServeOptions(limits=house.limits), listen("127.0.0.1", 0, option="")) as door:
                ports.append(door.port)
                ready.set()
                await asyncio.to_thread(over.wait)
            house.close()

        asyncio.run(serving())

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(20)

    @FEW
    @given(data=garbage | lines)
    def send(data: bytes) -> None:
        with socket.create_connection(("127.0.0.1", ports[0]), timeout=20) as guest:
            try:
                guest.sendall(data)
                guest.shutdown(socket.SHUT_WR)
                while guest.recv(4096):
                    pass
            except ConnectionError:
                pass
        with socket.create_connection(("127.0.0.1", ports[0]), timeout=20) as other:
            other.sendall(b'{"type": "ping", "data": {"text": "x"}}\n')
            assert b"pong" in other.recv(4096)

    try:
        send()
    finally:
        over.set()
        thread.join(20)


@BOUNDED
@given(content=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_a_damaged_record_of_the_house_is_refused_with_advice(content: bytes) -> None:
    house_file().parent.mkdir(parents=True, exist_ok=True)
    house_file().write_bytes(content)
    try:
        with suppress(HomeAssistantError):
            read_house()
    finally:
        house_file().unlink()


NAME = st.text(max_size=40)
ROWS = st.lists(
    st.fixed_dictionaries({
        "id": st.sampled_from(["light", "cover", "lock", "scene", "switch", "climate"]).map(lambda kind: f"{kind}.x"),
        "name": NAME, "area": NAME, "kind": st.sampled_from(["", "blind", "garage", "shade", "?"]),
    }), max_size=5,
)  # fmt: skip


@BOUNDED
@given(areas=st.lists(NAME, max_size=4, unique=True), entities=ROWS)
def test_whatever_people_call_their_rooms_and_devices_becomes_words_or_is_left_out(
    areas: list[str], entities: list[dict[str, str]]
) -> None:
    floors = [{"name": area, "areas": areas} for area in areas]
    house = name_house(
        {"areas": areas, "floors": floors, "entities": entities}, read_shipped_skill(load_locale(), "home")
    )
    for pairs in house.names.values():
        for words, value in pairs:
            assert without_noun(words) == without_noun(value)
            assert 1 <= len(words.split()) <= 5


def without_noun(name: str) -> list[str]:
    """A lamp is called 'desk lamp', 'desk lights' ... whatever it is called in the house."""
    words = name.split()
    return words[:-1] if words[-1] in ("light", "lights", "lamp", "lamps") else words


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_any_path_below_the_wake_words_is_answered_without_a_fault(client: TestClient, method: str) -> None:
    @FEW
    @given(path=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#"), max_size=30))
    def visit(path: str) -> None:
        before = TaughtWords().words()
        answer = getattr(client, method)(f"/v1/wake-words/{path}")
        assert answer.status_code < 500
        for word in set(TaughtWords().words()) - set(before):
            TaughtWords().forget(word)

    visit()
