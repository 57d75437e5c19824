"""Several clients hear the same wake word; one of them answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

WINDOW = 0.7
"""Seconds within which wake words are the same one, heard in several places. No turn has been answered by then: its end
is waited for longer."""
LOUDER = 3.0
"""dB by which a later one must be louder to be the better one; otherwise the earlier one is."""


class Claims:
    """Who answers the wake word that is being heard. Safe to use from several threads.

    Args:
        clock: seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic):
        self._clock, self._lock = clock, threading.Lock()
        self._at, self._level = float("-inf"), 0.0
        self._lose: Callable[[], None] | None = None

    def claim(self, level: float, *, lose: Callable[[], None]) -> bool:
        """A client has heard a wake word; returns whether it answers, so far.

        Args:
            level: of the word, in dB.
            lose: called, from any thread, if another one heard it better after all; it must return at once.
        """
        with self._lock:
            now, loser = self._clock(), None
            if now - self._at < WINDOW and self._lose != lose:
                if level < self._level + LOUDER:
                    return False
                loser = self._lose
            else:
                self._at = now
            self._level, self._lose = level, lose
        if loser is not None:
            loser()
        return True
