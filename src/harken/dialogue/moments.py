"""Which moment a time of day, a day and weekdays mean: the next that can be meant, by the clocks of the user's zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from harken.dialogue.clock import moment_of

MORNING = "09:00"
"""Time of day when only a day was named."""
_HALF_DAY = 12


def next_moment(
    time: str, date: str, now: dt.datetime, *, half_said: bool, every: Sequence[int] = (), earliest: int = 0
) -> dt.datetime | None:
    """The next moment that was meant; None when it has passed.

    Without a day, the time's next occurrence. A time of day without 'am' or 'pm' is in either half of the day: today
    the half that comes next, on another day the morning, unless that is before `earliest`.

    Args:
        time: HH:MM, '24:00' for the end of the day; '' for the morning of a day.
        date: ISO date; '' when none was named.
        now: the present moment, in the user's zone.
        half_said: whether it was said (or is clear) which half of the day is meant.
        every: weekdays (Monday = 0) on which it recurs; the first of them counts, from `date` on if there is one.
        earliest: hour before which nobody means the morning.
    """
    clock, midnight_after = _clock(time)
    today = now.date()
    day = dt.date.fromisoformat(date) if date else today
    evening = None if half_said or not 1 <= clock.hour < _HALF_DAY else clock.replace(hour=clock.hour + _HALF_DAY)
    if every:
        since = max(now, _at(day, dt.time(), now)) if date else now
        return next_on(every, evening if evening and clock.hour < earliest else clock, since)
    if date and clock == dt.time() and (midnight_after or day == today):
        day += dt.timedelta(days=1)
    if evening and day > today and clock.hour < earliest:
        return _at(day, evening, now)
    moments = [_at(day, each, now) for each in (clock, evening) if each]
    if not date:
        moments.append(_at(today + dt.timedelta(days=1), clock, now))
    return next((moment for moment in moments if moment.timestamp() > now.timestamp()), None)


def next_on(days: Sequence[int], clock: dt.time, now: dt.datetime) -> dt.datetime:
    """The first moment after `now` at which the clocks show a time on one of these weekdays (Monday = 0)."""
    ahead = (now.date() + dt.timedelta(days=count) for count in range(9))
    moments = (_at(day, clock, now) for day in ahead if day.weekday() in days)
    return next(moment for moment in moments if moment.timestamp() > now.timestamp())


def _clock(time: str) -> tuple[dt.time, bool]:
    """The time of day, and whether it is the end of the day."""
    if time == "24:00":
        return dt.time(), True
    return dt.time.fromisoformat(time or MORNING), False


def _at(day: dt.date, clock: dt.time, now: dt.datetime) -> dt.datetime:
    assert now.tzinfo is not None
    return moment_of(dt.datetime.combine(day, clock), now.tzinfo, after=now)
