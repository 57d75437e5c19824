"""Time as the dialogue sees it; passed in, so that tests and simulations can set it.

Moments carry a time zone with its rules, so that their offset is that of their date. Python adds a timedelta to such a
moment on the wall clock ("the same time tomorrow"); for elapsed time use `later`.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol


class Clock(Protocol):
    """Two clocks: the wall clock, which can be set, and one that only runs forward."""

    def now(self) -> dt.datetime:
        """The wall clock, in a time zone that knows its changes of offset."""

    def monotonic(self) -> float:
        """Seconds since some moment; unaffected by setting the wall clock."""


class LocalZone(dt.tzinfo):
    """The time zone of this machine, by the rules of its own `localtime`.

    It does not need the name of the zone: a copied /etc/localtime, a rule in the TZ variable and Windows all work, and
    the times are those that every other program shows.
    """

    def utcoffset(self, when: dt.datetime | None) -> dt.timedelta | None:
        """Offset from UTC at a time of the wall clock."""
        return None if when is None else _local(when).utcoffset()

    def dst(self, when: dt.datetime | None) -> dt.timedelta | None:
        """Not known apart from the offset."""
        return None

    def tzname(self, when: dt.datetime | None) -> str | None:
        """The abbreviation in use at a time of the wall clock ('CEST')."""
        return None if when is None else _local(when).tzname()

    def fromutc(self, when: dt.datetime) -> dt.datetime:
        """The local time at a moment in UTC."""
        return dt.datetime.fromtimestamp(when.replace(tzinfo=dt.UTC).timestamp()).replace(tzinfo=self)


def _local(when: dt.datetime) -> dt.datetime:
    return when.replace(tzinfo=None).astimezone()


LOCAL = LocalZone()
"""The zone of this machine."""


class SystemClock:
    """The clocks of this machine."""

    def now(self) -> dt.datetime:
        """The wall clock in the machine's present zone, even if that changed after the program started."""
        if hasattr(time, "tzset"):
            time.tzset()
        return dt.datetime.now(LOCAL)

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()


def later(moment: dt.datetime, seconds: float) -> dt.datetime:
    """The moment after so many seconds have passed, in the same zone."""
    return (moment.astimezone(dt.UTC) + dt.timedelta(seconds=seconds)).astimezone(moment.tzinfo)


def moment_of(wall: dt.datetime, zone: dt.tzinfo, *, after: dt.datetime | None = None) -> dt.datetime:
    """The moment at which the clocks of a zone show a time.

    A time that the clocks skip in spring is counted from before the change: 2:30 means 3:30. For a time that they
    show twice in autumn, the first one counts, or the second when only that is still to come.

    Args:
        wall: date and time without zone.
        zone: the zone of the clocks.
        after: prefer a moment later than this one; with zone.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    only_second = after is not None and first <= after.astimezone(dt.UTC) < second
    return (second if only_second else first).astimezone(zone)
