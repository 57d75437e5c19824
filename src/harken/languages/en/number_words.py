"""Words that say numbers: 'two and a half' -> 2.5; the inverse of `harken.languages.en.numbers`."""

from __future__ import annotations

from collections.abc import Sequence
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
assert all(larger > smaller for larger, smaller in pairwise(SCALES))  # _whole relies on it


def parse_number(words: Sequence[str]) -> int | float | None:
    """The number that words say; None when they are not one number.

    Understands whole numbers ('two hundred and five', 'a hundred', 'fifteen hundred'), decimals ('three point one
    four', 'point five', 'two point five million'), fractions ('half', 'three quarters', 'two and a half'), signs
    ('minus', 'negative', 'plus'), dozens and numerals ('12', '2.5').

    Args:
        words: lower case, hyphens split; all of them must belong to the number.
    """
    signs = {"minus": -1, "negative": -1, "plus": 1}
    if words and words[0] in signs:
        value = parse_number(words[1:]) if words[1:2] and words[1] not in signs else None
        return None if value is None else signs[words[0]] * value
    for reading in (_whole, _dozens, _decimal, _fraction):
        value = reading(words) if words else None
        if value is not None:
            return value
    return None


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


def _decimal(words: Sequence[str]) -> float | None:
    if len(words) == 1:
        head, dot, tail = words[0].partition(".")
        whole = _numeral(head) if head else 0
        good = dot and tail.isascii() and tail.isdigit() and whole is not None
        return float(f"{whole}.{tail}") if good else None
    if words[-1] in _SIZES and ("point" in words or "." in words[0]):
        value = _decimal(words[:-1])
        return None if value is None else round(value * _SIZES[words[-1]], 6)
    if "point" not in words:
        return None
    place = words.index("point")
    whole, digits = _whole(words[:place]) if place else 0, parse_digits(words[place + 1 :])
    return None if whole is None or digits is None else float(f"{whole}.{digits}")


def _fraction(words: Sequence[str]) -> int | float | None:
    """'half', 'a third', 'three quarters', 'two and a half', 'one half'."""
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
        if count is None or not before:
            return None
        whole = count
    elif not before:
        return 0.5 if words[-1] == "half" else None
    over = 1 if before == ["a"] else _whole(before)
    if over is None or (over == 1) == words[-1].endswith("s"):
        return None
    value = whole + over / under
    return int(value) if value == int(value) else value
