"""A word that silences the assistant while it speaks, without the wake word: "stop".

Another stage finds the word, as if it were a wake word; this one says when that counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from harken.errors import PipelineError
from harken.events import (
    AudioChunk,
    Event,
    PlaybackEnded,
    PlaybackStarted,
    SpeechActivity,
    StopDetected,
    WakeDetected,
)
from harken.stage import Stage


class StopWordSpotter:
    """Stage: sound, speech activity and the loudspeaker's reports in, `StopDetected` out, only while a reply plays.

    Args:
        spotter: stage that finds the words; of its own, for each reply begins afresh.
    """

    name = "stopword"
    consumes: tuple[type[Event], ...] = (AudioChunk, SpeechActivity, PlaybackStarted, PlaybackEnded)
    emits: tuple[type[Event], ...] = (StopDetected,)
    replaces: tuple[type[Event], ...] = ()

    def __init__(self, spotter: Stage):
        self._spotter, self._listens = spotter, False

    @property
    def latency(self) -> int:
        """Samples; that of the spotter."""
        return self._spotter.latency

    def process(self, event: Event) -> list[Event]:
        """The words that this event completes."""
        match event:
            case PlaybackStarted():
                if not self._listens:
                    self._spotter.reset()
                self._listens = True
            case PlaybackEnded():
                self._listens = False
            case AudioChunk() | SpeechActivity():
                return self._stops(self._spotter.process(event)) if self._listens else []
            case _:
                raise PipelineError(f"{self.name} does not take {type(event).__name__}")
        return []

    def flush(self) -> list[Event]:
        """A word at the very end of the stream."""
        return self._stops(self._spotter.flush()) if self._listens else []

    def reset(self) -> None:
        """Forget the stream; nothing plays."""
        self._listens = False
        self._spotter.reset()

    @staticmethod
    def _stops(found: Iterable[Event]) -> list[Event]:
        return [
            StopDetected(word=one.word, start=one.start, end=one.end, score=one.score)
            for one in found
            if isinstance(one, WakeDetected)
        ]
