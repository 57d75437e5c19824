"""A virtual coffee maker."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Context, Request

DRINKS = ("americano", "cappuccino", "coffee", "drip coffee", "espresso", "house coffee", "iced coffee", "iced mocha",
          "latte", "mocha")  # fmt: skip
_BEFORE = ("size", "roast", "numberOfShots")
_AFTER = ("milkAmount", "sugarAmount")


def answer(request: Request, context: Context) -> Answer:
    """Take, list or cancel an order."""
    if request.intent == "listDrinks":
        drinks = context.wording.either([context.locale.named(drink) for drink in DRINKS])
        return Answer(text=context.say("drinks", drinks=drinks), data={"drinks": list(DRINKS)})
    if request.intent == "cancelOrder":
        if not context.memory.get("order"):
            return Answer(text=context.say("no_order"), data={"cancelled": False})
        text = context.say("cancelled")
        return Answer(text=text, act="ack", data={"cancelled": True}, remember={"order": ""})
    order = describe(request, context)
    text = context.say("coming_eight" if request.slots.get("size") == "eight ounce" else "coming", order=order)
    return Answer(text=text, act="ack", data=dict(request.slots), remember={"order": order})


def describe(request: Request, context: Context) -> str:
    """The order in words: 'small dark roast latte with milk and sugar'."""
    words = [_named(name, request, context) for name in (*_BEFORE, "coffeeDrink") if name in request.slots]
    extras = [_named(name, request, context) for name in _AFTER if name in request.slots]
    drink = " ".join(words)
    return context.say("with", drink=drink, extras=context.wording.joined(extras)) if extras else drink


def _named(slot: str, request: Request, context: Context) -> str:
    return context.locale.named(str(request.slots[slot]))
