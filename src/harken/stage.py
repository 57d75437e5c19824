"""Stages and the pipeline that joins them.

A stage is synchronous and keeps its state to itself. It states what it consumes and emits, so that the pipeline can
refuse to start when something needed is emitted by nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from harken.errors import PipelineError
from harken.events import AudioChunk, Event, FollowUpOpened, PlaybackEnded, PlaybackStarted, StageFailed

log = logging.getLogger(__name__)

FROM_OUTSIDE: tuple[type[Event], ...] = (AudioChunk, PlaybackStarted, PlaybackEnded, FollowUpOpened)
"""Events that the assistant's loop feeds in; everything else must be emitted by an earlier stage."""


@runtime_checkable
class Stage(Protocol):
    """One link of the chain: events in, events out."""

    @property
    def name(self) -> str:
        """Name for messages and traces, e.g. 'wakeword'."""

    @property
    def consumes(self) -> tuple[type[Event], ...]:
        """Event types that `process` takes."""

    @property
    def emits(self) -> tuple[type[Event], ...]:
        """Event types that `process` and `flush` may return."""

    @property
    def latency(self) -> int:
        """Samples at 16 kHz by which an answer lags the sound that caused it."""

    def process(self, event: Event) -> list[Event]:
        """Take one event, return what follows from it, oldest first."""

    def flush(self) -> list[Event]:
        """The stream has ended: return what was held back. The next call must be `reset`."""

    def reset(self) -> None:
        """Forget the stream: afterwards the stage behaves as if newly made."""


class Pipeline:
    """Stages in the order of the data. Every event is offered to all later stages that consume its type.

    Raises:
        PipelineError: a stage consumes an event that nothing before it emits.
    """

    def __init__(self, stages: Sequence[Stage]):
        self.stages = tuple(stages)
        _check_fit(self.stages)

    def process(self, event: Event) -> list[Event]:
        """All events that follow from `event`, itself first, in causal order."""
        return self._run([event], 0)

    def flush(self) -> list[Event]:
        """Flush stage by stage; what one stage held back still passes through the later ones."""
        out: list[Event] = []
        for place, stage in enumerate(self.stages):
            out += self._run(_guard(stage, None), place + 1)
        return out

    def reset(self) -> None:
        """Reset every stage."""
        for stage in self.stages:
            stage.reset()

    def _run(self, events: list[Event], first: int) -> list[Event]:
        for stage in self.stages[first:]:
            passed: list[Event] = []
            for event in events:
                passed.append(event)
                if isinstance(event, stage.consumes):
                    passed += _guard(stage, event)
            events = passed
        return events


def _guard(stage: Stage, event: Event | None) -> list[Event]:
    """One failing stage must not take the assistant down: it becomes an event, and the log keeps the traceback."""
    try:
        return stage.flush() if event is None else stage.process(event)
    except Exception as error:
        log.exception("stage %s failed", stage.name)
        return [StageFailed(stage=stage.name, message=f"{type(error).__name__}: {error}")]


def _check_fit(stages: Iterable[Stage]) -> None:
    known: set[type[Event]] = set(FROM_OUTSIDE)
    for stage in stages:
        for wanted in stage.consumes:
            if not any(issubclass(given, wanted) for given in known):
                names = ", ".join(sorted(kind.__name__ for kind in known))
                raise PipelineError(
                    f"stage '{stage.name}' needs {wanted.__name__}, but the stages before it emit only {names}; "
                    f"put a stage that emits {wanted.__name__} before it"
                )
        known |= set(stage.emits)
