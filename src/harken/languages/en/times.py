"""When in the day: 'half past seven', 'quarter to midnight', 'oh seven hundred', '836pm' -> HH:MM."""

from __future__ import annotations

from collections.abc import Sequence

from harken.languages.en.durations import ABOUT
from harken.languages.en.number_words import NUMBER_WORDS, parse_digits, parse_number

_ENDINGS = {
    ("a", "m"): "am", ("am",): "am", ("p", "m"): "pm", ("pm",): "pm", ("in", "the", "morning"): "am",
    ("in", "the", "afternoon"): "pm", ("in", "the", "evening"): "pm", ("at", "night"): "night",
    ("in", "the", "night"): "night", ("tonight",): "night", ("this", "morning"): "am", ("this", "evening"): "pm",
    ("this", "afternoon"): "pm", ("of", "the", "morning"): "am", ("of", "the", "evening"): "pm",
    ("sharp",): "", ("on", "the", "dot"): "", ("ish",): "", ("exactly",): "",
}  # fmt: skip
_NAMED = {("noon",): 12, ("midday",): 12, ("midnight",): 0, ("twelve", "noon"): 12, ("twelve", "midnight"): 0}
_PAST = ("past", "after")
_TO = ("to", "till", "until", "before", "of")
WORDS = frozenset((
    *NUMBER_WORDS, *ABOUT, *_PAST, *_TO, *(word for name in (*_ENDINGS, *_NAMED) for word in name), "at", "o'clock",
    "oclock", "o", "clock", "minutes", "minute", "hours", "one",
))  # fmt: skip
"""Every word that a time can have."""
_PARTS = {("half",): 30, ("a", "half"): 30, ("quarter",): 15, ("a", "quarter"): 15, ("one", "quarter"): 15}


def read_time(words: Sequence[str]) -> str | None:
    """'half past seven' -> '07:30', 'seven thirty p m' -> '19:30', 'noon' -> '12:00', 'half seven' -> '07:30'.

    Without am or pm the hour stays as spoken; the skill decides which half of the day is meant. 'Half seven' is half
    past seven, as in Britain. '24:00' is midnight.
    """
    core, halves = _without_half(_plain(list(words)))
    if not core or len(halves) > 1:
        return None
    half = next(iter(halves), "")
    clock = _past_or_to(core, half) or _named(core, half) or _placed(_hour_minute(core), half)
    return None if clock is None else f"{clock[0]:02d}:{clock[1]:02d}"


def _plain(words: list[str]) -> list[str]:
    """One way to write o'clock, and without 'at' and 'about' at the beginning."""
    while words and words[0] in ("at", *ABOUT[:-1]):
        words = words[1:]
    words = ["o'clock" if word == "oclock" else word for word in words]
    for place in range(len(words) - 1):
        if words[place : place + 2] == ["o", "clock"]:
            return [*words[:place], "o'clock", *words[place + 2 :]]
    return words


def _without_half(words: list[str]) -> tuple[list[str], set[str]]:
    """Words without 'a m', 'in the morning', ..., and which half of the day they name: 'am', 'pm', 'night'."""
    halves: set[str] = set()
    found = True
    while found:
        found = False
        for ending, half in _ENDINGS.items():
            size = len(ending)
            if tuple(words[-size:]) == ending and len(words) > size:
                words, found = words[:-size], True
                halves |= {half} if half else set()
    if "night" in halves and len(halves) > 1:  # 'seven p m tonight'
        halves.discard("night")
    return words, halves


def _placed(clock: tuple[int, int] | None, half: str) -> tuple[int, int] | None:
    """A time on the twelve-hour clock in the named half of the day."""
    if clock is None or not half:
        return clock
    hour, minute = clock
    if not 1 <= hour <= 12:
        return clock if half != "am" and hour >= 13 and minute else None
    if half == "night":
        half = "am" if hour == 12 or hour <= 4 else "pm"
    return hour % 12 + (12 if half == "pm" else 0), minute


def _named(words: list[str], half: str) -> tuple[int, int] | None:
    """'noon', 'midnight', 'noon thirty'."""
    for size in (2, 1):
        hour = _NAMED.get(tuple(words[:size]))
        if hour is None:
            continue
        rest = words[size:]
        minute = _whole(rest, 1, 59) if rest else 0
        fits = half in ("", "pm" if hour else "night")
        return (hour, minute) if minute is not None and fits else None
    return None


