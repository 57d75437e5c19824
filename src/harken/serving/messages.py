"""What a client says on the WebSocket `/v1/stream`, checked, and what it is told. docs/reference/serving.md is the
contract."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from harken.errors import DataError
from harken.events import SAMPLE_RATE, Event, TurnAudio
from harken.serving.pcm import RATES
from harken.trace import to_json

LONGEST_WINDOW = 60.0
"""Seconds for which `listen` may do without the wake word."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Start(_Message):
    """How the client wants the conversation; the first message, if it is sent at all."""

    type: Literal["start"] = "start"
    rate: int = Field(default=SAMPLE_RATE, ge=RATES[0], le=RATES[1])
    """Hz of the sound that the client sends."""
    wake: bool = True
    """Whether a wake word is needed."""
    place: str = Field(default="", max_length=40)
    """Where the client is, e.g. 'kitchen': timers that are set there ring there, even after the connection was lost."""
    voice: bool = True
    """Whether replies are spoken."""
    scores: bool = False
    """Whether to report the scores of wake word and speech every 80 ms."""
    reports: bool = False
    """Whether the client reports when its loudspeaker falls silent ('played'). Otherwise a reply is taken to play as
    soon as it is sent, on the clock of the sound that the client sends."""


class Text(_Message):
    """A typed turn."""

    type: Literal["text"]
    text: str = Field(min_length=1)


class Listen(_Message):
    """No wake word is needed for a while: a button was pressed."""

    type: Literal["listen"]
    seconds: float = Field(default=10.0, gt=0, le=LONGEST_WINDOW, allow_inf_nan=False)
    level: float | None = Field(default=None, ge=-200, le=100, allow_inf_nan=False)
    """How loud the wake word was, in dB, if the client heard one: of several that hear it, one answers."""


class Done(_Message):
    """The turn is complete: the button was released."""

    type: Literal["done"]


class Stop(_Message):
    """The reply is to fall silent."""

    type: Literal["stop"]


class Played(_Message):
    """The loudspeaker has played all of a reply, or was cut off."""

    type: Literal["played"]
    turn: int = Field(ge=-1)
    interrupted: bool = False


class Explain(_Message):
    """What each word of a sentence would be taken for; nothing is done."""

    type: Literal["explain"]
    text: str = Field(min_length=1)


class Correct(_Message):
    """A turn was misheard; what was really said is noted in the log, if the turn is in it."""

    type: Literal["correct"]
    turn: int = Field(ge=0)
    said: str = Field(min_length=1)


class Reset(_Message):
    """A new conversation on the same connection."""

    type: Literal["reset"]


Incoming: TypeAlias = Start | Text | Listen | Done | Stop | Played | Explain | Correct | Reset

_INCOMING: TypeAdapter[Incoming] = TypeAdapter(Annotated[Incoming, Field(discriminator="type")])


def read_message(line: str, *, longest: int) -> Incoming:
    """A client's message.

    Args:
        line: JSON.
        longest: characters of a text, at most.

    Raises:
        DataError: it is not a message of this protocol.
    """
    try:
        message = _INCOMING.validate_json(line)
    except ValidationError as error:
        raise DataError(
            f"not a message of this protocol: {_first_fault(error)}; see docs/reference/serving.md"
        ) from None
    text = message.text if isinstance(message, Text | Explain) else message.said if isinstance(message, Correct) else ""
    if len(text) > longest:
        raise DataError(f"the text has {len(text)} characters; send at most {longest}")
    return message


def event_message(event: Event) -> dict[str, Any] | None:
    """What a client is told of an event: its name and values without samples; None for what stays here."""
    return None if isinstance(event, TurnAudio) else {"type": "event", **to_json(event)}


def error_message(error: Exception) -> dict[str, Any]:
    """A fault that the client can do something about."""
    return {"type": "error", "error": type(error).__name__, "message": str(error)}


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else str(fault["msg"])
