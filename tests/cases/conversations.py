"""Typed conversations as data: what is said, and what must and must not follow.

Every YAML file of this folder is a list of cases:

    - kind: C                          # root cause; see the comment at the top of the file
      now: 2026-11-26T10:25            # local time at the beginning; this is the default
      zone: Europe/Berlin              # time zone of the user; UTC by default
      turns:
        - {say: "don't turn on the light", reply: "leave", nothing: true}
        - {say: "...", reply: [one pattern, or another], never: pattern, wait: 60, rings: pattern}

`reply` is a regular expression that the reply must contain (or a list, of which one must); `never` one that it must
not contain. Case is ignored. `nothing: true`: lists, devices, notes and timers are as before. `wait` lets so many
seconds pass before the turn; `rings` must be said meanwhile.

    python -m tests.cases.conversations [FILE ...]      prints what goes wrong, and the share that is right
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from tests.unit.dialogue.conftest import TurnedClock

from harken.assistant.assistant import Assistant
from harken.assistant.models import Models
from harken.dialogue.store import Store
from harken.events import Event, Reply

FOLDER = Path(__file__).parent
NOW = "2026-11-26T10:25"
KEYS = frozenset({"say", "reply", "never", "nothing", "wait", "rings"})


@dataclass(frozen=True)
class Case:
    """One conversation."""

    name: str
    kind: str
    turns: Sequence[Mapping[str, Any]]
    now: dt.datetime


def read_cases(files: Sequence[Path] = ()) -> Iterator[Case]:
    """The cases of these files, or of all."""
    for file in files or sorted(FOLDER.glob("*.yaml")):
        for place, entry in enumerate(yaml.safe_load(file.read_text(encoding="utf-8"))):
            unknown = {key for turn in entry["turns"] for key in turn} - KEYS
            assert not unknown, f"{file.name}: unknown keys {unknown}"
            now = dt.datetime.fromisoformat(str(entry.get("now", NOW)))
            first = entry["turns"][0]["say"]
            yield Case(
                f"{file.stem}-{place}-{first[:60]}", str(entry["kind"]), entry["turns"],
                now.replace(tzinfo=ZoneInfo(entry.get("zone", "UTC"))),
            )  # fmt: skip


class _Shared:
    """The clock and the store that the models of all cases use; each case brings its own."""

    def __init__(self) -> None:
        self.clock = TurnedClock(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        self.models = Models.load(store=Store(":memory:"), clock=self.clock)


@cache
def _shared() -> _Shared:
    return _Shared()


@contextmanager
def conversation(now: dt.datetime) -> Iterator[Assistant]:
    """An assistant with nothing in its store, at this time."""
    shared = _shared()
    shared.clock.wall = now
    shared.models._parts.forget("store")
    shared.models._given_store = Store(":memory:")
    with Assistant.over(shared.models, wake=False, voice=False) as assistant:
        yield assistant


def faults(case: Case) -> list[str]:
    """What goes wrong in a conversation; empty when it goes as written."""
    shared, wrong = _shared(), []
    with conversation(case.now) as assistant:
        for turn in case.turns:
            rung = _texts(_pass_time(assistant, shared.clock, turn))
            before = _content(shared.models.store)
            reply = _texts(assistant.ask_text(turn["say"]))
            wrong += [f"{turn['say']!r}: {fault}; it said {reply!r}" for fault in _compare(turn, reply, rung)]
            if turn.get("nothing") and _content(shared.models.store) != before:
                wrong.append(f"{turn['say']!r}: something was changed; it said {reply!r}")
    return wrong


def _pass_time(assistant: Assistant, clock: TurnedClock, turn: Mapping[str, Any]) -> list[Event]:
    clock.wait(float(turn.get("wait", 0)))
    return assistant.poll() if "wait" in turn else []


def _compare(turn: Mapping[str, Any], reply: str, rung: str) -> Iterator[str]:
    wanted = turn.get("reply", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(re.search(pattern, reply, re.IGNORECASE) for pattern in wanted):
        yield f"expected {' or '.join(wanted)!r}"
    if "never" in turn and re.search(turn["never"], reply, re.IGNORECASE):
        yield f"unwanted {turn['never']!r}"
    if "rings" in turn and not re.search(turn["rings"], rung, re.IGNORECASE):
        yield f"expected {turn['rings']!r} to ring, heard {rung!r}"


def _texts(events: Sequence[Event]) -> str:
    return " ".join(event.text for event in events if isinstance(event, Reply))


def _content(store: Store) -> list[str]:
    return list(store._db.iterdump())


def main() -> None:
    """Print what goes wrong and the share by kind."""
    right, total = Counter[str](), Counter[str]()
    for case in read_cases([Path(name) for name in sys.argv[1:]]):
        wrong = faults(case)
        total[case.kind] += 1
        right[case.kind] += not wrong
        for line in wrong:
            print(f"{case.kind}  {case.name}: {line}")
    for kind in sorted(total):
        print(f"{kind}: {right[kind]} of {total[kind]}")
    print(f"all: {right.total()} of {total.total()}")


if __name__ == "__main__":
    main()
