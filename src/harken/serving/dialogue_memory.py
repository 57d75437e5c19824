"""Where the state of typed conversations is kept between turns, so that any of several servers takes the next."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any, Protocol

from harken.dialogue.state import DialogueState
from harken.errors import ConfigError, DataError, MissingExtra

KEPT = 300
"""Seconds after which a conversation is over."""
_PREFIX = "harken:dialogue:"
_TIMEOUT = 1.0
"""Seconds that Redis may take."""
_LONGEST = 2**20
"""Bytes of a state, at most."""

log = logging.getLogger(__name__)


class DialogueMemory(Protocol):
    """Keeps states by the names of conversations. May be used from several threads."""

    def load(self, name: str) -> DialogueState | None:
        """The state after the last turn; None when there is none."""

    def save(self, name: str, state: DialogueState) -> None:
        """Keep the state after a turn."""


class RedisMemory:
    """Keeps states in a Redis that several servers share. Without it, each server continues with what it knows itself.

    Args:
        url: 'redis://HOST:6379/0', or 'rediss://' with encryption.

    Raises:
        ConfigError: the address is not understood.
        MissingExtra: the package redis is not installed.
    """

    def __init__(self, url: str):
        try:
            import redis
        except ModuleNotFoundError as error:
            raise MissingExtra("--redis", "redis") from error
        try:
            self._redis: Any = redis.Redis.from_url(
                url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, decode_responses=False
            )
        except ValueError as error:
            raise ConfigError(f"'{url}' is not a Redis; write redis://HOST:6379/0") from error
        self._fault: type[Exception] = redis.RedisError

    def load(self, name: str) -> DialogueState | None:
        """The state after the last turn; None when there is none, or none that can be used."""
        try:
            data = self._redis.get(_key(name))
            return None if data is None or len(data) > _LONGEST else DialogueState.from_json(json.loads(data))
        except self._fault as error:
            log.warning("Redis cannot be reached (%s): the conversation continues without it", error)
        except (ValueError, TypeError, KeyError, AttributeError, DataError) as error:
            log.warning("the state of a conversation cannot be used (%r): it begins anew", error)
        return None

    def save(self, name: str, state: DialogueState) -> None:
        """Keep the state after a turn."""
        try:
            self._redis.set(_key(name), json.dumps(state.to_json()), ex=KEPT)
        except self._fault as error:
            log.warning("Redis cannot be reached (%s): other servers do not know of this turn", error)


def _key(name: str) -> str:
    """Clients name conversations: the name may be anything, the key may not."""
    return _PREFIX + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
