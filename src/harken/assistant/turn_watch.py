"""How long a live turn takes: from the end of speech to the first sound of the reply, stage by stage."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from harken.events import Event, Interpretation, Reply, SpeechChunk, Transcript, TurnEnded, seconds


@dataclass(frozen=True, kw_only=True)
class TurnTimes:
    """Seconds that a person waited in one turn, by what happened meanwhile."""

    turn: int
    endpoint: float
    """From the end of the last word to the decision that nobody continues."""
    words: float
    """From the decision to the transcript."""
    meaning: float
    reply: float
    voice: float
    """Until the first sound of the reply exists; 0 when nothing is spoken."""

    @property
    def after_decision(self) -> float:
        """From the decision to the first sound."""
        return self.words + self.meaning + self.reply + self.voice

    @property
    def total(self) -> float:
        """From the end of the last word to the first sound."""
        return self.endpoint + self.after_decision


class TurnWatch:
    """Watches events as they come and tells the times of each answered turn.

    Args:
        voice: whether replies are spoken.
        clock: seconds on a clock that only runs forward.
    """

    def __init__(self, *, voice: bool = True, clock: Callable[[], float] = time.perf_counter):
        self._voice, self._clock = voice, clock
        self._turn = -1
        self._end = 0
        self._endpoint = 0.0
        self._marks: dict[type[Event], float] = {}

    def see(self, event: Event) -> TurnTimes | None:
        """Take the next event; returns the times of a turn when its reply begins."""
        if isinstance(event, TurnEnded):
            self._turn, self._end, self._marks = event.turn, event.end, {}
        elif getattr(event, "turn", None) != self._turn or not self._belongs(event):
            return None
        if isinstance(event, Transcript) and event.hypotheses[0].words:
            self._endpoint = max(0.0, seconds(self._end - event.hypotheses[0].words[-1].end))
        if isinstance(event, TurnEnded | Transcript | Interpretation | Reply | SpeechChunk):
            self._marks[type(event)] = self._clock()
        if isinstance(event, SpeechChunk if self._voice else Reply) and Interpretation in self._marks:
            return self._times()
        return None

    def _belongs(self, event: Event) -> bool:
        if isinstance(event, Transcript):
            return event.final and bool(event.hypotheses)
        return self._turn >= 0 and type(event) not in self._marks

    def _times(self) -> TurnTimes:
        order = (TurnEnded, Transcript, Interpretation, Reply, *([SpeechChunk] if self._voice else []))
        at = [self._marks.get(kind, 0.0) for kind in order]
        words, meaning, reply, *voice = (later - earlier for earlier, later in itertools.pairwise(at))
        turn, self._turn = self._turn, -1
        return TurnTimes(
            turn=turn, endpoint=self._endpoint, words=words, meaning=meaning, reply=reply, voice=sum(voice)
        )
