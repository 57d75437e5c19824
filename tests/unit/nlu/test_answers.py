"""Answers that mend themselves, and those that name more than was asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harken.languages.loading import load_locale
from harken.nlu.answers import mended
from harken.nlu.interpreter import Interpreter
from harken.nlu.sentence import Sentence
from harken.nlu.skill_file import read_skill

SKILL = """
skill: memo
lists:
  task: {wildcard: true, examples: [call mom]}
  size: {values: [small, large]}
intents:
  remind:
    data:
      - sentences:
          - "remind me to {task}"
          - "remind me to {task} at {time} [{date}]"
          - "remind me to {task} {date} at {time}"
        slots: {link: to}
      - sentences:
          - "remind me"
          - "remind me at {time} [to] {task}"
          - "remind me {date} to {task} [at {time}]"
    required: {task: "Of what?"}
  again:
    follows: [remind]
    sentences: ["another one", "another one to {task}"]
    required: {task: "Of what?"}
  time: {sentences: ["time {duration}", "time"], required: {duration: "For how long?"}}
  order: {sentences: ["order a {size} tea", "order a tea"], required: {size: "Which size?"}}
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    folder: Path = tmp_path_factory.mktemp("memo")
    (folder / "skill.yaml").write_text(SKILL, encoding="utf-8")
    return Interpreter({"memo": read_skill(folder)}, {}, None, locale=load_locale(), today=lambda: dt.date(2026, 1, 1))


def answered(reader: Interpreter, intent: str, ask: str, text: str, **known: Any) -> dict[str, Any]:
    return {slot.name: slot.value for slot in reader.answer("memo", intent, ask, reader.understand(text), known)}


@pytest.mark.parametrize(("said", "values"), [
    ("my tablets at nine", {"task": "my tablets", "time": "09:00"}),
    ("Mum's tablets at nine tomorrow", {"task": "Mum's tablets", "time": "09:00", "date": "2026-01-02"}),
    ("at nine feed the cat", {"task": "feed the cat", "time": "09:00"}),
    ("feed the cat", {"task": "feed the cat"}),
    ("the game at home", {"task": "the game at home"}),
])  # fmt: skip
def test_an_answer_in_any_words_may_name_further_values(reader: Interpreter, said: str, values: dict[str, Any]) -> None:
    assert answered(reader, "remind", "task", said) == values
    assert answered(reader, "again", "task", said) == values


def test_what_is_known_is_not_named_once_more(reader: Interpreter) -> None:
    assert answered(reader, "remind", "task", "the call at six", time="05:00") == {"task": "the call at six"}
    later = answered(reader, "remind", "task", "call anna at six", date="2026-01-02")
    assert later == {"task": "call anna", "time": "06:00"}


@pytest.mark.parametrize(("intent", "ask", "said", "values"), [
    ("time", "duration", "ten minutes no twelve minutes", {"duration": 720}),
    ("time", "duration", "ten, no, twelve minutes", {"duration": 720}),
    ("time", "duration", "ten minutes no make it twelve", {"duration": 720}),
    ("time", "duration", "five minutes should do it", {"duration": 300}),
    ("remind", "time", "tomorrow at eight, no, nine", {"time": "09:00", "date": "2026-01-02"}),
    ("order", "size", "small sorry large", {"size": "large"}),
    ("order", "size", "no large", {}),
    ("remind", "time", "tomorrow no nine", {}),
    ("remind", "task", "say no wait", {"task": "say no wait"}),
])  # fmt: skip
def test_the_end_of_an_answer_takes_the_place_of_what_is_of_its_kind(
    reader: Interpreter, intent: str, ask: str, said: str, values: dict[str, Any]
) -> None:
    assert answered(reader, intent, ask, said) == values


def test_a_language_without_words_for_it_mends_nothing() -> None:
    english = load_locale()
    other = replace(english, understanding=replace(english.understanding, words={}))
    assert mended(Sentence.of(("at", "eight", "no", "nine")), lambda _: (), other) == ()
