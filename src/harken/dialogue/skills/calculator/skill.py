"""Arithmetic, units, dice and coins."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.calculator.arithmetic import Amount, NoResult, OtherKind, evaluate
from harken.dialogue.skills.calculator.units import UNITS, convert, kind_of
from harken.text.words import normalize_words

_LARGEST = 10**15
"""Larger results are not read out."""
_MOST_THROWS, _MOST_SIDES = 100, 1_000_000
_FEW = 10
"""Throws that are read out one by one."""
_LARGEST_PRIME = 10**12


def answer(request: Request, context: Context) -> Answer:
    """The result."""
    return _INTENTS[request.intent](request, context)


def _calculate(request: Request, context: Context) -> Answer:
    tree = request.slots["expression"]
    try:
        result = evaluate(tree, _last(context))
    except ZeroDivisionError:
        return _sorry(context, "by_zero")
    except OverflowError:
        return _sorry(context, "too_large")
    except NoResult:
        return _sorry(context, "no_result")
    except OtherKind as error:
        return _other_kind(error.other, error.one, context)
    except ValueError:
        return _sorry(context, "no_answer")
    if abs(result.number) > _LARGEST:
        return _sorry(context, "too_large")
    return _said(result, tree, context)


def _said(result: Amount, tree: object, context: Context) -> Answer:
    """The reply with a result, which later requests go on from."""
    number, exact = _shown(result)
    key = "exact" if exact else "rounded"
    if result.unit == "percent":
        text = context.say(f"{key}_percent", number=context.wording.number(float(number)))
    elif result.unit and kind_of(result.unit) == "time":
        seconds = convert(result.number, result.unit, "seconds")
        text = context.say("exact_amount", amount=context.wording.duration(float(seconds)))
    elif result.unit:
        if kind_of(result.unit) == "money":
            key = "exact" if round(result.number, 2) == result.number else "rounded"
        text = context.say(f"{key}_amount", amount=_worded(Amount(number, result.unit), context))
    else:
        text = context.say(key, number=context.wording.number(float(number)))
    unit = "" if result.unit == "percent" else result.unit
    return Answer(text=text, data={"value": float(result.number)} | ({"unit": result.unit} if result.unit else {}),
                  remember={"last": [str(result.number), unit], "source": None, "tree": tree})  # fmt: skip


def _again(request: Request, context: Context) -> Answer:
    """The last sum with another number in its place: 'and of 25', 'and 30 percent'."""
    tree, slots, source = context.memory.get("tree"), request.slots, context.memory.get("source")
    if source and "number" in slots:
        quantity = {"amount": slots["number"], "unit": source[1]}
        return _convert(
            Request(intent="convert", slots={"quantity": quantity, "to": context.memory["last"][1]}), context
        )
    if not isinstance(tree, list):
        return _sorry(context, "no_result")
    place = len(tree) - 1
    if "percentage" in slots:
        place = {"percent_of": 1, "percent_more": 2, "percent_less": 2}.get(tree[0], 0)
    elif tree[0] in ("percent_more", "percent_less", "root", "power"):
        place = 1
    if not place or isinstance(tree[place], list):
        return _sorry(context, "no_answer")
    other = [*tree[:place], slots["percentage"] if "percentage" in slots else slots["number"], *tree[place + 1 :]]
    return _calculate(Request(intent="calculate", slots={"expression": other}), context)


def _value(request: Request, context: Context) -> Answer:
    """A number by itself: 'what is 1/3'."""
    return _said(Amount(Fraction(str(request.slots["number"]))), None, context)


def _compare(request: Request, context: Context) -> Answer:
    pick = {"larger": max, "smaller": min}[request.slots["pick"]]
    number = pick(Fraction(str(request.slots["first"])), Fraction(str(request.slots["second"])))
    return _said(Amount(number), None, context)


def _once_more(request: Request, context: Context) -> Answer:
    """Dice, coin or random number as before."""
    before = context.memory.get("thrown")
    if not before:
        return _sorry(context, "no_result")
    count = {"count": request.slots["count"]} if "count" in request.slots and before["intent"] != "random" else {}
    return answer(Request(intent=before["intent"], slots={**before["slots"], **count}), context)


def _convert_back(request: Request, context: Context) -> Answer:
    """'And the other way round': the same number of the other unit."""
    source, last = context.memory.get("source"), context.memory.get("last")
    if not source or not last:
        return _sorry(context, "no_result")
    quantity = {"amount": source[0], "unit": last[1]}
    return _convert(Request(intent="convert", slots={"quantity": quantity, "to": source[1]}), context)


def _unfinished(request: Request, context: Context) -> Answer:
    return Answer(text=context.say("unfinished"), act="request")


def _convert(request: Request, context: Context) -> Answer:
    target = str(request.slots["to"])
    amounts = _amounts(request, context)
    if not amounts:
        if request.intent == "convertResult":
            return _sorry(context, "no_unit" if context.memory.get("last") else "no_result")
        return context.ask("quantity", "what_from")
    target = _target(amounts, target)
    amounts = [_meant(amount, target, _letters(request, context)) for amount in amounts]
    if kind_of(target) == kind_of(amounts[0].unit) == "money":
        try:
            convert(amounts[0].number, amounts[0].unit, target)
        except ValueError:
            return _sorry(context, "no_rates")
    if kind_of(target) != kind_of(amounts[0].unit):
        return _other_kind(amounts[0].unit, target, context)
    total = sum((convert(amount.number, amount.unit, target) for amount in amounts), Fraction(0))
    value = round(float(total), 2) if abs(total) >= 1 else float(f"{float(total):.3g}")
    text = context.say(
        "converted", count=float(amounts[0].number) if len(amounts) == 1 else 2,
        source=" ".join(_worded(amount, context) for amount in amounts),
        target=_worded(Amount(Fraction(str(value)), target), context),
    )  # fmt: skip
    source = [str(sum((convert(a.number, a.unit, amounts[-1].unit) for a in amounts), Fraction(0))), amounts[-1].unit]
    return Answer(text=text, data={"value": value, "unit": target},
                  remember={"last": [str(total), target], "source": source, "tree": None})  # fmt: skip


def _amounts(request: Request, context: Context) -> list[Amount]:
    """What is to be converted, one amount for each unit that was named; none when it was not said."""
    if request.intent == "convertResult":
        kept = context.memory.get("source") or context.memory.get("last")
        return [Amount(Fraction(kept[0]), kept[1])] if kept and kept[1] in UNITS else []
    quantity = request.slots.get("quantity")
    if quantity is None:
        return [Amount(Fraction(1), str(request.slots["from"]))] if "from" in request.slots else []
    parts = quantity.get("parts", [quantity])
    return [Amount(Fraction(str(part["amount"])), str(part["unit"])) for part in parts]


def _target(amounts: list[Amount], target: str) -> str:
    """Fluid ounces, where ounces of something that is measured by volume are wanted."""
    return "fluid ounces" if target == "ounces" and kind_of(amounts[0].unit) == "volume" else target


def _letters(request: Request, context: Context) -> bool:
    """Whether the unit was said by its letter: 'ten k'."""
    return normalize_words(request.heard.get("quantity", ""), context.locale)[-1:] == ["k"]


def _meant(amount: Amount, target: str, letter: bool) -> Amount:
    """An amount whose unit has two meanings, in the one that the target decides: degrees, pounds, ounces, k."""
    kind, unit = kind_of(target), amount.unit
    if unit == "degrees" and kind == "temperature":
        unit = "degrees Celsius" if target == "degrees Fahrenheit" else "degrees Fahrenheit"
    elif unit == "pounds" and kind == "money":
        unit = "GBP"
    elif unit == "ounces" and kind == "volume":
        unit = "fluid ounces"
    elif unit == "kelvin" and kind == "length" and letter:
        unit = "kilometers"
    return Amount(amount.number, unit)


def _flip(request: Request, context: Context) -> Answer:
    count = request.slots.get("count", 1)
    if not isinstance(count, int) or not 1 <= count <= _MOST_THROWS:
        return Answer(text=context.say("how_often", most=_MOST_THROWS), act="sorry")
    sides = [secrets.choice(("heads", "tails")) for _ in range(count)]
    if count == 1:
        return Answer(text=context.say(sides[0]), data={"sides": sides})
    heads = sides.count("heads")
    text = context.say("flips", heads=heads, tails=count - heads)
    if count <= _FEW:
        listed = context.wording.joined([context.locale.named(side) for side in sides])
        text = f"{listed[:1].upper()}{listed[1:]}."
    return Answer(text=text, data={"sides": sides})


def _dice(request: Request, context: Context) -> Answer:
    count, sides = request.slots.get("count", 1), request.slots.get("sides", 6)
    if not isinstance(count, int) or not 1 <= count <= _MOST_THROWS:
        return Answer(text=context.say("how_many", most=_MOST_THROWS), act="sorry")
    if not isinstance(sides, int) or not 2 <= sides <= _MOST_SIDES:
        return Answer(text=context.say("no_such_die"), act="sorry")
    thrown = [1 + secrets.randbelow(sides) for _ in range(count)]
    extra = request.slots.get("extra", 0)
    total = sum(thrown) + extra
    if count == 1 and not extra:
        return Answer(text=context.say("dice", number=total), data={"thrown": thrown, "value": total})
    if count > _FEW:
        return Answer(text=context.say("total", number=total), data={"thrown": thrown, "value": total})
    listed = context.wording.joined([str(number) for number in thrown])
    key = "thrown_plus" if extra else "thrown"
    return Answer(text=context.say(key, thrown=listed, extra=extra, number=total),
                  data={"thrown": thrown, "value": total})  # fmt: skip


def _random(request: Request, context: Context) -> Answer:
    low, high = request.slots.get("low", 1), request.slots.get("high", 100)
    if not (isinstance(low, int) and isinstance(high, int)):
        return _sorry(context, "whole_bounds")
    low, high = sorted((low, high))
    number = low + secrets.randbelow(high - low + 1)
    key = "dice" if "high" in request.slots else "picked"
    text = context.say(key, number=context.wording.number(number), low=low, high=high)
    return Answer(text=text, data={"value": number})


def _prime(request: Request, context: Context) -> Answer:
    number = request.slots["number"]
    if not isinstance(number, int) or abs(number) > _LARGEST_PRIME:
        return _sorry(context, "too_large" if isinstance(number, int) else "not_whole")
    said = context.wording.number(number)
    divisor = next((n for n in range(2, math.isqrt(max(number, 0)) + 1) if number % n == 0), 0)
    if number > 1 and not divisor:
        return Answer(text=context.say("prime", number=said), data={"prime": True})
    if number < 2:
        return Answer(text=context.say("no_prime", number=said), data={"prime": False})
    wording = context.wording
    text = context.say("product", number=said, one=wording.number(divisor), other=wording.number(number // divisor))
    return Answer(text=text, data={"prime": False})


def _parity(request: Request, context: Context) -> Answer:
    number = request.slots["number"]
    if not isinstance(number, int):
        return _sorry(context, "not_whole")
    key = "odd" if number % 2 else "even"
    return Answer(text=context.say(key, number=context.wording.number(number)), data={"odd": bool(number % 2)})


def _divisible(request: Request, context: Context) -> Answer:
    number, by = request.slots["number"], request.slots["by"]
    if not (isinstance(number, int) and isinstance(by, int)):
        return _sorry(context, "not_whole")
    if not by:
        return _sorry(context, "by_zero")
    times, left = divmod(number, by)
    said = context.wording.number
    key = "not_divisible" if left else "divisible"
    text = context.say(key, number=said(number), by=said(by), times=said(times), left=said(left))
    return Answer(text=text, data={"left": left})


def _throw(request: Request, context: Context) -> Answer:
    """Something by chance, which can be asked for once more."""
    thrown = {"coin": _flip, "dice": _dice, "random": _random}[request.intent](request, context)
    last = [str(thrown.data["value"]), ""] if "value" in thrown.data else None
    slots = {name: request.slots[name] for name in ("count", "sides", "extra", "low", "high") if name in request.slots}
    kept = {"intent": request.intent, "slots": slots}
    return replace(thrown, remember={"thrown": kept, "last": last, "source": None, "tree": None})


_INTENTS: dict[str, Callable[[Request, Context], Answer]] = {
    "calculate": _calculate, "continue": _calculate, "again": _again, "unfinished": _unfinished, "convert": _convert,
    "convertResult": _convert, "convertBack": _convert_back, "coin": _throw, "dice": _throw, "random": _throw,
    "onceMore": _once_more,
    "compare": _compare, "value": _value, "prime": _prime, "parity": _parity, "divisible": _divisible,
}  # fmt: skip


def _last(context: Context) -> Amount | None:
    kept = context.memory.get("last")
    return Amount(Fraction(kept[0]), kept[1]) if kept else None


def _shown(result: Amount) -> tuple[Fraction, bool]:
    """The number as it is said, with four places or four digits, and whether nothing is lost by that."""
    number = result.number
    shown = round(number, 4) if abs(number) >= 1 or not number else Fraction(f"{float(number):.4g}")
    return shown, shown == number


def _worded(amount: Amount, context: Context) -> str:
    """'3.5 miles', '1 inch', '$4.75', '4 hours and 40 minutes'."""
    number, said = float(amount.number), context.wording.number(float(amount.number))
    if kind_of(amount.unit) == "money":
        cents = f"{number:,.2f}" if amount.number.denominator != 1 else said
        return context.say(f"money_{amount.unit.split()[-1].lower()}", number=cents)
    return f"{said} {context.wording.amount(number, context.locale.named(amount.unit))}"


def _other_kind(source: str, target: str, context: Context) -> Answer:
    named, kinds = context.locale.named, (kind_of(source), kind_of(target))
    text = context.say("other_kind", source=named(source).capitalize(), kind=named(kinds[0]), target=named(target),
                       other=named(kinds[1]))  # fmt: skip
    return Answer(text=text, act="sorry")


def _sorry(context: Context, key: str) -> Answer:
    return Answer(text=context.say(key), act="sorry")
