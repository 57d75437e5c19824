"""The calculator's arithmetic and units."""

from fractions import Fraction
from typing import Any

import pytest

from harken.dialogue.skills.calculator.arithmetic import Amount, NoResult, OtherKind, evaluate
from harken.dialogue.skills.calculator.units import UNITS, convert
from harken.languages.en.units import UNITS as SAID


@pytest.mark.parametrize(
    ("tree", "value"),
    [(["add", 0.1, 0.2], "3/10"), (["multiply", ["fraction", 1, 3], 12], "4"), (["divide", 10, 4], "5/2"),
     (["power", 2, 10], "1024"), (["power", 2, -1], "1/2"), (["root", 144, 2], "12"), (["root", -27, 3], "-3"),
     (["percent_of", 15, 80], "12"), (["percent_less", 50, 20], "40"), (["percent_more", 50, 10], "55"),
     (["modulo", 17, 5], "2"), (["average", 10, 20, 60], "30"), (["median", 1, 9, 2], "2"), (["factorial", 5], "120"),
     (["gcd", 12, 18], "6"), (["lcm", 4, 6], "12"), (["round", 2.5, 0], "3"), (["round", -2.5, 0], "-3"),
     (["round", 1234, -2], "1200"), (["round", 3.14159, 2], "157/50"), (["ceiling", 1.2], "2"), (["floor", -1.2], "-2"),
     (["negate", 3], "-3"), (["max", 3, 7], "7"), (["add", ["last"], 5], "89"), (["percent", 20], "1/5")],
)  # fmt: skip
def test_sums_are_exact(tree: Any, value: str) -> None:
    assert evaluate(tree, Amount(Fraction(84))) == Amount(Fraction(value))


@pytest.mark.parametrize(
    ("tree", "number", "unit"),
    [(["add", ["quantity", 3.5, "USD"], ["quantity", 1.25, "USD"]], "19/4", "USD"),
     (["add", ["quantity", 5, "feet"], ["quantity", 3, "inches"]], "21/4", "feet"),
     (["multiply", 2, ["quantity", 3, "miles"]], "6", "miles"),
     (["divide", ["quantity", 1, "hours"], ["quantity", 20, "minutes"]], "3", ""),
     (["percent_of", 20, ["quantity", 50, "USD"]], "10", "USD"), (["share", 50, 200], "25", "percent"),
     (["subtract", ["quantity", 20, "USD"], 5], "15", "USD")],
)  # fmt: skip
def test_amounts_keep_their_unit(tree: Any, number: str, unit: str) -> None:
    assert evaluate(tree) == Amount(Fraction(number), unit)


@pytest.mark.parametrize(
    ("tree", "error"),
    [(["divide", 5, 0], ZeroDivisionError), (["modulo", 5, 0], ZeroDivisionError),
     (["power", 0, -1], ZeroDivisionError),
     (["root", -4, 2], ValueError), (["power", 9, 1e6], OverflowError), (["factorial", 2.5], ValueError),
     (["factorial", 10_000], OverflowError), (["add", ["last"], 5], NoResult),
     (["add", ["quantity", 1, "miles"], ["quantity", 1, "pounds"]], OtherKind),
     (["multiply", ["quantity", 1, "miles"], ["quantity", 1, "miles"]], ValueError),
     (["add", ["quantity", 1, "USD"], ["quantity", 1, "EUR"]], ValueError)],
)  # fmt: skip
def test_what_has_no_value_is_an_error(tree: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        evaluate(tree)


@pytest.mark.parametrize(
    ("amount", "source", "target", "result"),
    [(10, "miles", "kilometers", 16.09344), (70, "inches", "centimeters", 177.8), (1, "gallons", "cups", 16),
     (-40, "degrees Celsius", "degrees Fahrenheit", -40), (100, "degrees Fahrenheit", "degrees Celsius", 37.7778),
     (0, "kelvin", "degrees Celsius", -273.15), (1, "acres", "square feet", 43_560), (1, "USD", "US cents", 100),
     (60, "miles per hour", "kilometers per hour", 96.5606), (1, "kilowatt hours", "kilojoules", 3_600)],
)  # fmt: skip
def test_units(amount: float, source: str, target: str, result: float) -> None:
    assert float(convert(Fraction(amount), source, target)) == pytest.approx(result, rel=1e-5)


@pytest.mark.parametrize("target", ["pounds", "EUR", "degrees Celsius"])
def test_what_cannot_be_converted_is_an_error(target: str) -> None:
    with pytest.raises(ValueError, match="cannot become"):
        convert(Fraction(1), "USD", target)


def test_each_unit_that_can_be_said_has_a_size() -> None:
    assert set(SAID.values()) <= UNITS.keys()
