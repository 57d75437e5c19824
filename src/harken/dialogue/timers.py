"""Timers that survive restarts and changes of the wall clock, and that ring where they were set.

A timer with a length ('ten minutes') runs on the monotonic clock; its due time on the wall clock is stored for restarts
and adjusted when the wall clock jumps. An alarm at a time of day follows the wall clock: it keeps its local time across
daylight saving changes and when the machine moves to another zone. One that comes every day, or on some weekdays, is
set for its next day when it rings. A paused timer keeps the time that is left.

Every session sees and can cancel all timers of the user, and rings those that it set. The timers of a closed session
ring in any other. So do those that their session has not rung within `GRACE` seconds, because it was killed or is
stuck. Whoever takes a timer out of the store rings it, so it rings once.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from harken.dialogue.clock import Clock, moment_of
from harken.dialogue.moments import next_on
from harken.dialogue.store import NEVER, Store, TimerRow

JUMP = 2.0
"""Seconds by which the two clocks must drift apart for the wall clock to count as changed."""
GRACE = 20.0
"""Seconds that a timer waits for its own session, which may be in a turn (15 s at most), before another rings it."""
_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Timer:
    """A timer, an alarm, a reminder or a delayed request."""

    id: int
    kind: str
    label: str
    seconds: float
    """Length as it was set; 0 for one at a time of day."""
    left: float
    """Seconds until it rings, >= 0."""
    due: dt.datetime
    """When it rings, by the wall clock as it is now set; while it is paused, when it would if it were resumed now."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """JSON values kept with it."""
    every: tuple[int, ...] = ()
    """Weekdays on which it comes again, Monday = 0; empty for one that rings once."""
    paused: bool = False


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
        self._ends: dict[int, tuple[float, float]] = {}
        """Number of a timer set here -> its due time in the store, and on the monotonic clock."""
        self._rung: tuple[Timer, float] | None = None
        self._zone: tuple[dt.date, dt.timedelta | None] | None = None
        store.shorten_timers(self._wall, JUMP)

    def start(
        self, seconds: float, *, kind: str = "timer", label: str = "", data: Mapping[str, Any] = _EMPTY,
        every: Sequence[int] = (),
    ) -> Timer:  # fmt: skip
        """Start a timer of a length in seconds (> 0).

        Args:
            seconds: its length.
            kind: 'timer', 'alarm', 'reminder' or 'action'.
            label: its name, or what it is about.
            data: JSON values to keep with it.
            every: weekdays (Monday = 0) on which it comes again at the same time of day.
        """
        with self._lock:
            now = self._look()
            row = self._store.add_timer(
                kind, label, now.timestamp() + seconds, seconds, owner=self.session, data=_json(data),
                every=_digits(every),
            )  # fmt: skip
            self._ends[row.id] = row.due, self._clock.monotonic() + seconds
            return self._timer(row, now)

    def set_for(
        self, due: dt.datetime, *, kind: str = "alarm", label: str = "", data: Mapping[str, Any] = _EMPTY,
        every: Sequence[int] = (),
    ) -> Timer:  # fmt: skip
        """Ring at a moment of the wall clock (with time zone); with `every`, again on these weekdays.

        Args:
            due: the moment; with `every`, the first one.
            kind, label, data, every: as for `start`.
        """
        with self._lock:
            now = self._look()
            row = self._store.add_timer(
                kind, label, due.timestamp(), 0.0, wall=_wall(due, now), owner=self.session, data=_json(data),
                every=_digits(every),
            )  # fmt: skip
            return self._timer(row, now)

    def restore(self, timer: Timer) -> Timer:
        """Set a cancelled timer again: one with a length for the time that was left, others for their moment."""
        with self._lock:
            now = self._look()
            due = now.timestamp() + timer.left if timer.seconds else timer.due.timestamp()
            row = self._store.add_timer(
                timer.kind, timer.label, due, timer.seconds, wall="" if timer.seconds else _wall(timer.due, now),
                owner=self.session, data=_json(timer.data), every=_digits(timer.every), number=timer.id,
            )  # fmt: skip
            if timer.seconds:
                self._ends[row.id] = row.due, self._clock.monotonic() + timer.left
            return (self.pause(row.id) if timer.paused else None) or self._timer(row, now)

    def get(self, number: int) -> Timer | None:
        """A timer by its number; None when there is none."""
        return next((timer for timer in self.running() if timer.id == number), None)

    def pause(self, number: int) -> Timer | None:
        """Stop the time of a timer; None when there is none, it is paused, or it has no length."""
        return self._change(number, self._paused)

    def resume(self, number: int) -> Timer | None:
        """Let the time of a paused timer run again; None when there is no such."""
        return self._change(number, _resumed)

    def extend(self, number: int, seconds: float) -> Timer | None:
        """Let a timer ring later, or earlier (< 0); None when there is none, or less time is left."""
        return self._change(number, lambda row, now: self._extended(row, now, seconds))

    def restart(self, number: int, seconds: float) -> Timer | None:
        """Let a timer begin anew with a length in seconds (> 0); None when there is none."""
        return self._change(
            number,
            lambda row, now: replace(row, due=now.timestamp() + seconds, wall="", seconds=seconds, paused=0.0),
        )

    def move(self, number: int, due: dt.datetime) -> Timer | None:
        """Let a timer ring at another moment of the wall clock; if it comes again, at that time of day.

        Returns None when there is none.
        """
        return self._change(
            number,
            lambda row, now: replace(row, due=due.timestamp(), wall=_wall(due, now), seconds=0.0, paused=0.0),
        )

    def rename(self, number: int, label: str) -> Timer | None:
        """Give a timer another name; None when there is none."""
        return self._change(number, lambda row, now: replace(row, label=label))

    def skip(self, number: int) -> Timer | None:
        """Leave out the next time of one that comes again; None when there is no such."""
        return self._change(number, lambda row, now: _again(row, max(now, _local(row.due, now))) if row.every else None)

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
        """Timers that have become due since the last call and ring here; they are deleted, or set for their next day.

        Cheap enough to be called all the time: one index look-up when nothing is due.
        """
        with self._lock:
            now = self._look()
            due = [row for row in self._store.due_timers(now.timestamp() + JUMP) if self._rings(row, now)]
            claimed = self._store.claim_timers(due, {row.id: _again(row, now) for row in due if row.every})
            timers = [self._timer(row, now) for row in claimed]
            for row in claimed:
                self._ends.pop(row.id, None)
            heard = [timer for timer in timers if timer.kind != "action"]
            if heard:
                self._rung = heard[-1], self._clock.monotonic()
        return timers

    def last_rung(self, within: float) -> Timer | None:
        """The last timer, alarm or reminder that rang here, if that was less than so many seconds ago."""
        with self._lock:
            return self._rung[0] if self._rung and self._clock.monotonic() - self._rung[1] < within else None

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
        if row.paused:
            return row.paused
        if row.owner == self.session and row.id in self._ends and not row.wall:
            due, end = self._ends[row.id]
            if due != row.due:  # it was changed, here or by another session
                end = self._clock.monotonic() + row.due - now.timestamp()
                self._ends[row.id] = row.due, end
            return end - self._clock.monotonic()
        return row.due - now.timestamp()

    def _change(self, number: int, change: Callable[[TimerRow, dt.datetime], TimerRow | None]) -> Timer | None:
        """Change a timer, whoever set it; None when there is none or the change does not fit it."""
        with self._lock:
            now = self._look()
            row = next((row for row in self._store.timers() if row.id == number), None)
            changed = None if row is None else change(row, now)
            if row is None or changed is None or not self._store.change_timer(row, changed):
                return None
            return self._timer(changed, now)

    def _paused(self, row: TimerRow, now: dt.datetime) -> TimerRow | None:
        left = self._left(row, now)
        return None if row.paused or not row.seconds or left <= 0 else replace(row, due=NEVER, paused=left)

    def _extended(self, row: TimerRow, now: dt.datetime, seconds: float) -> TimerRow | None:
        if self._left(row, now) + seconds <= 0:
            return None
        if row.paused:
            return replace(row, paused=row.paused + seconds, seconds=row.seconds + seconds)
        if row.wall or not row.seconds:
            due = _local(row.due + seconds, now)
            return replace(row, due=due.timestamp(), wall=_wall(due, now))
        return replace(row, due=row.due + seconds, seconds=max(1.0, row.seconds + seconds))

    def _timer(self, row: TimerRow, now: dt.datetime) -> Timer:
        left = max(0.0, self._left(row, now))
        due = dt.datetime.fromtimestamp(now.timestamp() + left, now.tzinfo)
        return Timer(
            id=row.id, kind=row.kind, label=row.label, seconds=row.seconds, left=left, due=due,
            data=json.loads(row.data) if row.data else {}, every=tuple(int(day) for day in row.every),
            paused=row.paused > 0,
        )  # fmt: skip

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
            if row.owner == self.session and row.id in self._ends and not (row.wall or row.paused):
                end = self._ends[row.id][1]
                moved = replace(row, due=wall + end - steady)
                if self._store.change_timer(row, moved):
                    self._ends[row.id] = moved.due, end
        self._store.shorten_timers(wall, JUMP)
        self._wall, self._steady = wall, steady

    def _keep_wall_times(self, now: dt.datetime) -> None:
        """Make alarms due when the clock shows their time; done every day and when the zone's offset changes."""
        for row in self._store.timers():
            if row.wall and row.owner in ("", self.session):
                stamp = _stamp(row.wall, now)
                if stamp != row.due:
                    self._store.change_timer(row, replace(row, due=stamp))


