"""What is done, put off, left and taken back: a light that keeps its state, in conversations whose meaning is given."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from tests.unit.dialogue.conftest import TurnedClock
from tests.unit.dialogue.scripted import Intent, ScriptedReader, Skill, heard

from harken.dialogue.conversation import DialogueManager
from harken.dialogue.state import DialogueState
from harken.dialogue.store import Store
from harken.events import Interpretation, Reply, Unread, When
from harken.languages.loading import load_locale

IN_TEN = When(text="in ten minutes", seconds=600)
CODE = """
from harken.dialogue.skill import Answer, Request

def answer(request, context):
    area = request.slots.get("area", "hall").lower()
    if request.intent == "isOn":
        return f"The {area} is {context.remembered(area, 'off')}."
    if request.intent == "order":
        return Answer(text="Ordered.", act="ack")
    if request.intent == "flip":
        return Answer(text=f"{request.before['area']} {request.slots['state']} {context.memory['n']}.", act="ack")
    if request.intent == "tidy":
        return Answer(text="All?", act="confirm", offer=Request(intent="dim", slots={"level": "all"}))
    if request.intent == "fail":
        raise RuntimeError("broken")
    if request.intent == "dim":
        if "level" not in request.slots:
            return Answer(text="How dim?", act="request", ask="level")
        return Answer(text=f"Dimmed to {request.slots['level']}.", act="ack")
    if request.slots["state"].lower() == context.remembered(area, "off"):
        return Answer(text="It is already.", act="sorry")
    old = context.remembered(area, "off")
    context.keep(area, request.slots["state"].lower())
    back = Request(intent="restore", slots={"area": area, "state": old})
    text, remember = f"The {area} is {request.slots['state'].lower()}.", {"n": context.memory.get("n", 0) + 1}
    return Answer(text=text, act="ack", undo=back, remember=remember)
