"""What a skill's code may use: storage of its own, and requests that are carried out later."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.unit.dialogue.conftest import TurnedClock

from harken.dialogue.skill import Context, Request
from harken.dialogue.store import Store
from harken.dialogue.timers import TimerBook
from harken.languages.loading import load_locale


@pytest.fixture
def store() -> Store:
    return Store(":memory:")


def context(store: Store, clock: TurnedClock, skill: str = "timers") -> Context:
    timers = TimerBook(store, clock, session="here")
    return Context(clock=clock, store=store, timers=timers, locale=load_locale(), skill=skill)


def test_what_is_kept_is_remembered_by_its_skill_alone(store: Store, clock: TurnedClock) -> None:
    context(store, clock, "pets").keep("fed", ["cat"])
    assert context(store, clock, "pets").remembered("fed") == ["cat"]
    assert context(store, clock, "plants").remembered("fed", "nothing") == "nothing"


def test_what_is_not_json_is_not_kept(store: Store, clock: TurnedClock) -> None:
    with pytest.raises(TypeError):
        context(store, clock).keep("fed", object())


def test_a_question_is_worded_by_the_language_and_fills_a_slot(store: Store, clock: TurnedClock) -> None:
    answer = context(store, clock).ask("time", "which_time")
    assert (answer.ask, answer.act, answer.text) == ("time", "request", "For what time?")


FEED = Request(intent="feed", slots={"pet": "cat"}, action="feed the cat", text="later")


def test_a_request_is_scheduled_after_a_time_or_for_a_moment(store: Store, clock: TurnedClock) -> None:
    pets = context(store, clock, "pets")
    timer = pets.schedule(FEED, seconds=60)
    assert (timer.kind, timer.label, timer.left) == ("action", "feed the cat", 60)
    skill, request = Request.of(timer)
    assert (skill, request.intent, request.slots, request.action) == ("pets", "feed", {"pet": "cat"}, "feed the cat")
    tomorrow = clock.now() + dt.timedelta(days=1)
    timer = pets.schedule(FEED, moment=tomorrow, every=(5, 6))
    assert (timer.due, timer.every) == (tomorrow, (5, 6))


@pytest.mark.parametrize("when", [{}, {"seconds": -1.0}, {"seconds": 5.0, "moment": dt.datetime.now(dt.UTC)}])
def test_a_request_is_scheduled_for_one_time(store: Store, clock: TurnedClock, when: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="seconds > 0 or a moment"):
        context(store, clock).schedule(FEED, **when)  # type: ignore[arg-type]
