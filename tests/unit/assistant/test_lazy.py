from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from harken.assistant.lazy import LazyStage
from harken.events import Event, Interpretation, Transcript


class Counter:
    name = "counter"
    consumes = (Transcript,)
    emits = (Interpretation,)
    replaces = (Transcript,)
    latency = 7
    made = 0

    def __init__(self) -> None:
        Counter.made += 1
        self.heard = 0

    def process(self, event: Event) -> list[Event]:
        self.heard += 1
        if self.heard > 2:
            raise ValueError("three is too many")
        return []

    def flush(self) -> list[Event]:
        return []

    def reset(self) -> None:
        self.heard = 0


def event() -> Transcript:
    return Transcript(turn=0, hypotheses=())


def test_a_stage_is_made_by_its_first_event_and_not_before() -> None:
    Counter.made = 0
    lazy = LazyStage("counter", Counter, Counter)
    assert (lazy.consumes, lazy.emits, lazy.replaces) == ((Transcript,), (Interpretation,), (Transcript,))
    lazy.reset()
    list(lazy.flush())
    assert (Counter.made, lazy.made) == (0, False)
    list(lazy.process(event()))
    list(lazy.process(event()))
    assert (Counter.made, lazy.made, lazy.latency) == (1, True, 7)


def test_time_counts_even_when_the_stage_raises() -> None:
    lazy = LazyStage("counter", Counter, Counter)
    for _ in range(2):
        list(lazy.process(event()))
    before = lazy.seconds
    with pytest.raises(ValueError, match="three"):
        list(lazy.process(event()))
    assert lazy.seconds > before
    lazy.restart_clock()
    assert lazy.seconds == 0


def test_a_renewed_stage_is_made_again() -> None:
    Counter.made = 0
    lazy = LazyStage("counter", Counter, Counter)
    list(lazy.process(event()))
    lazy.renew()
    list(lazy.process(event()))
    assert Counter.made == 2


def test_the_time_of_each_answer_counts_but_not_the_time_between_them() -> None:
    class Slow(Counter):
        def process(self, event: Event) -> Iterator[Event]:  # type: ignore[override]
            for _ in range(2):
                spend(0.02)
                yield event

    lazy = LazyStage("slow", Slow, Slow)
    for _ in lazy.process(event()):
        spend(0.1)
    assert 0.03 < lazy.seconds < 0.1


def test_only_the_time_of_the_thread_that_calls_it_counts() -> None:
    class Waiting(Counter):
        def process(self, event: Event) -> list[Event]:
            other = threading.Thread(target=spend, args=(0.1,))
            other.start()
            other.join()
            return []

    lazy = LazyStage("waiting", Waiting, Waiting)
    list(lazy.process(event()))
    assert lazy.seconds < 0.05


def spend(seconds: float) -> None:
    """Keep the processor busy."""
    begun = time.thread_time()
    while time.thread_time() - begun < seconds:
        pass
