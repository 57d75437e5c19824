"""Loudspeakers: they play the pieces of a reply, and tell what was really played.

The assistant is handed one. What it tells (`PlaybackStarted`, `PlaybackEnded`) flows back into the stages: at once as
the answer of a method here, or later, from any thread, through `Assistant.report`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

from harken.events import SAMPLE_RATE, Event, PlaybackEnded, PlaybackStarted, SpeechChunk


class Loudspeaker(Protocol):
    """What plays replies. Positions are those of the microphone's stream, in samples at 16 kHz."""

    @property
    def playing(self) -> bool:
        """Whether a reply is playing."""

    def play(self, chunk: SpeechChunk, now: int) -> Iterable[Event]:
        """Take a piece of a reply at position `now`; it sounds after the pieces before."""

    def stop(self, now: int) -> Iterable[Event]:
        """Fall silent at position `now`; pieces that have not been played are dropped."""

    def advance(self, now: int) -> Iterable[Event]:
        """The microphone has reached position `now`: tell what has begun or ended by then."""

    def finish(self) -> Iterable[Event]:
        """No more sound comes in: play to the end, and tell so."""

    def reset(self) -> None:
        """Forget everything, silently: a new conversation begins."""


class VirtualLoudspeaker:
    """Plays on the clock of the microphone: for files, tests and the demo, where no sound card is.

    A piece sounds as soon as it is there, or right after the piece before.
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
        """Take a piece; the first one of a reply begins to sound now."""
        length = math.ceil(len(chunk.samples) * SAMPLE_RATE / chunk.rate)
        begins = not self.playing
        self._turn, self._end = chunk.turn, (now if begins else self._end) + length
        return [PlaybackStarted(turn=chunk.turn, start=now)] if begins else []

    def stop(self, now: int) -> list[Event]:
        """Fall silent."""
        return self._silent(now, interrupted=True) if self.playing else []

    def advance(self, now: int) -> list[Event]:
        """Whether the reply has ended by position `now`."""
        return self._silent(self._end, interrupted=False) if self.playing and now >= self._end else []

    def finish(self) -> list[Event]:
        """Play to the end, whatever the microphone's clock says."""
        return self.advance(self._end)

    def _silent(self, now: int, *, interrupted: bool) -> list[Event]:
        turn, self._end = self._turn, -1
        return [PlaybackEnded(turn=turn, end=now, interrupted=interrupted)]
