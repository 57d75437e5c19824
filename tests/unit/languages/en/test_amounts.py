"""Percentages, ordinals, money, quantities and units."""

import pytest

from harken.languages.en.units import UNITS as SAID
from harken.languages.en.values import read_value
from harken.text.words import normalize_words


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [("percentage", "20 percent", 20), ("percentage", "-10%", -10), ("percentage", "150 percent", 150),
     ("percentage", "half", 50), ("percentage", "50 per cent", 50), ("percentage", "99.9%", 99.9),
     ("percentage", "twenty", None), ("percentage", "percent", None),
     ("ordinal", "second", 2), ("ordinal", "the 3rd", 3), ("ordinal", "number two", 2), ("ordinal", "first one", 1),
     ("ordinal", "last", -1), ("ordinal", "next to last", -2), ("ordinal", "twenty first", 21), ("ordinal",
     "two", None),
     ("money", "$3.50", {"amount": 3.5, "unit": "USD"}), ("money", "three dollars fifty", {"amount": 3.5,
     "unit": "USD"}),
     ("money", "£5.20", {"amount": 5.2, "unit": "GBP"}), ("money", "50 cents", {"amount": 0.5, "unit": "USD"}),
     ("money", "half a million euros", {"amount": 500_000, "unit": "EUR"}), ("money", "five miles", None),
     ("unit", "kilometres", "kilometers"), ("unit", "sq ft", "square feet"), ("unit", "degrees celsius",
     "degrees Celsius"),
     ("unit", "smoots", None)],
)  # fmt: skip
def test_amounts(kind: str, text: str, value: object) -> None:
    assert read_value(kind, normalize_words(text)) == value


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [("5 foot 10", 70, "inches"), ("5'10\"", 70, "inches"), ("6ft2", 74, "inches"), ("6 feet 2 inches", 74, "inches"),
     ("two pounds three ounces", 35, "ounces"), ("10 stone 4", 144, "pounds"), ("1 hour 20 minutes", 80, "minutes"),
     ("half a mile", 0.5, "miles"), ("a pound and a half", 1.5, "pounds"), ("two and a half cups", 2.5, "cups"),
     ("-40 c", -40, "degrees Celsius"), ("100f", 100, "degrees Fahrenheit"), ("20 degrees", 20, "degrees"),
     ("a dozen inches", 12, "inches"), ("three quarters of a mile", 0.75, "miles")],
)  # fmt: skip
def test_quantities_are_counted_in_their_smallest_unit(text: str, amount: float, unit: str) -> None:
    quantity = read_value("quantity", normalize_words(text))
    assert (quantity["amount"], quantity["unit"]) == (amount, unit)  # type: ignore[index]


@pytest.mark.parametrize(
    "text", ["ten", "miles", "minus five miles", "5 miles 3 pounds", "2 inches 3 feet", "of a mile"]
)
def test_what_is_no_quantity(text: str) -> None:
    assert read_value("quantity", normalize_words(text)) is None


def test_a_quantity_keeps_the_parts_that_were_said() -> None:
    quantity = read_value("quantity", "five foot ten".split())
    assert quantity["parts"] == [{"amount": 5, "unit": "feet"}, {"amount": 10, "unit": "inches"}]  # type: ignore[index]


def test_each_unit_is_said_in_the_plural_by_its_name() -> None:
    codes = {code for code in SAID.values() if not code.isupper() and code not in ("US cents", "degrees")}
    assert {code for code in codes if SAID.get(tuple(code.lower().split())) != code} == set()
