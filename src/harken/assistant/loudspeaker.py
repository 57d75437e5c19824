"""A loudspeaker that plays on the clock of the microphone: for files, tests and the demo, where no sound card is."""

from __future__ import annotations

import math

from harken.events import (
    SAMPLE_RATE,
    Event,
    FollowUpOpened,
    PlaybackEnded,
    PlaybackStarted,
    Reply,
    SpeechChunk,
    TurnStarted,
)


class VirtualLoudspeaker:
    """Says when a reply begins and ends to sound if it is played as soon as it is there.

    Args:
        follow_up: samples after a reply that expects an answer in which no wake word is needed.
    """

    def __init__(self, *, follow_up: int):
        self._follow_up = follow_up
        self.reset()

    def reset(self) -> None:
        """Fall silent."""
        self._turn, self._end, self._asks = -1, -1, False

    @property
    def playing(self) -> bool:
        """Whether a reply sounds."""
        return self._end >= 0

    def play(self, event: Event, now: int) -> list[Event]:
        """What the loudspeaker reports when this event comes at position `now`."""
        if isinstance(event, Reply):
            self._asks = event.expects_answer
        elif isinstance(event, SpeechChunk):
            return self._append(event, now)
        elif isinstance(event, TurnStarted) and self.playing:
            return self._stop(now)  # barge-in: the reply is cut off, and nothing is asked any more
        return []

    def advance(self, now: int) -> list[Event]:
        """What has ended by position `now`."""
        if not self.playing or now < self._end:
            return []
        turn, end, asks = self._turn, self._end, self._asks
        ended = self._stop(end)
        if asks and self._follow_up:
            ended.append(FollowUpOpened(turn=turn, start=end, end=end + self._follow_up))
        return ended

    def finish(self) -> list[Event]:
        """Play to the end, whatever the microphone's clock says."""
        return self.advance(self._end)

    def _append(self, chunk: SpeechChunk, now: int) -> list[Event]:
        length = math.ceil(len(chunk.samples) * SAMPLE_RATE / chunk.rate)
        begins = not self.playing
        self._turn, self._end = chunk.turn, (now if begins else self._end) + length
        return [PlaybackStarted(turn=chunk.turn, start=now)] if begins else []

    def _stop(self, now: int) -> list[Event]:
        turn, self._end = self._turn, -1
        return [PlaybackEnded(turn=turn, end=now)]
