"""Arithmetic and units."""

from __future__ import annotations

import math
import operator
import secrets
from collections.abc import Callable

from harken.dialogue.skill import Answer, Context, Request

_LARGEST = 1e15
"""Larger results are not read out."""


def answer(request: Request, context: Context) -> Answer:
    """The result."""
    if request.intent == "convert":
        return _convert(request, context)
    if request.intent == "coin":
        return Answer(text=context.say(secrets.choice(["heads", "tails"])))
    if request.intent == "dice":
        return Answer(text=context.say("dice", number=1 + secrets.randbelow(6)))
    try:
        value = _INTENTS[request.intent](request)
    except ZeroDivisionError:
        return Answer(text=context.say("by_zero"), act="sorry")
    except OverflowError:
        value = math.inf
    except ValueError:
        return Answer(text=context.say("no_answer"), act="sorry")
    if isinstance(value, complex) or not math.isfinite(value) or abs(value) > _LARGEST:
        return Answer(text=context.say("too_large"), act="sorry")
    key = ("rounded" if round(value, 4) != value else "exact") + ("_percent" if request.intent == "percentage" else "")
    return Answer(text=context.say(key, number=context.wording.number(round(value, 4))), data={"value": value})


def _power(base: float, exponent: float) -> float:
    if abs(exponent) > 1_000 or abs(base) > 1e9:
        raise OverflowError
    return float(math.pow(base, exponent))


_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "power": _power, "modulo": operator.mod,
}  # fmt: skip
_BINDING = {"add": 0, "subtract": 0, "multiply": 1, "divide": 1, "modulo": 1, "power": 2}


def _calculate(request: Request) -> float:
    """One or two operations; multiplication binds closer than addition."""
    numbers = [float(request.slots[name]) for name in ("first", "second", "third") if name in request.slots]
    names = [str(request.slots[name]) for name in ("operation", "then") if name in request.slots]
    if len(numbers) < 2 or len(names) != len(numbers) - 1:
        raise ValueError("numbers or operations are missing")
    while names:
        place = max(range(len(names)), key=lambda i: (_BINDING[names[i]], -i))
        numbers[place : place + 2] = [_OPERATIONS[names.pop(place)](numbers[place], numbers[place + 1])]
    return numbers[0]


def _number(request: Request, name: str = "number") -> float:
    if name not in request.slots:
        raise ValueError("a number is missing")
    return float(request.slots[name])


_INTENTS: dict[str, Callable[[Request], float]] = {
    "calculate": _calculate,
    "calculateTwo": _calculate,
    "percent": lambda request: _number(request, "part") * _number(request, "whole") / 100,
    "percentage": lambda request: 100 * _number(request, "part") / _number(request, "whole"),
    "root": lambda request: math.sqrt(_number(request)),
    "square": lambda request: _number(request) ** 2,
    "cube": lambda request: _number(request) ** 3,
}

_SIZES: dict[str, tuple[str, float]] = {
    "millimeters": ("length", 0.001), "centimeters": ("length", 0.01), "meters": ("length", 1.0),
    "kilometers": ("length", 1_000.0), "inches": ("length", 0.0254), "feet": ("length", 0.3048),
    "yards": ("length", 0.9144), "miles": ("length", 1_609.344), "nautical miles": ("length", 1_852.0),
    "milligrams": ("mass", 1e-6), "grams": ("mass", 0.001), "kilograms": ("mass", 1.0),
    "metric tons": ("mass", 1_000.0),
    "ounces": ("mass", 0.028349523125), "pounds": ("mass", 0.45359237), "stone": ("mass", 6.35029318),
    "liters": ("volume", 1.0), "milliliters": ("volume", 0.001), "gallons": ("volume", 3.785411784),
    "quarts": ("volume", 0.946352946), "pints": ("volume", 0.473176473), "cups": ("volume", 0.2365882365),
    "fluid ounces": ("volume", 0.0295735295625), "tablespoons": ("volume", 0.01478676478125),
    "teaspoons": ("volume", 0.00492892159375), "seconds": ("time", 1.0), "minutes": ("time", 60.0),
    "hours": ("time", 3_600.0), "days": ("time", 86_400.0), "weeks": ("time", 604_800.0),
    "years": ("time", 31_557_600.0),
    "acres": ("area", 4_046.8564224), "hectares": ("area", 10_000.0), "square meters": ("area", 1.0),
    "square feet": ("area", 0.09290304), "square kilometers": ("area", 1e6),
    "square miles": ("area", 2_589_988.110336),
    "kilometers per hour": ("speed", 1 / 3.6), "miles per hour": ("speed", 0.44704),
    "meters per second": ("speed", 1.0),
    "knots": ("speed", 1_852 / 3_600), "joules": ("energy", 1.0), "kilojoules": ("energy", 1_000.0),
    "calories": ("energy", 4.184), "kilocalories": ("energy", 4_184.0), "kilowatt hours": ("energy", 3.6e6),
    "bytes": ("data", 1.0), "kilobytes": ("data", 1e3), "megabytes": ("data", 1e6), "gigabytes": ("data", 1e9),
    "terabytes": ("data", 1e12), "degrees Celsius": ("temperature", 1.0), "degrees Fahrenheit": ("temperature", 1.0),
    "kelvin": ("temperature", 1.0),
}  # fmt: skip
"""Unit -> (what it measures, its size in base units). Gallons, pints and cups are the American ones."""


def _convert(request: Request, context: Context) -> Answer:
    amount = float(request.slots.get("amount", 1))
    source, target = str(request.slots["from"]), str(request.slots["to"])
    (kind, size), (other, unit) = _SIZES[source], _SIZES[target]
    if kind != other:
        named = context.locale.named
        text = context.say(
            "other_kind", source=named(source).capitalize(), kind=named(kind), target=named(target), other=named(other)
        )
        return Answer(text=text, act="sorry")
    warm = kind == "temperature"
    value = _from_kelvin(_to_kelvin(amount, source), target) if warm else amount * size / unit
    value = round(value, 2) if abs(value) >= 1 else float(f"{value:.3g}")
    words, named = context.wording, context.locale.named
    text = context.say(
        "converted", count=amount, amount=words.number(amount), source=words.amount(amount, named(source)),
        number=words.number(value), target=words.amount(value, named(target)),
    )  # fmt: skip
    return Answer(text=text, data={"value": value, "unit": target})


def _to_kelvin(value: float, unit: str) -> float:
    if unit == "kelvin":
        return value
    return value + 273.15 if unit == "degrees Celsius" else (value - 32) * 5 / 9 + 273.15


def _from_kelvin(value: float, unit: str) -> float:
    if unit == "kelvin":
        return value
    return value - 273.15 if unit == "degrees Celsius" else (value - 273.15) * 9 / 5 + 32
