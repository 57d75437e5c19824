"""The value of a sum: a tree of operations on exact numbers, some of them with a unit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from harken.dialogue.skills.calculator.units import convert, kind_of

_LARGEST_POWER, _LARGEST_BASE, _LARGEST_FACTORIAL = 1_000, Fraction(10**9), 170
_ENOUGH = Fraction(1, 10**12)
"""Roots are exact if their power differs by less than this share."""


class Amount(NamedTuple):
    """A number, and its unit ('' for none)."""

    number: Fraction
    unit: str = ""


class OtherKind(Exception):
    """Two amounts measure different things."""

    def __init__(self, one: str, other: str):
        super().__init__(f"{one} and {other} measure different things")
        self.one, self.other = one, other


class NoResult(Exception):
    """There is no result to go on from."""


def evaluate(tree: Any, last: Amount | None = None) -> Amount:
    """The value of a tree, as the language's reader of sums builds it.

    Args:
        tree: a number, or [operation, operand, ...].
        last: the last result, for `["last"]`.

    Raises:
        ZeroDivisionError: something is divided by zero.
        OverflowError: the result is too large to work out.
        ValueError: there is no such value (the root of a negative number).
        OtherKind: amounts of different kinds are added.
        NoResult: the sum goes on from a result that is not there.
    """
    if not isinstance(tree, Sequence):
        return Amount(Fraction(str(tree)))
    name, *parts = tree
    if name == "quantity":
        return Amount(Fraction(str(parts[0])), str(parts[1]))
    if name == "fraction":
        return Amount(Fraction(int(parts[0]), int(parts[1])))
    if name == "last":
        if last is None:
            raise NoResult
        return last
    amounts = [evaluate(part, last) for part in parts]
    if name in _ALIKE:
        numbers, unit = _alike(amounts)
        return Amount(_ALIKE[name](numbers), unit)
    if name in _SCALING:
        return _SCALING[name](*amounts)
    return Amount(_PLAIN[name](*(_plain(amount) for amount in amounts)))


def _alike(amounts: Sequence[Amount]) -> tuple[list[Fraction], str]:
    """The numbers of amounts in the unit of the first that has one; a bare number counts as one of it."""
    unit = next((amount.unit for amount in amounts if amount.unit), "")
    for amount in amounts:
        if amount.unit and kind_of(amount.unit) != kind_of(unit):
            raise OtherKind(amount.unit, unit)
    return [convert(amount.number, amount.unit or unit, unit) if unit else amount.number for amount in amounts], unit


def _plain(amount: Amount) -> Fraction:
    if amount.unit:
        raise ValueError(f"this cannot be done with {amount.unit}")
    return amount.number


def _multiply(left: Amount, right: Amount) -> Amount:
    if left.unit and right.unit:
        raise ValueError("two amounts with units cannot be multiplied")
    return Amount(left.number * right.number, left.unit or right.unit)


def _divide(left: Amount, right: Amount) -> Amount:
    if not right.unit:
        return Amount(left.number / right.number, left.unit)
    if not left.unit:
        raise ValueError("a number cannot be divided by an amount with a unit")
    (one, other), _ = _alike([left, right])
    return Amount(one / other)


def _modulo(left: Amount, right: Amount) -> Amount:
    numbers, unit = _alike([left, right])
    return Amount(numbers[0] % numbers[1], unit)


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if abs(exponent) > _LARGEST_POWER or abs(base) > _LARGEST_BASE:
        raise OverflowError
    if exponent.denominator == 1:
        return base ** int(exponent)
    if base < 0:
        raise ValueError("a negative number has no such power")
    return Fraction(float(base) ** float(exponent))


def _root(base: Fraction, degree: Fraction) -> Fraction:
    if base < 0 and degree % 2 == 0:
        raise ValueError("a negative number has no such root")
    size = abs(base)
    near = Fraction(float(size) ** (1 / float(degree))).limit_denominator(10**6)
    root = near if abs(near ** int(degree) - size) <= size * _ENOUGH else Fraction(float(size) ** (1 / float(degree)))
    return root if base >= 0 else -root


def _factorial(number: Fraction) -> Fraction:
    if number.denominator != 1 or number < 0:
        raise ValueError("only whole numbers have a factorial")
    if number > _LARGEST_FACTORIAL:
        raise OverflowError
    return Fraction(math.factorial(int(number)))


def _whole(numbers: Sequence[Fraction]) -> list[int]:
    if any(number.denominator != 1 for number in numbers):
        raise ValueError("only whole numbers have divisors")
    return [int(number) for number in numbers]


def _sum(numbers: Sequence[Fraction]) -> Fraction:
    return sum(numbers, Fraction(0))


def _median(numbers: Sequence[Fraction]) -> Fraction:
    ordered, middle = sorted(numbers), len(numbers) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _rounded(amount: Amount, digits: Amount) -> Amount:
    """Half away from zero, as people round."""
    step = Fraction(10) ** int(digits.number)
    whole = math.floor(abs(amount.number) * step + Fraction(1, 2)) / step
    return Amount(Fraction(whole) if amount.number >= 0 else -Fraction(whole), amount.unit)


def _share(percent: Amount, amount: Amount, factor: Callable[[Fraction], Fraction]) -> Amount:
    return Amount(amount.number * factor(_plain(percent) / 100), amount.unit)


_ALIKE: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "add": _sum, "subtract": lambda n: n[0] - _sum(n[1:]), "average": lambda n: _sum(n) / len(n), "median": _median,
    "max": max, "min": min, "negate": lambda n: -n[0], "abs": lambda n: abs(n[0]), "same": lambda n: n[0],
    "floor": lambda n: Fraction(math.floor(n[0])), "ceiling": lambda n: Fraction(math.ceil(n[0])),
}  # fmt: skip
"""Operations on amounts of one kind, whose result is of that kind."""
_SCALING: dict[str, Callable[..., Amount]] = {
    "multiply": _multiply, "divide": _divide, "modulo": _modulo, "round": _rounded,
    "percent_of": lambda percent, amount: _share(percent, amount, lambda share: share),
    "percent_more": lambda amount, percent: _share(percent, amount, lambda share: 1 + share),
    "percent_less": lambda amount, percent: _share(percent, amount, lambda share: 1 - share),
    "share": lambda part, whole: Amount(100 * _divide(part, whole).number, "percent"),
}  # fmt: skip
"""Operations that keep, drop or give a unit."""
_PLAIN: dict[str, Callable[..., Fraction]] = {
    "power": _power, "root": _root, "factorial": _factorial, "percent": lambda number: number / 100,
    "gcd": lambda *numbers: Fraction(math.gcd(*_whole(numbers))),
    "lcm": lambda *numbers: Fraction(math.lcm(*_whole(numbers))),
}  # fmt: skip
"""Operations on numbers without a unit."""
