"""Replies of a user's skill in its skill.yaml."""

import datetime as dt
from pathlib import Path

import pytest

from harken.dialogue.clock import SystemClock
from harken.dialogue.skill import Context
from harken.dialogue.store import Store
from harken.dialogue.timers import TimerBook
from harken.errors import ConfigError, SkillError
from harken.languages.loading import load_locale
from harken.nlu.skill_file import Skill, read_skill


def skill_of(tmp_path: Path, replies: str) -> Skill:
    text = f"skill: a\nintents: {{go: {{sentences: [hi]}}}}\nreplies:\n{replies}"
    (tmp_path / "skill.yaml").write_text(text, encoding="utf-8")
    return read_skill(tmp_path)


def context_of(skill: Skill) -> Context:
    store, clock = Store(":memory:"), SystemClock()
    book = TimerBook(store, clock, session="one")
    return Context(clock=clock, store=store, timers=book, locale=load_locale(), skill="a", replies=skill.replies)


def test_a_skill_says_what_its_file_words(tmp_path: Path) -> None:
    context = context_of(
        skill_of(tmp_path, "  fed: 'The {pet} was fed.'\n  ago: {one: a minute, many: '{count} minutes'}\n")
    )
    assert context.say("fed", pet="cat") == "The cat was fed."
    assert [context.say("ago", count=n) for n in (1, 2, 0)] == ["a minute", "2 minutes", "0 minutes"]
    assert context.ask("pet", "fed", pet="dog").text == "The dog was fed."
    assert context.now() - dt.timedelta(minutes=1) < context.clock.now()


def test_a_reply_that_is_not_there_and_a_value_that_is_not_given_are_named(tmp_path: Path) -> None:
    context = context_of(skill_of(tmp_path, "  fed: 'The {pet} was fed.'\n"))
    with pytest.raises(ConfigError, match=r"no reply 'fad' in its skill.yaml; did you mean 'fed'"):
        context.say("fad")
    with pytest.raises(ConfigError, match=r"'fed' of a wants {pet}; there is: cat"):
        context.say("fed", cat="x")


@pytest.mark.parametrize(
    ("replies", "line", "says"),
    [
        ("  fed: 'The {pet was fed.'\n", 4, "braces"),
        ("  fed: 'The {0} was fed.'\n", 4, "not the name of a value"),
        ("  fed: {one: x}\n", 4, "no form 'many'"),
        ("  fed: {one: x, many: y, few: z}\n", 4, "no key 'few'"),
        ("  fed: press # now\n", 4, "cuts the reply"),
        ("  fed: []\n", 4, "must be text"),
    ],
)
def test_faults_have_their_place(tmp_path: Path, replies: str, line: int, says: str) -> None:
    with pytest.raises(SkillError, match=says) as caught:
        skill_of(tmp_path, replies)
    assert caught.value.line == line
