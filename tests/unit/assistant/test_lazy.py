from __future__ import annotations

import pytest

from harken.assistant.lazy import LazyStage
from harken.events import Event, Interpretation, Transcript


class Counter:
    name = "counter"
    consumes = (Transcript,)
    emits = (Interpretation,)
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
    assert (lazy.consumes, lazy.emits) == ((Transcript,), (Interpretation,))
    lazy.reset()
    lazy.flush()
    assert (Counter.made, lazy.made) == (0, False)
    lazy.process(event())
    lazy.process(event())
    assert (Counter.made, lazy.made, lazy.latency) == (1, True, 7)


def test_time_counts_even_when_the_stage_raises() -> None:
    lazy = LazyStage("counter", Counter, Counter)
    for _ in range(2):
        lazy.process(event())
    before = lazy.seconds
    with pytest.raises(ValueError, match="three"):
        lazy.process(event())
    assert lazy.seconds > before
    lazy.restart_clock()
    assert lazy.seconds == 0


def test_a_renewed_stage_is_made_again() -> None:
    Counter.made = 0
    lazy = LazyStage("counter", Counter, Counter)
    lazy.process(event())
    lazy.renew()
    lazy.process(event())
    assert Counter.made == 2
