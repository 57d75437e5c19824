"""Decisions on single sentences, rule by rule: made-up skills, and interpretations with the scores that matter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harken.dialogue.policy import REPLIES, Act, Ask, Decision, Say, decide
from harken.dialogue.state import DialogueState, Exchange, Pending
from harken.events import Interpretation, Slot
from harken.languages.loading import load_locale

NOW = dt.datetime(2026, 5, 1, 12, 0, tzinfo=dt.UTC)

LOCALE = load_locale()
SORRY = tuple(LOCALE.reply(REPLIES, key) for key in ("sorry", "sorry_again"))


@dataclass(frozen=True)
class Intent:
    required: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    responses: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    acts: bool = True
    follows: tuple[str, ...] = ()

    def confirm(self, slots: Mapping[str, object]) -> str:
        return self.question


@dataclass(frozen=True)
class Skill:
    name: str
    intents: Mapping[str, Intent]
    about: str = ""
    code: Path | None = None


SKILLS = {
    "timer": Skill("timer", {
        "start": Intent(required={"length": "For how long?", "label": "Called what?"},
                        slots={"length": "durations", "label": "labels"}),
        "stop": Intent(),
    }),
    "door": Skill("door", {
        "unlock": Intent(question="Unlock the {door}, {how}?", slots={"door": "doors", "how": "ways"}),
    }),
    "clock": Skill("clock", {"time": Intent(slots={"place": "places", "zone": "", "day": "days"})}),
    "conversation": Skill("conversation", {name: Intent() for name in ("affirm", "deny", "cancel", "repeat", "greet")}),
}  # fmt: skip


def heard(
    text: str, skill: str = "", intent: str = "", *, score: float = 1.0, rejected: bool = False, **slots: str
) -> Interpretation:
    filled = tuple(Slot(name=name, text=value, value=value.upper(), first=0, last=1, score=1.0)
                  for name, value in slots.items())  # fmt: skip
    return Interpretation(
        turn=0, text=text, skill=skill, intent=intent, score=score, slots=filled, rejected=rejected or not skill
    )


def talk(intent: str) -> Interpretation:
    return heard(intent, "conversation", intent)


def question(ask: str = "length", *, skill: str = "timer", intent: str = "start", **more: object) -> Pending:
    known: dict[str, object] = {
        "slots": {"label": "PASTA"}, "heard": {"label": "pasta"}, "question": "For how long?",
        "asked_at": NOW.isoformat(),
    }  # fmt: skip
    return Pending(skill=skill, intent=intent, ask=ask, **{**known, **more})  # type: ignore[arg-type]


def asked(**more: object) -> DialogueState:
    """A timer called pasta was wished for, and its length asked."""
    return DialogueState(pending=question(**more))  # type: ignore[arg-type]


def unlocking(**more: object) -> DialogueState:
    slots = {"door": "FRONT"}
    return DialogueState(pending=question("", skill="door", intent="unlock", slots=slots, heard={}, **more))


def decided(
    state: DialogueState,
    said: Interpretation,
    *,
    answers: Mapping[str, float] | None = None,
    skills: Mapping[str, Skill] = SKILLS,
    now: dt.datetime = NOW,
) -> Decision:
    """`answers`: slot -> likeness of the value that a bare answer is read as."""

    def read_answer(skill: str, slot: str, text: str) -> Slot | None:
        if slot not in (answers or {}):
            return None
        return Slot(name=slot, text=text, value=text.upper(), first=0, last=1, score=(answers or {})[slot])

    return decide(state, said, skills, read_answer, now, LOCALE)


def slots(decision: Decision) -> dict[str, object]:
    assert isinstance(decision, Act)
    return dict(decision.request.slots)


def test_a_complete_request_is_acted_on_with_what_was_heard() -> None:
    decision = decided(DialogueState(), heard("a pasta timer", "timer", "start", length="nine minutes", label="pasta"))
    assert isinstance(decision, Act)
    assert (decision.skill, decision.request.intent, decision.request.text) == ("timer", "start", "a pasta timer")
    assert decision.request.slots == {"length": "NINE MINUTES", "label": "PASTA"}
    assert decision.request.heard == {"length": "nine minutes", "label": "pasta"}


def test_the_first_missing_slot_is_asked_for_and_what_is_known_is_kept() -> None:
    decision = decided(DialogueState(), heard("a pasta timer", "timer", "start", label="pasta"))
    assert decision == Ask(pending=question(tries=1))
    decision = decided(DialogueState(), heard("a timer", "timer", "start"))
    assert isinstance(decision, Ask)
    assert (decision.pending.ask, decision.pending.slots) == ("length", {})


def test_an_answer_completes_the_request_that_was_asked_about() -> None:
    decision = decided(asked(), heard("nine minutes", rejected=True), answers={"length": 0.6})
    assert slots(decision) == {"label": "PASTA", "length": "NINE MINUTES"}
    assert isinstance(decision, Act)
    assert decision.request.heard == {"label": "pasta", "length": "nine minutes"}
    assert decision.request.text == "nine minutes"


def test_an_answer_that_leaves_something_open_is_followed_by_the_next_question() -> None:
    decision = decided(asked(slots={}, heard={}), heard("nine minutes", rejected=True), answers={"length": 1.0})
    assert isinstance(decision, Ask)
    assert (decision.pending.ask, decision.pending.question) == ("label", "Called what?")
    assert decision.pending.slots == {"length": "NINE MINUTES"}


def test_what_is_not_like_any_value_is_no_answer() -> None:
    decision = decided(asked(), heard("nine minuets", rejected=True), answers={"length": 0.59})
    assert isinstance(decision, Say)
    assert decision.act == "request"


def test_a_sure_request_is_followed_even_while_a_question_is_open() -> None:
    request = heard("what time is it", "clock", "time", score=0.9)
    decision = decided(asked(), request, answers={"length": 1.0})
    assert isinstance(decision, Act)
    assert decision.skill == "clock"


def test_what_only_might_be_a_request_answers_the_open_question() -> None:
    request = heard("nine minutes", "clock", "time", score=0.89)
    assert slots(decided(asked(), request, answers={"length": 1.0})) == {"label": "PASTA", "length": "NINE MINUTES"}


def test_a_rejected_sentence_answers_the_open_question_however_high_its_score() -> None:
    sentence = heard("nine minutes", "clock", "time", score=0.99, rejected=True)
    assert slots(decided(asked(), sentence, answers={"length": 1.0}))["length"] == "NINE MINUTES"


def test_a_doubtful_request_that_answers_nothing_is_still_a_request() -> None:
    decision = decided(asked(), heard("what time is it", "clock", "time", score=0.5))
    assert isinstance(decision, Act)
    assert decision.skill == "clock"


def test_the_same_request_again_fills_in_what_it_names() -> None:
    again = heard("a timer for nine minutes", "timer", "start", score=0.95, length="nine minutes")
    assert slots(decided(asked(), again)) == {"label": "PASTA", "length": "NINE MINUTES"}
    other = heard("a tea timer for nine minutes", "timer", "start", length="nine minutes", label="tea")
    assert slots(decided(asked(), other)) == {"label": "TEA", "length": "NINE MINUTES"}
    rejected = heard("a timer", "timer", "start", rejected=True, length="nine minutes")
    assert isinstance(decided(asked(), rejected), Say)


def test_another_intent_of_the_same_skill_is_another_request() -> None:
    decision = decided(asked(), heard("stop the timer", "timer", "stop"))
    assert isinstance(decision, Act)
    assert (decision.request.intent, decision.request.slots) == ("stop", {})


def test_a_request_to_be_confirmed_asks_with_what_was_heard() -> None:
    decision = decided(DialogueState(), heard("unlock the front door", "door", "unlock", door="front door"))
    assert isinstance(decision, Ask)
    assert (decision.pending.ask, decision.pending.question) == ("", "Unlock the front door, ?")
    assert decision.pending.slots == {"door": "FRONT DOOR"}


def test_yes_acts_and_no_does_not() -> None:
    assert slots(decided(unlocking(), talk("affirm"))) == {"door": "FRONT"}
    assert decided(unlocking(), talk("deny")) == Say(text="Okay, I will not do it.", act="ack")


def test_only_a_yes_confirms() -> None:
    for sentence in (talk("greet"), heard("affirm", "clock", "affirm", rejected=True), heard("hm", rejected=True)):
        decision = decided(unlocking(), sentence, answers={"": 1.0, "door": 1.0})
        assert not (isinstance(decision, Act) and decision.skill == "door")


def test_only_a_no_of_the_conversation_refuses() -> None:
    skills = {**SKILLS, "pets": Skill("pets", {"deny": Intent(), "affirm": Intent()})}
    for sentence in (talk("greet"), heard("deny", "pets", "deny"), heard("affirm", "pets", "affirm")):
        decision = decided(unlocking(), sentence, skills=skills)
        assert isinstance(decision, Act), "a request of its own"
        assert decision.skill == sentence.skill


def test_the_same_request_again_is_no_confirmation() -> None:
    decision = decided(unlocking(), heard("unlock the front door", "door", "unlock", door="front door"))
    assert isinstance(decision, Ask)
    assert decision.pending.ask == ""


def test_no_to_a_question_for_a_value_ends_it() -> None:
    assert decided(asked(), talk("deny")) == Say(text="Okay, never mind.", act="ack")


def test_only_a_no_of_the_conversation_ends_a_question_for_a_value() -> None:
    skills = {**SKILLS, "pets": Skill("pets", {"deny": Intent()})}
    for sentence in (talk("greet"), talk("affirm"), heard("deny", "pets", "deny")):
        decision = decided(asked(), sentence, skills=skills)
        assert isinstance(decision, Act), "a sure request of its own"


def test_yes_and_no_mean_nothing_while_nothing_is_asked() -> None:
    for intent in ("affirm", "deny"):
        decision = decided(DialogueState(), talk(intent))
        assert isinstance(decision, Act)
        assert decision.skill == "conversation"


def test_cancelling_closes_the_open_question() -> None:
    assert decided(asked(), talk("cancel")) == Say(text="Okay, never mind.", act="ack", pending=None)
    assert decided(DialogueState(), talk("cancel")) == Say(text="Okay.", act="ack", pending=None)


def test_only_the_conversation_cancels_and_repeats() -> None:
    state = DialogueState(history=(Exchange(text="a", skill="", intent="", reply="Said before."),))
    skills = {**SKILLS, "clock": Skill("clock", {"cancel": Intent(), "repeat": Intent()})}
    for intent in ("cancel", "repeat"):
        decision = decided(state, heard(intent, "clock", intent), skills=skills)
        assert isinstance(decision, Act)


def test_repeating_says_the_last_reply_and_keeps_the_question_open() -> None:
    state = DialogueState(
        pending=question(),
        history=tuple(Exchange(text="a", skill="", intent="", reply=said) for said in ("First.", "For how long?")),
    )
    assert decided(state, talk("repeat")) == Say(text="For how long?", act="inform", pending=question())


def test_there_is_nothing_to_repeat_at_the_beginning() -> None:
    decision = decided(DialogueState(), talk("repeat"))
    assert isinstance(decision, Act)
    assert decision.request.intent == "repeat"


@pytest.mark.parametrize("seconds", [-60, 0, 60])
def test_a_question_stays_open_for_a_minute(seconds: int) -> None:
    decision = decided(asked(), heard("nine minutes"), answers={"length": 1.0}, now=NOW + dt.timedelta(seconds=seconds))
    assert isinstance(decision, Act)


@pytest.mark.parametrize("seconds", [-61, 61])
def test_a_question_is_forgotten_after_a_minute_or_when_the_clock_was_set(seconds: int) -> None:
    decision = decided(asked(), heard("nine minutes"), answers={"length": 1.0}, now=NOW + dt.timedelta(seconds=seconds))
    assert decision == Say(text=SORRY[0], act="sorry")


def test_a_question_is_asked_once_more_then_given_up() -> None:
    later = NOW + dt.timedelta(seconds=30)
    again = decided(asked(), heard("gibberish"), now=later)
    open_still = question(tries=2, asked_at=later.isoformat())
    assert again == Say(text="Sorry, I did not get that. For how long?", act="request", pending=open_still)
    assert decided(DialogueState(pending=open_still), heard("gibberish"), now=later) == Say(text=SORRY[0], act="sorry")


def test_trying_is_counted_through_several_questions_for_one_request() -> None:
    decision = decided(asked(slots={}, tries=2), heard("nine minutes"), answers={"length": 1.0})
    assert isinstance(decision, Ask)
    assert decision.pending.tries == 3


def test_the_second_sorry_in_a_row_says_more_and_the_first_after_something_else_does_not() -> None:
    def after(*replies: str) -> DialogueState:
        return DialogueState(history=tuple(Exchange(text="", skill="", intent="", reply=said) for said in replies))

    for state, wanted in (
        (after(), SORRY[0]), (after(SORRY[0]), SORRY[1]), (after(SORRY[1]), SORRY[1]),
        (after(SORRY[0], "Hi."), SORRY[0]),
    ):  # fmt: skip
        assert decided(state, heard("gibberish")) == Say(text=wanted, act="sorry")


def test_a_skill_that_is_gone_is_not_understood_and_its_question_neither() -> None:
    assert decided(DialogueState(), heard("feed the cat", "pets", "feed")) == Say(text=SORRY[0], act="sorry")
    state = DialogueState(pending=question(skill="pets", intent="feed"))
    decision = decided(state, heard("what time is it", "clock", "time"), answers={"length": 1.0})
    assert isinstance(decision, Act)
    assert decision.skill == "clock"


TOKYO = DialogueState(skill="clock", intent="time", slots={"place": "TOKYO", "zone": "JST"})


@pytest.mark.parametrize("text", ["what about paris", "and in paris", "how about paris", "and paris"])
def test_a_follow_up_repeats_the_last_request_with_another_value(text: str) -> None:
    decision = decided(TOKYO, heard(text), answers={"place": 0.6})
    assert slots(decision) == {"place": "PARIS", "zone": "JST"}
    assert isinstance(decision, Act)
    assert decision.request.heard == {"place": "paris"}
    assert decision.request.text == text


@pytest.mark.parametrize(
    ("state", "text", "answers"),
    [
        pytest.param(TOKYO, "paris", {"place": 1.0}, id="without the phrase"),
        pytest.param(TOKYO, "android", {"place": 1.0}, id="a word that begins like the phrase"),
        pytest.param(TOKYO, "what about peris", {"place": 0.59}, id="a value that is not alike"),
        pytest.param(TOKYO, "what about monday", {"day": 1.0}, id="a slot that was not filled"),
        pytest.param(TOKYO, "what about utc", {"zone": 1.0}, id="a slot that no list fills"),
        pytest.param(DialogueState(), "what about paris", {"place": 1.0}, id="nothing was asked before"),
        pytest.param(
            DialogueState(skill="clock", intent="gone", slots={"place": "TOKYO"}), "what about paris", {"place": 1.0},
            id="an intent that is gone",
        ),
        pytest.param(
            DialogueState(skill="gone", intent="time", slots={"place": "TOKYO"}), "what about paris", {"place": 1.0},
            id="a skill that is gone",
        ),
    ],
)  # fmt: skip
def test_what_is_no_follow_up_is_not_understood(state: DialogueState, text: str, answers: Mapping[str, float]) -> None:
    assert decided(state, heard(text), answers=answers) == Say(text=SORRY[0], act="sorry")


def test_a_request_of_its_own_that_begins_like_a_follow_up_is_none() -> None:
    request = heard("and stop the timer", "timer", "stop")
    decision = decided(TOKYO, request, answers={"place": 1.0})
    assert isinstance(decision, Act)
    assert decision.skill == "timer"
