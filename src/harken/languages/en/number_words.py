"""Words that say numbers: 'two and a half' -> 2.5; the inverse of `harken.languages.en.numbers`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from harken.languages.en.numbers import ONES, SCALES, TENS, spell_ordinal

_VALUES = {word: value for value, word in enumerate(ONES)}
_VALUES |= {word: 10 * place for place, word in enumerate(TENS) if place > 1}
_SIZES = {word: size for size, word in SCALES.items()}
_PARTS = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4}
_ZEROS = ("oh", "o", "nought", "naught", "nil")
_CARDINAL = {spell_ordinal(value): word for word, value in _VALUES.items()} | {
    spell_ordinal(size).split()[-1]: name for name, size in {**_SIZES, "hundred": 100}.items()
}
_BEGINS = frozenset((*_VALUES, *_SIZES, *_PARTS, *_ZEROS, "a", "hundred", "point", "dozen", "dozens"))
"""Words that a number in words can begin with."""
NUMBER_WORDS = _BEGINS | {"and", "of"} | {word + ending for word in (*_CARDINAL, *_PARTS) for ending in ("", "s")}
"""Every word that a number in words can have, its sign left out."""
assert all(larger > smaller for larger, smaller in pairwise(SCALES))  # _whole relies on it


def parse_number(words: Sequence[str]) -> int | float | None:
    """The number that words say; None when they are not one number.

    Understands whole numbers ('two hundred and five', 'a hundred', 'fifteen hundred', 'nineteen eighty four'),
    decimals ('three point one four', 'point five', 'two point five million'), fractions ('half', 'three quarters',
    'two and a half', 'half a million'), signs ('minus', 'negative', 'plus'), dozens and numerals ('12', '2.5').

    Args:
        words: lower case, hyphens split; all of them must belong to the number.
    """
    value = parse_exact(words)
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)


def parse_exact(words: Sequence[str]) -> Fraction | None:
    """As `parse_number`, without rounding: 'two thirds' -> Fraction(2, 3)."""
    signs = {"minus": -1, "negative": -1, "plus": 1}
    if words and words[0] in signs:
        value = parse_exact(words[1:]) if words[1:2] and words[1] not in signs else None
        return None if value is None else signs[words[0]] * value
    if not words or not (words[0] in _BEGINS or words[0][:1].isdigit() or words[0].startswith(".")):
        return None
    for reading in _READINGS:
        number = reading(words)
        if number is not None:
            return Fraction(number)
    return None


def cuts_number(words: Sequence[str], place: int) -> bool:
    """Whether a number goes on at `place`: 'twenty | five', 'thirty | first', 'two | and a half', 'point | one'."""
    before, after = words[place - 1], words[place]
    value = _VALUES.get(before, 0)
    if value >= 20 and 1 <= _VALUES.get(_CARDINAL.get(after, after), 0) <= 9:
        return True
    if "point" in (before, after):
        digits = words[place] if before == "point" else words[place + 1] if place + 1 < len(words) else ""
        return digits in _VALUES
    return before in _VALUES and tuple(words[place : place + 3]) in (("and", "a", "half"), ("and", "a", "quarter"))


def parse_digits(words: Sequence[str]) -> str | None:
    """'oh seven seven' -> '077'; 'double' and 'triple' repeat; None if a word is not a digit."""
    digits, times = "", 1
    for word in words:
        if word in ("double", "triple"):
            times = 2 if word == "double" else 3
            continue
        digit = "0" if word in _ZEROS else str(_VALUES[word]) if _VALUES.get(word, 10) < 10 else word
        if not (digit.isascii() and digit.isdigit()):
            return None
        digits, times = digits + digit * times, 1
    return digits if digits and times == 1 else None


def _whole(words: Sequence[str]) -> int | None:
    """Groups below a thousand, each with a smaller scale than the one before."""
    total, smallest, rest = 0, 10**4, list(words)
    if rest in (["zero"], *([zero] for zero in _ZEROS)):
        return 0
    for name, size in _SIZES.items():
        if name not in rest:
            continue
        place = rest.index(name)
        count = _group(rest[:place], article=True) if place else 1
        if count is None or not 1 <= count < 1000:
            return None
        total, smallest, rest = total + count * size, size, rest[place + 1 :]
        if rest[:1] == ["and"]:
            rest = rest[1:] or ["and"]
    if not rest:
        return total or None
    tail = _group(rest, article=False)
    if tail is None or (total and not 0 < tail < smallest):
        return None
    return total + tail


def _group(words: Sequence[str], *, article: bool) -> int | None:
    """'five', 'forty two', 'three hundred and one', 'a hundred', 'fifteen hundred', '250'; 'a' if `article`."""
    if "hundred" in words:
        place = words.index("hundred")
        head, tail = list(words[:place]), list(words[place + 1 :])
        if tail[:1] == ["and"]:
            tail = tail[1:] or ["and"]
        count = 1 if head in ([], ["a"]) else _pair(head)
        rest = _pair(tail) if tail else 0
        return None if count is None or rest is None or not 1 <= count <= 99 or rest > 99 else 100 * count + rest
    if article and list(words) == ["a"]:
        return 1
    return _pair(words)


def _pair(words: Sequence[str]) -> int | None:
    """'five', 'seventeen', 'forty', 'forty two', or a numeral."""
    if len(words) == 1:
        return _VALUES.get(words[0]) or _numeral(words[0])
    if len(words) == 2 and _VALUES.get(words[0], 0) >= 20 and 1 <= _VALUES.get(words[1], 0) <= 9:
        return _VALUES[words[0]] + _VALUES[words[1]]
    return None


def _numeral(word: str) -> int | None:
    plain = word.replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 21 else None


def _dozens(words: Sequence[str]) -> int | None:
    if words[-1] not in ("dozen", "dozens"):
        return None
    if list(words) == ["half", "a", "dozen"]:
        return 6
    count = 1 if list(words[:-1]) in ([], ["a"]) else _whole(words[:-1])
    return None if count is None else 12 * count


def _decimal(words: Sequence[str]) -> Fraction | None:
    if len(words) == 1:
        head, dot, tail = words[0].partition(".")
        whole = _numeral(head) if head else 0
        good = dot and tail.isascii() and tail.isdigit() and whole is not None
        return Fraction(f"{whole}.{tail}") if good else None
    if words[-1] in _SIZES and ("point" in words or "." in words[0]):
        value = _decimal(words[:-1])
        return None if value is None else value * _SIZES[words[-1]]
    if "point" not in words:
        return None
    place = list(words).index("point")
    whole, digits = _whole(words[:place]) if place else 0, parse_digits(words[place + 1 :])
    if digits is None and (_pair(words[place + 1 :]) or 0) >= 10:  # 'three point twenty five'
        digits = str(_pair(words[place + 1 :]))
    return None if whole is None or digits is None else Fraction(f"{whole}.{digits}")


def _fraction(words: Sequence[str]) -> Fraction | None:
    """'half', 'a third', 'three quarters', 'two and a half', 'one half', 'two and three quarter'."""
    under = _PARTS.get(words[-1])
    if under is None and words[-1].removesuffix("s") in _CARDINAL:
        under = _whole([_CARDINAL[words[-1].removesuffix("s")]])
    if under is None or under < 2:
        return None
    before = list(words[:-1])
    whole = 0
    if "and" in before:
        place = len(before) - 1 - before[::-1].index("and")
        count, before = _whole(before[:place]), before[place + 1 :]
        if count is None or (not before and words[-1] != "half"):
            return None
        whole = count
    if before[:2] == ["a", "one"]:  # 'a 1/2'
        before = before[1:]
    over = 1 if before == ["a"] or (not before and words[-1] == "half") else _whole(before) if before else None
    if over is None or over < 1:
        return None
    adjective = words[-1] == "quarter" and over < under  # 'three quarter hours'
    if (over == 1) == words[-1].endswith("s") and not adjective:
        return None
    return whole + Fraction(over, under)


def _scaled(words: Sequence[str]) -> Fraction | None:
    """'half a million', 'a quarter of a million', 'two and a half thousand', 'a million and a half'."""
    rest, ending = list(words), 0
    for tail, part in (("and a half", 2), ("and a quarter", 4)):
        if rest[-3:] == tail.split():
            rest, ending = rest[:-3], part
    size = _SIZES.get(rest[-1]) if len(rest) > 1 else None
    if size is None:
        return None
    count, articles = rest[:-1], (["of", "a"], ["a"])
    if ending:
        many = 1 if count == ["a"] else _whole(count)
        return None if many is None else (many + Fraction(1, ending)) * size
    for article in articles:
        if len(count) > len(article) and count[-len(article) :] == article:
            share = _fraction(count[: -len(article)])
            return share * size if share is not None and share < 1 else None
    factor = _fraction(count)
    return None if factor is None else factor * size


def _teens(words: Sequence[str]) -> int | None:
    """As years are said: 'nineteen eighty four', 'eighteen oh five'."""
    if len(words) < 2 or not 11 <= _VALUES.get(words[0], 0) <= 19:
        return None
    low = _VALUES.get(words[2], 0) if len(words) == 3 and words[1] in _ZEROS else 0
    rest = low if 1 <= low <= 9 else _pair(words[1:]) or 0
    return 100 * _VALUES[words[0]] + rest if low == rest > 0 or 10 <= rest <= 99 else None


_READINGS: tuple[Callable[[Sequence[str]], int | Fraction | None], ...] = (
    _whole, _dozens, _decimal, _scaled, _fraction, _teens,
)  # fmt: skip
