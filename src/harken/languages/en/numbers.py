"""Numbers and words, both ways: 205 -> 'two hundred five', 'two and a half' -> 2.5. American English.

Spelled forms consist of lower-case letters and spaces (except for "o'clock"), as a recogniser would write them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = {
    10**18: "quintillion", 10**15: "quadrillion", 10**12: "trillion", 10**9: "billion", 10**6: "million",
    1000: "thousand",
}  # fmt: skip
LARGEST = 10**21 - 1
"""Larger numbers are said digit by digit."""

_ODD_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_CURRENCIES = {
    "USD": ("dollar", "dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "CHF": ("franc", "francs", "centime", "centimes"),
    "INR": ("rupee", "rupees", "paisa", "paise"),
    "JPY": ("yen", "yen", "", ""),
    "CNY": ("yuan", "yuan", "fen", "fen"),
    "KRW": ("won", "won", "", ""),
}

_VALUES = {word: value for value, word in enumerate(_ONES)}
_VALUES |= {word: 10 * place for place, word in enumerate(_TENS) if place > 1}
_SIZES = {word: size for size, word in _SCALES.items()}
_PARTS = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4}
_ZEROS = ("oh", "o", "nought", "naught", "nil")


def spell_number(value: int | float | Decimal | str) -> str:
    """A number in words: 205 -> 'two hundred five', -3.14 -> 'minus three point one four'.

    Args:
        value: a number, or digits as text ('1.50' keeps its last zero); more than 21 digits are said one by one.

    Raises:
        ValueError: the text is not a number.
    """
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"got {value!r}; expected a number such as 12, -3.5 or '1.50'") from None
    if number.is_nan():
        return "not a number"
    sign = "minus " if number.is_signed() and number else ""
    if number.is_infinite():
        return f"{sign}infinity"
    if abs(number.adjusted()) > 400:  # a float cannot hold it; writing out its zeros would take all day
        base, power = number.scaleb(-number.adjusted()), number.adjusted()
        return f"{spell_number(base)} times ten to the power of {spell_number(power)}"
    whole, _, part = format(abs(number), "f").partition(".")
    return sign + _spell_whole(whole) + (f" point {spell_digits(part)}" if part else "")


def spell_ordinal(number: int) -> str:
    """21 -> 'twenty first'."""
    *before, last = spell_number(number).split()
    regular = (last[:-1] + "ie" if last.endswith("y") else last) + "th"
    return " ".join([*before, _ODD_ORDINALS.get(last, regular)])


def spell_year(year: int) -> str:
    """1984 -> 'nineteen eighty four', 1905 -> 'nineteen oh five', 2026 -> 'twenty twenty six'."""
    century, rest = divmod(year, 100)
    if not 1000 <= year <= 9999 or (century % 10 == 0 and rest < 10):
        return spell_number(year)
    tail = "hundred" if rest == 0 else f"oh {_ONES[rest]}" if rest < 10 else spell_number(rest)
    return f"{spell_number(century)} {tail}"


def spell_time(hour: int, minute: int = 0, *, half: str = "") -> str:
    """A time of day: (7, 30) -> 'seven thirty', (7, 5, half='pm') -> 'seven oh five p m', (7, 0) -> "seven o'clock".

    Args:
        hour: 0..24.
        minute: 0..59.
        half: 'am', 'pm' or '' when it is not said.
    """
    tail = f"oh {_ONES[minute]}" if 0 < minute < 10 else spell_number(minute) if minute else ""
    if not minute and not half:
        tail = "o'clock" if 1 <= hour <= 12 else "hundred"
    return " ".join(filter(None, [spell_number(hour), tail, " ".join(half)]))


def spell_money(amount: float | Decimal | str, currency: str = "USD") -> str:
    """An amount: ('5.50', 'USD') -> 'five dollars and fifty cents', ('0.99', 'EUR') -> 'ninety nine cents'.

    Args:
        amount: in the main unit; text keeps it exact.
        currency: ISO code; an unknown one is said letter by letter.

    Raises:
        ValueError: the text is not a number.
    """
    if currency not in _CURRENCIES:
        return f"{spell_number(amount)} {' '.join(currency.lower())}"
    one, many, small_one, small_many = _CURRENCIES[currency]
    number = Decimal(str(amount))
    sign, number = ("minus " if number < 0 else ""), abs(number)
    if not number.is_finite() or not small_many or number != round(number, 2):
        return f"{sign}{spell_number(number)} {one if number == 1 else many}"
    whole, cents = divmod(int(number * 100), 100)
    main = f"{spell_number(whole)} {one if whole == 1 else many}" if whole or not cents else ""
    small = f"{spell_number(cents)} {small_one if cents == 1 else small_many}" if cents else ""
    return sign + " and ".join(filter(None, [main, small]))


def spell_digits(digits: str) -> str:
    """Digit by digit: '007' -> 'zero zero seven'; anything but 0-9 is left out."""
    return " ".join(_ONES[int(digit)] for digit in digits if digit in "0123456789")


def spell_fraction(over: int, under: int) -> str:
    """(1, 2) -> 'one half', (3, 4) -> 'three quarters', (2, 3) -> 'two thirds', (7, 100) -> 'seven hundredths'."""
    if under in (0, 1):
        return f"{spell_number(over)} over {spell_number(under)}"
    name = spell_ordinal(under).removeprefix("one ")
    single, plural = {2: ("half", "halves"), 4: ("quarter", "quarters")}.get(under) or (
        name,
        name + "s",
    )
    return f"{spell_number(over)} {single if over == 1 else plural}"


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


def _spell_whole(digits: str) -> str:
    number = int(digits) if len(digits) <= 21 else -1
    if not 0 <= number <= LARGEST:
        return spell_digits(digits)
    parts = []
    for size, name in _SCALES.items():
        if number >= size:
            parts += [_below_thousand(number // size), name]
            number %= size
    if number or not parts:
        parts.append(_below_thousand(number))
    return " ".join(parts)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [_ONES[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        words += [_TENS[rest // 10]] + ([_ONES[rest % 10]] if rest % 10 else [])
    elif rest or not hundreds:
        words.append(_ONES[rest])
    return " ".join(words)


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


_CARDINAL = {spell_ordinal(value): word for word, value in _VALUES.items()} | {
    spell_ordinal(size).split()[-1]: name for name, size in {**_SIZES, "hundred": 100}.items()
}
assert all(larger > smaller for larger, smaller in pairwise(_SCALES))  # _whole relies on it
