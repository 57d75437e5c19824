"""A virtual coffee maker: takes one order at a time, changes and cancels it, and says what it does not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harken.dialogue.skill import Answer, Context, Request

DRINKS = ("americano", "cappuccino", "coffee", "drip coffee", "espresso", "house coffee", "iced coffee", "iced mocha",
          "latte", "mocha")  # fmt: skip
CHOICES: Mapping[str, tuple[str, ...]] = {
    "size": ("small", "medium", "large", "eight ounce", "twelve ounce", "sixteen ounce", "twenty ounce"),
    "roast": ("dark roast", "light roast", "medium roast"),
    "numberOfShots": ("single shot", "double shot", "triple shot"),
    "milkAmount": ("milk", "cream", "almond milk", "skim milk", "soy milk", "whole milk"),
    "sugarAmount": ("sugar", "sweetener", "brown sugar"),
}
"""Slot -> what there is; an amount may stand before milk and sugar."""
_BEFORE = ("size", "roast", "numberOfShots")
_AFTER = ("milkAmount", "sugarAmount")
_ORDER = (*_BEFORE, "coffeeDrink", *_AFTER, "without")
_LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "milk": ("milkAmount",), "cream": ("milkAmount",), "sugar": ("sugarAmount",), "milk and sugar": _AFTER,
}  # fmt: skip
"""What 'without' takes out of an order."""
_MISSING: Mapping[str, str] = {
    "unavailableDrink": "", "unavailable": "", "unavailableAddition": "milkAmount",
}  # fmt: skip
"""Slot of something that there is not -> the choices to offer; '' for the drinks."""
_KINDS: Mapping[str, str] = {"size": "size", "shots": "numberOfShots"}


def answer(request: Request, context: Context) -> Answer:
    """Take, change, list or cancel an order."""
    return _INTENTS[request.intent](request, context)


def describe(slots: Mapping[str, Any], context: Context) -> str:
    """The order in words: 'small dark roast latte with milk and sugar'."""
    words = [_named(slots[name], context) for name in (*_BEFORE, "coffeeDrink") if name in slots]
    extras = [_named(slots[name], context) for name in _AFTER if name in slots]
    drink = " ".join(words)
    if extras:
        drink = context.say("with", drink=drink, extras=context.wording.joined(extras))
    return context.say("without", drink=drink, left=_named(slots["without"], context)) if "without" in slots else drink


def _order(request: Request, context: Context) -> Answer:
    if "coffeeDrink" not in request.slots:
        return Answer(text=context.say("which_drink"), act="request", ask="coffeeDrink")
    if context.heard_words("refusals") & set(request.text.split()[:1]) and request.heard.keys() & {*_AFTER}:
        left = next(left for left, slots in _LEFT_OUT.items() if slots[0] in request.heard)  # 'no sugar'
        return _change(replace(request, slots={"without": left}, heard={"without": left}), context)
    slots = {name: request.slots[name] for name in _ORDER if name in request.slots}
    text = context.say("coming_eight" if _eight(slots) else "coming", order=describe(slots, context))
    return _taken(slots, text)


def _order_one(request: Request, context: Context) -> Answer:
    """One drink after all, of those that were wanted at once."""
    before = {"coffeeDrink": request.before.get("manyDrinks"), **request.slots}
    return _order(replace(request, slots={name: value for name, value in before.items() if value}), context)


def _order_again(request: Request, context: Context) -> Answer:
    """One more like the last one."""
    last = context.memory.get("order")
    if not last:
        return Answer(text=context.say("no_order"), data={"changed": False})
    return _order(replace(request, slots=dict(last)), context)


def _order_usual(request: Request, context: Context) -> Answer:
    """The same without what there is not; a coffee where that was the drink itself."""
    before = {name: value for name, value in request.before.items() if name in _ORDER}
    return _order(replace(request, slots={"coffeeDrink": "coffee", **before, **request.slots}), context)


def _change(request: Request, context: Context) -> Answer:
    before = context.memory.get("order")
    if not before:
        return Answer(text=context.say("no_order"), data={"changed": False})
    if "many" in request.heard:
        return _several(request, context)
    if {"sugars", "unavailableAddition", "unavailable"} & request.heard.keys():
        return _unavailable(
            replace(request, slots={s: v for s, v in request.slots.items() if s in request.heard}), context
        )
    changes = {name: request.slots[name] for name in _ORDER if name in request.heard}
    kept = dict(before)
    for slot in _LEFT_OUT.get(str(changes.get("without", "")), ()):
        kept.pop(slot, None)
    if any(slot in changes for slot in _LEFT_OUT.get(str(kept.get("without", "")), ())):
        kept.pop("without")
    slots = {**kept, **changes}
    answered = _taken(slots, context.say("changed", order=describe(slots, context)))
    undo = Request(intent="changeBack", slots={"order": dict(before)})
    return Answer(text=answered.text, act="ack", data=answered.data, remember=answered.remember, undo=undo)


def _change_back(request: Request, context: Context) -> Answer:
    slots = dict(request.slots["order"])
    return _taken(slots, context.say("changed", order=describe(slots, context)))


def _taken(slots: Mapping[str, Any], text: str) -> Answer:
    undo = Request(intent="cancelOrder")
    return Answer(text=text, act="ack", data=dict(slots), remember={"order": dict(slots)}, undo=undo)


def _cancel(request: Request, context: Context) -> Answer:
    order = context.memory.get("order")
    if not order:
        return Answer(text=context.say("no_order"), data={"cancelled": False})
    undo = Request(intent="orderDrink", slots=dict(order))
    data = {"cancelled": True}
    return Answer(text=context.say("cancelled"), act="ack", data=data, remember={"order": {}}, undo=undo)


def _ask_order(request: Request, context: Context) -> Answer:
    order = context.memory.get("order")
    text = context.say("ordered", order=describe(order, context)) if order else context.say("no_order")
    return Answer(text=text, data={"order": dict(order or {})}, remember={"order": dict(order or {})})


def _unavailable(request: Request, context: Context) -> Answer:
    if "sugars" in request.slots:
        return Answer(text=context.say("no_sugars"), act="sorry", remember=dict(context.memory))
    slot = next((name for name in _MISSING if name in request.slots), "")
    if not slot:
        return _list_drinks(request, context)
    value = str(request.slots[slot])
    offered = _KINDS.get(value, _MISSING[slot])
    text = context.say("no_such", what=request.heard.get(slot) or value, offer=_offer(offered, context))
    return Answer(text=text, act="sorry", data={slot: value}, remember=dict(context.memory))


def _ask_available(request: Request, context: Context) -> Answer:
    if any(name in request.slots for name in _MISSING):
        return _unavailable(request, context)
    there = [str(value) for value in request.slots.values()]
    if not there:
        return _list_drinks(request, context)
    what = context.wording.joined([context.locale.named(name) for name in there])
    return Answer(text=context.say("yes_there_is", what=what), data={"there": there})


def _list_drinks(request: Request, context: Context) -> Answer:
    return Answer(text=_offer("", context), data={"drinks": list(DRINKS)})


def _list_options(request: Request, context: Context) -> Answer:
    option = str(request.slots.get("option", ""))
    return Answer(text=_offer(option, context), data={"choices": list(CHOICES.get(option, DRINKS))})


def _several(request: Request, context: Context) -> Answer:
    return Answer(text=context.say("one_at_a_time"), act="sorry", data=dict(request.slots))


def _offer(option: str, context: Context) -> str:
    names = [context.locale.named(name) for name in CHOICES.get(option, DRINKS)]
    if option not in CHOICES:
        return context.say("drinks", drinks=context.wording.either(names))
    return context.say("choices", choices=context.wording.joined(names))


def _eight(slots: Mapping[str, Any]) -> bool:
    return bool(slots.get("size") == "eight ounce")


def _named(name: Any, context: Context) -> str:
    return context.locale.named(str(name))


_INTENTS: dict[str, Callable[[Request, Context], Answer]] = {
    "orderDrink": _order, "orderBlack": _order, "orderUnavailable": _unavailable, "orderSeveral": _several,
    "orderOne": _order_one, "orderUsual": _order_usual, "orderAgain": _order_again,
    "changeOrder": _change, "changeBack": _change_back, "cancelOrder": _cancel, "askOrder": _ask_order,
    "askAvailable": _ask_available, "listDrinks": _list_drinks, "listOptions": _list_options,
}  # fmt: skip
