"""A virtual coffee maker."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.wording import say_list

DRINKS = ("americano", "cappuccino", "coffee", "drip coffee", "espresso", "house coffee", "iced coffee", "iced mocha",
          "latte", "mocha")  # fmt: skip
_BEFORE = ("size", "roast", "numberOfShots")
_AFTER = ("milkAmount", "sugarAmount")


def answer(request: Request, context: Context) -> Answer:
    """Take, list or cancel an order."""
    if request.intent == "listDrinks":
        return Answer(text=f"I can make {say_list(DRINKS, 'or')}.", data={"drinks": list(DRINKS)})
    if request.intent == "cancelOrder":
        if not context.memory.get("order"):
            return Answer(text="There is no order.", data={"cancelled": False})
        return Answer(text="Your order is cancelled.", act="ack", data={"cancelled": True}, remember={"order": ""})
    order = describe(request)
    text = f"One {order}, coming up." if not order.startswith(("eight",)) else f"An {order}, coming up."
    return Answer(text=text, act="ack", data=dict(request.slots), remember={"order": order})


def describe(request: Request) -> str:
    """The order in words: 'small dark roast latte with milk and sugar'."""
    words = [str(request.slots[name]) for name in (*_BEFORE, "coffeeDrink") if name in request.slots]
    extras = [str(request.slots[name]) for name in _AFTER if name in request.slots]
    return " ".join(words) + (f" with {say_list(extras)}" if extras else "")
