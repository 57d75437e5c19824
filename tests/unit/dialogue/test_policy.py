"""Decisions on single sentences, rule by rule: made-up skills, and interpretations with the traits that matter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.dialogue.scripted import Intent, ScriptedReader, Skill, heard

from harken.dialogue.policy import Step, decide, decide_next, requests_of
from harken.dialogue.skill import REPLIES
from harken.dialogue.state import DialogueState, Exchange, Pending, Wish
from harken.dialogue.wishes import TIME, Act, Ask, Decision, Leave, PutOff, Say, Setting, Undo
from harken.events import Interpretation, Unread, When
from harken.languages.loading import load_locale

NOW = dt.datetime(2026, 5, 1, 12, 0, tzinfo=dt.UTC)

LOCALE = load_locale()
SORRY = tuple(LOCALE.reply(REPLIES, key) for key in ("sorry", "sorry_again"))
TALKS = ("affirm", "deny", "cancel", "repeat", "greet", "undo", "whatDone", "whyDone")

SKILLS = {
    "timer": Skill("timer", {
        "start": Intent(required={"length": "For how long?", "label": "Called what?"},
                        slots={"length": "durations", "label": "labels"}),
        "stop": Intent(),
        "longer": Intent(follows=("start",), slots={"by": "durations"}),
    }),
    "door": Skill("door", {
        "unlock": Intent(question="Unlock the {door}, {how}?", slots={"door": "doors", "how": "ways"}),
        "ring": Intent(question="Ring?"),
        "isLocked": Intent(acts=False, slots={"door": "doors"}),
    }),
    "clock": Skill("clock", {"time": Intent(slots={"place": "places", "zone": "", "day": "days"}, acts=False)}),
    "light": Skill("light", {"set": Intent(slots={"area": "areas"}), "flip": Intent(follows=("set",))}),
    "conversation": Skill("conversation", {name: Intent(acts=False) for name in TALKS}),
}  # fmt: skip


SETTING = Setting(skills=SKILLS, reader=ScriptedReader(), locale=LOCALE, now=NOW)


def talk(intent: str, **more: Any) -> Interpretation:
    return heard(intent, "conversation", intent, **more)


def wish(skill: str, intent: str, **more: Any) -> Wish:
    slots = {name: words.upper() for name, words in more.pop("slots", {}).items()}
    return Wish(skill=skill, intent=intent, slots=slots, **more)


def question(ask: str, about: Wish, text: str = "What?", **more: Any) -> Pending:
    return Pending(wish=about, ask=ask, question=text, **{"asked_at": NOW.isoformat(), **more})


PASTA = wish("timer", "start", slots={"label": "pasta"}, heard={"label": "pasta"}, text="a pasta timer")
UNLOCK = wish("door", "unlock", slots={"door": "front", "how": "now"}, heard={"door": "front"})
LIGHT = wish("light", "set", slots={"area": "kitchen"})


def asked(about: Wish = PASTA, **more: Any) -> DialogueState:
    """A timer called pasta was wished for, and its length asked."""
    return DialogueState(pending=question("length", about, "For how long?", **more))


def unlocking(**more: Any) -> DialogueState:
    """It was asked whether to unlock the front door."""
    return DialogueState(pending=question("", UNLOCK, "Shall I?", **more))


def after(skill: str, intent: str, **slots: str) -> DialogueState:
    """The last request."""
    values = {name: words.upper() for name, words in slots.items()}
    return DialogueState(skill=skill, intent=intent, slots=values, acted=0, acted_at=NOW.isoformat())


def step(
    state: DialogueState,
    said: Interpretation,
    *,
    answers: Mapping[str, Mapping[str, str]] | None = None,
    follow_ups: Mapping[str, Interpretation] | None = None,
    skills: Mapping[str, Skill] = SKILLS,
    now: dt.datetime = NOW,
) -> Step:
    reader = ScriptedReader(answers, follow_ups)
    return decide(state, said, Setting(skills=skills, reader=reader, locale=LOCALE, now=now))


def decided(state: DialogueState, said: Interpretation, **more: Any) -> Decision:
    return step(state, said, **more).decision


def acted(decision: Decision) -> Wish:
    assert isinstance(decision, Act)
    return decision.wish


def asking(decision: Decision) -> Pending:
    """The question, asked for the first time or again."""
    assert isinstance(decision, Ask | Say)
    assert decision.pending is not None
    return decision.pending


def text(decision: Decision) -> str:
    assert isinstance(decision, Say)
    return decision.text


NINE = {"nine minutes": {"length": "nine minutes"}}


class TestARequest:
    def test_that_is_complete_is_acted_on_with_what_was_heard(self) -> None:
        said = heard("a pasta timer", "timer", "start", length="nine minutes", label="pasta", action="start pasta")
        found = acted(decided(DialogueState(), said))
        assert (found.skill, found.intent, found.text, found.action) == (
            "timer", "start", "a pasta timer", "start pasta"
        )  # fmt: skip
        assert found.slots == {"length": "NINE MINUTES", "label": "PASTA"}
        assert found.heard == {"length": "nine minutes", "label": "pasta"}

    def test_that_lacks_a_value_is_asked_for_it_and_keeps_what_is_known(self) -> None:
        pending = asking(decided(DialogueState(), heard("a pasta timer", "timer", "start", label="pasta")))
        assert (pending.ask, pending.question, pending.tries) == ("length", "For how long?", 1)
        assert pending.wish.slots == {"label": "PASTA"}
        assert asking(decided(DialogueState(), heard("a timer", "timer", "start"))).ask == "length"

    def test_to_be_confirmed_asks_with_what_was_heard(self) -> None:
        said = heard("unlock the front door now", "door", "unlock", door="front door", how="now")
        pending = asking(decided(DialogueState(), said))
        assert (pending.ask, pending.question) == ("", "Unlock the front door, now?")

    def test_to_be_confirmed_asks_in_its_own_words_when_a_value_is_missing(self) -> None:
        said = heard("open up", "door", "unlock", how="now", action="open up now")
        assert asking(decided(DialogueState(), said)).question == "Shall I open up now?"

    def test_for_a_skill_that_is_gone_is_not_understood(self) -> None:
        for said in (heard("feed the cat", "pets", "feed"), heard("paint", "door", "paint")):
            assert decided(DialogueState(), said) == Say(text=SORRY[0], act="sorry")

    def test_that_is_rejected_is_not_understood_whatever_it_resembles(self) -> None:
        assert text(decided(DialogueState(), heard("stop the bus", "timer", "stop", rejected=True))) == SORRY[0]

    def test_that_a_skill_refuses_is_answered_by_that_skill(self) -> None:
        said = heard("start the timer", "timer", "start", rejected=True, refused=True, label="x", length="nine minutes")
        assert acted(decided(DialogueState(), said)).skill == "timer"

    def test_not_to_do_something_leaves_it(self) -> None:
        said = heard("don't stop the timer", "timer", "stop", negated=True)
        assert decided(DialogueState(), said) == Leave(wish=Wish.of(said))

    def test_with_words_that_mean_something_else_is_not_acted_on(self) -> None:
        rest = Unread(text="if it rains", first=3, last=6)
        said = heard("stop the timer if it rains", "timer", "stop", unread=(rest,), rejected=True,
                     action="stop the timer", exact=False)  # fmt: skip
        found = decided(DialogueState(), said)
        assert isinstance(found, Say)
        assert found.text == "I understood 'stop the timer', but not 'if it rains', so I did nothing."
        assert (found.act, found.ends) == ("sorry", True)
        assert found.pending is not None
        assert (found.pending.ask, found.pending.wish.unread) == (TIME, ())

    @pytest.mark.parametrize(
        ("said", "done"),
        [(heard("just do it", "light", "flip", area="kitchen"), True),
         (heard("it", "light", "flip", area="hall"), False),
         (heard("it later", "light", "flip", area="kitchen", when=When(text="later", seconds=60)), False),
         (heard("don't", "light", "flip", area="kitchen", negated=True), False), (heard("it", "light", "flip"), False),
         (heard("kitchen", "light", "set", area="kitchen"), False)],
    )  # fmt: skip
    def test_that_could_not_wait_is_done_when_it_is_asked_for_without_more_words(
        self, said: Interpretation, done: bool
    ) -> None:
        waiting = DialogueState(pending=question(TIME, LIGHT, "I did nothing."))
        found = decided(waiting, heard(said.text), follow_ups={said.text: said})
        assert (isinstance(found, Act) and found.wish.slots == LIGHT.slots) is done

    def test_that_asks_says_what_it_did_not_understand_without_saying_that_nothing_was_done(self) -> None:
        rest = (Unread(text="on mars", first=3, last=5), Unread(text="in 1900", first=5, last=7))
        said = heard("what time is it", "clock", "time", unread=rest, action="what time is it")
        assert text(decided(DialogueState(), said)) == "I understood 'what time is it', but not 'on mars and in 1900'."

    def test_with_an_unknown_name_says_which_and_lets_the_user_name_another(self) -> None:
        unknown = Unread(text="attic", first=3, last=4, slot="area")
        said = heard("light in the attic", "light", "set", unread=(unknown,), rejected=True, exact=False, state="on")
        found = decided(DialogueState(), said)
        assert text(found) == "I know no attic."
        answers = {"kitchen": {"area": "kitchen"}}
        state = DialogueState(pending=asking(found))
        assert acted(decided(state, heard("kitchen"), answers=answers)).slots == {"state": "ON", "area": "KITCHEN"}
        assert text(decided(state, heard("cellar"))) == SORRY[0], "not asked for twice"

    def test_with_two_things_unknown_is_given_up(self) -> None:
        unread = (Unread(text="attic", first=3, last=4, slot="area"), Unread(text="if it rains", first=4, last=7))
        found = decided(DialogueState(), heard("light in the attic", "light", "set", unread=unread))
        assert found == Say(text="I know no attic.", act="sorry", ends=True)


class TestADoubtfulRequest:
    SAID = heard("light it up", "light", "set", exact=False, doubtful=True, action="turn on the light")

    def test_is_asked_back(self) -> None:
        pending = asking(decided(DialogueState(), self.SAID))
        assert (pending.ask, pending.question) == ("", "Did you mean: turn on the light?")

    def test_is_done_on_yes(self) -> None:
        state = DialogueState(pending=asking(decided(DialogueState(), self.SAID)))
        assert acted(decided(state, talk("affirm"))).intent == "set"

    def test_is_not_done_on_no_and_the_user_asked_for_other_words(self) -> None:
        state = DialogueState(pending=asking(decided(DialogueState(), self.SAID)))
        assert text(decided(state, talk("deny"))) == "Okay. Please say it another way."

    def test_that_would_be_confirmed_needs_only_one_yes(self) -> None:
        said = heard("get the door", "door", "ring", exact=False, doubtful=True)
        state = DialogueState(pending=asking(decided(DialogueState(), said)))
        assert acted(decided(state, talk("affirm"))).intent == "ring"

    @pytest.mark.parametrize(("sure", "asks"), [(0.49, True), (0.5, False)])
    def test_is_one_that_was_badly_heard(self, sure: float, asks: bool) -> None:
        said = heard("turn on the light", "light", "set", heard=sure, action="turn on the light")
        found = decided(DialogueState(), said)
        assert isinstance(found, Ask) == asks
        if asks:
            assert asking(found).question == "Did you say: turn on the light?"
            state = DialogueState(pending=asking(found))
            assert acted(decided(state, talk("affirm"))).sure == 1.0

    def test_is_not_a_badly_heard_question(self) -> None:
        assert acted(decided(DialogueState(), heard("what time is it", "clock", "time", heard=0.1)))


class TestAnAnswer:
    def test_completes_the_request_that_was_asked_about(self) -> None:
        said = heard("nine minutes", "clock", "time", exact=False, score=0.99)
        found = acted(decided(asked(), said, answers=NINE))
        assert found.slots == {"label": "PASTA", "length": "NINE MINUTES"}
        assert found.heard == {"label": "pasta", "length": "nine minutes"}
        assert found.text == "nine minutes"

    def test_may_fill_several_slots(self) -> None:
        answers = {"nine minutes for tea": {"length": "nine minutes", "label": "tea"}}
        found = acted(decided(asked(), heard("nine minutes for tea"), answers=answers))
        assert found.slots == {"label": "TEA", "length": "NINE MINUTES"}

    def test_that_leaves_something_open_is_followed_by_the_next_question(self) -> None:
        pending = asking(decided(asked(replace(PASTA, slots={})), heard("nine minutes"), answers=NINE))
        assert (pending.ask, pending.question, pending.tries) == ("label", "Called what?", 2)
        assert pending.wish.slots == {"length": "NINE MINUTES"}

    def test_that_is_not_understood_is_asked_for_once_more_then_given_up(self) -> None:
        later = NOW + dt.timedelta(seconds=30)
        again = decided(asked(), heard("gibberish"), now=later)
        assert text(again) == "Sorry, I did not get that. For how long?"
        pending = asking(again)
        assert (pending.tries, pending.asked_at) == (2, later.isoformat())
        state = DialogueState(pending=pending)
        assert decided(state, heard("gibberish"), now=later) == Say(text=SORRY[0], act="sorry")

    def test_is_looked_for_before_a_guess_about_a_new_request(self) -> None:
        guess = heard("ten", "clock", "time", exact=False, score=0.99)
        assert asking(decided(asked(), guess)).tries == 2, "asked again, the question is not dropped"

    def test_is_not_a_request_that_templates_cover(self) -> None:
        found = decided(asked(), heard("what time is it", "clock", "time", score=0.5), answers={
            "what time is it": {"length": "what time is it"}
        })  # fmt: skip
        assert acted(found).skill == "clock"

    @pytest.mark.parametrize(("said", "score", "replaces"), [
        ("could you tell me the time", 0.9, True), ("could you tell me the time", 0.89, False),
        ("the time please", 0.99, False),
    ])  # fmt: skip
    def test_is_expected_unless_a_long_guess_is_sure(self, said: str, score: float, replaces: bool) -> None:
        found = decided(asked(), heard(said, "clock", "time", exact=False, score=score))
        assert isinstance(found, Act) == replaces

    def test_is_expected_although_a_request_might_have_been_meant(self) -> None:
        said = heard("could you tell me the time", "clock", "time", exact=False, score=0.95, doubtful=True)
        assert asking(decided(asked(), said)).tries == 2

    def test_is_the_same_request_with_more_values(self) -> None:
        again = heard("a timer for nine minutes", "timer", "start", length="nine minutes")
        assert acted(decided(asked(), again)).slots == {"label": "PASTA", "length": "NINE MINUTES"}
        guessed = replace(again, exact=False)
        assert acted(decided(asked(), guessed)).slots == {"label": "PASTA", "length": "NINE MINUTES"}

    def test_may_change_what_was_said_before(self) -> None:
        follow_ups = {"make it tea": heard("make it tea", "timer", "start", label="tea")}
        pending = asking(decided(asked(), heard("make it tea"), follow_ups=follow_ups))
        assert (pending.ask, pending.wish.slots) == ("length", {"label": "TEA"})

    def test_is_not_an_intent_that_follows_another(self) -> None:
        follow_ups = {"longer": heard("longer", "timer", "longer", by="five")}
        assert asking(decided(asked(), heard("longer"), follow_ups=follow_ups)).tries == 2

    def test_is_not_yes(self) -> None:
        assert asking(decided(asked(), talk("affirm"))).tries == 2

    def test_no_or_not_to_do_it_ends_the_question(self) -> None:
        for said in (talk("deny"), heard("don't set it", "timer", "start", negated=True)):
            assert decided(asked(), said) == Say(text="Okay, never mind.", act="ack")

    def test_another_intent_of_the_same_skill_is_another_request(self) -> None:
        found = acted(decided(asked(), heard("stop the timer", "timer", "stop")))
        assert (found.intent, found.slots) == ("stop", {})

    def test_to_a_skill_that_is_gone_is_none(self) -> None:
        state = asked(wish("pets", "feed"))
        assert acted(decided(state, heard("what time is it", "clock", "time"), answers=NINE)).skill == "clock"
        assert text(decided(state, heard("nine minutes"), answers=NINE)) == SORRY[0]

    @pytest.mark.parametrize("seconds", [-60, 0, 60])
    def test_is_awaited_for_a_minute(self, seconds: int) -> None:
        now = NOW + dt.timedelta(seconds=seconds)
        assert acted(decided(asked(), heard("nine minutes"), answers=NINE, now=now))

    @pytest.mark.parametrize("seconds", [-61, 61])
    def test_is_not_awaited_longer_or_when_the_clock_was_set(self, seconds: int) -> None:
        found = decided(asked(), heard("nine minutes"), answers=NINE, now=NOW + dt.timedelta(seconds=seconds))
        assert found == Say(text=SORRY[0], act="sorry")


class TestAConfirmation:
    def test_yes_acts_and_no_does_not(self) -> None:
        found = acted(decided(unlocking(), talk("affirm")))
        assert (found.slots, found.confirmed) == ({"door": "FRONT", "how": "NOW"}, True)
        refused = decided(unlocking(), talk("deny"))
        assert isinstance(refused, Say)
        assert (refused.text, refused.act, refused.pending) == ("Okay, I will not do it.", "ack", None)
        assert refused.refused is not None
        assert refused.refused.slots == {"door": "FRONT", "how": "NOW"}

    @pytest.mark.parametrize(("confidence", "done"), [(0.79, False), (0.8, True)])
    def test_needs_a_yes_that_was_clearly_heard(self, confidence: float, done: bool) -> None:
        found = decided(unlocking(), talk("affirm", heard=confidence))
        assert isinstance(found, Act) == done
        if not done:
            assert text(found) == "Sorry, I did not get that. Shall I?"
            assert asking(found).tries == 2
            state = DialogueState(pending=asking(found))
            assert acted(decided(state, talk("affirm"))).intent == "unlock"
            assert text(decided(state, talk("affirm", heard=confidence))) == SORRY[0]

    @pytest.mark.parametrize("said", [
        talk("affirm", exact=False), talk("affirm", doubtful=True), talk("affirm", negated=True),
        talk("affirm", unread=(Unread(text="but", first=1, last=2),)), heard("affirm", "clock", "time", exact=False),
        heard("affirm", "conversation", "affirm", rejected=True), heard("hm"), talk("greet"),
        heard("unlock the front door", "door", "unlock", door="front", how="now"),
    ])  # fmt: skip
    def test_is_given_by_a_plain_yes_alone(self, said: Interpretation) -> None:
        found = decided(unlocking(), said, answers={"": {"door": "front"}})
        assert not (isinstance(found, Act) and found.wish.skill == "door")

    def test_ends_with_a_sentence_that_begins_with_no(self) -> None:
        assert text(decided(unlocking(), heard("no that one stays locked"))) == "Okay, I will not do it."
        assert asking(decided(unlocking(), heard("that one stays locked"))).tries == 2
        assert asking(decided(unlocking(), heard("i have no key"))).tries == 2

    def test_ends_when_the_user_says_not_to_do_it(self) -> None:
        said = heard("don't unlock it", "door", "unlock", negated=True)
        assert text(decided(unlocking(), said)) == "Okay, I will not do it."

    def test_waits_while_a_question_is_answered(self) -> None:
        later = NOW + dt.timedelta(seconds=30)
        found = decided(unlocking(), heard("is it locked", "door", "isLocked"), now=later)
        assert isinstance(found, Act)
        assert found.wish.intent == "isLocked"
        assert found.again == question("", UNLOCK, "Shall I?", asked_at=later.isoformat())

    def test_is_replaced_by_another_request(self) -> None:
        found = decided(unlocking(), heard("stop the timer", "timer", "stop"))
        assert isinstance(found, Act)
        assert (found.wish.intent, found.again) == ("stop", None)

    def test_is_asked_anew_for_another_value(self) -> None:
        follow_ups = {"no the back door": heard("no the back door", "door", "unlock", door="back")}
        pending = asking(decided(unlocking(), heard("no the back door"), follow_ups=follow_ups))
        assert (pending.question, pending.wish.slots["door"]) == ("Unlock the back, NOW?", "BACK")

    def test_only_the_conversation_says_yes_and_no(self) -> None:
        skills = {**SKILLS, "pets": Skill("pets", {"deny": Intent(), "affirm": Intent()})}
        for intent in ("deny", "affirm"):
            assert acted(decided(unlocking(), heard(intent, "pets", intent), skills=skills)).skill == "pets"


class TestSteering:
    def test_yes_and_no_mean_nothing_while_nothing_is_asked(self) -> None:
        for intent in ("affirm", "deny"):
            assert acted(decided(DialogueState(), talk(intent))).skill == "conversation"

    def test_cancelling_closes_any_question(self) -> None:
        for state in (asked(), unlocking(), asked(rest=(LIGHT,))):
            assert step(state, talk("cancel")) == Step(decision=Say(text="Okay, never mind.", act="ack"))
        assert decided(DialogueState(), talk("cancel")) == Say(text="Okay.", act="ack", pending=None)

    def test_only_the_conversation_cancels_and_repeats(self) -> None:
        state = DialogueState(history=(Exchange(text="a", skill="", intent="", reply="Said before."),))
        skills = {**SKILLS, "clock": Skill("clock", {"cancel": Intent(), "repeat": Intent()})}
        for intent in ("cancel", "repeat"):
            assert acted(decided(state, heard(intent, "clock", intent), skills=skills)).skill == "clock"

    def test_repeating_says_the_last_reply_and_keeps_the_question_open(self) -> None:
        history = tuple(Exchange(text="a", skill="", intent="", reply=said) for said in ("First.", "For how long?"))
        state = replace(asked(), history=history)
        assert decided(state, talk("repeat")) == Say(text="For how long?", act="inform", pending=state.pending)

    def test_there_is_nothing_to_repeat_at_the_beginning(self) -> None:
        assert acted(decided(DialogueState(), talk("repeat"))).intent == "repeat"

    def test_undo_takes_back_whatever_is_open(self) -> None:
        assert decided(DialogueState(), talk("undo")) == Undo()
        assert decided(after("light", "set"), talk("undo", exact=False)) == Undo()

    def test_the_second_sorry_in_a_row_says_more_and_the_first_after_something_else_does_not(self) -> None:
        def after_replies(*replies: str) -> DialogueState:
            return DialogueState(history=tuple(Exchange(text="", skill="", intent="", reply=said) for said in replies))

        for state, wanted in (
            (after_replies(), SORRY[0]), (after_replies(SORRY[0]), SORRY[1]), (after_replies(SORRY[1]), SORRY[1]),
            (after_replies(SORRY[0], "Hi."), SORRY[0]),
        ):  # fmt: skip
            assert decided(state, heard("gibberish")) == Say(text=wanted, act="sorry")


TOKYO = after("clock", "time", place="tokyo", zone="jst")
PARIS = {"what about paris": heard("what about paris", "clock", "time", place="paris")}


class TestAFollowUp:
    @pytest.mark.parametrize("said", [
        heard("what about paris"), heard("what about paris", "light", "set", exact=False, area="paris"),
        heard("what about paris", "light", "set", exact=False, doubtful=True),
    ])  # fmt: skip
    def test_repeats_the_last_request_with_another_value_before_any_guess(self, said: Interpretation) -> None:
        found = acted(decided(TOKYO, said, follow_ups=PARIS))
        assert found.slots == {"place": "PARIS", "zone": "JST"}
        assert (found.heard, found.text, found.after) == ({"place": "paris"}, "what about paris", "")

    @pytest.mark.parametrize(
        ("action", "written", "asks"),
        [
            ("cancel the hall light", "and the hall?", True), ("cancel the hall light", "and the hall", False),
            ("switch on the hall light", "and the hall?", False), ("cancel the hall light", "", False),
        ],
    )  # fmt: skip
    def test_that_only_asks_does_not_destroy(self, action: str, written: str, asks: bool) -> None:
        class Cancelling(ScriptedReader):
            def phrase(self, skill: str, intent: str, slots: Mapping[str, Any]) -> str:
                return action

        reader = Cancelling(follow_ups={"and the hall": heard("and the hall", "light", "set", area="hall")})
        setting = replace(SETTING, reader=reader)
        found = decide(after("light", "set", area="kitchen"), heard("and the hall", written=written), setting).decision
        assert isinstance(found, Ask if asks else Act)

    def test_that_only_asks_is_confirmed_as_ever(self) -> None:
        class Unlocking(ScriptedReader):
            def phrase(self, skill: str, intent: str, slots: Mapping[str, Any]) -> str:
                return "unlock the back door"

        reader = Unlocking(follow_ups={"and the back": heard("and the back", "door", "unlock", door="back", how="now")})
        said = heard("and the back", written="and the back?")
        found = decide(after("door", "unlock", door="front"), said, replace(SETTING, reader=reader)).decision
        assert asking(found).question == "Unlock the back, now?"

    def test_may_be_another_intent_that_knows_the_values_of_the_last_one(self) -> None:
        follow_ups = {"turn it off": heard("turn it off", "light", "flip", state="off")}
        state = after("light", "set", area="kitchen", state="on")
        for said in (heard("turn it off"), heard("turn it off", "light", "flip", state="off")):
            found = acted(decided(state, said, follow_ups=follow_ups))
            assert (found.intent, found.slots, found.after) == ("flip", {"state": "OFF"}, "set")
            assert found.before == {"area": "KITCHEN", "state": "ON"}

    def test_is_also_read_in_the_light_of_the_request_with_which_the_chain_began(self) -> None:
        hall = {"and the hall": heard("and the hall", "light", "set", area="hall")}
        state = replace(after("light", "flip", area="kitchen", state="off"), root="set")

        class OnlyAfterSet(ScriptedReader):
            def follow_up(
                self, skill: str, intent: str, heard: Interpretation, *, closed: bool = False
            ) -> Interpretation | None:
                return super().follow_up(skill, intent, heard) if intent == "set" else None

        setting = replace(SETTING, reader=OnlyAfterSet(follow_ups=hall))
        found = acted(decide(state, heard("and the hall"), setting).decision)
        assert (found.intent, found.slots) == ("set", {"area": "HALL"})

    def test_keeps_the_chain_only_if_its_beginning_could_say_the_same(self) -> None:
        flip = heard("x", "light", "flip", area="hall")
        state = replace(after("light", "set", area="kitchen"), root="set")
        assert acted(decided(state, heard("x"), follow_ups={"x": flip})).root == "set"
        flip = heard("x", "light", "flip", strength="half")
        assert acted(decided(state, heard("x"), follow_ups={"x": flip})).root == ""

    def test_is_put_off_as_the_last_request_was(self) -> None:
        when = When(text="in ten minutes", seconds=600)
        state = replace(after("light", "set", area="kitchen"), when=when)
        follow_ups = {"and the hall": heard("and the hall", "light", "set", area="hall")}
        found = decided(state, heard("and the hall"), follow_ups=follow_ups)
        assert isinstance(found, PutOff)
        assert (found.wish.slots, found.due.seconds) == ({"area": "HALL"}, 600)

    def test_loses_against_a_request_that_templates_cover(self) -> None:
        said = heard("what about paris", "timer", "stop")
        assert acted(decided(TOKYO, said, follow_ups=PARIS)).skill == "timer"

    def test_needs_a_request_within_the_last_minute(self) -> None:
        for seconds in (-61, 61):
            now = NOW + dt.timedelta(seconds=seconds)
            assert text(decided(TOKYO, heard("what about paris"), follow_ups=PARIS, now=now)) == SORRY[0]
        assert text(decided(DialogueState(), heard("what about paris"), follow_ups=PARIS)) == SORRY[0]

    def test_needs_the_skill_and_intent_that_it_follows(self) -> None:
        for state in (replace(TOKYO, intent="gone"), replace(TOKYO, skill="gone")):
            assert text(decided(state, heard("what about paris"), follow_ups=PARIS)) == SORRY[0]

    def test_is_not_understood_after_another_intent_even_if_it_is_exact(self) -> None:
        for state in (DialogueState(), after("clock", "time"), after("timer", "stop")):
            assert text(decided(state, heard("longer", "timer", "longer", by="five"))) == SORRY[0]

    def test_may_be_badly_heard_or_unreadable_like_any_request(self) -> None:
        state = after("light", "set", area="kitchen")
        hall = heard("and the hall", "light", "set", area="hall")
        assert asking(decided(state, heard("and the hall", heard=0.2), follow_ups={"and the hall": hall}))
        odd = replace(hall, unread=(Unread(text="attic", first=0, last=1, slot="area"),))
        assert text(decided(state, heard("and the hall"), follow_ups={"and the hall": odd})) == "I know no attic."


class TestATimeForLater:
    SAID = heard("light later", "light", "set", area="kitchen", action="turn on the kitchen light")

    def later(self, **when: Any) -> Interpretation:
        return replace(self.SAID, when=When(text=when.pop("text", "then"), **when))

    def test_puts_the_request_off(self) -> None:
        found = decided(DialogueState(), self.later(seconds=600))
        assert isinstance(found, PutOff)
        assert (found.due.seconds, found.due.moment, found.due.every) == (600, None, ())

    def test_of_day_is_the_next_one(self) -> None:
        found = decided(DialogueState(), self.later(time="07:00", text="at seven"))
        assert isinstance(found, PutOff)
        assert found.due.moment == dt.datetime(2026, 5, 1, 19, 0, tzinfo=dt.UTC)
        found = decided(DialogueState(), self.later(time="07:00", text="at seven am"))
        assert isinstance(found, PutOff)
        assert found.due.moment == dt.datetime(2026, 5, 2, 7, 0, tzinfo=dt.UTC)

    def test_on_weekdays_comes_again(self) -> None:
        found = decided(DialogueState(), self.later(time="18:00", every=(0, 1)))
        assert isinstance(found, PutOff)
        assert (found.due.every, found.due.moment) == ((0, 1), dt.datetime(2026, 5, 4, 18, 0, tzinfo=dt.UTC))

    @pytest.mark.parametrize(("said", "time", "date", "moment"), [
        ("tonight at eleven", "11:00", "2026-05-01", "2026-05-01T23:00"),
        ("this evening at eight", "08:00", "2026-05-01", "2026-05-01T20:00"),
        ("tomorrow morning at six", "06:00", "2026-05-02", "2026-05-02T06:00"),
        ("tomorrow afternoon at three", "03:00", "2026-05-02", "2026-05-02T15:00"),
        ("tonight at two", "02:00", "2026-05-01", "2026-05-02T02:00"),
        ("at night at two", "02:00", "", "2026-05-02T02:00"),
        ("tonight at eleven pm", "23:00", "2026-05-01", "2026-05-01T23:00"),
        ("at noon", "12:00", "", "2026-05-02T12:00"),
    ])  # fmt: skip
    def test_of_a_part_of_the_day_is_in_that_part(self, said: str, time: str, date: str, moment: str) -> None:
        found = decided(DialogueState(), self.later(time=time, date=date, text=said))
        assert isinstance(found, PutOff)
        assert found.due.moment == dt.datetime.fromisoformat(f"{moment}+00:00")

    @pytest.mark.parametrize("when", [
        {"time": "08:00", "date": "2026-04-30"}, {"seconds": 0.0}, {"seconds": -60.0}, {"seconds": 400 * 86_400.0},
    ])  # fmt: skip
    def test_that_has_passed_or_is_too_far_is_refused(self, when: Mapping[str, Any]) -> None:
        found = decided(DialogueState(), self.later(**when))
        assert found == Say(text=text(found), act="sorry", ends=True)

    def test_cannot_be_named_for_a_question(self) -> None:
        said = heard("what time is it at seven", "clock", "time", when=When(text="at seven", time="07:00"))
        assert text(decided(DialogueState(), said)) == "I can only answer that now, not later."

    @pytest.mark.parametrize(("said", "time"), [("at seven", "07:00"), ("half past six p m", "18:30")])
    def test_without_a_time_of_day_is_asked_for_it(self, said: str, time: str) -> None:
        found = decided(DialogueState(), self.later(date="2026-05-02", text="tomorrow"))
        assert (asking(found).ask, asking(found).question) == (TIME, "At what time?")
        state = DialogueState(pending=asking(found))
        answer = decided(state, heard(said))
        assert isinstance(answer, PutOff)
        moment = dt.datetime.fromisoformat(f"2026-05-02T{time}+00:00")
        assert answer.due.moment == moment
        assert asking(decided(state, heard("purple"))).tries == 2
        assert text(decided(state, talk("deny"))) == "Okay, never mind."
        assert acted(decided(state, heard("stop", "timer", "stop"))).skill == "timer"

    def test_of_a_request_to_be_confirmed_is_part_of_the_question(self) -> None:
        said = heard("unlock later", "door", "unlock", door="front door", how="now", action="unlock the front door",
                     when=When(text="in ten minutes", seconds=600))  # fmt: skip
        pending = asking(decided(DialogueState(), said))
        assert pending.question == "Shall I unlock the front door in 10 minutes?"
        assert isinstance(decided(DialogueState(pending=pending), talk("affirm")), PutOff)


class TestSeveralRequests:
    def test_are_taken_in_order_without_those_before_a_never_mind(self) -> None:
        light, stop = heard("x", "light", "set"), heard("x", "timer", "stop")
        assert requests_of(replace(light, then=(stop,)), SETTING, DialogueState()) == [light, stop]
        assert requests_of(replace(light, then=(talk("cancel"),)), SETTING, DialogueState()) == [talk("cancel")]
        assert requests_of(replace(light, then=(talk("deny"), stop)), SETTING, DialogueState()) == [stop]
        assert requests_of(replace(talk("cancel"), then=(stop,)), SETTING, DialogueState()) == [talk("cancel"), stop]

    def test_wait_for_an_open_question(self) -> None:
        state = asked(rest=(LIGHT,))
        assert step(state, heard("nine minutes"), answers=NINE).rest == (LIGHT,)
        assert asking(step(state, heard("gibberish")).decision).rest == (LIGHT,)
        assert step(state, heard("gibberish")).rest == ()

    def test_continue_when_one_is_not_to_be_done_or_cannot_be(self) -> None:
        for said in (talk("deny"), heard("don't", "timer", "start", negated=True)):
            assert step(asked(rest=(LIGHT,)), said).rest == (LIGHT,)
        assert step(asked(rest=(LIGHT,), tries=2), heard("gibberish")).rest == (LIGHT,)
        assert step(unlocking(rest=(LIGHT,)), talk("deny")).rest == (LIGHT,)

    def test_wait_while_a_question_is_answered(self) -> None:
        found = step(unlocking(rest=(LIGHT,)), heard("is it locked", "door", "isLocked"))
        assert isinstance(found.decision, Act)
        assert found.decision.again is not None
        assert found.decision.again.rest == (LIGHT,)
        assert found.rest == ()

    def test_are_given_up_when_something_else_is_wanted(self) -> None:
        found = step(asked(rest=(LIGHT,)), heard("stop", "timer", "stop"))
        assert (found.rest, found.dropped) == ((), (LIGHT,))

    def test_say_which_of_them_was_not_understood(self) -> None:
        found = decide_next(DialogueState(), Wish(skill="", intent="", text="paint it"), SETTING)
        assert found == Say(text="I did not understand 'paint it'.", act="sorry")

    def test_may_follow_each_other(self) -> None:
        flip = wish("light", "flip", slots={"state": "off"}, text="turn it off")
        found = acted(decide_next(after("light", "set", area="kitchen"), flip, SETTING))
        assert (found.slots, found.after, found.before) == ({"state": "OFF"}, "set", {"area": "KITCHEN"})
        for state in (DialogueState(), after("clock", "time")):
            assert text(decide_next(state, flip, SETTING)) == "I did not understand 'turn it off'."
