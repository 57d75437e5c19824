"""Fragments that come back to an earlier request, and answers that say yes in more words."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.cases.conversations import NOW, conversation

from harken.events import Reply


def replies(*sentences: str) -> list[str]:
    """What is said to each sentence of a conversation."""
    with conversation(dt.datetime.fromisoformat(NOW).replace(tzinfo=dt.UTC)) as assistant:
        return [
            " ".join(event.text for event in assistant.ask_text(text) if isinstance(event, Reply)) for text in sentences
        ]


def test_a_known_value_comes_back_to_an_earlier_topic() -> None:
    said = replies("what time is it in oslo", "set a timer for ten minutes", "and in helsinki")
    assert said[-1] == "In Helsinki it is 12:25 PM."


def test_any_words_do_not() -> None:
    said = replies("take a note buy stamps", "what time is it", "and envelopes of some kind")
    assert "wrote" not in said[-1]


def test_the_last_topic_comes_first() -> None:
    said = replies("set a timer for five minutes", "set an alarm for six am", "make it seven")
    assert said[-1] == "Alarm set for 7 AM tomorrow."


@pytest.mark.parametrize(
    ("answer", "unlocked"),
    [("yes unlock it", True), ("yes unlock the front door", True), ("yes the back door", False),
     ("yes but not now", False)],
)  # fmt: skip
def test_a_yes_may_repeat_the_request_but_change_nothing(answer: str, unlocked: bool) -> None:
    assert (replies("unlock the front door", answer)[-1] == "The front door is unlocked.") == unlocked


def test_what_was_refused_can_be_asked_about() -> None:
    said = replies("add rice to the list", "clear the shopping list", "no", "what's on it")
    assert said[-1] == "There is one thing on your shopping list: rice."


def test_the_last_of_several_deeds_is_undone_alone() -> None:
    said = replies(
        "set a timer for five minutes and add bleach to the list", "undo the last one", "which timers are running"
    )
    assert said[-1] == "5 minutes left."


def test_the_second_time_of_a_sentence_is_after_the_first() -> None:
    assert "tomorrow at 6 AM" in replies("turn the heater off at ten and back on at six")[0]