def _past_or_to(words: list[str], half: str) -> tuple[int, int] | None:
    """'half past seven', 'quarter to twelve', 'one minute past midnight', 'half seven'."""
    if words[0] == "half" and len(words) == 2 and words[1] not in ("past", "hour"):
        words = ["half", "past", words[1]]
    place = next((i for i, word in enumerate(words) if word in _PAST + _TO), 0)
    if not place:
        return None
    before = words[:place]
    if before[-1:] in (["minutes"], ["minute"]) and len(before) > 1:
        before = ["one"] if before[0] == "a" and len(before) == 2 else before[:-1]
    minute = _PARTS.get(tuple(before)) or _whole(before, 1, 59)
    sign, behind = words[place], words[place + 1 :]
    hour = _hour(behind, half)
    if hour is None or minute is None or (sign == "of" and minute not in (5, 10, 15, 20, 25)):
        return None
    if sign in _PAST:
        return hour, minute
    twelve = not half and tuple(behind) not in _NAMED
    return (12 if hour == 1 and twelve else (hour - 1) % 24), 60 - minute


def _hour(words: list[str], half: str) -> int | None:
    named = _NAMED.get(tuple(words))
    if named is not None:
        return named
    hour = _whole([word for word in words if word != "o'clock"], 1, 12)
    placed = _placed((hour, 0), half) if hour is not None else None
    return None if placed is None else placed[0]


def _hour_minute(words: list[str]) -> tuple[int, int] | None:
    """'seven', 'seven o'clock', 'seven thirty', 'oh seven hundred hours', 'seven point three zero', '730'."""
    if words[-1] == "o'clock":
        hour = _whole(words[:-1], 1, 12)
        return None if hour is None else (hour, 0)
    if words[-1] == "hours" and len(words) > 1:
        words = words[:-1]
        clock = _military(words) or _digits(words)
    else:
        clock = _military(words) or _digits(words) or _plain_hour(words) or _split(words) or _dotted(words)
    return (0, 0) if clock == (24, 0) else clock if clock and clock[0] < 24 else None


def _plain_hour(words: list[str]) -> tuple[int, int] | None:
    hour = _whole(words, 1, 23) if len(words) <= 2 else None
    return None if hour is None else (hour, 0)


def _military(words: list[str]) -> tuple[int, int] | None:
    """'oh seven hundred', 'fourteen hundred', 'oh seven thirty', and '730', '1800' read as numbers."""
    zero = words[0] in ("oh", "o", "zero") and len(words) > 1
    rest = words[1:] if zero else words
    if rest[-1] == "hundred" and "thousand" not in rest:
        hour = _whole(rest[:-1], 0, 24)
        return None if hour is None or (zero and hour > 9) else (hour, 0)
    if zero:
        clock = _split(rest)
        return clock if clock and clock[0] <= 9 else None
    number = _whole(rest, 100, 2400) if {"hundred", "thousand"} & {*rest} or len(rest) == 1 else None
    return divmod(number, 100) if number is not None and number % 100 < 60 else None


def _split(words: list[str]) -> tuple[int, int] | None:
    """'seven thirty', 'seven oh five'."""
    for split in range(1, len(words)):
        hour, tail = _whole(words[:split], 0, 23), words[split:]
        minute = _whole(tail[1:], 0, 9) if tail[0] in ("oh", "o", "zero") else _whole(tail, 10, 59)
        if hour is not None and minute is not None:
            return hour, minute
    return None


def _digits(words: list[str]) -> tuple[int, int] | None:
    """'zero seven three zero', as '0730' is read."""
    digits = parse_digits(words) if len(words) in (3, 4) else None
    if digits is None or len(digits) not in (3, 4) or int(digits[-2:]) > 59:
        return None
    return int(digits[:-2]), int(digits[-2:])


def _dotted(words: list[str]) -> tuple[int, int] | None:
    """'seven point three zero', as '7.30' is read."""
    if "point" not in words:
        return None
    place = words.index("point")
    hour, digits = _whole(words[:place], 0, 24), parse_digits(words[place + 1 :])
    if hour is None or digits is None or len(digits) != 2 or int(digits) > 59:
        return None
    return hour, int(digits)


def _whole(words: Sequence[str], low: int, high: int) -> int | None:
    number = parse_number(list(words)) if words else None
    return int(number) if number is not None and number == int(number) and low <= number <= high else None
