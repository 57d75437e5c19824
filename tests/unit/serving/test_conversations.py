"""Conversations that are remembered by name, and for how long."""

from __future__ import annotations

import asyncio

from harken.events import Event, Reply
from harken.serving.conversations import FORGOTTEN, KEPT, Conversations


class Parrot:
    """Counts its turns."""

    def __init__(self) -> None:
        self.turns, self.closed = 0, False

    def ask_text(self, text: str) -> list[Event]:
        self.turns += 1
        return [Reply(turn=self.turns, text=text, act="inform")]

    def close(self) -> None:
        self.closed = True


class House:
    def __init__(self) -> None:
        self.begun: list[Parrot] = []
        self.now = 0.0
        self.conversations = Conversations(self.begin, clock=lambda: self.now)  # type: ignore[arg-type]

    def begin(self) -> Parrot:
        self.begun.append(Parrot())
        return self.begun[-1]

    def ask(self, name: str) -> int:
        (reply,) = asyncio.run(self.conversations.ask(name, "hello"))
        assert isinstance(reply, Reply)
        return reply.turn


def test_the_same_name_continues_a_conversation() -> None:
    house = House()
    assert [house.ask(name) for name in ("a", "b", "a", "a")] == [1, 1, 2, 3]


def test_a_conversation_that_nobody_continues_is_over() -> None:
    house = House()
    house.ask("a")
    house.now = FORGOTTEN
    assert house.ask("a") == 2
    house.now = 2 * FORGOTTEN + 1
    assert house.ask("a") == 1
    assert house.begun[0].closed


def test_the_one_that_was_silent_longest_makes_room() -> None:
    house = House()
    for number in range(KEPT):
        house.ask(str(number))
    house.ask("0")
    house.ask("new")
    assert [parrot.closed for parrot in house.begun].index(True) == 1
    assert sum(parrot.closed for parrot in house.begun) == 1
    assert house.ask("0") == 3


def test_turns_of_one_conversation_wait_for_each_other() -> None:
    async def both() -> list[int]:
        house = House()
        answers = await asyncio.gather(*(house.conversations.ask("a", "hello") for _ in range(5)))
        return [event.turn for events in answers for event in events if isinstance(event, Reply)]

    assert sorted(asyncio.run(both())) == [1, 2, 3, 4, 5]


def test_closing_ends_them_all() -> None:
    house = House()
    house.ask("a")
    house.ask("b")
    house.conversations.close()
    assert all(parrot.closed for parrot in house.begun)
