"""Numbers in words: 205 -> 'two hundred five', in American English.

Spelled forms consist of lower-case letters and spaces (except for "o'clock"), as a recogniser would write them.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
SCALES = {
    10**18: "quintillion", 10**15: "quadrillion", 10**12: "trillion", 10**9: "billion", 10**6: "million",
    1000: "thousand",
}  # fmt: skip
"""Largest first."""
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
    tail = "hundred" if rest == 0 else f"oh {ONES[rest]}" if rest < 10 else spell_number(rest)
    return f"{spell_number(century)} {tail}"


def spell_time(hour: int, minute: int = 0, *, half: str = "") -> str:
    """A time of day: (7, 30) -> 'seven thirty', (7, 5, half='pm') -> 'seven oh five p m', (7, 0) -> "seven o'clock".

    Args:
        hour: 0..24.
        minute: 0..59.
        half: 'am', 'pm' or '' when it is not said.
    """
    tail = f"oh {ONES[minute]}" if 0 < minute < 10 else spell_number(minute) if minute else ""
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
    return " ".join(ONES[int(digit)] for digit in digits if digit in "0123456789")


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


def _spell_whole(digits: str) -> str:
    number = int(digits) if len(digits) <= 21 else -1
    if not 0 <= number <= LARGEST:
        return spell_digits(digits)
    parts = []
    for size, name in SCALES.items():
        if number >= size:
            parts += [_below_thousand(number // size), name]
            number %= size
    if number or not parts:
        parts.append(_below_thousand(number))
    return " ".join(parts)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [ONES[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        words += [TENS[rest // 10]] + ([ONES[rest % 10]] if rest % 10 else [])
    elif rest or not hundreds:
        words.append(ONES[rest])
    return " ".join(words)
