"""Single ears for clients that bring their own rest: one listens for wake words, one writes down what is said.

They work in threads, one call at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from harken.assistant.chain import Chain
from harken.assistant.models import Models
from harken.errors import ConfigError, nearest
from harken.events import (
    NOBODY_SPOKE,
    SAMPLE_RATE,
    AudioChunk,
    Event,
    Samples,
    Transcript,
    TurnAudio,
    TurnEnded,
    TurnStarted,
    WakeDetected,
)
from harken.stage import Pipeline

_REMEMBERED = 60 * SAMPLE_RATE
"""Samples of a recording that decide whether anybody speaks in it."""


class WakeListener:
    """Listens for wake words in one stream.

    Args:
        models: whose words.
        words: those to listen for; all when empty.

    Raises:
        ConfigError: one is not installed.
    """

    def __init__(self, models: Models, words: Sequence[str] = ()):
        models.refresh()  # words may have been taught since the last stream
        known = models.state.words
        for word in words:
            if word not in known:
                raise ConfigError(f"there is no wake word '{word[:40]}'; {nearest(word, known)}")
        self._wanted = frozenset(words or known)
        self._ears = Pipeline(Chain(models, voice=False).waking_stages)
        self._position = 0
        self.heard = False
        """Whether any was heard so far."""

    def hear(self, samples: Samples) -> list[WakeDetected]:
        """The words that these samples [n] complete."""
        chunk = AudioChunk(start=self._position, samples=samples)
        self._position += len(samples)
        return self._found(self._ears.process(chunk))

    def finish(self) -> list[WakeDetected]:
        """The stream has ended: words that are heard late."""
        return self._found(self._ears.flush())

    def _found(self, events: Iterable[Event]) -> list[WakeDetected]:
        found = [event for event in events if isinstance(event, WakeDetected) and event.word in self._wanted]
        self.heard = self.heard or bool(found)
        return found


class SpeechListener:
    """Writes down one recording as it comes in, as the assistant would hear a request.

    Args:
        models: that it hears with.
    """

    def __init__(self, models: Models):
        models.refresh()  # skills may have been added since the last recording
        self._chain = Chain(models, wake=False, voice=False)
        self._recognizer = self._chain.recognizer.stage
        self._position = 0
        self._start: list[Samples] = []
        """Of the recording, to decide whether anybody speaks."""
        self._recognizer.process(TurnStarted(turn=0, start=0, reason="open"))

    def hear(self, samples: Samples) -> Transcript | None:
        """The partial transcript that these samples [n] bring, if they do."""
        audio = TurnAudio(turn=0, start=self._position, samples=samples)
        if self._position < _REMEMBERED:
            self._start.append(samples)
        self._position += len(samples)
        partial = [event for event in self._recognizer.process(audio) if isinstance(event, Transcript)]
        return partial[-1] if partial else None

    def finish(self) -> Transcript:
        """The recording has ended: what was said; nothing, if nobody speaks in it."""
        spoken = bool(self._start) and self._chain.may_hold_speech(np.concatenate(self._start))
        ended = TurnEnded(turn=0, end=self._position, reason="flush" if spoken else NOBODY_SPOKE)
        (final,) = [event for event in self._recognizer.process(ended) if isinstance(event, Transcript)]
        return final
