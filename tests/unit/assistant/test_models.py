"""Conversations over shared models: the same answers as alone, from several threads, and what the user changes."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harken.assistant.assistant import Assistant
from harken.assistant.installed import Installed
from harken.assistant.models import Models
from harken.assistant.profile import Profile, RecognizerSettings, load_profile
from harken.assistant.transcriber import Transcriber
from harken.dialogue.store import Store
from harken.errors import BundleError
from harken.events import Interpretation, Reply, Samples, Transcript
from harken.nlu.skill_file import SKILL_FILE
from harken.workshop.skills import new_skill

REQUESTS = ("what is the capital of france", "what is twelve times seven", "what time is it in tokyo")


class Noon:
    """A clock that stands still."""

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 5, 1, 12, 0, tzinfo=dt.UTC)

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture(scope="module")
def models() -> Models:
    return Models.load("en", store=Store(":memory:"), clock=Noon())


@pytest.fixture(scope="module")
def spoken(models: Models) -> list[Samples]:
    return [models.voice.say(text) for text in REQUESTS]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with a skill of his own."""
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    return new_skill("pets", tmp_path / "skills")


def conversation(models: Models) -> Assistant:
    return Assistant.over(models, wake=False, voice=False)


def heard(assistant: Assistant, samples: Samples) -> list[str]:
    said = assistant.ask_audio(samples)
    return [event.text for event in said if isinstance(event, Reply) or (isinstance(event, Transcript) and event.final)]


def replies(assistant: Assistant, text: str) -> list[str]:
    return [event.text for event in assistant.ask_text(text) if isinstance(event, Reply)]


def test_conversations_share_what_does_not_change_and_nothing_else(models: Models, spoken: list[Samples]) -> None:
    one, other = conversation(models), conversation(models)
    heard(one, spoken[0])
    heard(other, spoken[0])
    assert one.chain.interpreter.stage is other.chain.interpreter.stage
    assert one.chain.recognizer.stage.space is other.chain.recognizer.stage.space
    assert one.chain.recognizer.stage is not other.chain.recognizer.stage
    assert one.chain.dialogue.stage is not other.chain.dialogue.stage


def test_each_conversation_keeps_its_own_thread(models: Models) -> None:
    one, other = conversation(models), conversation(models)
    assert replies(one, "set a timer") == ["For how long?"]
    replies(other, "hello")
    assert other.chain.dialogue.stage.state.pending is None
    assert replies(one, "ten minutes") == ["Timer set for 10 minutes."]


def test_conversations_in_several_threads_answer_as_one_alone(models: Models, spoken: list[Samples]) -> None:
    alone = [heard(conversation(models), samples) for samples in spoken]
    assert all(len(said) == 2 for said in alone)
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(heard, conversation(models), samples) for samples in spoken * 2]
        together = [job.result() for job in jobs]
    assert together == alone * 2


def test_live_the_answer_is_that_of_a_conversation_without_thread(models: Models, spoken: list[Samples]) -> None:
    assistant = Assistant.over(models, wake=False, voice=False, live=True)
    try:
        said = [*assistant.ask_audio(spoken[0]), *assistant.wait()]
    finally:
        assistant.close()
    assert [type(event) for event in said] == [type(event) for event in conversation(models).ask_audio(spoken[0])]
    assert [event.text for event in said if isinstance(event, Reply)] == ["The capital of France is Paris."]


def test_a_date_is_reckoned_from_the_clock_that_was_handed_in(models: Models) -> None:
    assert replies(conversation(models), "what day is tomorrow") == ["That is Saturday, May 2, 2026."]


def test_a_skill_that_changes_is_used_from_the_next_turn_on(home: Path) -> None:
    models = Models.load("en", store=Store(":memory:"))
    assistant, other = conversation(models), conversation(models)
    assert replies(assistant, "feed the cat") == ["Noted: the cat was fed."]
    assert replies(other, "set a timer") == ["For how long?"]
    before = models.skill_set
    change(home, lambda text: text.replace("- goldfish", "- goldfish\n      - parrot"))
    assert replies(assistant, "feed the parrot") == ["Noted: the parrot was fed."]
    assert models.skill_set is not before
    assert replies(other, "ten minutes") == ["Timer set for 10 minutes."], "the question is still open"
    assert not models.refresh(), "nothing has changed since"


def test_skills_that_cannot_be_used_any_more_leave_those_before(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    models = Models.load("en", skills=[home], store=Store(":memory:"))
    assistant = conversation(models)
    replies(assistant, "feed the cat")
    change(home, lambda text: text + "\nnonsense: [")
    with caplog.at_level(logging.WARNING):
        assert replies(assistant, "feed the dog") == ["Noted: the dog was fed."]
        assert replies(assistant, "feed the dog") == ["Noted: the dog was fed."]
    assert caplog.text.count("the previous ones stay") == 1


def test_a_text_that_no_skill_takes_is_rejected_as_alone(models: Models) -> None:
    said = conversation(models).ask_text("quartz sphinx vow judge")
    assert [event.rejected for event in said if isinstance(event, Interpretation)] == [True]


def change(skill: Path, edit: Callable[[str], str]) -> None:
    file = skill / SKILL_FILE
    file.write_text(edit(file.read_text()))


@pytest.mark.parametrize("part", ["acoustic", "space"])
def test_the_recogniser_is_made_of_the_bundles_that_the_profile_names(part: str) -> None:
    settings = RecognizerSettings(**{"acoustic": {"bundle": "mine"}, "space": {"language_model": "mine"}}[part])
    profile = Profile(interpreter=load_profile().interpreter, recognizer=settings)
    models = Models(profile, Installed(profile), store=Store(":memory:"))
    with pytest.raises(BundleError, match="no bundle 'mine'"):
        _ = models.acoustic if part == "acoustic" else models.skill_set.space
    with pytest.raises(BundleError, match="no bundle 'mine'"):
        Transcriber.load(profile)
