"""The assistant's own question: for how long its answer needs no wake word."""

from __future__ import annotations

from collections.abc import Callable

from harken.events import FollowUpOpened, PlaybackEnded


class Question:
    """The last question that a reply asked; there is at most one.

    Args:
        window: samples after the question's end in which it may be answered without the wake word; 0 for never.
        patience: samples for which it stays open.
        tell: called with the position until which yes or no answers the question; 0 if it is another, or none is open.
    """

    def __init__(self, window: int, patience: int, *, tell: Callable[[int], None]):
        self._window, self._patience, self._tell = window, patience, tell
        self._turn: int | None = None
        """Turn whose reply asks."""
        self._until = 0
        """Position until which the answer needs no wake word."""

    def ask(self, turn: int, position: int, *, yes_or_no: bool) -> None:
        """The reply of this turn asks something, now."""
        self._turn = turn
        self._tell(position + self._patience if yes_or_no else 0)

    def give_up(self) -> None:
        """It is answered, or nobody will answer it."""
        self._turn = None
        self._tell(0)

    def played(self, report: PlaybackEnded) -> list[FollowUpOpened]:
        """A reply has ended: the window opens if it was the question and was heard to its end."""
        if report.interrupted or report.turn != self._turn or not self._window:
            return []
        self._until = report.end + self._window
        return [FollowUpOpened(turn=report.turn, start=report.end, end=self._until)]

    def still_open(self, position: int) -> list[FollowUpOpened]:
        """Nothing was said in a turn that ended at `position`: the rest of the window, if any."""
        if self._turn is None or position >= self._until:
            return []
        return [FollowUpOpened(turn=self._turn, start=position, end=self._until)]
