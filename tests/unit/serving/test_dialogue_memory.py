"""Two servers and one conversation: what was asked on one is answered on the other, as long as Redis is there."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from harken.assistant.assistant import Assistant
from harken.assistant.models import Models
from harken.dialogue.state import DialogueState
from harken.errors import ConfigError
from harken.events import Reply
from harken.serving.conversations import Conversations
from harken.serving.dialogue_memory import KEPT, RedisMemory, _key

redis = pytest.importorskip("redis")


class FakeRedis:
    """The two commands that are used, in memory; `down` makes every one fail."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.lives: set[int | None] = set()
        self.down = False

    def get(self, key: str) -> bytes | None:
        self._check()
        return self.kept.get(key)

    def set(self, key: str, value: str, *, ex: int | None = None) -> None:
        self._check()
        self.lives.add(ex)
        self.kept[key] = value.encode()

    def _check(self) -> None:
        if self.down:
            raise redis.ConnectionError("nobody listens")


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> FakeRedis:
    fake = FakeRedis()
    monkeypatch.setattr(redis.Redis, "from_url", lambda url, **_: fake)
    return fake


def server(models: Models) -> Conversations:
    return Conversations(lambda: Assistant.over(models, voice=False), memory=RedisMemory("redis://anywhere"))


def ask(conversations: Conversations, text: str) -> str:
    events = asyncio.run(conversations.ask("sofa", text))
    return next(event.text for event in events if isinstance(event, Reply))


def test_a_question_of_one_server_is_answered_on_another(models: Models, shared: FakeRedis) -> None:
    one, two, stranger = server(models), server(models), Conversations(lambda: Assistant.over(models, voice=False))
    try:
        assert ask(one, "set a timer") == "For how long?"
        assert "10 minutes" in ask(two, "ten minutes")
        assert "20 minutes" in ask(one, "make it twenty minutes")
        assert "minutes" not in ask(stranger, "ten minutes")
    finally:
        for conversations in (one, two, stranger):
            conversations.close()
    assert shared.lives == {KEPT}
    assert list(shared.kept) == [_key("sofa")]
    assert "sofa" not in _key("sofa"), "no name of a client becomes a key"


def test_without_redis_each_server_continues_alone(models: Models, shared: FakeRedis, caplog: Any) -> None:
    one = server(models)
    try:
        shared.down = True
        with caplog.at_level(logging.WARNING):
            assert ask(one, "set a timer") == "For how long?"
            assert "10 minutes" in ask(one, "ten minutes")
        assert "nobody listens" in caplog.text
    finally:
        one.close()


@pytest.mark.parametrize("broken", [b"{", b"[]", b'{"turn": 1}', b"null", b"x" * 2_000_000])
def test_a_state_that_cannot_be_used_is_a_new_conversation(shared: FakeRedis, broken: bytes) -> None:
    memory = RedisMemory("redis://anywhere")
    shared.kept[_key("sofa")] = broken
    assert memory.load("sofa") is None
    memory.save("sofa", DialogueState())
    assert memory.load("sofa") == DialogueState()


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="redis://HOST"):
        RedisMemory("http://kitchen")
