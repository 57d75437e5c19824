"""How values are said in English: templates with weights, for the recogniser and for sampling."""

from __future__ import annotations

from harken.languages.en.dates import ORDINALS
from harken.languages.en.numbers import spell_number, spell_ordinal
from harken.languages.en.readings import MONTHS, WEEKDAYS
from harken.languages.en.spelled_chains import digits_chain, spelled_chain
from harken.languages.locale import SpokenType


def _counts(first: int, last: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(spell_number(number).split()) for number in range(first, last + 1))


_NUMBER = SpokenType(
    templates={
        "{number_small}": 8, "{hundreds}": 2, "{number_positive} thousand [{hundreds}]": 1,
        "a thousand": 0.2, "{number_small} point {number_digit} [{number_digit}]": 1,
        "{number_positive} and a half": 0.5, "(minus|negative) {number_positive}": 0.3,
        "{number_ones} hundred thousand": 0.1, "({number_positive}|a) million": 0.2,
    },
    lists={
        "number_small": _counts(0, 99), "number_digit": _counts(0, 9), "number_tens": _counts(10, 99),
        "number_ones": _counts(1, 9), "number_positive": _counts(1, 99),
    },
    parts={"hundreds": "({number_ones}|a) hundred [[and] {number_positive}]"},
)  # fmt: skip

_DURATION = SpokenType(
    templates={
        "{duration_count} (minutes|seconds|hours|days|weeks)": 8,
        "(one|a) (minute|second|day|week)": 1, "(one|an) hour": 1, "half an hour": 1, "half a minute": 0.3,
        "[a] quarter of an hour": 0.3, "three quarters of an hour": 0.3,
        "an hour and a half": 1, "(a|one) minute and a half": 0.5, "one and a half (minutes|hours)": 0.5,
        "{duration_count} and a half (minutes|hours)": 0.5,
        "(one|an) hour [and] {duration_below} minutes": 1,
        "{duration_count} hours [and] {duration_below} minutes": 1,
        "(one|a) minute [and] {duration_below} seconds": 0.7,
        "{duration_count} minutes [and] {duration_below} seconds": 1,
        "a couple [of] (minutes|hours)": 0.2, "one hundred [and] {duration_below} (minutes|seconds)": 0.2,
        "({duration_count} hours|an hour|one hour) (fifteen|thirty|forty five)": 0.3,
        "({duration_count} minutes|a minute|one minute) (fifteen|thirty|forty five)": 0.3,
        "an hour and a quarter": 0.1, "(two thirds of an hour|a fortnight)": 0.1,
    },
    lists={"duration_count": _counts(2, 99), "duration_below": _counts(1, 59)},
)  # fmt: skip

_TIME = SpokenType(
    templates={
        "{time_hour} {half}": 4, "{time_hour} o'clock {half}": 1, "{time_hour} {time_minute} {half}": 4,
        "{time_hour} oh {time_low} {half}": 0.5, "half past {time_hour} {half}": 1,
        "[a] quarter (past|to) {time_hour} {half}": 1,
        "{time_past} [minutes] (past|to) {time_hour} {half}": 0.7,
        "{time_day_hour} {time_minute}": 0.4, "(noon|midnight)": 0.5,
        "quarter (past|to) (noon|midnight)": 0.1, "{time_past} [minutes] (past|to) (noon|midnight)": 0.1,
    },
    lists={
        "time_hour": _counts(1, 12), "time_minute": _counts(10, 59), "time_low": _counts(1, 9),
        "time_past": _counts(1, 29), "time_day_hour": _counts(13, 23),
    },
    parts={"half": "[(a m|p m|in the (morning|afternoon|evening)|at night)]"},
)  # fmt: skip

_DATE = SpokenType(
    templates={
        "today": 2, "tomorrow": 3, "the day after tomorrow": 0.5, "[on] {date_weekday}": 3,
        "(next|this) {date_weekday}": 1.5, "[on] {date_month} [the] {date_ordinal}": 1.5,
        "[on] the {date_ordinal} of {date_month}": 1.5, "in {date_count} (days|weeks)": 0.5,
        "(yesterday|the day before yesterday|next week|this weekend|tomorrow (morning|evening|night))": 0.5,
        "a week from (tomorrow|{date_weekday})": 0.2, "the {date_ordinal}": 0.3, "last {date_weekday}": 0.2,
        "(christmas|new year's day|halloween)": 0.2,
    },
    lists={
        "date_weekday": tuple((day,) for day in WEEKDAYS), "date_month": tuple((month,) for month in MONTHS),
        "date_ordinal": tuple(ORDINALS), "date_count": _counts(2, 31),
    },
)  # fmt: skip

_PERCENTAGE = SpokenType(
    templates={"{percentage_count} percent": 8, "half": 0.3}, lists={"percentage_count": _counts(1, 100)}
)

_ORDINAL = SpokenType(
    templates={"{ordinal_first}": 4, "last": 1, "(next|second) to last": 0.2},
    lists={"ordinal_first": tuple(tuple(spell_ordinal(number).split()) for number in range(1, 13))},
)

