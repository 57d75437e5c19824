"""For how long the answer to the assistant's own question needs no wake word."""

from __future__ import annotations

import pytest

from harken.assistant.question import Question
from harken.events import FollowUpOpened, PlaybackEnded

ASKED = PlaybackEnded(turn=3, end=1000, interrupted=False)
OPENED = FollowUpOpened(turn=3, start=1000, end=1600)


@pytest.fixture
def question() -> Question:
    asked = Question(600, 5000, tell=list[int]().append)
    asked.ask(3, 100, yes_or_no=False)
    return asked


def test_a_question_heard_to_its_end_may_be_answered(question) -> None:
    assert question.played(ASKED) == [OPENED]


@pytest.mark.parametrize(
    "report",
    [PlaybackEnded(turn=3, end=1000, interrupted=True), PlaybackEnded(turn=4, end=1000, interrupted=False)],
    ids=["cut short", "another reply"],
)
def test_a_question_that_was_not_heard_to_its_end_opens_nothing(question, report) -> None:
    assert question.played(report) == []
    assert question.still_open(1000) == []


def test_without_a_window_the_wake_word_is_always_needed() -> None:
    question = Question(0, 5000, tell=list[int]().append)
    question.ask(3, 100, yes_or_no=True)
    assert question.played(ASKED) == []


def test_when_nothing_was_said_the_rest_of_the_window_stays_open(question) -> None:
    question.played(ASKED)
    assert question.still_open(1599) == [FollowUpOpened(turn=3, start=1599, end=1600)]
    assert question.still_open(1600) == []


def test_a_question_that_is_given_up_is_not_waited_for(question) -> None:
    question.played(ASKED)
    question.give_up()
    assert question.still_open(1100) == []
    assert question.played(ASKED) == []


def test_yes_or_no_answers_only_a_question_for_it_and_only_while_it_is_open() -> None:
    told: list[int] = []
    question = Question(600, 5000, tell=told.append)
    question.ask(4, 100, yes_or_no=True)
    question.ask(5, 200, yes_or_no=False)
    question.ask(6, 300, yes_or_no=True)
    assert told[-1] == 5300
    question.give_up()
    assert told == [5100, 0, 5300, 0]
