"""The coffee maker makes what was ordered, or says what it does not have."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.dialogue.conftest import TurnedClock

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.coffee.skill import CHOICES, DRINKS, answer
from harken.dialogue.store import Store
from harken.dialogue.timers import TimerBook
from harken.languages.loading import load_locale


class Maker:
    """Requests to the skill's code, with what it remembers from one to the next."""

    def __init__(self, clock: TurnedClock):
        store = Store(":memory:")
        self.memory: dict[str, Any] = {}
        self._parts = {"clock": clock, "store": store, "timers": TimerBook(store, clock)}

    def do(self, intent: str, **slots: Any) -> Answer:
        """Carry out a request that names these slots."""
        return self.ask(Request(intent=intent, slots=slots, heard={name: str(value) for name, value in slots.items()}))

    def ask(self, request: Request) -> Answer:
        """Carry out a request as it is."""
        given = answer(request, Context(memory=self.memory, locale=load_locale(), skill="coffee", **self._parts))
        self.memory = dict(given.remember) or self.memory
        return given


@pytest.fixture
def maker(clock: TurnedClock) -> Maker:
    return Maker(clock)


def test_what_is_left_out_is_said(maker: Maker) -> None:
    given = maker.do("orderDrink", coffeeDrink="latte", milkAmount="soy milk", without="sugar")
    assert given.text == "One latte with soy milk without sugar, coming up."


def test_sugars_are_not_counted_and_the_order_stays(maker: Maker) -> None:
    assert maker.do("orderUnavailable", coffeeDrink="latte", sugars=2).act == "sorry"
    assert maker.memory == {}
    maker.do("orderDrink", coffeeDrink="latte")
    assert maker.do("changeOrder", sugars=2).text.startswith("I cannot count sugars.")
    assert maker.memory["order"] == {"coffeeDrink": "latte"}


def test_the_same_is_made_again_as_it_was_changed(maker: Maker) -> None:
    assert maker.do("orderAgain").text == maker.do("askOrder").text
    maker.do("orderDrink", coffeeDrink="latte", size="large")
    maker.do("changeOrder", size="small")
    given = maker.do("orderAgain")
    assert (given.text, given.data) == ("One small latte, coming up.", {"coffeeDrink": "latte", "size": "small"})


def test_a_drink_that_was_not_named_is_asked_for(maker: Maker) -> None:
    assert maker.do("orderDrink", size="large").ask == "coffeeDrink"
    assert maker.memory == {}


@pytest.mark.parametrize(
    ("slots", "said"),
    [
        ({"unavailableAddition": "oat milk", "coffeeDrink": "latte"}, "no oat milk here. There is milk, cream"),
        ({"unavailable": "decaf", "coffeeDrink": "coffee"}, "no decaf here. I can make"),
        ({"unavailable": "size", "coffeeDrink": "mocha"}, "There is small, medium, large"),
        ({"unavailableDrink": "tea"}, "no tea here. I can make americano"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(maker: Maker, slots: Any, said: str) -> None:
    given = maker.do("orderUnavailable", **slots)
    assert said in given.text
    assert (given.act, given.undo, maker.memory) == ("sorry", None, {})


def test_several_drinks_are_not_made_at_once(maker: Maker) -> None:
    assert "one drink at a time" in maker.do("orderSeveral", many="two", manyDrinks="latte").text
    assert maker.memory == {}


def test_an_order_changes_only_where_it_was_said(maker: Maker) -> None:
    maker.do("orderDrink", coffeeDrink="latte", size="small", milkAmount="milk")
    assert maker.do("changeOrder", size="large").text == "Changed: one large latte with milk."
    assert maker.do("changeOrder", without="milk").text == "Changed: one large latte without milk."
    assert maker.do("changeOrder", milkAmount="cream").text == "Changed: one large latte with cream."


def test_values_of_the_request_before_are_no_change(maker: Maker) -> None:
    maker.do("orderDrink", coffeeDrink="latte", milkAmount="milk")
    merged = {"coffeeDrink": "latte", "milkAmount": "milk", "without": "milk"}
    given = maker.ask(Request(intent="changeOrder", slots=merged, heard={"without": "milk"}))
    assert given.text == "Changed: one latte without milk."


def test_orders_changes_and_cancellations_can_be_taken_back(maker: Maker) -> None:
    ordered = maker.do("orderDrink", coffeeDrink="latte")
    changed = maker.do("changeOrder", size="large")
    assert changed.undo is not None
    assert maker.ask(changed.undo).text == "Changed: one latte."
    cancelled = maker.do("cancelOrder")
    assert cancelled.undo is not None
    assert maker.ask(cancelled.undo).text == "One latte, coming up."
    assert ordered.undo is not None
    assert maker.ask(ordered.undo).text == "Your order is cancelled."
    assert maker.do("askOrder").text == "There is no order."


def test_nothing_to_change_or_cancel(maker: Maker) -> None:
    for intent in ("changeOrder", "cancelOrder", "askOrder"):
        assert maker.do(intent).text == "There is no order."


def test_what_there_is(maker: Maker) -> None:
    assert maker.do("listOptions", option="size").data["choices"] == list(CHOICES["size"])
    assert maker.do("listDrinks").data["drinks"] == list(DRINKS)
    assert maker.do("askAvailable", milkAmount="soy milk").text == "Yes, there is soy milk."
    assert "no oat milk" in maker.do("askAvailable", unavailableAddition="oat milk").text


def test_the_values_of_recorded_orders_are_as_labelled(skills: Any) -> None:
    lists = skills["coffee"].lists
    for slot, choices in (
        ("coffeeDrink", DRINKS),
        *((name, CHOICES[name]) for name in ("size", "roast", "numberOfShots")),
    ):
        assert {value for _, value in lists[slot].entries} == set(choices)
    for slot in ("milkAmount", "sugarAmount"):
        assert all(value.endswith(CHOICES[slot]) for _, value in lists[slot].entries)