_MONEY = SpokenType(
    templates={
        "{money_count} (dollars|euros|pounds)": 4, "{money_count} dollars [and] {money_count} cents": 1,
        "(a|one) (dollar|euro|pound)": 0.5, "{money_count} cents": 0.5, "{money_count} hundred dollars": 0.5,
    },
    lists={"money_count": _counts(2, 99)},
)  # fmt: skip

_UNIT = SpokenType(
    templates={"{unit_name}": 1},
    lists={"unit_name": tuple(tuple(name.split()) for name in (
        "millimeters", "centimeters", "meters", "kilometers", "inches", "feet", "yards", "miles", "nautical miles",
        "grams", "milligrams", "kilograms", "kilos", "tons", "ounces", "pounds", "stone", "liters", "milliliters",
        "gallons", "quarts", "pints", "cups", "fluid ounces", "tablespoons", "teaspoons", "celsius", "fahrenheit",
        "degrees celsius", "degrees fahrenheit", "kelvin", "seconds", "minutes", "hours", "days", "weeks", "months",
        "years", "acres", "hectares", "square meters", "square feet", "square miles", "kilometers per hour",
        "miles per hour", "meters per second", "knots", "joules", "calories", "kilocalories", "kilowatt hours", "bytes",
        "kilobytes", "megabytes", "gigabytes", "terabytes", "dollars", "euros",
    ))},
)  # fmt: skip

_QUANTITY = SpokenType(
    templates={
        "{number} {quantity_unit}": 8, "(a|one) {quantity_single}": 2, "half (a|an) {quantity_single}": 0.5,
        "{quantity_small} (foot|feet) {quantity_small} [inches]": 0.5,
        "minus {quantity_small} degrees {quantity_scale}": 0.2,
    },
    lists={
        "quantity_unit": _UNIT.lists["unit_name"], "quantity_small": _counts(1, 99),
        "quantity_scale": (("celsius",), ("fahrenheit",)),
        "quantity_single": tuple(tuple(name.split()) for name in (
            "millimeter", "centimeter", "meter", "kilometer", "inch", "foot", "yard", "mile", "gram", "kilogram",
            "kilo", "ton", "ounce", "pound", "liter", "gallon", "quart", "pint", "cup", "tablespoon", "teaspoon",
            "minute",
            "hour", "day", "week", "year", "acre", "hectare", "square meter", "square foot", "square mile", "byte",
            "kilobyte", "megabyte", "gigabyte", "terabyte",
        )),
    },
    parts={"number": "({quantity_small}|{quantity_small} hundred|a hundred|{quantity_small} point {quantity_small}"
                     "|{quantity_small} and a half)"},
)  # fmt: skip

_SIGN = "(plus|minus|times|multiplied by|divided by)"
_EXPRESSION = SpokenType(
    templates={
        f"{{number}} {_SIGN} {{number}}": 8, f"{{number}} {_SIGN} {{number}} {_SIGN} {{number}}": 2,
        "{expression_small} percent (of|off) {number}": 2, "[the] square root of {number}": 1,
        "{number} (squared|cubed)": 1, "{number} to the power of {expression_small}": 0.5,
        "(half|a third|a quarter|three quarters) of {number}": 0.5, "divide {number} by {number}": 1,
        "multiply {number} (by|and) {number}": 0.5, "add {number} (and|to) {number}": 0.5,
        "subtract {number} from {number}": 0.5, "[the] (sum|product|average) of {number} and {number}": 0.5,
        "what percentage of {number} is {number}": 0.3, "{number} as a percentage of {number}": 0.3,
        "(increase|reduce) {number} by {expression_small} percent": 0.3,
    },
    lists={
        "expression_small": _counts(0, 99), "expression_ones": _counts(1, 9), "expression_positive": _counts(1, 99),
    },
    parts={"number": "({expression_small}|({expression_ones}|a) hundred [[and] {expression_positive}]"
                     "|{expression_positive} thousand|{expression_small} point {expression_ones} [{expression_ones}]"
                     "|{expression_small} and a half)"},
)  # fmt: skip

_CONTINUATION = SpokenType(
    templates={
        f"{_SIGN} {{continuation_small}}": 4, "(divide|multiply) (that|it) by {continuation_small}": 1,
        "half of that": 0.3, "(add|subtract) {continuation_small}": 0.5, "squared": 0.2,
        "(plus|minus) {continuation_small} percent": 0.3,
    },
    lists={"continuation_small": _counts(1, 99)},
)  # fmt: skip

_DIGITS = SpokenType(templates={"{digits_run}": 1}, chains={"digits_run": digits_chain()})
_SPELLED = SpokenType(templates={"{spelled_run}": 1}, chains={"spelled_run": spelled_chain()})

SPOKEN = {
    "number": _NUMBER, "duration": _DURATION, "time": _TIME, "date": _DATE, "percentage": _PERCENTAGE,
    "ordinal": _ORDINAL, "money": _MONEY, "unit": _UNIT, "quantity": _QUANTITY, "expression": _EXPRESSION,
    "continuation": _CONTINUATION, "digits": _DIGITS, "spelled": _SPELLED,
}  # fmt: skip
"""Type -> how its values are said."""
