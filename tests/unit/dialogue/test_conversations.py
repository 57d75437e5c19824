"""Whole conversations through the shipped skills: (what is said, what the reply must contain)."""

import pytest

from harken.dialogue.questions import PATIENCE

CONVERSATIONS = {
    "time": [("what time is it", "12 PM"), ("what time is it in tokyo", "9 PM"), ("what about new york", "8 AM")],
    "date": [
        ("what's the date today", "Friday, May 1, 2026"), ("what day is it", "Friday"), ("what week is it", "week 18"),
        ("how many days until december twenty fifth", "238 days"), ("what day is tomorrow", "Saturday, May 2"),
        ("what's the time difference to new york", "4 hours behind"), ("what year is it", "2026"),
    ],
    "timer with a missing length": [
        ("set a timer", "For how long?"), ("ten minutes", "set for 10 minutes"),
        ("how much time is left", "10 minutes left"), ("cancel the timer", "cancelled"),
        ("how much time is left", "no timer"),
    ],
    "several timers": [
        ("set a pasta timer for nine minutes", "Pasta timer set for 9 minutes"),
        ("set a timer for an hour and a half", "1 hour and 30 minutes"),
        ("how long is left on the pasta timer", "9 minutes left on the pasta timer"),
        ("cancel the pasta timer", "cancelled"), ("which timers are running", "1 hour and 30 minutes left"),
        ("set a timer for two seconds", "2 seconds"), ("cancel all timers", "2 timers cancelled"),
    ],
    "alarms": [
        ("set an alarm for seven", "7 PM today"), ("wake me up at half past six a m", "6:30 AM tomorrow"),
        ("set an alarm for monday at eight a m", "8 AM on Monday"), ("which alarms do i have", "3 alarms"),
        ("cancel the alarm for half past six", "cancelled"), ("cancel all alarms", "2 alarms cancelled"),
        ("which alarms do i have", "No alarm"), ("set an alarm", "For what time?"),
        ("nine fifteen p m", "9:15 PM today"),
    ],
    "reminders": [
        ("remind me to call mom in two hours", "call mom in 2 hours"),
        ("remind me to water the plants", "At what time?"), ("six p m", "water the plants today at 6 PM"),
        ("what are my reminders", "call mom"),
        ("cancel all reminders", "2 reminders cancelled"),
    ],
    "arithmetic": [
        ("what is twelve times seven", "84"), ("two plus three times four", "14"), ("divide ten by four", "2.5"),
        ("what is five divided by zero", "zero"), ("what is fifteen percent of eighty", "12"),
        ("what percentage of two hundred is fifty", "25 percent"), ("the square root of two", "about 1.4142"),
        ("the square root of minus four", "no answer"), ("what is nine squared", "81"),
        ("what is two to the power of ten", "1,024"),
        ("what is nine million to the power of nine million", "too large"),
    ],
    "units": [
        ("convert ten miles to kilometers", "10 miles are 16.09 kilometers"),
        ("how far is 10k in miles", "10 kilometers are 6.21 miles"),
        ("how many cups are in a gallon", "1 gallon is 16 cups"),
        ("what is one hundred degrees fahrenheit in celsius", "37.78 degrees Celsius"),
        ("convert two pounds to miles", "measure mass"), ("convert one foot into inches", "1 foot is 12 inches"),
    ],
    "facts": [
        ("what is the capital of france", "Paris"), ("and germany", "Berlin"), ("which country is nairobi in", "Kenya"),
        ("how many people live in japan", "124 million"), ("which currency is used in switzerland", "Swiss franc"),
        ("what language do they speak in brazil", "Portuguese"), ("which continent is egypt in", "Africa"),
        ("what is vienna the capital of", "Austria"), ("tell me something about iceland", "Reykjavik"),
        ("what is the population of berlin", "million"), ("how many people live in the netherlands", "the Netherlands"),
    ],
    "shopping list": [
        ("what's on my shopping list", "empty"), ("add milk and eggs to my shopping list", "milk and eggs"),
        ("add milk to the shopping list", "already"), ("we are out of coffee", "coffee"),
        ("what's on my shopping list", "3 things on your shopping list: milk, eggs and coffee"),
        ("are eggs on the shopping list", "Yes"), ("remove eggs from the shopping list", "removed eggs"),
        ("are eggs on the shopping list", "No"), ("remove eggs from the shopping list", "not on your"),
        ("clear the shopping list", "really clear the shopping list?"), ("no", "will not"),
        ("clear the shopping list", "really"), ("yes please", "empty"), ("what do i need to buy", "empty"),
    ],
    "tasks and notes": [
        ("add call the dentist to my to do list", "call the dentist"), ("what are my tasks", "call the dentist"),
        ("i finished call the dentist", "checked off call the dentist"),
        ("take a note the car is parked outside", "wrote down"), ("read my notes", "The car is parked outside."),
        ("delete all my notes", "really"), ("yes", "empty"),
    ],
    "lights": [
        ("turn on the light in the kitchen", "kitchen are on"), ("is the light on in the kitchen", "are on"),
        ("which lights are on", "in the kitchen"), ("set the bedroom lights to forty percent", "40 percent"),
        ("make the office lamp blue", "blue"), ("turn off all the lights", "off"),
        ("which lights are on", "All lights are off"),
    ],
    "the rest of the home": [
        ("turn on the fan", "fan is on"), ("is the fan on", "fan is on"), ("close the blinds in the bedroom", "closed"),
        ("are the blinds open in the bedroom", "closed"), ("set the temperature to twenty one degrees", "21 degrees"),
        ("it's too cold in here", "23 degrees"), ("how warm is it", "23 degrees"),
        ("activate movie mode", "movie scene"), ("lock the front door", "is locked"),
        ("is the front door locked", "is locked"),
    ],
    "coffee": [
        ("make me a drink", "Which drink would you like?"), ("a large latte with milk please", "large latte with milk"),
        ("cancel my order", "cancelled"), ("cancel my order", "no order"), ("what drinks can you make", "espresso"),
    ],
    "courtesy": [
        ("hello", "Good afternoon"), ("what can you do", "timers"), ("say that again", "timers"),
        ("thank you", "welcome"), ("who are you", "harken"), ("goodbye", "Goodbye"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversations_go_as_written(talk, name) -> None:
    for said, wanted in CONVERSATIONS[name]:
        assert wanted in talk.ask(said).text, said


def test_questions_expect_an_answer_and_statements_do_not(talk) -> None:
    asked = talk.ask("set a timer")
    assert (asked.act, asked.expects_answer) == ("request", True)
    assert talk.manager.state.pending is not None
    told = talk.ask("five minutes")
    assert (told.act, told.expects_answer) == ("inform", False)
    assert talk.manager.state.pending is None


def test_a_question_is_repeated_once_then_given_up(talk) -> None:
    talk.ask("set a timer")
    again = talk.ask("gibberish of no kind")
    assert "For how long?" in again.text
    assert again.expects_answer
    assert talk.ask("more gibberish").act == "sorry"


def test_an_open_question_is_asked_again_after_another_one(talk) -> None:
    asked = talk.ask("set a timer").text
    assert talk.ask("what time is it").text == f"It is 12 PM. {asked}"
    assert "10 minutes" in talk.ask("ten minutes").text


def test_a_request_that_changes_something_beats_an_open_question(talk) -> None:
    talk.ask("set a timer")
    talk.ask("add milk to my shopping list")
    assert talk.manager.state.pending is None


def test_a_question_is_forgotten_after_a_while_or_when_the_clock_is_set(talk, clock) -> None:
    talk.ask("set a timer")
    clock.wait(PATIENCE.total_seconds() + 1)
    assert talk.ask("ten minutes").act == "sorry"


def test_never_mind_ends_a_question(talk) -> None:
    talk.ask("set a timer")
    assert talk.ask("never mind").text == "Okay, never mind."
    assert talk.ask("ten minutes").act == "sorry"


def test_the_second_sorry_in_a_row_says_more(talk) -> None:
    first, second = talk.ask("colorless green ideas"), talk.ask("sleep furiously")
    assert first.act == second.act == "sorry"
    assert first.text != second.text


@pytest.mark.parametrize("text", ["", "🙂", "word " * 10_000, "\x00", "ß ø 中文"])
def test_odd_texts_get_a_polite_reply(talk, text) -> None:
    assert talk.ask(text).act == "sorry"
