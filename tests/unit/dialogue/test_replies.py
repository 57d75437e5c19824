"""What a reply says beside its text, and what a skill remembers of the conversation."""

from __future__ import annotations

from pathlib import Path

from tests.unit.dialogue.scripted import ScriptedReader

from harken.dialogue.conversation import DialogueManager
from harken.dialogue.store import Store
from harken.events import Interpretation, Reply, StateChanged
from harken.languages.loading import load_locale
from harken.nlu.skill_file import read_skill

COUNTER = """
from harken.dialogue.skill import Answer

def answer(request, context):
    if request.intent == "look":
        return f"It is {context.memory.get('count', 0)}."
    count = context.memory.get("count", 0) + 1
    return Answer(text="Counted.", remember={"count": count})
"""
YAML = "skill: {name}\nintents: {{count: {{sentences: [count]}}, look: {{sentences: [look]}}}}\n"


def manager(folder: Path, *names: str) -> DialogueManager:
    """Skills that count how often they were asked to."""
    skills = {}
    for name in names:
        (folder / name).mkdir()
        (folder / name / "skill.yaml").write_text(YAML.format(name=name))
        (folder / name / "skill.py").write_text(COUNTER)
        skills[name] = read_skill(folder / name)
    return DialogueManager(skills, ScriptedReader(), locale=load_locale(), store=Store(":memory:"))


def said(made: DialogueManager, skill: str, intent: str) -> str:
    _, reply = made.process(Interpretation(turn=0, text=intent, skill=skill, intent=intent, score=1.0))
    assert isinstance(reply, Reply)
    return reply.text


def test_a_skill_finds_what_it_said_to_remember_until_it_says_something_else(tmp_path: Path) -> None:
    made = manager(tmp_path, "apples")
    assert said(made, "apples", "look") == "It is 0."
    said(made, "apples", "count")
    said(made, "apples", "count")
    assert [said(made, "apples", "look") for _ in range(2)] == ["It is 2.", "It is 2."], "looking changes nothing"


def test_each_skill_remembers_for_itself_and_nothing_beyond_the_conversation(tmp_path: Path) -> None:
    made = manager(tmp_path, "apples", "pears")
    said(made, "apples", "count")
    assert (said(made, "pears", "look"), said(made, "apples", "look")) == ("It is 0.", "It is 1.")
    said(made, "pears", "count")
    assert said(made, "apples", "look") == "It is 1."
    made.reset()
    assert said(made, "apples", "look") == "It is 0."


def test_a_question_for_a_value_is_a_request_and_one_for_a_yes_a_confirmation(talk) -> None:
    asked = talk.ask("set a timer")
    assert (asked.act, asked.data, asked.expects_answer) == ("request", {"slot": "duration", "slots": {}}, True)
    assert not asked.yes_or_no
    assert not talk.ask("never mind").yes_or_no
    asked = talk.ask("unlock the front door")
    assert (asked.act, asked.data["slot"], asked.expects_answer, asked.yes_or_no) == ("confirm", "", True, True)
    assert asked.data["slots"], "what would be done"


def test_what_is_said_again_asks_only_if_the_question_is_still_open(talk) -> None:
    talk.ask("set a timer")
    again = talk.ask("say that again")
    assert (again.text, again.expects_answer) == ("For how long?", True)
    assert "10 minutes" in talk.ask("ten minutes").text
    again = talk.ask("say that again")
    assert "10 minutes" in again.text
    assert not again.expects_answer


def test_the_state_tells_the_turn_and_what_was_said_in_it(talk) -> None:
    talk.ask("what time is it in tokyo")
    state, reply = talk.manager.process(talk.reader.understand("set a timer", turn=7))
    assert isinstance(state, StateChanged)
    assert isinstance(reply, Reply)
    assert (state.turn, state.state["turn"], reply.turn) == (7, 7, 7)
    assert [exchange["text"] for exchange in state.state["history"]] == ["what time is it in tokyo", "set a timer"]
    assert state.state["history"][-1]["reply"] == reply.text