def _stamp(wall: str, now: dt.datetime) -> float:
    """Seconds since 1970 at which the clocks of the zone of `now` show a time."""
    zone = now.tzinfo
    assert zone is not None
    return moment_of(dt.datetime.fromisoformat(wall), zone).timestamp()


def _local(stamp: float, now: dt.datetime) -> dt.datetime:
    return dt.datetime.fromtimestamp(stamp, now.tzinfo)


def _wall(due: dt.datetime, now: dt.datetime) -> str:
    """The local time of a moment; '' when it is the second of two such times.

    The clock shows the same time twice in autumn; a local time alone could only mean the first.
    """
    wall = due.astimezone(now.tzinfo).replace(tzinfo=None).isoformat()
    return wall if _stamp(wall, now) == due.timestamp() else ""


def _resumed(row: TimerRow, now: dt.datetime) -> TimerRow | None:
    return replace(row, due=now.timestamp() + row.paused, paused=0.0) if row.paused else None


def _again(row: TimerRow, now: dt.datetime) -> TimerRow:
    """A timer that comes again, set for its first day after `now`."""
    wall = dt.datetime.fromisoformat(row.wall) if row.wall else _local(row.due, now)
    due = next_on([int(day) for day in row.every], wall.time(), now)
    return replace(row, due=due.timestamp(), wall=_wall(due, now), seconds=0.0)


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(dict(data)) if data else ""


def _digits(days: Sequence[int]) -> str:
    return "".join(str(day) for day in sorted(set(days)))
