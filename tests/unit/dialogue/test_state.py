import json
import time

import pytest

from harken.dialogue.state import HISTORY, DialogueState, Exchange
from harken.errors import DataError
from harken.events import StateChanged


def test_a_state_survives_json_at_every_turn(talk) -> None:
    for text in (
        "set a timer",
        "ten minutes",
        "get me a latte",
        "add milk",
        "clear the shopping list",
        "yes",
        "nonsense",
        "",
    ):
        talk.ask(text)
        state = talk.manager.state
        assert DialogueState.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_a_conversation_goes_on_from_a_state_that_was_sent(talk, make_talk) -> None:
    talk.ask("set a timer")
    other = make_talk(talk.store)
    other.manager.state = DialogueState.from_json(json.loads(json.dumps(talk.manager.state.to_json())))
    assert "10 minutes" in other.ask("ten minutes").text


def test_history_is_bounded() -> None:
    state = DialogueState()
    for number in range(50):
        state = state.after(Exchange(text=str(number), skill="", intent="", reply=""))
    assert [exchange.text for exchange in state.history] == [str(n) for n in range(50 - HISTORY, 50)]


@pytest.mark.parametrize("data", [{}, {"turn": 0}, {"turn": 0, "pending": {"x": 1}, "history": []}])
def test_what_is_no_state_is_refused(data) -> None:
    with pytest.raises(DataError, match="not a dialogue state"):
        DialogueState.from_json(data)


def test_reset_begins_anew_but_keeps_lists_and_timers(talk) -> None:
    talk.ask("add milk to my shopping list")
    talk.ask("set a timer")
    talk.manager.reset()
    assert talk.manager.state == DialogueState()
    assert "milk" in talk.ask("what's on my shopping list").text


def test_the_state_event_tells_the_same_as_the_state(talk) -> None:
    event, _ = talk.manager.process(talk.reader.understand("get me a latte", turn=5))
    assert isinstance(event, StateChanged)
    assert event.turn == 5
    assert event.state == talk.manager.state.to_json()
    assert event.state["slots"] == {"coffeeDrink": "latte"}


def test_a_turn_takes_milliseconds(talk) -> None:
    talk.ask("what time is it")
    began = time.process_time()
    for _ in range(20):
        talk.ask("turn on the light in the kitchen")
    assert (time.process_time() - began) / 20 < 0.04
