"""What the last requests to the home were about, for 'it', 'a bit more' and 'the kitchen too'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.home.house import PLACES, SPARED, SPARED_DEVICES, THERE, Home

_FRESH = dt.timedelta(minutes=2)
"""How long 'it' means what was spoken of."""
_TARGETS = (*PLACES, *SPARED, *SPARED_DEVICES, "switch", "only", "blind", "entrance", "lock")
"""Slots that say what a request is about."""


LAMPS, EVERYTHING = "lamps", "everything"
"""Word lists: 'light'; 'all'."""
OTHER = "other"
"""Slot of a request about all that was not spoken of."""
_ASKED_FIRST = {
    "lockSet": "lock", "followLock": "lock", "entranceSet": "entrance", "followEntrance": "entrance",
}  # fmt: skip
"""Requests that are confirmed first -> what they are about."""


class Lately:
    """The last request, as remembered in the conversation.

    Args:
        context: of the request.
    """

    def __init__(self, context: Context):
        self.memory, self._now, self._heard_words = context.memory, context.now(), context.heard_words

    @property
    def kind(self) -> str:
        """'light', 'heat', 'switch', 'blind', 'entrance', 'lock', 'all'; '' before any request."""
        return str(self.memory.get("kind", ""))

    @property
    def target(self) -> dict[str, Any]:
        """The slots that say what it was about."""
        return {name: value for name, value in self.slots.items() if name in _TARGETS}

    @property
    def slots(self) -> Mapping[str, Any]:
        """All its slots."""
        slots: Mapping[str, Any] = self.memory.get("slots", {})
        return slots

    @property
    def intent(self) -> str:
        """Its intent."""
        return str(self.memory.get("intent", ""))

    @property
    def direction(self) -> int:
        """-1 when it stepped down, otherwise 1."""
        return -1 if float(self.memory.get("step", 0)) < 0 else 1

    @property
    def before(self) -> Mapping[str, Any]:
        """Device -> the state that it had before the last request, of those that it changed."""
        states: Mapping[str, Any] = self.memory.get("before", {})
        return states

    def there(self, request: Request) -> Request:
        """A request with the room that was spoken of in the place of 'there', if it was one."""
        rooms = [self.slots[name] for name in PLACES if name in self.slots]
        if THERE not in request.slots.values() or len(rooms) != 1:
            return request
        slots = {name: rooms[0] if value == THERE else value for name, value in request.slots.items()}
        return replace(request, slots=slots)

    def resumed(self, request: Request, kind: str) -> Request:
        """A request about 'it' (the slot `same`), or one that names no lights at all ('half the brightness'): with the
        target of the last request, if that is fresh and alike."""
        unnamed = self._heard_words(LAMPS) and not (
            (self._heard_words(LAMPS) | self._heard_words(EVERYTHING)) & set(request.text.split())
        )
        if (
            not (request.slots.get("same") or unnamed)
            or any(name in request.slots for name in PLACES)
            or self.kind != kind
        ):
            return request
        since = self._now - dt.datetime.fromisoformat(str(self.memory["at"]))
        return request if abs(since) > _FRESH else replace(request, slots={**self.target, **request.slots})

    def following(self, request: Request) -> Lately:
        """What a request follows on: a lock or an entrance that was only asked about was not remembered."""
        kind = _ASKED_FIRST.get(request.after, "")
        about = {name: value for name, value in request.before.items() if name in _TARGETS}
        if not kind or not about or (self.kind, self.target) == (kind, about):
            return self
        other = copy(self)
        other.memory = {"kind": kind, "intent": request.after, "slots": about, "at": self._now.isoformat()}
        return other

    def others(self, request: Request) -> Request | None:
        """A request about all others, which leaves out what was spoken of last; None if that is nothing of the kind."""
        rooms = [self.slots[name] for name in PLACES if name in self.slots]
        spared: dict[str, Any] = dict(zip(SPARED, rooms, strict=False)) if self.kind == "light" else {}
        if self.kind == "switch" and request.intent == "allSet":
            spared = {SPARED_DEVICES[0]: self.slots["switch"]}
        slots = {name: value for name, value in request.slots.items() if name != OTHER}
        return replace(request, slots={**slots, **spared}) if spared else None

    def about(self, kind: str, request: Request, *, step: float = 0) -> dict[str, Any]:
        """What to remember of a request."""
        return {"kind": kind, "intent": request.intent, "slots": dict(request.slots), "step": step,
                "at": self._now.isoformat()}  # fmt: skip


def done(request: Request, home: Home, text: str, kind: str, *, step: float = 0, **data: Any) -> Answer:
    """The answer to a request that changed something: remembered, and what takes it back."""
    undo = home.undo()
    remember = Lately(home.context).about(kind, request, step=step)
    remember["before"] = {} if undo is None else undo.slots["devices"]
    return Answer(text=text, act="ack", data={**request.slots, **data}, remember=remember, undo=undo)


def asked(home: Home, key: str, slot: str) -> Answer:
    """A question for what was not said."""
    return Answer(text=home.say(key), act="request", ask=slot)
