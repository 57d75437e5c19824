"""How long: 'an hour and a half', 'two hours forty five', '1h30m' -> seconds."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from harken.languages.en.number_words import NUMBER_WORDS, parse_exact
from harken.languages.wording import UNIT_SECONDS

_SIZES = {**UNIT_SECONDS, "week": 604_800, "fortnight": 1_209_600, "month": 2_592_000, "year": 31_536_000}
"""A month counts as thirty days and a year as 365: only dates know which month is meant."""
UNITS = {name + ending: size for name, size in _SIZES.items() for ending in ("", "s")}
UNITS |= {"sec": 1, "secs": 1, "s": 1, "min": 60, "mins": 60, "m": 60, "hr": 3_600, "hrs": 3_600, "h": 3_600}
UNITS |= {"d": 86_400, "wk": 604_800, "wks": 604_800, "meter": 60, "meters": 60}
"""'5m' is written for five minutes and read as five meters; where a duration is wanted, minutes are meant."""
_BELOW = {3_600: 60, 60: 1}
"""Unit -> the next smaller one, in which a number without a unit counts: 'two hours forty five'."""
_TENS = {
    "tens": 10, "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70,
    "eighties": 80, "nineties": 90,
}  # fmt: skip
"""'90s' is written for ninety seconds and read as nineties."""
_BEFORE_ARTICLE = ("of", "half", "quarter", "quarters")
"""'three quarters of an hour', 'half an hour'; but 'nine a m' is no duration."""
ABOUT = ("about", "around", "roughly", "approximately", "exactly", "another")
"""Words before an amount that do not change it."""
WORDS = NUMBER_WORDS | UNITS.keys() | _TENS.keys() | {"an", "couple", "or", "so"} | {*ABOUT}
"""Every word that a duration can have."""


def read_duration(words: Sequence[str]) -> float | int | None:
    """Seconds: 'an hour and a half' -> 5400, 'two hours and ten minutes' -> 7800, 'half an hour' -> 1800.

    A number after hours counts minutes and after minutes seconds ('two hours forty five', 'one minute thirty'). Two
    numbers without a unit are minutes and seconds ('1:30'), three are hours, minutes and seconds.
    """
    rest = list(words[1:] if words and words[0] in ABOUT else words)
    rest = rest[:-2] if rest[-2:] == ["or", "so"] else rest
    if len(rest) == 1 and rest[0] in (*_TENS, "hour", "minute"):
        return _TENS.get(rest[0]) or UNITS[rest[0]]
    total = _clock(rest) if rest and not any(word in UNITS for word in rest) else _sum(rest)
    return None if not total else int(total) if total.denominator == 1 else round(float(total), 9)


def _sum(rest: list[str]) -> Fraction | None:
    """Amounts with ever smaller units."""
    total, smallest = Fraction(0), 0
    while rest:
        if total and rest[0] == "and" and len(rest) > 1:
            rest = rest[1:]
        place = next((i for i, word in enumerate(rest) if word in UNITS), None)
        if place is None:
            behind = _behind(rest, smallest)
            return None if behind is None else total + behind
        size = UNITS[rest[place]]
        amount = _amount(rest[:place], rest[place + 1 :], size)
        if amount is None or (smallest and size >= smallest):
            return None
        total, smallest, rest = total + amount * size, size, rest[place + 1 :]
    return total


def _behind(words: list[str], size: int) -> Fraction | None:
    """What follows the last unit: a part of it ('and a half'), or a number of the next smaller one ('forty five')."""
    part = Fraction(1, 2) if words == ["half"] else parse_exact(words)
    if part is None or part <= 0:
        return None
    if part < 1:
        return part * size
    below = _BELOW.get(size)
    return part * below if below and part.denominator == 1 and part < 60 else None


def _amount(words: list[str], behind: list[str], size: int) -> Fraction | None:
    """How many of a unit: 'two and a half', 'a couple of', 'three quarters of an'; 1 for 'hour and a half'."""
    while words[-1:] in (["a"], ["an"]) and words[-2:-1] and words[-2] in _BEFORE_ARTICLE:
        words = words[:-2] if words[-2] == "of" else words[:-1]
    if words in (["a"], ["an"]) or (not words and behind[:1] == ["and"]):
        return Fraction(1)
    if words in (["half"], ["a", "half"]):
        return Fraction(1, 2)
    if words in (["quarter"], ["a", "quarter"]):
        return Fraction(1, 4)
    if words[-2:] == ["couple", "of"] or words[-1:] == ["couple"]:
        return Fraction(2) if words[0] in ("a", "couple") and len(words) <= 3 else None
    if words[-1:] == ["of"]:
        words = words[:-1]
    number = parse_exact(words)
    if number is None and size in _BELOW:  # '2:30 hours'
        number = _pair(words)
    return number if number is not None and number > 0 else None


def _pair(words: list[str]) -> Fraction | None:
    """'two thirty' -> two and a half, as the hours and minutes of '2:30'."""
    for split in range(1, len(words)):
        head, tail = parse_exact(words[:split]), _sixty(words[split:])
        if head is not None and tail is not None and head.denominator == 1 and head >= 0:
            return head + Fraction(tail, 60)
    return None


def _sixty(words: list[str]) -> int | None:
    """Minutes or seconds after a colon, 0..59, always two digits: 'thirty', 'oh five', 'zero zero'."""
    low = words[0] in ("oh", "o", "zero") and len(words) == 2
    number = parse_exact(words[1:] if low else words)
    if number is None or number.denominator != 1 or not (0 if low else 10) <= number < (10 if low else 60):
        return None
    return int(number)


def _clock(words: list[str]) -> Fraction | None:
    """'one thirty' -> 90 and 'one thirty oh five' -> 5405: minutes and seconds, or hours too, as '1:30' is read."""
    pair = _pair(words)
    if pair is not None:
        return pair * 60 if pair < 100 else None
    for split in range(2, len(words)):
        hours, seconds = _pair(words[:split]), _sixty(words[split:])
        if hours is not None and seconds is not None:
            return hours * 3_600 + seconds
    return None
