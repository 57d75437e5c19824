"""Units as they are said and typed -> the names by which skills know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_PLAIN = {
    "millimeters": "millimeter millimetre mm", "centimeters": "centimeter centimetre cm", "meters": "meter metre",
    "kilometers": "kilometer kilometre km klick", "yards": "yard yd", "miles": "mile", "furlongs": "furlong",
    "milligrams": "milligram mg", "grams": "gram gramme", "kilograms": "kilogram kilo kg", "ounces": "ounce oz",
    "pounds": "pound lb", "metric tons": "ton tonne", "liters": "liter litre",
    "milliliters": "milliliter millilitre ml mil",
    "centiliters": "centiliter centilitre", "deciliters": "deciliter decilitre", "gallons": "gallon",
    "quarts": "quart", "pints": "pint", "cups": "cup", "tablespoons": "tablespoon tbsp", "teaspoons": "teaspoon tsp",
    "milliseconds": "millisecond", "seconds": "second sec", "minutes": "minute min", "hours": "hour hr", "days": "day",
    "weeks": "week", "fortnights": "fortnight", "months": "month", "years": "year", "decades": "decade",
    "acres": "acre", "hectares": "hectare", "knots": "knot", "joules": "joule", "kilojoules": "kilojoule",
    "calories": "calorie", "kilocalories": "kilocalorie kcal", "bits": "bit", "bytes": "byte",
    "kilobytes": "kilobyte kb", "megabytes": "megabyte mb", "gigabytes": "gigabyte gb gig", "terabytes": "terabyte tb",
    "petabytes": "petabyte", "watts": "watt", "kilowatts": "kilowatt", "megawatts": "megawatt", "pascals": "pascal",
    "hectopascals": "hectopascal", "bars": "bar", "micrometers": "micrometer micrometre micron",
    "nanometers": "nanometer nanometre", "radians": "radian",
}  # fmt: skip
"""Unit -> its words in the singular; the plural has an s."""
_MORE = {
    "inches": ["inch", "inches", "in"], "feet": ["foot", "feet", "ft"], "stone": ["stone", "stones"],
    "centuries": ["century", "centuries"], "miles": ["statute miles", "statute mile", "mi"],
    "nautical miles": ["nautical mile", "nautical miles"], "light years": ["light year", "light years"],
    "metric tons": ["metric ton", "metric tons"], "short tons": ["short ton", "short tons", "us ton", "us tons"],
    "fluid ounces": ["fluid ounce", "fluid ounces", "fl oz", "fl ounces"],
    "degrees Celsius": ["degrees celsius", "degree celsius", "celsius", "centigrade", "degrees centigrade", "degrees c",
                        "degree c", "c", "deg c"],
    "degrees Fahrenheit": ["degrees fahrenheit", "degree fahrenheit", "fahrenheit", "degrees f", "degree f", "f",
                           "deg f"],
    "kelvin": ["kelvin", "kelvins", "degrees kelvin", "degree kelvin", "k"], "degrees": ["degrees", "degree"],
    "square inches": ["square inch", "square inches"], "square yards": ["square yard", "square yards"],
    "square feet": ["square foot", "square feet", "sq ft", "square ft"], "meters": ["m"], "grams": ["g"],
    "square meters": ["square meter", "square meters", "square metre", "square metres", "m squared", "m two"],
    "square centimeters": ["square centimeter", "square centimeters", "square centimetre", "square centimetres"],
    "square kilometers": ["square kilometer", "square kilometers", "square kilometre", "square kilometres"],
    "square miles": ["square mile", "square miles"], "liters": ["l"],
    "cubic meters": ["cubic meter", "cubic meters", "cubic metre", "cubic metres"],
    "cubic centimeters": ["cubic centimeter", "cubic centimeters", "cubic centimetre", "cubic centimetres"],
    "cubic feet": ["cubic foot", "cubic feet"], "cubic inches": ["cubic inch", "cubic inches"],
    "kilometers per hour": ["kilometers per hour", "kilometres per hour", "kilometers an hour", "kilometres an hour",
                            "kilometer per hour", "kilometre per hour", "kmh", "kph", "k p h", "km h"],
    "miles per hour": ["miles per hour", "miles an hour", "mile per hour", "mph", "m p h"],
    "meters per second": ["meters per second", "metres per second", "meter per second", "metre per second", "m s"],
    "feet per second": ["feet per second", "foot per second"],
    "kilowatt hours": ["kilowatt hour", "kilowatt hours", "kwh"], "watt hours": ["watt hour", "watt hours"],
    "horsepower": ["horsepower", "horse power", "hp"], "pounds": ["pounds weight"],
    "pounds per square inch": ["pounds per square inch", "psi", "p s i"],
    "USD": ["dollar", "dollars", "us dollar", "us dollars", "american dollars", "buck", "bucks"],
    "US cents": ["cent", "cents"], "EUR": ["euro", "euros"],
    "GBP": ["british pounds", "pounds sterling", "pound sterling"],
    "pence": ["pence", "penny", "pennies"], "JPY": ["yen", "japanese yen"], "CHF": ["franc", "francs", "swiss francs"],
    "INR": ["rupee", "rupees"], "CNY": ["yuan"], "KRW": ["won"], "CAD": ["canadian dollars"],
    "AUD": ["australian dollars"], "MXN": ["peso", "pesos"], "BTC": ["bitcoin", "bitcoins"],
}  # fmt: skip


def _all_units() -> Mapping[tuple[str, ...], str]:
    units = {(word + ending,): name for name, words in _PLAIN.items() for word in words.split() for ending in ("", "s")}
    return units | {tuple(words.split()): name for name, ways in _MORE.items() for words in ways}


UNITS = _all_units()
"""Words -> the unit, named in the plural as skills name it ('degrees Celsius', 'USD')."""
LONGEST_UNIT = max(map(len, UNITS))
UNIT_WORDS = frozenset(word for words in UNITS for word in words)
MONEY = frozenset(
    {"USD", "US cents", "EUR", "GBP", "pence", "JPY", "CHF", "INR", "CNY", "KRW", "CAD", "AUD", "MXN", "BTC"}
)


def read_unit(words: Sequence[str]) -> str | None:
    """'mile', 'kilometers', 'square feet', 'degrees celsius' -> the unit's name in the plural."""
    return UNITS.get(tuple(words))
