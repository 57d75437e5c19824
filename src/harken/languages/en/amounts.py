"""Amounts: 'twenty percent', 'the second', 'three dollars fifty', 'five foot ten' -> values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from harken.languages.en.dates import ORDINALS
from harken.languages.en.number_words import NUMBER_WORDS, parse_exact, parse_number
from harken.languages.en.units import LONGEST_UNIT, MONEY, UNIT_WORDS, UNITS

_SMALLER = {
    "feet": ("inches", 12), "yards": ("feet", 3), "pounds": ("ounces", 16), "stone": ("pounds", 14),
    "miles": ("feet", 5_280), "meters": ("centimeters", 100), "kilometers": ("meters", 1_000),
    "centimeters": ("millimeters", 10), "kilograms": ("grams", 1_000), "liters": ("milliliters", 1_000),
    "gallons": ("quarts", 4), "quarts": ("pints", 2), "weeks": ("days", 7), "days": ("hours", 24),
    "hours": ("minutes", 60), "minutes": ("seconds", 60), "years": ("months", 12),
}  # fmt: skip
"""Unit -> the smaller one that may follow it, and how many of those it holds."""
_BARE = frozenset({"feet", "pounds", "stone", "hours", "minutes", "meters"})
"""Units after which a number without a unit counts the smaller one: 'five foot ten'."""
_CENTS = {"USD": "US cents", "EUR": "US cents", "GBP": "pence", "CAD": "US cents", "AUD": "US cents"}
CENTS = {"US cents": "USD", "pence": "GBP"}
"""Coin -> the currency of which it is a hundredth."""
WORDS = NUMBER_WORDS | UNIT_WORDS | {"an", "couple", "minus", "negative"}
"""Every word that a quantity can have."""
_SHARES = {
    ("half",): 50, ("full",): 100, ("a", "quarter"): 25, ("a", "third"): 100 / 3, ("three", "quarters"): 75,
    ("two", "thirds"): 200 / 3, ("one", "half"): 50, ("one", "quarter"): 25, ("one", "third"): 100 / 3,
}  # fmt: skip
_FROM_THE_END = {
    ("last",): -1, ("final",): -1, ("last", "one"): -1, ("next", "to", "last"): -2, ("second", "to", "last"): -2,
    ("second", "last"): -2, ("penultimate",): -2, ("last", "but", "one"): -2, ("third", "to", "last"): -3,
    ("third", "last"): -3, ("second", "from", "last"): -2, ("third", "from", "last"): -3,
}  # fmt: skip


ORDINAL_WORDS = frozenset((
    *(word for name in (*_FROM_THE_END, *ORDINALS) for word in name), *NUMBER_WORDS, "number", "the", "one", "ones",
))  # fmt: skip
"""Every word that an ordinal can have."""


def read_percentage(words: Sequence[str]) -> float | int | None:
    """'twenty percent' -> 20, 'minus five percent' -> -5, 'half' -> 50; any size and sign."""
    share = _SHARES.get(tuple(words))
    if share is not None:
        return round(share, 2) if share != int(share) else int(share)
    core = list(words)
    if core[-2:] == ["per", "cent"]:
        core = [*core[:-2], "percent"]
    if len(core) < 2 or core[-1] != "percent":
        return None
    if core[:-1] == ["half", "a"]:
        return 0.5
    return parse_number(core[:-1])


def read_ordinal(words: Sequence[str]) -> int | None:
    """'first' -> 1, 'twenty second' -> 22, 'number three' -> 3, 'last' -> -1, 'next to last' -> -2."""
    core = tuple(words[1:] if words and words[0] == "the" else words)
    core = core[:-1] if len(core) > 1 and core[-1] in ("one", "ones") and core[-2] != "but" else core
    if core in _FROM_THE_END:
        return _FROM_THE_END[core]
    if core[:1] == ("number",):
        number = parse_number(core[1:])
        return number if isinstance(number, int) and number > 0 else None
    return ORDINALS.get(core)


def read_money(words: Sequence[str]) -> dict[str, Any] | None:
    """'three dollars and fifty cents' -> {"amount": 3.5, "unit": "USD"}; the unit is an ISO code."""
    value = read_quantity(words)
    if value == {"amount": value and value["amount"], "unit": "pounds"}:
        return {"amount": value["amount"], "unit": "GBP"}
    if value is None or value["unit"] not in MONEY:
        return None
    if value["unit"] in CENTS:
        return {"amount": plain(Fraction(str(value["amount"])) / 100), "unit": CENTS[value["unit"]]}
    return {"amount": value["amount"], "unit": value["unit"]}


def read_quantity(words: Sequence[str]) -> dict[str, Any] | None:
    """'half a mile' -> {"amount": 0.5, "unit": "miles"}, 'five foot ten' -> {"amount": 70, "unit": "inches"}.

    A quantity of several units is counted in the smallest; `parts` has them one by one, as they were said.
    """
    if not words or UNIT_WORDS.isdisjoint(words):
        return None
    return next(_quantities(list(words)), None)


def _quantities(words: list[str]) -> Iterator[dict[str, Any]]:
    for place in range(len(words)):
        for size in range(min(LONGEST_UNIT, len(words) - place), 0, -1):
            unit = UNITS.get(tuple(words[place : place + size]))
            count = _count(words[:place], unit) if unit else None
            if unit is None or count is None:
                continue
            rest = words[place + size :]
            if not rest:
                yield {"amount": plain(count), "unit": unit}
            elif count >= 0:
                yield from _followed(count, unit, rest)


def _followed(count: Fraction, unit: str, rest: list[str]) -> Iterator[dict[str, Any]]:
    """A quantity with something behind its first unit: 'and a half', 'ten', 'and ten inches', 'fifty'."""
    joined = rest[0] == "and" and len(rest) > 1
    tail = rest[1:] if joined else rest
    part = Fraction(1, 2) if tail == ["half"] else parse_exact(tail)
    if part is not None and 0 < part < 1 and joined:
        yield {"amount": plain(count + part), "unit": unit}
        return
    if unit == "pounds" and tail[-1] in ("pence", "penny"):
        unit = "GBP"
    if unit in _CENTS:
        cents = _cents(tail, _CENTS[unit]) if part is None or (joined and part < 10) else part
        if cents is not None and 0 < cents < 100 and cents.denominator == 1:
            yield {"amount": plain(count + cents / 100), "unit": unit}
        return
    if unit not in _SMALLER:
        return
    second = read_quantity(tail)
    if part is not None and unit in _BARE and part >= 0:
        second = {"amount": plain(part), "unit": _SMALLER[unit][0]}
    factor = _factor(unit, second["unit"]) if second else None
    if second is None or factor is None:
        return
    total = count * factor + Fraction(str(second["amount"]))
    parts = [{"amount": plain(count), "unit": unit}, *second.get("parts", [second])]
    yield {"amount": plain(total), "unit": second["unit"], "parts": parts}


def _factor(unit: str, smaller: str) -> int | None:
    """How many of a smaller unit a unit holds; None when it may not follow."""
    factor = 1
    while unit in _SMALLER:
        unit, many = _SMALLER[unit]
        factor *= many
        if unit == smaller:
            return factor
    return None


def _cents(words: list[str], unit: str) -> Fraction | None:
    if not words or UNITS.get((words[-1],)) != unit:
        return None
    return parse_exact(words[:-1])


def _count(words: list[str], unit: str | None) -> Fraction | None:
    """How many of a unit; below zero only degrees and money."""
    core = words
    while core[-1:] in (["a"], ["an"]) and len(core) > 1:
        core = core[:-2] if core[-2] == "of" else core[:-1]
    if core in (["a"], ["an"]):
        return Fraction(1)
    if core in (["half"], ["a", "half"]):
        return Fraction(1, 2)
    if core in (["a", "quarter"], ["quarter"]):
        return Fraction(1, 4)
    if core in (["a", "couple", "of"], ["a", "couple"]):
        return Fraction(2)
    number = parse_exact(core[:-1] if core[-1:] == ["of"] else core)
    signed = unit is not None and (unit.startswith("degrees") or unit in MONEY)
    return number if number is not None and (number >= 0 or signed) else None


def plain(value: Fraction) -> int | float:
    """A number as JSON has it."""
    return int(value) if value.denominator == 1 else round(float(value), 12)
