from __future__ import annotations

from typing import Any

from harken.assistant.answer import turn_answer
from harken.events import Event, Interpretation, Reply, Slot, StateChanged, Transcript

DOG = Slot(name="task", text="dog", value="dog", first=1, last=2, score=1.0)
FED = {"skill": "feeding", "intent": "feed", "slots": {"pet": "dog"}}


def turn(meant: dict[str, Any], act: str) -> list[Event]:
    return [
        Interpretation(turn=1, text="the dog", score=0.64, **meant),
        StateChanged(turn=1, state=FED),
        Reply(turn=1, text="Noted.", act=act),
    ]


def test_a_bare_answer_is_told_as_the_request_that_it_completes() -> None:
    for meant in (
        {"skill": "", "intent": "", "rejected": True},
        {"skill": "lists", "intent": "removeTask", "slots": (DOG,)},
    ):
        report = turn_answer(turn(meant, "ack"), file=None)
        assert {name: report[name] for name in FED} == FED
        assert not report["rejected"]


def test_what_is_said_to_the_assistant_itself_is_not_told_as_the_last_request() -> None:
    report = turn_answer(turn({"skill": "conversation", "intent": "cancel"}, "ack"), file=None)
    assert (report["skill"], report["intent"], report["slots"]) == ("conversation", "cancel", {})


def test_a_request_that_was_not_acted_on_keeps_its_own_meaning() -> None:
    report = turn_answer(turn({"skill": "timers", "intent": "set"}, "request"), file=None)
    assert (report["skill"], report["intent"]) == ("timers", "set")


def test_what_a_timer_said_before_the_turn_is_not_its_answer() -> None:
    ring = Reply(turn=0, text="Your timer is done.", act="inform")
    answer = Reply(turn=1, text="It is noon.", act="inform")
    report = turn_answer([ring, Transcript(turn=1, hypotheses=()), answer], file=None)
    assert (report["reply"], report["rings"]) == ("It is noon.", ["Your timer is done."])
    assert "rings" not in turn_answer([Transcript(turn=1, hypotheses=()), answer], file=None)
