"""What units measure and how large they are."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

_SIZES = {
    "length": {
        "nanometers": "1e-9", "micrometers": "1e-6", "millimeters": "0.001", "centimeters": "0.01", "meters": "1",
        "kilometers": "1000", "inches": "0.0254", "feet": "0.3048", "yards": "0.9144", "furlongs": "201.168",
        "miles": "1609.344", "nautical miles": "1852", "light years": "9460730472580800",
    },
    "mass": {
        "milligrams": "1e-6", "grams": "0.001", "kilograms": "1", "metric tons": "1000", "short tons": "907.18474",
        "ounces": "0.028349523125", "pounds": "0.45359237", "stone": "6.35029318",
    },
    "volume": {
        "liters": "1", "milliliters": "0.001", "centiliters": "0.01", "deciliters": "0.1", "gallons": "3.785411784",
        "quarts": "0.946352946", "pints": "0.473176473", "cups": "0.2365882365", "fluid ounces": "0.0295735295625",
        "tablespoons": "0.01478676478125", "teaspoons": "0.00492892159375", "cubic meters": "1000",
        "cubic centimeters": "0.001", "cubic feet": "28.316846592", "cubic inches": "0.016387064",
    },
    "time": {
        "milliseconds": "0.001", "seconds": "1", "minutes": "60", "hours": "3600", "days": "86400", "weeks": "604800",
        "fortnights": "1209600", "months": "2629800", "years": "31557600", "decades": "315576000",
        "centuries": "3155760000",
    },
    "area": {
        "square inches": "0.00064516", "square feet": "0.09290304", "square yards": "0.83612736",
        "acres": "4046.8564224", "hectares": "10000", "square centimeters": "0.0001",
        "square meters": "1", "square kilometers": "1e6",
        "square miles": "2589988.110336",
    },
    "speed": {
        "kilometers per hour": "5/18", "miles per hour": "0.44704", "meters per second": "1", "knots": "463/900",
        "feet per second": "0.3048",
    },
    "energy": {
        "joules": "1", "kilojoules": "1000", "calories": "4.184", "kilocalories": "4184", "watt hours": "3600",
        "kilowatt hours": "3.6e6",
    },
    "power": {"watts": "1", "kilowatts": "1000", "megawatts": "1e6", "horsepower": "745.69987158227022"},
    "pressure": {"pascals": "1", "hectopascals": "100", "bars": "1e5", "pounds per square inch": "6894.757293168"},
    "data": {
        "bits": "0.125", "bytes": "1", "kilobytes": "1e3", "megabytes": "1e6", "gigabytes": "1e9", "terabytes": "1e12",
        "petabytes": "1e15",
    },
    "angle": {"degrees": "1", "radians": "57.29577951308232"},
    "money": dict.fromkeys(("EUR", "GBP", "JPY", "CHF", "INR", "CNY", "KRW", "CAD", "AUD", "MXN", "BTC"), "0")
    | {"USD": "1", "US cents": "0.01", "pence": "0"},
}  # fmt: skip
"""Kind -> unit -> size in base units. Gallons, pints and cups are the American ones; a month is a twelfth of a year of
365.25 days. Currencies have no size: there are no exchange rates."""
_ZEROS = {"degrees Celsius": Fraction("273.15"), "degrees Fahrenheit": Fraction("459.67"), "kelvin": Fraction(0)}
"""Temperature scale -> its zero, in its own degrees above absolute zero."""


class Unit(NamedTuple):
    """What a unit measures, and its size in base units."""

    kind: str
    size: Fraction


UNITS = {unit: Unit(kind, Fraction(size)) for kind, units in _SIZES.items() for unit, size in units.items()}
UNITS |= {scale: Unit("temperature", Fraction(5, 9) if "F" in scale else Fraction(1)) for scale in _ZEROS}


def kind_of(unit: str) -> str:
    """What a unit measures: 'length', 'temperature', ..."""
    return UNITS[unit].kind


def convert(amount: Fraction, source: str, target: str) -> Fraction:
    """An amount in another unit of the same kind; money only between cents and dollars.

    Raises:
        ValueError: the units measure different things, or money would need an exchange rate.
    """
    one, other = UNITS[source], UNITS[target]
    if source == target:
        return amount
    if one.kind != other.kind or not (one.size and other.size):
        raise ValueError(f"{source} cannot become {target}")
    if one.kind == "temperature":
        return (amount + _ZEROS[source]) * one.size / other.size - _ZEROS[target]
    return amount * one.size / other.size
