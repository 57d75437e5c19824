"""Stages and the pipeline that joins them.

A stage is synchronous and keeps its state to itself. It states what it consumes, emits and replaces, so that the
pipeline can refuse to start when something needed is emitted by nobody.

Events travel depth first: what a stage emits goes through all later stages before the stage is asked for more, and
before the event that caused it travels on. So answers keep the order of the stages that gave them, and a reply starts
to sound before all of it exists.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from harken.errors import PipelineError
from harken.events import (
    AudioChunk,
    EchoAlone,
    Event,
    FollowUpOpened,
    PlaybackEnded,
    PlaybackStarted,
    PlayedAudio,
    StageFailed,
    TurnEnded,
    TurnStarted,
)

log = logging.getLogger(__name__)

Kinds = tuple[type[Event], ...]

FROM_OUTSIDE: Kinds = (AudioChunk, PlayedAudio, EchoAlone, PlaybackStarted, PlaybackEnded, FollowUpOpened)
"""Events that the assistant's loop may feed in; everything else must be emitted by an earlier stage."""
NO_TURN = -1
"""Turn of a failure that happened outside any turn."""


@runtime_checkable
class Stage(Protocol):
    """One link of the chain: events in, events out."""

    @property
    def name(self) -> str:
        """Name for messages and traces, e.g. 'wakeword'."""

    @property
    def consumes(self) -> Kinds:
        """Event types that `process` takes."""

    @property
    def emits(self) -> Kinds:
        """Event types that `process` and `flush` may emit."""

    @property
    def replaces(self) -> Kinds:
        """Event types, all of them consumed, that end with this stage; what it emits continues instead."""

    @property
    def latency(self) -> int:
        """Samples at 16 kHz by which an answer lags behind the sound that caused it."""

    def process(self, event: Event) -> Iterable[Event]:
        """Take one event, give what follows from it, oldest first: a list, or a generator that works as it is read.

        A stage that consumes what the loop reports (playback, follow-up) must be ready for a report while later stages
        still work on its answer: it answers with a list, or leaves nothing half done where it gives an event.
        """

    def flush(self) -> Iterable[Event]:
        """The stream has ended: give what was held back. The next call must be `reset`."""

    def reset(self) -> None:
        """Forget the stream: afterwards the stage behaves like a new one."""


class Pipeline:
    """Stages in the order of the data. Every event is offered to all later stages that consume its type.

    Args:
        stages: in the order of the data.
        given: event types that come from outside.

    Raises:
        PipelineError: a stage consumes an event that nothing before it emits, or replaces one that it does not consume.
    """

    def __init__(self, stages: Sequence[Stage], *, given: Kinds = FROM_OUTSIDE):
        self.stages = tuple(stages)
        self._turn = NO_TURN
        self.emits = _check_fit(self.stages, given)
        """Event types that leave the pipeline, those from outside among them."""
        self.consumes = tuple(kind for stage in self.stages for kind in stage.consumes)
        """Event types that some stage takes."""
        self._links = tuple((stage, stage.consumes, stage.replaces) for stage in self.stages)
        self._ends = tuple(
            tuple(kind for stage in self.stages[place:] for kind in stage.replaces)
            for place in range(len(self.stages) + 1)
        )
        """Event types that some stage from a place on replaces."""

    def process(self, event: Event, *, first: int = 0) -> Iterator[Event]:
        """The event itself, unless a stage replaces it, then all that follows from it, in causal order.

        Nothing happens before the result is read, and each event is there as soon as its stage gives it.

        Args:
            event: on its way through the stages.
            first: place of the first stage that it is offered to.
        """
        if isinstance(event, TurnStarted):
            self._turn = event.turn
        if not isinstance(event, self._ends[first]):
            yield event
        for place, (stage, consumes, replaces) in enumerate(self._links[first:], first + 1):
            if isinstance(event, consumes):
                for answer in self._guarded(stage, event):
                    yield from self.process(answer, first=place)
            if isinstance(event, replaces):
                break
        if isinstance(event, TurnEnded):
            self._turn = NO_TURN

    def flush(self) -> Iterator[Event]:
        """Flush stage by stage; what one stage held back still passes through the later ones."""
        for place, stage in enumerate(self.stages):
            for held in self._guarded(stage, None):
                yield from self.process(held, first=place + 1)
        self._turn = NO_TURN

    def reset(self) -> None:
        """Reset every stage."""
        for stage in self.stages:
            stage.reset()
        self._turn = NO_TURN

    def _guarded(self, stage: Stage, event: Event | None) -> Iterator[Event]:
        """One failing stage must not take the assistant down: it becomes an event, and the log keeps the traceback.

        What a failing stage replaces ends with it all the same: it cannot say what should continue instead.
        """
        try:
            yield from stage.flush() if event is None else stage.process(event)
        except Exception as error:
            turn = getattr(event, "turn", self._turn)
            log.exception("stage %s failed in turn %d", stage.name, turn)
            yield StageFailed(turn=turn, stage=stage.name, message=f"{type(error).__name__}: {error}")


def _check_fit(stages: Iterable[Stage], given: Kinds) -> Kinds:
    """What leaves the last stage."""
    known: dict[type[Event], None] = dict.fromkeys(given)
    taken: dict[type[Event], str] = {}
    for stage in stages:
        for wanted in stage.consumes:
            if not any(issubclass(kind, wanted) for kind in known):
                raise PipelineError(_missing(stage, wanted, known, taken))
        for kind in stage.replaces:
            if not issubclass(kind, stage.consumes):
                raise PipelineError(
                    f"stage '{stage.name}' replaces {kind.__name__} but does not consume it; add it to `consumes`"
                )
        ended = [kind for kind in known if issubclass(kind, stage.replaces)]
        for kind in ended:
            del known[kind]
        taken |= dict.fromkeys(ended, stage.name)
        known |= dict.fromkeys(stage.emits)
    return tuple(known)


def _missing(stage: Stage, wanted: type[Event], known: Iterable[type[Event]], taken: dict[type[Event], str]) -> str:
    ended = next((name for kind, name in taken.items() if issubclass(kind, wanted)), None)
    if ended is not None:
        return (
            f"stage '{stage.name}' needs {wanted.__name__}, but it ends with stage '{ended}', which replaces it; "
            f"put '{stage.name}' before '{ended}'"
        )
    names = ", ".join(sorted(kind.__name__ for kind in known))
    return (
        f"stage '{stage.name}' needs {wanted.__name__}, but the stages before it only emit {names}; "
        f"put a stage that emits {wanted.__name__} before it"
    )
