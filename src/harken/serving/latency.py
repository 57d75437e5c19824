"""How long a turn took, stage by stage: from the end of speech to each answer, and the processor time in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from harken.events import Event, Interpretation, Reply, SpeechChunk, Transcript, TurnEnded, TurnStarted


class TurnClock:
    """Times the turns of one conversation.

    Args:
        processor: stage -> processor seconds so far.
        clock: seconds.
    """

    def __init__(self, processor: Callable[[], Mapping[str, float]], *, clock: Callable[[], float] = time.perf_counter):
        self._processor, self._clock = processor, clock
        self._turn, self._ended = -1, 0.0
        self._before: Mapping[str, float] = {}
        self._steps: dict[str, float] = {}

    def see(self, event: Event) -> dict[str, float]:
        """Note an event of the conversation as soon as it is there.

        Returns:
            {step: seconds since the turn ended} if the event is the first 'transcript', 'interpretation', 'reply' or
            'speech' of the current turn; else nothing.
        """
        now = self._clock()
        typed = isinstance(event, Transcript) and bool(event.written)
        if isinstance(event, TurnStarted) or (isinstance(event, Transcript) and typed):
            self._turn, self._before = event.turn, self._processor()
        if isinstance(event, TurnEnded) or typed:
            self._ended, self._steps = now, {}
        step = _step(event)
        if not step or step in self._steps or getattr(event, "turn", None) != self._turn:
            return {}
        self._steps[step] = now - self._ended
        return {step: self._steps[step]}

    def message(self) -> dict[str, Any]:
        """Milliseconds of the current turn: from the end-point decision until each answer, and the processor time of
        each stage since the turn began."""
        used = {stage: total - self._before.get(stage, 0.0) for stage, total in self._processor().items()}
        return {
            "type": "latency", "turn": self._turn,
            "after_end": {step: round(1000 * took, 1) for step, took in self._steps.items()},
            "processor": {stage: round(1000 * took, 1) for stage, took in used.items() if took > 0},
        }  # fmt: skip


def _step(event: Event) -> str:
    match event:
        case Transcript():
            return "transcript" if event.final else ""
        case Interpretation():
            return "interpretation"
        case Reply():
            return "reply"
        case SpeechChunk():
            return "speech"
        case _:
            return ""
