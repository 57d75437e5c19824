"""Turns of a conversation through the whole assistant: what carries over from one to the next, and what does not."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from harken.assistant.assistant import Assistant
from harken.audio.files import resample
from harken.dialogue.store import Store
from harken.events import Event, FollowUpOpened, Interpretation, PlaybackEnded, Reply, Transcript, TurnStarted
from harken.nlu.building import Amounts
from harken.workshop import skills

SMALL = Amounts(per_intent=12, disturbed=1, counter=10, background=60, others=5, tagged=30, checked=2)
QUIET = np.zeros(16_000, np.float32)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Skills that a test adds are its own, and quickly built."""
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(skills, "Amounts", lambda: SMALL)
    return tmp_path / "home"


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    return skills.new_skill("pets", tmp_path)


@pytest.fixture
def assistant() -> Assistant:
    """One that only writes."""
    return Assistant.load(store=Store(":memory:"), wake=False, voice=False)


@pytest.fixture(scope="module")
def speaking() -> Assistant:
    """One that hears and speaks; no wake word needed."""
    return Assistant.load(store=Store(":memory:"), wake=False)


def reply(events: list[Event]) -> str:
    return next(event.text for event in events if isinstance(event, Reply))


def turns(events: list[Event]) -> list[int]:
    """Numbers of the turns that were heard or typed."""
    return [event.turn for event in events if isinstance(event, Transcript) and event.final]


def test_a_follow_up_still_works_after_a_skill_was_added(assistant: Assistant, pets: Path) -> None:
    assistant.ask_text("what time is it in tokyo")
    skills.add_skill(pets, amounts=SMALL)
    assert "New York" in reply(assistant.ask_text("what about new york"))
    assert "dog" in reply(assistant.ask_text("i fed my puppy two portions")), "the new skill is in use"


def test_an_open_question_is_answered_after_a_skill_was_changed(assistant: Assistant, pets: Path) -> None:
    skills.add_skill(pets, amounts=SMALL)
    assistant.ask_text("add milk to my shopping list")
    assert "really" in reply(assistant.ask_text("clear the shopping list"))
    (folder,) = skills.registered_folders()
    (folder / "skill.py").write_text("def answer(request, context):\n    return 'changed'\n")
    assert "empty" in reply(assistant.ask_text("yes please"))
    assert reply(assistant.ask_text("i fed my puppy two portions")) == "changed"


def test_an_open_question_is_answered_after_a_skill_was_removed(assistant: Assistant, pets: Path) -> None:
    skills.add_skill(pets, amounts=SMALL)
    assistant.ask_text("add milk to my shopping list")
    assistant.ask_text("clear the shopping list")
    skills.remove_skill("pets")
    assert "empty" in reply(assistant.ask_text("yes please"))


def test_what_is_said_again_is_what_was_said_before_a_skill_changed(assistant: Assistant, pets: Path) -> None:
    said = reply(assistant.ask_text("what is twelve times seven"))
    skills.add_skill(pets, amounts=SMALL)
    assert reply(assistant.ask_text("say that again")) == said


def test_a_new_conversation_knows_nothing_of_the_old_one_but_its_lists_and_timers(assistant: Assistant) -> None:
    assistant.ask_text("set a timer for ten minutes")
    assistant.ask_text("add milk to my shopping list")
    assert "really" in reply(assistant.ask_text("clear the shopping list"))
    assistant.reset()
    assistant.ask_text("yes please")
    assert "milk" in reply(assistant.ask_text("what's on my shopping list"))
    assert "left" in reply(assistant.ask_text("how much time is left"))


def test_turns_are_counted_through_a_conversation_and_anew_in_the_next(assistant: Assistant) -> None:
    said = [event for text in ("hello", "what time is it", "thank you") for event in assistant.ask_text(text)]
    assert turns(said) == [0, 1, 2]
    assert [event.turn for event in said if isinstance(event, Reply)] == [0, 1, 2]
    assistant.reset()
    assert turns(assistant.ask_text("hello")) == [0]


def test_typed_and_heard_turns_are_counted_together(speaking: Assistant) -> None:
    speaking.reset()
    spoken, _ = speaking.say("what time is it")
    heard = speaking.process(np.concatenate([QUIET, spoken, QUIET]))
    assert [event.turn for event in heard if isinstance(event, TurnStarted)] == [0]
    assert turns(heard) == [0]
    assert turns(speaking.ask_text("hello")) == [1]
    assert turns(speaking.ask_text("hello again")) == [2]
    speaking.reset()
    assert turns(speaking.ask_text("hello")) == [0]


