"""Loudspeakers play the pieces of a reply and report what was really played.

The assistant is given one. Its reports (`PlaybackStarted`, `PlaybackEnded`, and `PlayedAudio` where an echo must be
removed) go back to the stages: immediately if a method here returns them; the first two also later, from any thread,
through `Assistant.report`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

from harken.events import SAMPLE_RATE, Event, PlaybackEnded, PlaybackStarted, SpeechChunk


class Loudspeaker(Protocol):
    """Plays replies. Positions are those of the microphone's stream, in samples at 16 kHz."""

    @property
    def playing(self) -> bool:
        """Whether a reply is playing."""

    def play(self, chunk: SpeechChunk, now: int) -> Iterable[Event]:
        """Take a piece of a reply at position `now`, to be played after the earlier pieces."""

    def stop(self, now: int) -> Iterable[Event]:
        """Fall silent at position `now` and drop the pieces that have not been played."""

    def advance(self, now: int) -> Iterable[Event]:
        """The microphone has reached position `now`: report what has started or ended by then.

        One that the microphone can hear also reports, as `PlayedAudio`, what it was given; at the latest before the
        microphone's sound over the same span.
        """

    def finish(self) -> Iterable[Event]:
        """No more sound comes in: play to the end and report it."""

    def reset(self) -> None:
        """Forget everything without a report: a new conversation begins."""


class VirtualLoudspeaker:
    """Plays on the microphone's clock, for files, tests and the demo, which have no sound card.

    A piece plays as soon as it arrives, or right after the previous one.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._turn, self._end = -1, -1

    @property
    def playing(self) -> bool:
        """Whether a reply is playing."""
        return self._end >= 0

    def play(self, chunk: SpeechChunk, now: int) -> list[Event]:
        """Take a piece; the first piece of a reply starts to play now."""
        length = math.ceil(len(chunk.samples) * SAMPLE_RATE / chunk.rate)
        begins = not self.playing
        self._turn, self._end = chunk.turn, (now if begins else self._end) + length
        return [PlaybackStarted(turn=chunk.turn, start=now)] if begins else []

    def stop(self, now: int) -> list[Event]:
        """Fall silent."""
        return self._silent(now, interrupted=True) if self.playing else []

    def advance(self, now: int) -> list[Event]:
        """Report the end of the reply if it is reached by position `now`."""
        return self._silent(self._end, interrupted=False) if self.playing and now >= self._end else []

    def finish(self) -> list[Event]:
        """Report the end of the reply, whatever the microphone's clock says."""
        return self.advance(self._end)

    def _silent(self, now: int, *, interrupted: bool) -> list[Event]:
        turn, self._end = self._turn, -1
        return [PlaybackEnded(turn=turn, end=now, interrupted=interrupted)]
