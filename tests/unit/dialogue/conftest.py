"""A clock that tests turn, and a manager that is asked in text."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from harken.dialogue.clock import later
from harken.dialogue.conversation import DialogueManager
from harken.dialogue.store import Store
from harken.events import Reply
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.skill_file import Skill


class TurnedClock:
    """Stands still until it is turned."""

    def __init__(self, start: dt.datetime):
        self.wall, self.steady = start, 1_000.0

    def now(self) -> dt.datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.wall = later(self.wall, seconds)
        self.steady += seconds

    def set_wall(self, wall: dt.datetime) -> None:
        """Somebody sets the wall clock; no time passes."""
        self.wall = wall


class Talk:
    """A conversation in text."""

    def __init__(self, skills: dict[str, Skill], reader: Interpreter, clock: TurnedClock, store: Store, **more: Any):
        self.reader, self.clock, self.store = reader, clock, store
        self.manager = DialogueManager(skills, reader, locale=reader.locale, store=store, clock=clock, **more)
        self.turn = -1

    def ask(self, text: str) -> Reply:
        self.turn += 1
        *_, reply = self.manager.process(self.reader.understand(text, turn=self.turn))
        assert isinstance(reply, Reply)
        assert reply.turn == self.turn
        return reply


@pytest.fixture
def clock() -> TurnedClock:
    """Friday noon."""
    return TurnedClock(dt.datetime(2026, 5, 1, 12, 0, tzinfo=dt.UTC))


@pytest.fixture(scope="session")
def skills() -> dict[str, Skill]:
    return {skill.name: skill for skill in read_shipped_skills(load_locale())}


@pytest.fixture(scope="session")
def reader(skills: dict[str, Skill]) -> Interpreter:
    return Interpreter(skills, {}, None, locale=load_locale(), today=lambda: dt.date(2026, 5, 1))


@pytest.fixture
def talk(skills: dict[str, Skill], reader: Interpreter, clock: TurnedClock) -> Talk:
    return Talk(skills, reader, clock, Store(":memory:"))


@pytest.fixture
def make_talk(reader: Interpreter, skills: dict[str, Skill], clock: TurnedClock) -> Callable[..., Talk]:
    """With another store."""
    return lambda store: Talk(skills, reader, clock, store)
