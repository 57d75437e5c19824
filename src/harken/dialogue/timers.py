"""Timers that survive restarts and changes of the wall clock, and that ring where they were set.

A timer with a length ('ten minutes') runs on the monotonic clock; its due time on the wall clock is stored for restarts
and adjusted when the wall clock jumps. An alarm at a time of day follows the wall clock: it keeps its local time across
daylight saving changes and when the machine moves to another zone.

Every session sees and can cancel all timers of the user, and rings those that it set. The timers of a closed session
ring in any other. So do those that their session has not rung within `GRACE` seconds, because it was killed or is
stuck. Whoever takes a timer out of the store rings it, so it rings once.
"""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass

from harken.dialogue.clock import Clock, moment_of
from harken.dialogue.store import Store, TimerRow

JUMP = 2.0
"""Seconds by which the two clocks must drift apart for the wall clock to count as changed."""
GRACE = 20.0
"""Seconds that a timer waits for its own session, which may be in a turn (15 s at most), before another rings it."""


@dataclass(frozen=True, kw_only=True)
class Timer:
    """A running timer, alarm or reminder."""

    id: int
    kind: str
    label: str
    seconds: float
    """Length as it was set; 0 for one at a time of day."""
    left: float
    """Seconds until it rings, >= 0."""
    due: dt.datetime
    """When it rings, by the wall clock as it is now set."""


class TimerBook:
    """The user's timers, as one session sees them. Safe to use from several threads.

    Args:
        store: where they are kept; sessions share it, or its file.
        clock: the time and its zone.
        session: whose timers ring here; no two open sessions share a name. When '', only those of closed sessions.
    """

    def __init__(self, store: Store, clock: Clock, *, session: str = ""):
        self._store, self._clock, self.session = store, clock, session
        self._lock = threading.RLock()
        self._wall, self._steady = clock.now().timestamp(), clock.monotonic()
        self._alone_until = self._steady
        self._ends: dict[int, float] = {}
        self._zone: tuple[dt.date, dt.timedelta | None] | None = None
        store.shorten_timers(self._wall, JUMP)

    def start(self, seconds: float, *, kind: str = "timer", label: str = "") -> Timer:
        """Start a timer of a length in seconds (> 0)."""
        with self._lock:
            now = self._look()
            row = self._store.add_timer(kind, label, now.timestamp() + seconds, seconds, owner=self.session)
            self._ends[row.id] = self._clock.monotonic() + seconds
            return self._timer(row, now)

    def set_for(self, due: dt.datetime, *, kind: str = "alarm", label: str = "") -> Timer:
        """Ring at a moment of the wall clock (with time zone)."""
        with self._lock:
            now = self._look()
            wall = due.astimezone(now.tzinfo).replace(tzinfo=None)
            stamp = due.timestamp()
            # The clock shows the same time twice in autumn; a local time alone could only mean the first.
            kept = wall.isoformat() if _stamp(wall.isoformat(), now) == stamp else ""
            return self._timer(self._store.add_timer(kind, label, stamp, 0.0, wall=kept, owner=self.session), now)

    def running(self, kind: str = "") -> list[Timer]:
        """All timers of the user, or those of one kind, the next one first."""
        with self._lock:
            now = self._look()
            timers = [self._timer(row, now) for row in self._store.timers() if kind in ("", row.kind)]
        return sorted(timers, key=lambda timer: timer.left)

    def cancel(self, number: int) -> bool:
        """Cancel a timer, whoever set it; False when there is none."""
        with self._lock:
            self._ends.pop(number, None)
            return self._store.remove_timer(number)

    def ring(self) -> list[Timer]:
        """Timers that have become due since the last call and ring here; they are deleted.

        Cheap enough to be called all the time: one index look-up when nothing is due.
        """
        with self._lock:
            now = self._look()
            due = [row for row in self._store.due_timers(now.timestamp() + JUMP) if self._rings(row, now)]
            claimed = self._store.claim_timers(due)
            timers = [self._timer(row, now) for row in claimed]
            for row in claimed:
                self._ends.pop(row.id, None)
        return timers

    def close(self) -> None:
        """End the session: from now on its timers ring in any other."""
        with self._lock:
            self._store.release_timers(self.session)

    def _rings(self, row: TimerRow, now: dt.datetime) -> bool:
        """Whether a timer is due and ours to ring."""
        left = self._left(row, now)
        if row.owner in ("", self.session):
            return left <= 0.0
        return left <= -GRACE and self._clock.monotonic() >= self._alone_until

    def _left(self, row: TimerRow, now: dt.datetime) -> float:
        """Seconds until it is due; < 0 when it is overdue."""
        if row.owner == self.session and row.id in self._ends:
            return self._ends[row.id] - self._clock.monotonic()
        return row.due - now.timestamp()

    def _timer(self, row: TimerRow, now: dt.datetime) -> Timer:
        left = max(0.0, self._left(row, now))
        due = dt.datetime.fromtimestamp(now.timestamp() + left, now.tzinfo)
        return Timer(id=row.id, kind=row.kind, label=row.label, seconds=row.seconds, left=left, due=due)

    def _look(self) -> dt.datetime:
        """The wall clock, after the stored timers were adjusted to it."""
        now = self._clock.now()
        self._notice_jump(now.timestamp())
        zone = (now.date(), now.utcoffset())
        if zone != self._zone:
            self._keep_wall_times(now)
            self._zone = zone
        return now

    def _notice_jump(self, wall: float) -> None:
        """When the wall clock was set, adjust the stored due times so that timers keep their length."""
        steady = self._clock.monotonic()
        if abs((wall - self._wall) - (steady - self._steady)) <= JUMP:
            return
        self._alone_until = steady + GRACE  # the other sessions must notice it first and adjust theirs
        for row in self._store.timers():
            if row.owner == self.session and row.id in self._ends:
                self._store.move_timer(row, wall + self._ends[row.id] - steady)
        self._store.shorten_timers(wall, JUMP)
        self._wall, self._steady = wall, steady

    def _keep_wall_times(self, now: dt.datetime) -> None:
        """Make alarms due when the clock shows their time; done every day and when the zone's offset changes."""
        for row in self._store.timers():
            if row.wall and row.owner in ("", self.session):
                stamp = _stamp(row.wall, now)
                if stamp != row.due:
                    self._store.move_timer(row, stamp)


def _stamp(wall: str, now: dt.datetime) -> float:
    """Seconds since 1970 at which the clocks of the zone of `now` show a time."""
    zone = now.tzinfo
    assert zone is not None
    return moment_of(dt.datetime.fromisoformat(wall), zone).timestamp()
