"""A word that silences the assistant while it speaks, without the wake word: "stop"."""

from __future__ import annotations

from harken.activation.wakeword import WakeWordSpotter
from harken.errors import PipelineError
from harken.events import AudioChunk, Event, PlaybackEnded, PlaybackStarted, StopDetected, WakeDetected


class StopWordSpotter:
    """Stage: sound and the loudspeaker's reports in, `StopDetected` out. It listens only while a reply plays.

    Args:
        spotter: of the words, with a front end of its own.
    """

    name = "stopword"
    consumes: tuple[type[Event], ...] = (AudioChunk, PlaybackStarted, PlaybackEnded)
    emits: tuple[type[Event], ...] = (StopDetected,)
    replaces: tuple[type[Event], ...] = ()
    latency = WakeWordSpotter.latency

    def __init__(self, spotter: WakeWordSpotter):
        self._spotter, self._listens = spotter, False

    def process(self, event: Event) -> list[Event]:
        """The words that this event completes."""
        match event:
            case PlaybackStarted():
                if not self._listens:
                    self._spotter.reset()
                self._listens = True
            case PlaybackEnded():
                self._listens = False
            case AudioChunk():
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
    def _stops(found: list[Event]) -> list[Event]:
        return [
            StopDetected(word=one.word, start=one.start, end=one.end, score=one.score)
            for one in found
            if isinstance(one, WakeDetected)
        ]
