"""The loudspeaker at the other end of a connection, which says itself when it has fallen silent."""

from __future__ import annotations

from harken.events import Event, PlaybackEnded, PlaybackStarted, SpeechChunk


class ReportedLoudspeaker:
    """Plays from the first piece of a reply that is sent until the client says that it is silent."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.turn: int | None = None
        """Whose reply plays; None in silence."""

    @property
    def playing(self) -> bool:
        """Whether a reply is playing."""
        return self.turn is not None

    def play(self, chunk: SpeechChunk, now: int) -> list[Event]:
        """The first piece of a reply begins to play."""
        if self.turn == chunk.turn:
            return []
        self.turn = chunk.turn
        return [PlaybackStarted(turn=chunk.turn, start=now)]

    def stop(self, now: int) -> list[PlaybackEnded]:
        """Fall silent: the client is told by the event."""
        return self.ended(now, interrupted=True)

    def ended(self, now: int, *, interrupted: bool) -> list[PlaybackEnded]:
        """The client says that nothing plays any more."""
        turn, self.turn = self.turn, None
        return [] if turn is None else [PlaybackEnded(turn=turn, end=now, interrupted=interrupted)]

    def advance(self, now: int) -> list[Event]:
        """The client's reports come by themselves."""
        return []

    def finish(self) -> list[Event]:
        """The client's reports come by themselves."""
        return []
