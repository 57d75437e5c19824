"""Words -> canonical values of the built-in slot types (`harken.nlu.slot_lists.SLOT_TYPES`).

Every reader takes all the words of a span and returns None if they are not such a value: a value is read whole or not
at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from harken.languages.en import amounts, dates, durations, times
from harken.languages.en.amounts import ORDINAL_WORDS, read_money, read_ordinal, read_percentage, read_quantity
from harken.languages.en.dates import read_date
from harken.languages.en.durations import read_duration
from harken.languages.en.number_words import NUMBER_WORDS, parse_number
from harken.languages.en.spelled import DIGIT_WORDS, SPELLED_WORDS, read_digits, read_spelled
from harken.languages.en.sum_words import VOCABULARY
from harken.languages.en.sums import read_continuation, read_expression
from harken.languages.en.times import read_time
from harken.languages.en.units import UNIT_WORDS, read_unit
from harken.languages.locale import Today

LONGEST_VALUES = {
    "number": 14, "duration": 14, "time": 9, "date": 10, "percentage": 10, "ordinal": 4, "money": 16, "quantity": 18,
    "unit": 4, "expression": 40, "continuation": 30, "digits": 40, "spelled": 60,
}  # fmt: skip
"""Most words of a value, by type."""


def read_number(words: Sequence[str]) -> float | int | None:
    """'two and a half' -> 2.5, 'minus three' -> -3, 'three point one four' -> 3.14, 'half' -> 0.5."""
    if not words or words[-1] in ("second", "seconds"):
        return None  # 'a second' is a duration, not a half
    number = parse_number(list(words))
    return None if number is None else _tidy(number)


def read_value(kind: str, words: Sequence[str], today: Today = dt.date.today) -> Any | None:
    """The value of words as a built-in type, or None."""
    known = WORDS.get(kind)
    if not words or known is None or not known.issuperset(words):
        return None
    return _read_date(tuple(words), today()) if kind == "date" else _read(kind, tuple(words))


_READERS: Mapping[str, Callable[[Sequence[str]], Any | None]] = {
    "number": read_number, "duration": read_duration, "time": read_time, "percentage": read_percentage,
    "ordinal": read_ordinal, "money": read_money, "quantity": read_quantity, "unit": read_unit,
    "expression": read_expression, "continuation": read_continuation, "digits": read_digits, "spelled": read_spelled,
}  # fmt: skip


WORDS = {
    "number": NUMBER_WORDS | {"minus", "negative", "plus", "halves"}, "duration": durations.WORDS, "time": times.WORDS,
    "date": dates.WORDS, "percentage": NUMBER_WORDS | {"percent", "per", "cent", "full", "minus", "negative"},
    "ordinal": ORDINAL_WORDS, "money": amounts.WORDS, "quantity": amounts.WORDS, "unit": UNIT_WORDS,
    "expression": VOCABULARY, "continuation": VOCABULARY | {"and", "now", "then"}, "digits": DIGIT_WORDS,
    "spelled": SPELLED_WORDS,
}  # fmt: skip
"""Type -> every word that its values can have; most of a sentence's words are told by this alone to be no value."""


@lru_cache(maxsize=1_024)
def _read_date(words: tuple[str, ...], today: dt.date) -> str | None:
    return read_date(words, lambda: today)


@lru_cache(maxsize=4_096)
def _read(kind: str, words: tuple[str, ...]) -> Any | None:
    """Remembers readings: every skill asks for those of the same spans. The values must not be changed."""
    return _READERS[kind](words)


def _tidy(value: float) -> float | int:
    rounded = round(float(value), 9)
    return int(rounded) if rounded == int(rounded) else rounded
