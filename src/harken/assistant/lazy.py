"""A stage that is made when its first event comes, and whose processor time is counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from harken.events import Event
from harken.stage import Stage


class LazyStage:
    """Stands for a stage of the type `kind` until it is needed: a text turn never loads the recogniser.

    Args:
        name: for messages, traces and the table of times.
        kind: the stage's class; it states `consumes` and `emits` as class attributes.
        make: makes the stage.
    """

    def __init__(self, name: str, kind: type[Stage], make: Callable[[], Stage]):
        self._name, self._kind, self._make = name, kind, make
        self._stage: Stage | None = None
        self.seconds = 0.0
        """Processor time of all calls since the last `restart_clock`, the making not counted."""
        self.loading = 0.0
        """Wall time of making the stage; 0 while it was not needed."""

    @property
    def name(self) -> str:
        """Name for messages and traces."""
        return self._name

    @property
    def consumes(self) -> tuple[type[Event], ...]:
        """What the stage takes."""
        return self._kind.consumes  # type: ignore[return-value]

    @property
    def emits(self) -> tuple[type[Event], ...]:
        """What the stage gives."""
        return self._kind.emits  # type: ignore[return-value]

    @property
    def latency(self) -> int:
        """Samples; makes the stage."""
        return self.stage.latency

    @property
    def made(self) -> bool:
        """Whether the stage exists already."""
        return self._stage is not None

    @property
    def stage(self) -> Stage:
        """The stage itself; made now if it was not yet."""
        if self._stage is None:
            begun = time.perf_counter()
            self._stage = self._make()
            self.loading = time.perf_counter() - begun
        return self._stage

    def warm_up(self) -> None:
        """Make the stage if it was not yet; a fault is raised here instead of at the first event."""
        _ = self.stage

    def renew(self) -> None:
        """Drop the stage; the next event makes it anew, with what is registered then."""
        self._stage = None

    def restart_clock(self) -> None:
        """Begin to count `seconds` anew."""
        self.seconds = 0.0

    def process(self, event: Event) -> list[Event]:
        """Pass the event to the stage."""
        return self._timed(lambda stage: stage.process(event))

    def flush(self) -> list[Event]:
        """Flush the stage; one that was never needed has nothing to say."""
        return self._timed(lambda stage: stage.flush()) if self.made else []

    def reset(self) -> None:
        """Reset the stage if it exists."""
        if self._stage is not None:
            self._stage.reset()

    def timed(self, pieces: Iterator[Event]) -> Iterator[Event]:
        """The pieces that the stage makes one by one, the time of each counted."""
        while True:
            begun = time.process_time()
            try:
                piece = next(pieces)
            except StopIteration:
                return
            finally:
                self.seconds += time.process_time() - begun
            yield piece

    def _timed(self, call: Callable[[Stage], list[Event]]) -> list[Event]:
        stage = self.stage
        begun = time.process_time()
        try:
            return call(stage)
        finally:
            self.seconds += time.process_time() - begun