"""
SLOTS = {"area": "areas", "state": ""}


class Room:
    """A conversation about a light."""

    def __init__(self, folder: Path, clock: TurnedClock, store: Store | None = None):
        (folder / "skill.py").write_text(CODE)
        intents = {
            "set": Intent(slots=SLOTS), "isOn": Intent(acts=False, slots=SLOTS), "order": Intent(), "fail": Intent(),
            "dim": Intent(slots={"level": "numbers"}), "unlock": Intent(question="Shall I?"),
            "flip": Intent(follows=("set",), each=True, slots={"state": ""}), "tidy": Intent(),
            "paint": Intent(required={"color": "Which color?"}, slots={"color": "colors"}),
        }  # fmt: skip
        talk = {name: Intent(acts=False, responses=(name,)) for name in
                ("affirm", "deny", "cancel", "undo", "whatDone", "whyDone", "thank")}  # fmt: skip
        skills = {
            "light": Skill("light", intents, code=folder / "skill.py"),
            "conversation": Skill("conversation", talk),
        }
        answers = {"blue": {"color": "blue"}, "low": {"level": "low"}}
        follow_ups = {
            "the garage too": heard("the garage too", "light", "set", area="garage"),
            "flip it": heard("flip it", "light", "flip", state="off"),
            "both off": heard("both off", "light", "flip", state="off"),
            "flip it later": heard("flip it later", "light", "flip", state="off", when=IN_TEN),
        }
        self.reader, self.clock = ScriptedReader(answers, follow_ups), clock
        self.manager = DialogueManager(skills, self.reader, locale=load_locale(), store=store, clock=clock)
        self.turn = -1

    def say(self, said: Interpretation) -> Reply:
        self.turn += 1
        _, reply = self.manager.process(dataclasses.replace(said, turn=self.turn))
        state = self.manager.state
        assert DialogueState.from_json(json.loads(json.dumps(state.to_json()))) == state
        assert isinstance(reply, Reply)
        return reply

    def talk(self, intent: str, **more: Any) -> str:
        return self.say(heard(intent, "conversation", intent, **more)).text

    def turn_light(self, state: str, area: str = "", **more: Any) -> str:
        slots = {"state": state, **({"area": area} if area else {})}
        return self.say(
            heard(f"turn {state}", "light", "set", action=f"turn {state} {area}".strip(), **slots, **more)
        ).text

    def ask(self, intent: str, **more: Any) -> str:
        return self.say(heard(intent, "light", intent, **more)).text


@pytest.fixture
def room(tmp_path: Path, clock: TurnedClock) -> Room:
    return Room(tmp_path, clock)


class TestUndo:
    def test_takes_back_what_was_done_last_and_then_what_was_done_before(self, room: Room) -> None:
        room.turn_light("on")
        room.turn_light("dark")
        assert room.talk("undo") == "The hall is on."
        assert room.talk("undo") == "The hall is off."
        assert room.talk("undo") == "There is nothing to undo."

    def test_passes_over_questions_and_thanks(self, room: Room) -> None:
        room.turn_light("on")
        room.ask("isOn")
        room.talk("thank")
        assert room.talk("undo") == "The hall is off."

    def test_takes_back_all_that_one_sentence_did_the_last_first(self, room: Room) -> None:
        second = heard("x", "light", "set", state="on", area="garage")
        room.turn_light("on", then=(second,))
        assert room.talk("undo") == "The garage is off. The hall is off."
        assert room.talk("undo") == "There is nothing to undo."

    def test_does_not_reach_past_what_cannot_be_taken_back_unasked(self, room: Room) -> None:
        room.turn_light("on")
        room.ask("order", action="order a coffee")
        assert room.talk("undo") == "I cannot undo that: order a coffee."
        assert room.talk("undo") == "The hall is off."

    def test_knows_nothing_of_what_was_not_done(self, room: Room) -> None:
        for said in (
            heard("x", "light", "set", state="off", negated=True), heard("x", "light", "fail"),
            heard("x", "light", "dim"), heard("x", "light", "paint"), heard("x", "light", "set", state="off"),
        ):  # fmt: skip
            room.say(said)
            room.talk("cancel")
        room.turn_light("on")
        room.say(heard("x", "light", "set", state="on"))  # "It is already."
        assert room.talk("undo") == "The hall is off."

    def test_of_a_skill_that_is_gone_or_fails_says_so(self, room: Room, caplog: pytest.LogCaptureFixture) -> None:
        room.turn_light("on")
        room.turn_light("dark")
        (room.manager.skills["light"].code or Path()).write_text("def answer(request, context): 1 / 0")
        room.manager.use(room.manager.skills, room.reader)
        with caplog.at_level(logging.ERROR):
            assert room.talk("undo") == "I cannot undo that: turn dark."
        assert "ZeroDivisionError" in caplog.text
        room.manager.use({"conversation": room.manager.skills["conversation"]}, room.reader)
        assert room.talk("undo") == "I cannot undo that: turn on."

    def test_begins_anew_with_the_conversation(self, room: Room) -> None:
        room.turn_light("on")
        room.manager.reset()
        assert room.talk("undo") == "There is nothing to undo."


class TestTheLastDeed:
    def test_is_told_with_its_reason(self, room: Room) -> None:
        assert room.talk("whatDone") == "I have not done anything yet."
        assert room.talk("whyDone") == "I have not done anything yet."
        room.turn_light("on")
        assert room.talk("whatDone") == "The last thing I did was to turn on, because I heard 'turn on'."
        assert room.talk("whyDone") == "Because I heard 'turn on'."

    def test_may_be_several(self, room: Room) -> None:
        second = heard("x", "light", "order", action="order a coffee")
        room.turn_light("on", then=(second,))
        assert "was to turn on and order a coffee, because" in room.talk("whatDone")

    def test_is_found_by_its_words(self, room: Room) -> None:
        room.turn_light("on", "kitchen")
        room.ask("order", action="order a coffee")
        assert room.talk("whyDone", deed="turn on kitchen") == "Because I heard 'turn on'."
        assert room.talk("whyDone", deed="open the door").startswith(
            "I did not do that. The last thing I did was to order a coffee"
        )

    def test_that_is_put_off_was_not_done_yet(self, room: Room) -> None:
        room.turn_light("on", when=IN_TEN)
        assert room.talk("whatDone") == "I promised to turn on later, because I heard 'turn on'."


class TestLater:
    def test_it_is_promised_kept_and_done_when_its_time_has_come(self, room: Room) -> None:
        reply = room.say(heard("x", "light", "set", state="on", action="turn on", when=IN_TEN))
        assert (reply.text, reply.act) == ("I will turn on in 10 minutes.", "ack")
        (timer,) = room.manager.timers.running("action")
        assert (timer.label, timer.data["skill"], timer.data["intent"]) == ("turn on", "light", "set")
        assert (reply.data["id"], timer.data["slots"]) == (timer.id, {"state": "ON"})
        assert room.ask("isOn") == "The hall is off."
        room.clock.wait(599)
        assert room.manager.ring() == []
        room.clock.wait(1)
        (rung,) = room.manager.ring()
        assert (rung.text, rung.act, rung.data["kind"], rung.expects_answer) == (
            "The hall is on.",
            "ack",
            "action",
            False,
        )
        assert room.ask("isOn") == "The hall is on."
        assert room.manager.ring() == []

    def test_it_survives_a_restart(self, tmp_path: Path, clock: TurnedClock) -> None:
        store = Store(tmp_path / "store.sqlite")
        first = Room(tmp_path, clock, store)
        first.turn_light("on", when=IN_TEN)
        first.manager.close()
        clock.wait(600)
        again = Room(tmp_path, clock, Store(tmp_path / "store.sqlite"))
        assert [reply.text for reply in again.manager.ring()] == ["The hall is on."]
        assert again.talk("undo") == "The hall is off."

    def test_on_weekdays_it_comes_again(self, room: Room) -> None:
        every = When(text="every day at six pm", time="18:00", every=tuple(range(7)))
        assert room.turn_light("on", when=every) == "I will turn on every day at 6 PM."
        room.clock.wait(6 * 3600)
        assert [reply.text for reply in room.manager.ring()] == ["The hall is on."]
        (timer,) = room.manager.timers.running("action")
        assert timer.due == dt.datetime(2026, 5, 2, 18, 0, tzinfo=dt.UTC)
        assert room.talk("undo") == "The hall is off."
        assert room.manager.timers.running("action") == [timer], "what was done is taken back, not the plan"

    @pytest.mark.parametrize(("every", "said"), [
        ((0, 1, 2, 3, 4), "every weekday"), ((5, 6), "every Saturday and Sunday"),
        ((0, 2), "every Monday and Wednesday"),
    ])  # fmt: skip
    def test_its_weekdays_are_named(self, room: Room, every: tuple[int, ...], said: str) -> None:
        when = When(text="at six pm", time="18:00", every=every)
        assert room.turn_light("on", when=when) == f"I will turn on {said} at 6 PM."

    def test_it_is_named_with_its_day(self, room: Room) -> None:
        tomorrow = When(text="tomorrow at seven am", time="07:00", date="2026-05-02")
        assert room.turn_light("on", when=tomorrow) == "I will turn on tomorrow at 7 AM."

    def test_it_is_confirmed_first_if_the_skill_wants_that(self, room: Room) -> None:
        assert room.ask("unlock", when=IN_TEN, action="unlock the door") == "Shall I unlock the door in 10 minutes?"
        assert room.manager.timers.running() == []
        assert room.talk("affirm") == "I will unlock the door in 10 minutes."

    def test_it_is_taken_back_like_all_else(self, room: Room) -> None:
        room.turn_light("on", when=IN_TEN)
        assert room.talk("undo") == "All right, I will not turn on."
        assert room.manager.timers.running() == []

    def test_once_done_its_promise_is_forgotten(self, room: Room) -> None:
        room.turn_light("on", when=IN_TEN)
        room.clock.wait(600)
        room.manager.ring()
        assert room.talk("undo") == "The hall is off."
        assert room.talk("undo") == "There is nothing to undo."

    def test_it_is_cancelled_by_not_wanting_it(self, room: Room) -> None:
        room.turn_light("on", when=IN_TEN)
        assert room.turn_light("off", negated=True) == "All right, I leave it."
        assert len(room.manager.timers.running("action")) == 1, "that was about something else"
        assert room.turn_light("on", negated=True) == "All right, I will not turn on."
        assert room.manager.timers.running("action") == []
        assert room.talk("undo") == "There is nothing to undo."

    def test_its_failure_is_said(self, room: Room, caplog: pytest.LogCaptureFixture) -> None:
        room.ask("fail", when=IN_TEN, action="fail")
        room.ask("order", when=IN_TEN, action="order a coffee")
        room.clock.wait(600)
        with caplog.at_level(logging.ERROR):
            assert [reply.text for reply in room.manager.ring()] == [
                "It is time to fail, but that did not work.", "Ordered."
            ]  # fmt: skip
        assert "broken" in caplog.text
        room.ask("order", when=IN_TEN, action="order a coffee")
        room.manager.use({}, room.reader)
        room.clock.wait(600)
        assert [reply.text for reply in room.manager.ring()] == ["It is time to order a coffee, but that did not work."]

    def test_a_follow_up_is_put_off_too(self, room: Room) -> None:
        room.turn_light("on", when=IN_TEN)
        assert "in 10 minutes" in room.say(heard("the garage too")).text
        assert len(room.manager.timers.running("action")) == 2


class TestNotDoingIt:
    def test_changes_nothing_and_cannot_be_followed_up(self, room: Room) -> None:
        assert room.turn_light("on", negated=True) == "All right, I leave it."
        assert room.ask("isOn") == "The hall is off."
        room.turn_light("on", "kitchen")
        room.turn_light("off", negated=True)
        assert room.say(heard("the garage too")).act == "sorry"

    def test_says_so_when_it_has_just_been_done(self, room: Room) -> None:
        room.turn_light("on")
        assert "'undo that'" in room.turn_light("on", negated=True)
        room.clock.wait(61)
        room.turn_light("dark")
        room.clock.wait(61)
        assert room.turn_light("dark", negated=True) == "All right, I leave it."

    def test_because_of_words_that_were_not_understood_cannot_be_followed_up_either(self, room: Room) -> None:
        room.turn_light("on", "kitchen")
        room.turn_light("off", unread=(Unread(text="if it rains", first=0, last=1),))
        assert room.say(heard("the garage too")).act == "sorry"


class TestSeveralRequests:
    def test_are_done_in_order_with_one_reply(self, room: Room) -> None:
        reply = room.say(heard("x", "light", "order", then=(heard("x", "light", "isOn"),)))
        assert (reply.text, reply.act) == ("Ordered. The hall is off.", "inform")
        assert reply.data == {"parts": [{}, {}]}

    def test_wait_for_an_answer_and_continue_after_it(self, room: Room) -> None:
        reply = room.say(heard("x", "light", "paint", then=(heard("x", "light", "order"), heard("x", "light", "isOn"))))
        assert (reply.text, reply.expects_answer) == ("Which color?", True)
        assert room.say(heard("gibberish")).text == "Sorry, I did not get that. Which color?"
        assert room.say(heard("blue")).text.endswith(" Ordered. The hall is off.")

    def test_continue_when_the_skill_asks_something_itself(self, room: Room) -> None:
        reply = room.say(heard("x", "light", "dim", then=(heard("x", "light", "order"),)))
        assert reply.text == "How dim?"
        assert room.say(heard("low")).text == "Dimmed to LOW. Ordered."

    def test_are_done_although_one_fails_which_is_said(self, room: Room) -> None:
        then = (heard("x", "light", "order", action="order a coffee"), heard("paint it"))
        assert room.ask("fail", action="fail", then=then) == (
            "Sorry, I could not fail. Ordered. I did not understand 'paint it'."
        )
        assert (
            room.ask("order", then=(heard("x", "light", "fail", action="fail"),)) == "Ordered. Sorry, I could not fail."
        )

    def test_are_not_done_after_never_mind(self, room: Room) -> None:
        assert room.ask("order", then=(heard("x", "conversation", "cancel"),)) == "Okay."
        room.ask("paint", then=(heard("x", "light", "order"),))
        assert room.talk("cancel") == "Okay, never mind."
        assert room.talk("undo") == "There is nothing to undo."

    def test_that_are_given_up_are_named(self, room: Room) -> None:
        room.ask("paint", then=(heard("x", "light", "order", action="order a coffee"),))
        assert room.ask("isOn") == "The hall is off. Which color?"
        assert room.ask("order") == "I did not do the rest: order a coffee. Ordered."

    def test_may_be_confirmed_one_after_the_other(self, room: Room) -> None:
        room.ask("unlock", then=(heard("x", "light", "unlock"), heard("x", "light", "order")))
        assert room.talk("affirm").endswith("Shall I?")
        assert room.talk("deny") == "Okay, I will not do it. Ordered."


class TestAConfirmation:
    def test_is_asked_again_after_the_answer_to_a_question(self, room: Room) -> None:
        room.ask("unlock")
        reply = room.say(heard("is it on", "light", "isOn"))
        assert (reply.text, reply.act, reply.expects_answer) == ("The hall is off. Shall I?", "confirm", True)
        assert room.manager.state.pending is not None
        assert room.talk("deny") == "Okay, I will not do it."


def test_courtesy_between_two_requests_does_not_hide_the_first(room: Room) -> None:
    room.turn_light("on", "kitchen")
    room.talk("thank")
    assert room.say(heard("the garage too")).text == "The garage is on."


class TestASpokenYes:
    """Counts when the recogniser is sure enough of it: more is at stake with a lock than with a light."""

    @pytest.mark.parametrize(("sure", "done"), [(0.8, True), (0.79, False), (0.5, False)])
    def test_to_what_is_never_done_unasked(self, room: Room, sure: float, done: bool) -> None:
        assert room.ask("unlock") == "Shall I?"
        room.talk("affirm", heard=sure)
        assert (room.manager.state.pending is None) == done

    @pytest.mark.parametrize(("sure", "done"), [(0.5, True), (0.49, False)])
    def test_to_anything_else(self, room: Room, sure: float, done: bool) -> None:
        assert "turn on" in room.turn_light("on", heard=0.2)
        room.talk("affirm", heard=sure)
        assert (room.manager.state.pending is None) == done


class TestCancelling:
    """'Cancel that' while no question is open."""

    def test_is_about_what_was_just_put_off(self, room: Room) -> None:
        room.turn_light("on", when=IN_TEN)
        assert room.talk("cancel") == "All right, I will not turn on."
        assert room.manager.timers.running() == []

    def test_offers_to_undo_what_was_just_done(self, room: Room) -> None:
        room.turn_light("on")
        assert room.talk("cancel") == "Shall I undo that: turn on?"
        assert room.talk("deny") == "Okay, I will not do it."
        room.turn_light("dark")
        room.talk("cancel")
        assert room.talk("affirm", heard=0.7).startswith("Sorry, I did not get that.")
        assert room.talk("affirm") == "The hall is on."

    @pytest.mark.parametrize("between", ["ask", "wait", "ring", "order"])
    def test_is_about_nothing_else(self, room: Room, between: str) -> None:
        if between == "ring":
            room.manager.timers.start(1)
        room.turn_light("on")
        if between == "ask":
            room.ask("isOn")
        elif between == "order":
            room.ask("order")
        room.clock.wait(61 if between == "wait" else 1)
        room.manager.ring()
        assert room.talk("cancel") == "Okay."

    def test_is_first_read_as_what_the_skill_makes_of_it(self, room: Room) -> None:
        room.reader.follow_ups["cancel"] = room.reader.follow_ups["flip it"]
        room.turn_light("on", "kitchen")
        assert room.talk("cancel") == "KITCHEN OFF 1."


class TestAnotherTime:
    @pytest.mark.parametrize(("said", "due"), [
        ("make it five", 300), ("no twenty minutes", 1200), ("in half an hour", 1800), ("make it three hours", 10_800),
    ])  # fmt: skip
    def test_replaces_the_delay(self, room: Room, said: str, due: int) -> None:
        room.turn_light("on", when=IN_TEN)
        room.say(heard(said))
        (timer,) = room.manager.timers.running("action")
        assert timer.left == due
        assert room.talk("undo") == "All right, I will not turn on."

    def test_replaces_the_time_of_day_and_keeps_the_days(self, room: Room) -> None:
        room.turn_light("on", when=When(text="every day at six pm", time="18:00", every=tuple(range(7))))
        assert room.say(heard("no at seven p m")).text == "I will turn on every day at 7 PM."
        assert len(room.manager.timers.running("action")) == 1

    def test_may_be_other_days_at_the_same_time(self, room: Room) -> None:
        weekdays = When(text="on weekdays", every=tuple(range(5)))
        room.reader.names["turn on only on weekdays"] = heard("turn on", "light", "turn", when=weekdays)
        room.turn_light("on", when=When(text="at six pm", time="18:00"))
        assert room.say(heard("only on weekdays")).text == "I will turn on every weekday at 6 PM."
        (timer,) = room.manager.timers.running("action")
        assert timer.every == tuple(range(5))

    def test_other_days_mean_nothing_for_a_delay(self, room: Room) -> None:
        weekdays = When(text="on weekdays", every=tuple(range(5)))
        room.reader.names["turn on only on weekdays"] = heard("turn on", "light", "turn", when=weekdays)
        room.turn_light("on", when=IN_TEN)
        assert room.say(heard("only on weekdays")).act == "sorry"

    def test_is_not_what_stands_behind_another_number(self, room: Room) -> None:
        room.turn_light("on", when=When(text="at six pm", time="18:00"))
        assert room.say(heard("seventeen at ten")).act == "sorry"

    def test_after_and_is_a_second_time(self, room: Room) -> None:
        room.turn_light("on", when=IN_TEN)
        room.say(heard("and in twenty minutes"))
        assert [timer.left for timer in room.manager.timers.running("action")] == [600, 1200]

    def test_means_nothing_for_what_was_done_at_once(self, room: Room) -> None:
        room.turn_light("on")
        assert room.say(heard("make it five")).act == "sorry"

    def test_must_come_soon(self, room: Room) -> None:
        room.turn_light("on", when=IN_TEN)
        room.clock.wait(61)
        assert room.say(heard("make it five")).act == "sorry"


class TestAFragment:
    def test_knows_the_request_before_it(self, room: Room) -> None:
        room.turn_light("on", "kitchen")
        assert room.say(heard("flip it")).text == "KITCHEN OFF 1."

    def test_put_off_is_done_as_it_was_meant(self, room: Room) -> None:
        room.turn_light("on", "kitchen")
        assert room.say(heard("flip it later")).text == "I will set off kitchen in 10 minutes."
        room.turn_light("on", "garage")
        room.clock.wait(600)
        assert [reply.text for reply in room.manager.ring()] == ["KITCHEN OFF 1."]

    def test_may_be_the_second_request_of_a_sentence(self, room: Room) -> None:
        rest = (Unread(text="flip it", first=3, last=5),)
        said = heard("x", "light", "set", state="on", area="attic", unread=rest, rejected=True, exact=False)
        assert room.say(said).text == "The attic is on. ATTIC OFF 1."

    def test_is_none_when_the_request_was_not_said_in_its_words(self, room: Room) -> None:
        rest = (Unread(text="flip it", first=3, last=5),)
        said = heard("x", "light", "set", state="on", area="attic", unread=rest, rejected=True, exact=False, action="y")
        assert room.say(said).act == "sorry"

    def test_that_is_only_another_value_is_not_a_second_request(self, room: Room) -> None:
        rest = (Unread(text="the garage too", first=3, last=5),)
        said = heard("x", "light", "set", state="on", area="attic", unread=rest, rejected=True, exact=False)
        assert room.say(said).act == "sorry"
        assert room.ask("isOn", area="attic") == "The attic is off."


def test_a_request_that_was_given_up_cannot_be_followed_up(room: Room) -> None:
    room.turn_light("on", "kitchen")
    assert room.ask("dim") == "How dim?"
    room.talk("cancel")
    assert room.say(heard("the garage too")).act == "sorry"


class TestBoth:
    def test_are_the_last_two_things(self, room: Room) -> None:
        for area in ("attic", "kitchen", "garage"):
            room.turn_light("on", area)
        assert room.say(heard("both off")).text == "The kitchen is off. The garage is off."
        assert room.ask("isOn", area="attic") == "The attic is on."

    def test_is_one_thing_when_there_is_no_other(self, room: Room) -> None:
        room.turn_light("on", "kitchen")
        assert room.say(heard("both off")).text == "KITCHEN OFF 1."

    def test_do_not_mean_what_was_done_long_ago(self, room: Room) -> None:
        room.turn_light("on", "kitchen")
        room.turn_light("on", "garage")
        room.clock.wait(61)
        assert room.say(heard("both off")).act == "sorry"


class TestADenialOfWhatWasDone:
    def test_is_asked_about(self, room: Room) -> None:
        room.turn_light("on", "kitchen")
        assert (
            room.say(heard("no actually don't", "conversation", "deny")).text == "Shall I undo that: turn on kitchen?"
        )
        room.talk("affirm")
        assert room.ask("isOn", area="kitchen") == "The kitchen is off."

    def test_is_no_mere_no(self, room: Room) -> None:
        room.turn_light("on", "kitchen")
        assert room.talk("deny") == "deny"
        assert room.ask("isOn", area="kitchen") == "The kitchen is on."


class TestAnOffer:
    def test_is_carried_out_on_yes(self, room: Room) -> None:
        reply = room.say(heard("tidy up", "light", "tidy"))
        assert (reply.text, reply.expects_answer) == ("All?", True)
        assert room.talk("affirm") == "Dimmed to all."

    def test_is_not_on_no(self, room: Room) -> None:
        room.ask("tidy")
        assert room.talk("deny") == "Okay, I will not do it."
        assert room.talk("whatDone") == "I have not done anything yet."


def test_after_a_timer_has_rung_fragments_are_not_about_the_last_request(room: Room) -> None:
    room.manager.timers.start(1)
    room.turn_light("on", "kitchen")
    room.clock.wait(1)
    room.manager.ring()
    assert room.say(heard("the garage too")).act == "sorry"
