"""When requests that are put off are due, and how that is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from harken.dialogue.clock import later
from harken.dialogue.moments import next_moment
from harken.dialogue.skill import REPLIES
from harken.events import When
from harken.languages.locale import Locale
from harken.languages.wording import UNIT_SECONDS

LONGEST = 366 * 86_400
"""Seconds by which a request can be put off at most."""
_HALF_OF_DAY = "half_of_day"
"""The language's words that say which half of the day a time is in."""
_EXCLUDING = "excluding"
"""The language's words that say what is not meant: 'not'."""
_MORNING, _LATE_PARTS = "morning", ("afternoon", "evening", "night")
"""The language's words that name a part of the day."""
_NOON, _SMALL_HOURS = 12, 5
"""At night, hours before the second one belong to the next day."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """When a request is to be carried out: after a time, or at a moment."""

    seconds: float = 0.0
    """> 0 for a delay."""
    moment: dt.datetime | None = None
    every: tuple[int, ...] = ()
    """Weekdays on which it comes again, Monday = 0."""


def due_of(when: When, now: dt.datetime, locale: Locale) -> Due | None:
    """What a named time means; None when it has passed, or is too far ahead.

    Args:
        when: with a delay or a time of day.
        now: the present moment, in the user's zone.
        locale: the language in which it was said.
    """
    if when.seconds is not None:
        if not 0 < when.seconds <= LONGEST:
            return None
        moment = later(now, when.seconds) if when.every else None
        return Due(seconds=0.0 if when.every else when.seconds, moment=moment, every=when.every)
    time, date, half_said = _clock(when, now, locale)
    moment = next_moment(time, date, now, half_said=half_said, every=when.every)
    return None if moment is None else Due(moment=moment, every=when.every)


def _clock(when: When, now: dt.datetime, locale: Locale) -> tuple[str, str, bool]:
    """Time of day (HH:MM), date (ISO or '') and whether the half of the day is clear: 'every night at eleven'."""
    words, lists = set(when.text.split()), locale.understanding.words
    parts = {part: lists.get(part, frozenset()) for part in (_MORNING, *_LATE_PARTS)}
    named = next((part for part, said in parts.items() if words & said), "")
    exact = words & lists.get(_HALF_OF_DAY, frozenset()) - frozenset[str]().union(*parts.values())
    hour = int(when.time[:2])
    if exact or not named or not 1 <= hour < _NOON:
        return when.time, when.date, bool(exact)
    if named == _MORNING:
        return when.time, when.date, True
    if named == _LATE_PARTS[-1] and hour < _SMALL_HOURS:
        day = dt.date.fromisoformat(when.date) + dt.timedelta(days=1) if when.date else None
        return when.time, day.isoformat() if day else "", True
    return f"{hour + _NOON:02d}{when.time[2:]}", when.date, True


def named_time(words: Sequence[str], base: When, now: dt.datetime, locale: Locale) -> When | None:
    """A time that is already named in part, with what the words name: all of them, or all but the first ('at seven').

    Args:
        words: an answer or a correction.
        base: what is known. With a delay, a mere number counts in its unit; with a day, only a time of day fits.
        now: the present moment.
        locale: the language.

    Returns:
        The time; None when the words name none.
    """
    read = locale.understanding.read_value
    if words[:1] and words[0] in locale.understanding.words.get(_EXCLUDING, ()):  # 'not five, six'
        splits = (place for place in range(2, len(words)) if named_time(words[1:place], base, now, locale))
        return next((named_time(words[place:], base, now, locale) for place in splits), None)
    text = f"{base.text if base.date or base.every else ''} {' '.join(words)}".strip()
    for rest in (words, words[1:]):
        if not rest or (rest is not words and read("number", words[:1], now.date) is not None):
            continue  # 'seventeen at ten' names another level, too
        number = read("number", rest, now.date) if base.seconds is not None else None
        if isinstance(number, int | float):
            return When(text=text, seconds=number * unit_of(base.seconds or 0.0))
        time = read("time", rest, now.date)
        if time is not None:
            time, half = _in_same_half(str(time), rest, base, locale)
            return When(text=f"{half} {text}".strip(), time=time, date=base.date, every=base.every)
        seconds = read("duration", rest, now.date)
        if seconds is not None and not base.date and not base.every:
            return When(text=text, seconds=float(seconds))
    return None


def _in_same_half(time: str, words: Sequence[str], base: When, locale: Locale) -> tuple[str, str]:
    """A time in the half of the day of the one before, if that was clear and the words do not say it; and its words."""
    halves = locale.understanding.words.get(_HALF_OF_DAY, frozenset())
    before = " ".join(word for word in base.text.split() if word in halves)
    if not base.time or halves.intersection(words) or not (before or int(base.time[:2]) > _NOON):
        return time, ""
    return f"{int(time[:2]) % _NOON + _NOON * (int(base.time[:2]) >= _NOON):02d}{time[2:]}", before


def unit_of(seconds: float) -> int:
    """Seconds of the largest unit in which a delay is a whole number."""
    return next(size for size in UNIT_SECONDS.values() if seconds % size == 0 or size == 1)


def worded(due: Due, now: dt.datetime, locale: Locale) -> str:
    """'in 10 minutes', 'tomorrow at 7 AM', 'every Monday at 6 AM'."""
    if due.moment is None:
        return locale.reply(REPLIES, "in_time", {"time": locale.wording.duration(due.seconds, whole=True)})
    time = locale.wording.time(due.moment)
    if due.every:
        return locale.reply(REPLIES, "every_time", {"days": _days(due.every, locale), "time": time})
    day = locale.wording.day(due.moment.date(), now.date())
    return locale.reply(REPLIES, "at_time", {"day": day, "time": time})


def _days(every: tuple[int, ...], locale: Locale) -> str:
    for key, days in (("every_day", range(7)), ("every_weekday", range(5)), ("every_weekend_day", range(5, 7))):
        if sorted(every) == list(days):
            return locale.reply(REPLIES, key)
    monday = dt.date(2024, 1, 1)
    names = [locale.wording.weekday(monday + dt.timedelta(days=day)) for day in sorted(every)]
    return locale.reply(REPLIES, "every_named", {"days": locale.wording.joined(names)})