def test_what_is_heard_grows_word_by_word_until_the_turn_ends(speaking: Assistant) -> None:
    speaking.reset()
    spoken, _ = speaking.say("remind me to water the plants in two hours")
    heard = speaking.process(np.concatenate([QUIET, spoken, QUIET]))
    texts = [event.text.split() for event in heard if isinstance(event, Transcript)]
    finals = [event.final for event in heard if isinstance(event, Transcript)]
    assert len(texts) >= 5, "several words are shown before the turn ends"
    assert finals == [False] * (len(texts) - 1) + [True]
    assert texts[-1] == "remind me to water the plants in two hours".split()
    for before, after in pairwise(texts):
        assert before == after[: len(before)], "a word that was shown stays"
    assert all(len(before) < len(after) for before, after in pairwise(texts[:-1])), "each shows something new"


def test_recorded_turns_without_a_wake_word_are_counted_with_the_typed_ones(speaking: Assistant) -> None:
    speaking.reset()
    spoken, _ = speaking.say("what time is it")
    said = [*speaking.ask_text("hello"), *speaking.ask_audio(spoken), *speaking.ask_text("hello")]
    assert turns(said) == [0, 1, 2]


def silences() -> dict[str, np.ndarray]:
    rng, time = np.random.default_rng(0), np.arange(32_000) / 16_000
    clicks = np.zeros(32_000)
    clicks[::5000] = 0.8
    return {
        "one sample": np.zeros(1), "100 ms of zeros": np.zeros(1600), "zeros": np.zeros(32_000),
        "white noise": 0.01 * rng.standard_normal(32_000), "loud white noise": 0.1 * rng.standard_normal(32_000),
        "hum": 0.1 * np.sin(2 * np.pi * 50 * time), "tone": 0.3 * np.sin(2 * np.pi * 440 * time), "clicks": clicks,
    }  # fmt: skip


@pytest.mark.parametrize("kind", silences())
def test_where_nobody_speaks_nothing_is_said_and_a_question_stays_open(speaking: Assistant, kind: str) -> None:
    speaking.reset()
    speaking.ask_text("unlock the front door")
    told = speaking.ask_audio(silences()[kind].astype(np.float32))
    assert [event.text for event in told if isinstance(event, Transcript)] == [""]
    assert not [event for event in told if isinstance(event, Interpretation | Reply)]
    assert reply(speaking.ask_text("yes please")) == "The front door is unlocked."


def test_a_spoken_yes_is_heard_after_a_silence(speaking: Assistant) -> None:
    speaking.reset()
    speaking.ask_text("unlock the front door")
    spoken, rate = speaking.say("yes please")
    answer = np.concatenate([np.zeros(rate, np.float32), spoken])
    assert reply(speaking.ask_audio(resample(answer, rate, 16_000))) == "The front door is unlocked."


def test_digital_silence_before_a_request_changes_nothing(speaking: Assistant) -> None:
    speaking.reset()
    spoken, rate = speaking.say("set a timer for ten minutes")
    request = resample(spoken, rate, 16_000)
    for seconds in (0, 3):
        told = speaking.ask_audio(np.concatenate([np.zeros(seconds * 16_000, np.float32), request]))
        assert [event.text for event in told if isinstance(event, Transcript) and event.final] == [
            "set a timer for ten minutes"
        ]


def test_a_question_opens_the_follow_up_when_it_has_been_asked(speaking: Assistant) -> None:
    speaking.reset()
    asked = [*speaking.ask_text("set a timer"), *speaking.flush()]
    (ended,) = (event for event in asked if isinstance(event, PlaybackEnded))
    assert [event for event in asked if isinstance(event, FollowUpOpened)] == [
        FollowUpOpened(turn=0, start=ended.end, end=ended.end + 6 * 16_000)
    ]


@pytest.mark.parametrize("text", ["what time is it", "colorless green ideas sleep furiously", "never mind"])
def test_a_statement_opens_no_follow_up(speaking: Assistant, text: str) -> None:
    speaking.reset()
    told = [*speaking.ask_text(text), *speaking.flush()]
    assert [type(event) for event in told][-1] is PlaybackEnded
    assert not [event for event in told if isinstance(event, FollowUpOpened)]


def test_a_statement_after_a_question_opens_no_follow_up(speaking: Assistant) -> None:
    speaking.reset()
    said = [*speaking.ask_text("set a timer"), *speaking.ask_text("ten minutes"), *speaking.flush()]
    assert not [event for event in said if isinstance(event, FollowUpOpened)], "the question was answered meanwhile"
