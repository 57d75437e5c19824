"""Timers that neither a restart nor a change of the wall clock disturbs.

A timer of a length ('ten minutes') runs on the monotonic clock; its due moment on the wall clock is kept for restarts
and moved when the wall clock jumps. An alarm at a time of day follows the wall clock, wherever that goes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from harken.dialogue.clock import Clock
from harken.dialogue.store import Store, TimerRow

JUMP = 2.0
"""Seconds by which the two clocks must drift apart between two looks to count as a change of the wall clock."""


@dataclass(frozen=True, kw_only=True)
class Timer:
    """A running timer, alarm or reminder."""

    id: int
    kind: str
    label: str
    seconds: float
    """Length as set; 0 for one at a time of day."""
    left: float
    """Seconds until it rings, >= 0."""
    due: dt.datetime
    """When it rings, on the wall clock as it now stands."""


class TimerBook:
    """The user's timers."""

    def __init__(self, store: Store, clock: Clock):
        self._store, self._clock = store, clock
        self._wall, self._steady = clock.now().timestamp(), clock.monotonic()
        self._ends: dict[int, float] = {}

    def start(self, seconds: float, *, kind: str = "timer", label: str = "") -> Timer:
        """Begin a timer of a length in seconds (> 0)."""
        self._notice_jump()
        number = self._store.add_timer(kind, label, self._wall_now() + seconds, seconds)
        self._ends[number] = self._clock.monotonic() + seconds
        return self._timer(next(row for row in self._store.timers() if row.id == number))

    def set_for(self, due: dt.datetime, *, kind: str = "alarm", label: str = "") -> Timer:
        """Ring at a moment of the wall clock (with time zone)."""
        number = self._store.add_timer(kind, label, due.timestamp(), 0.0)
        return self._timer(next(row for row in self._store.timers() if row.id == number))

    def running(self, kind: str = "") -> list[Timer]:
        """Timers of a kind (or all), the next one first."""
        self._notice_jump()
        timers = [self._timer(row) for row in self._store.timers() if kind in ("", row.kind)]
        return sorted(timers, key=lambda timer: timer.left)

    def cancel(self, number: int) -> bool:
        """Forget a timer; False when there is none."""
        self._ends.pop(number, None)
        return self._store.remove_timer(number)

    def ring(self) -> list[Timer]:
        """Timers that have become due since the last call; they are forgotten."""
        due = [timer for timer in self.running() if timer.left <= 0.0]
        for timer in due:
            self.cancel(timer.id)
        return due

    def _wall_now(self) -> float:
        return self._clock.now().timestamp()

    def _timer(self, row: TimerRow) -> Timer:
        left = row.due - self._wall_now()
        if row.seconds > 0:
            end = self._ends.setdefault(row.id, self._clock.monotonic() + max(0.0, min(left, row.seconds)))
            left = end - self._clock.monotonic()
        left = max(0.0, left)
        due = self._clock.now() + dt.timedelta(seconds=left)
        return Timer(id=row.id, kind=row.kind, label=row.label, seconds=row.seconds, left=left, due=due)

    def _notice_jump(self) -> None:
        """When the wall clock was set, move what is kept for a restart so that timers keep their length."""
        wall, steady = self._wall_now(), self._clock.monotonic()
        drift = (wall - self._wall) - (steady - self._steady)
        if abs(drift) > JUMP:
            for row in self._store.timers():
                if row.seconds > 0 and row.id in self._ends:
                    self._store.move_timer(row.id, wall + self._ends[row.id] - steady)
        self._wall, self._steady = wall, steady
