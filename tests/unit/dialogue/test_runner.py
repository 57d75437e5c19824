"""Skills that raise, hang or return nonsense get an apology, never a crash."""

import logging
import os
import sys
import time
from pathlib import Path

import pytest
from tests.unit.dialogue.scripted import ScriptedReader

from harken.dialogue.conversation import DialogueManager
from harken.dialogue.runner import Runner
from harken.events import Interpretation, Reply, StateChanged
from harken.languages.loading import load_locale
from harken.nlu.skill_file import Skill, read_skill

CONFIRMED = """skill: odd
intents: {go: {sentences: [go], confirm: "Really?"}}
"""
APOLOGY = load_locale().reply("dialogue", "failed")
YAML = "skill: odd\nintents: {go: {sentences: [go]}, stay: {sentences: [stay], responses: [Staying.]}}\n"
HEAD = "from harken.dialogue.skill import Answer, Request\n\ndef answer(request, context):\n    "
UNDO = HEAD + "return Answer(text='a', undo=Request(intent='x', "


def make(folder: Path, body: str | None) -> Skill:
    (folder / "skill.yaml").write_text(YAML)
    if body is not None:
        (folder / "skill.py").write_text(body)
    return read_skill(folder)


def go(skill: Skill, *, limit: float = 20.0, intent: str = "go") -> tuple[DialogueManager, Reply]:
    manager = DialogueManager({"odd": skill}, ScriptedReader(), locale=load_locale(), runner=Runner(limit))
    return manager, said(manager, intent)


def said(manager: DialogueManager, intent: str = "go") -> Reply:
    state, reply = manager.process(Interpretation(turn=0, text=intent, skill="odd", intent=intent, score=1.0))
    assert isinstance(state, StateChanged)
    assert isinstance(reply, Reply)
    return reply


@pytest.mark.parametrize(
    ("body", "logged"),
    [
        pytest.param(HEAD + "1 / 0", "ZeroDivisionError", id="raises"),
        pytest.param(HEAD + "raise SystemExit(3)", "SystemExit", id="exits"),
        pytest.param(HEAD + "return None", "NoneType", id="returns nothing"),
        pytest.param(HEAD + "return 42", "int", id="returns a number"),
        pytest.param(HEAD + "return ''", "cannot be spoken", id="returns silence"),
        pytest.param(HEAD + "return 'x' * 5000", "cannot be spoken", id="returns a novel"),
        pytest.param(HEAD + "return Answer(text='a', act='dance')", "dance", id="unknown act"),
        pytest.param(HEAD + "return Answer(text='a', data={'x': object()})", "not JSON", id="data is no JSON"),
        pytest.param(HEAD + "return Answer(text='a', remember={'x': float('nan')})", "not JSON", id="remembers NaN"),
        pytest.param(HEAD + "return Answer(text='a', data=[1])", "mapping", id="data is a list"),
        pytest.param(HEAD + "return Answer(text='a', undo='back')", "expected a Request", id="undo is text"),
        pytest.param(UNDO + "slots={'x': object()}))", "'undo' that is not JSON", id="undo is no JSON"),
        pytest.param("def answer(:", "SyntaxError", id="does not parse"),
        pytest.param("import nothing_of_that_name\n", "ModuleNotFoundError", id="imports what is not there"),
        pytest.param("x = 1\n", "no function answer", id="has no answer"),
    ],
)
def test_a_faulty_skill_gets_an_apology_and_a_log_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, body: str, logged: str
) -> None:
    skill = make(tmp_path, body)
    with caplog.at_level(logging.ERROR):
        manager, reply = go(skill)
    assert (reply.text, reply.act) == (APOLOGY, "sorry")
    assert logged in caplog.text
    assert manager.state.pending is None


def test_a_hanging_skill_is_left_behind_and_not_called_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    skill = make(tmp_path, "import time\n" + HEAD + "time.sleep(40)\n    return 'late'")
    began = time.perf_counter()
    manager, reply = go(skill, limit=0.1)
    assert reply.text == APOLOGY
    assert said(manager).text == APOLOGY
    assert time.perf_counter() - began < 20
    assert "within 0.1 s" in caplog.text
    assert "still busy" in caplog.text


def test_plain_text_counts_as_an_answer(tmp_path: Path) -> None:
    assert go(make(tmp_path, HEAD + "return 'Went.'"))[1].text == "Went."


def test_without_code_the_responses_answer(tmp_path: Path) -> None:
    skill = make(tmp_path, None)
    assert go(skill, intent="stay")[1].text == "Staying."
    assert go(skill)[1].text == "Okay."


def test_a_request_for_a_skill_that_was_removed_is_not_understood(tmp_path: Path) -> None:
    manager, _ = go(make(tmp_path, None))
    manager.skills = {}
    assert said(manager).act == "sorry"


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        ("return Answer(text='It is empty.')", "It is empty."),
        ("return None", "Really?"),
        ("1 / 0", "Really?"),
    ],
)
def test_what_need_not_be_done_is_not_confirmed(tmp_path: Path, body: str, reply: str) -> None:
    skill = make(tmp_path, HEAD + f"return 'Gone.'\n\ndef needless(request, context):\n    {body}\n")
    (tmp_path / "skill.yaml").write_text(CONFIRMED)
    manager, answer = go(read_skill(tmp_path))
    assert skill.code is not None
    assert answer.text == reply
    assert (manager.state.pending is None) == (reply != "Really?")


def test_code_that_was_changed_within_the_same_second_is_loaded_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    for text in ("old", "new"):
        skill = make(tmp_path, HEAD + f"return Answer(text='{text}')\n")
        os.utime(tmp_path / "skill.py", (1_000_000_000, 1_000_000_000))
        assert go(skill)[1].text == text
    assert not list(tmp_path.rglob("*.pyc"))
