"""A stage that is created when its first event arrives, and whose processor time is measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Generic, TypeVar

from harken.events import Event
from harken.stage import Kinds, Stage

S = TypeVar("S", bound=Stage)


class LazyStage(Generic[S]):
    """Takes the place of a stage until it is needed, so that a typed turn never loads the recogniser.

    Args:
        name: for messages, traces and the table of times.
        kind: the stage's class, which declares `consumes`, `emits` and `replaces` as class attributes.
        make: creates the stage.
    """

    def __init__(self, name: str, kind: type[S], make: Callable[[], S]):
        self._name, self._kind, self._make = name, kind, make
        self._stage: S | None = None
        self.seconds = 0.0
        """Processor time that the calling threads spent in the stage since the last `restart_clock`, without creating
        it."""
        self.loading = 0.0
        """Wall time of creating the stage; 0 until then."""

    @property
    def name(self) -> str:
        """Name for messages and traces."""
        return self._name

    @property
    def consumes(self) -> Kinds:
        """What the stage consumes."""
        return self._kind.consumes  # type: ignore[return-value]

    @property
    def emits(self) -> Kinds:
        """What the stage emits."""
        return self._kind.emits  # type: ignore[return-value]

    @property
    def replaces(self) -> Kinds:
        """What the stage replaces."""
        return self._kind.replaces  # type: ignore[return-value]

    @property
    def latency(self) -> int:
        """Samples; creates the stage."""
        return self.stage.latency

    @property
    def made(self) -> bool:
        """Whether the stage exists already."""
        return self._stage is not None

    @property
    def stage(self) -> S:
        """The stage itself; created now if it does not exist yet."""
        if self._stage is None:
            begun = time.perf_counter()
            self._stage = self._make()
            self.loading = time.perf_counter() - begun
        return self._stage

    def warm_up(self) -> None:
        """Create the stage if it does not exist yet, so that an error is raised here and not at the first event."""
        _ = self.stage

    def renew(self) -> None:
        """Drop the stage; the next event creates it again with whatever is registered then."""
        self._stage = None

    def restart_clock(self) -> None:
        """Restart the count of `seconds`."""
        self.seconds = 0.0

    def process(self, event: Event) -> Iterator[Event]:
        """Pass the event to the stage; the time for each answer counts when the answer is produced."""
        return self._timed(partial(self.stage.process, event))

    def flush(self) -> Iterator[Event]:
        """Flush the stage; a stage that was never needed has nothing to flush."""
        return iter(()) if self._stage is None else self._timed(self._stage.flush)

    def reset(self) -> None:
        """Reset the stage if it exists."""
        if self._stage is not None:
            self._stage.reset()

    def _timed(self, call: Callable[[], Iterable[Event]]) -> Iterator[Event]:
        answers: Iterator[Event] | None = None
        while True:
            begun = time.thread_time()
            try:
                answers = iter(call()) if answers is None else answers
                answer = next(answers)
            except StopIteration:
                return
            finally:
                self.seconds += time.thread_time() - begun
            yield answer
