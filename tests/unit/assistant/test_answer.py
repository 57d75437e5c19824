from __future__ import annotations

from typing import Any

from harken.assistant.answer import meaning, turn_answer
from harken.events import Event, Interpretation, Reply, Slot, StateChanged, Transcript, Unread, When

DOG = Slot(name="task", text="dog", value="dog", first=1, last=2, score=1.0)
FED = {"skill": "feeding", "intent": "feed", "slots": {"pet": "dog"}}
ACTED = FED | {"acted": 1}


def turn(meant: dict[str, Any], act: str) -> list[Event]:
    return [
        Interpretation(turn=1, text="the dog", score=0.64, **meant),
        StateChanged(turn=1, state=ACTED),
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


def test_what_a_skill_refused_stays_rejected() -> None:
    report = turn_answer(turn({"skill": "elsewhere", "intent": "music", "rejected": True, "refused": True}, "inform"),
                         file=None)  # fmt: skip
    assert (report["skill"], report["rejected"], report["refused"]) == ("elsewhere", True, True)


def test_a_request_that_was_not_acted_on_keeps_its_own_meaning() -> None:
    report = turn_answer(turn({"skill": "timers", "intent": "set"}, "request"), file=None)
    assert (report["skill"], report["intent"]) == ("timers", "set")


def test_a_sentence_that_leads_to_no_request_is_not_told_as_the_one_before_it() -> None:
    events = turn({"skill": "lists", "intent": "clear", "negated": True}, "ack")
    earlier = StateChanged(turn=1, state=FED | {"acted": 0})
    report = turn_answer([events[0], earlier, events[2]], file=None)
    assert (report["skill"], report["negated"]) == ("lists", True)


def test_several_requests_are_told_with_the_first_one_first() -> None:
    further = Interpretation(turn=1, text="", skill="home", intent="lightSet", score=0.97, slots=(DOG,))
    report = turn_answer(turn({"skill": "lists", "intent": "clear", "then": (further,)}, "ack"), file=None)
    assert (report["skill"], report["then"]) == ("lists", [meaning(further)])


def test_a_meaning_tells_what_changes_it_and_nothing_else() -> None:
    plain = {"skill": "home", "intent": "lightSet", "slots": {}, "score": 0.5, "rejected": False}
    event = Interpretation(turn=1, text="", skill="home", intent="lightSet", score=0.5)
    assert meaning(event) == plain
    when = {"text": "at six", "seconds": None, "time": "06:00", "date": "", "every": (0,)}
    odd = Interpretation(
        turn=1, text="", skill="home", intent="lightSet", score=0.5, negated=True, doubtful=True,
        when=When(text="at six", time="06:00", every=(0,)), unread=(Unread(text="attic", first=0, last=1),),
    )  # fmt: skip
    assert meaning(odd) == plain | {"negated": True, "doubtful": True, "when": when, "unread": ["attic"]}


def test_what_a_timer_said_before_the_turn_is_not_its_answer() -> None:
    ring = Reply(turn=0, text="Your timer is done.", act="inform")
    answer = Reply(turn=1, text="It is noon.", act="inform")
    report = turn_answer([ring, Transcript(turn=1, hypotheses=()), answer], file=None)
    assert (report["reply"], report["rings"]) == ("It is noon.", ["Your timer is done."])
    assert "rings" not in turn_answer([Transcript(turn=1, hypotheses=()), answer], file=None)
