"""What takes the place of what was just done, and what is meant by it rather than by itself."""

from __future__ import annotations

import pytest
from tests.unit.dialogue.conftest import Talk


def said(talk: Talk, *sentences: str) -> list[str]:
    return [talk.ask(sentence).text for sentence in sentences]


@pytest.mark.parametrize(
    ("first", "second", "question", "told"),
    [
        ("set a timer for 5 minutes", "set a timer for 10 minutes instead", "time left", "10 minutes left."),
        ("set an alarm for 7 tomorrow", "set an alarm for 8 instead", "which alarms are set", "8 AM tomorrow."),
        ("remind me to call mum at 5", "remind me to call dad instead", "what reminders", "call dad today at 5 PM."),
        ("take a note buy a bulb", "take a note buy a lamp instead", "read my notes", "Buy a lamp."),
        ("turn on the bedroom light", "turn on the kitchen light instead", "which lights are on", "in the kitchen."),
        ("turn on the bedroom light", "the kitchen light instead", "which lights are on", "in the kitchen."),
        ("add milk", "add oat milk instead", "what's on the list", "one thing on your shopping list: oat milk."),
        ("add milk and eggs", "get cheese instead of the milk", "what's on the list", "cheese and eggs."),
        ("make me a latte", "make me a mocha instead", "what did i order", "mocha."),
    ],
)
def test_what_is_said_instead_leaves_nothing_of_the_first(
    talk: Talk, first: str, second: str, question: str, told: str
) -> None:
    *_, answer = said(talk, first, second, question)
    assert answer.endswith(told)
    assert " and " not in answer or " and " in told


def test_without_the_word_both_remain(talk: Talk) -> None:
    *_, left = said(talk, "set a timer for 5 minutes", "set a timer for 10 minutes", "which timers are running")
    assert left == "5 minutes left and 10 minutes left."


def test_what_was_done_before_something_else_is_not_replaced(talk: Talk) -> None:
    *_, left = said(talk, "set a timer for 5 minutes", "add milk", "add eggs instead", "which timers are running")
    assert left == "5 minutes left."


def test_a_correction_is_not_read_as_a_question(talk: Talk) -> None:
    *_, moved = said(talk, "add bread to my to-do list", "sorry, shopping list I meant")
    assert moved == "I moved bread to your shopping list."


def test_a_sentence_of_another_skill_is_about_what_was_just_spoken_of(talk: Talk) -> None:
    assert said(talk, "make me a latte", "add milk") == ["One latte, coming up.", "Changed: one latte with milk."]
    assert said(talk, "add milk to my list", "a large coffee")[1] == "One large coffee, coming up."
    assert said(talk, "a latte", "what time is it", "add eggs")[2] == "I added eggs to your shopping list."


@pytest.mark.parametrize(
    ("done", "time", "question"),
    [
        ("turn on the bedroom light", "at eight", "Shall I turn on the bedroom light today at 8 PM?"),
        ("turn off the tv", "tomorrow at eight", "Shall I turn off the tv tomorrow at 8 AM?"),
        ("set the heating to 20 degrees", "at eight", "Shall I set the heating to twenty degrees today at 8 PM?"),
        ("set a timer for 10 minutes", "at eight", "Sorry, I did not understand that."),
        ("what time is it", "at eight", "Sorry, I did not understand that."),
    ],
)
def test_a_time_after_something_was_done_is_asked_about(talk: Talk, done: str, time: str, question: str) -> None:
    assert said(talk, done, time)[1] == question


@pytest.mark.parametrize(
    ("both", "one", "question", "told"),
    [
        ("turn on the tv and the bedroom light", "ok just the tv then", "which lights are on", "All lights are off."),
        ("turn on the tv and the bedroom light", "only the light", "is the tv on", "The television is off."),
        ("set a timer for 5 minutes and add milk", "just the milk", "time left", "There is no timer running."),
        ("turn on the tv and the bedroom light", "just the radio", "is the tv on", "The television is on."),
        ("turn on the tv and the bedroom light", "the tv", "which lights are on", "The lights are on in the bedroom."),
    ],
)
def test_of_several_things_one_may_remain(talk: Talk, both: str, one: str, question: str, told: str) -> None:
    assert said(talk, both, one, question)[2] == told


@pytest.mark.parametrize("wait", ["just a second", "give me a sec", "hang on a minute"])
def test_to_hold_on_names_no_length(talk: Talk, wait: str) -> None:
    assert said(talk, "set a timer", wait, "5 minutes", wait, "time left")[4] == "5 minutes left."


@pytest.mark.parametrize(
    ("said_now", "left"),
    [
        ("cancel it and set one for 20", "20 minutes left."),
        ("add five minutes and pause it", "15 minutes left, paused."),
        ("stop it and set an alarm for 8", "There is no timer running."),
    ],
)  # fmt: skip
def test_two_fragments_are_said_in_a_breath(talk: Talk, said_now: str, left: str) -> None:
    assert said(talk, "set a timer for 10 minutes", said_now, "time left")[2] == left


def test_after_a_yes_it_is_done_then_too(talk: Talk) -> None:
    *_, later = said(talk, "turn off the tv", "at eight", "yes", "what is scheduled")
    assert later == "Scheduled: turn off the tv today at 8 PM."
