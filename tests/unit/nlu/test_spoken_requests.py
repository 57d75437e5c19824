"""What the recogniser expects of several skills together."""

from dataclasses import replace
from pathlib import Path

import pytest

from harken.asr.graph.acceptor import Acceptor
from harken.asr.graph.grammar import grammar_acceptor
from harken.languages.loading import load_locale
from harken.nlu.skill_file import Skill, read_skill
from harken.nlu.spoken_requests import grammar_of_all

SKILL = """
skill: SKILLNAME
lists:
  thing: {values: [fan, lamp]}
intents:
  start: {sentences: ["start the {thing}"]}
  wait: {sentences: ["wait for {duration}"]}
  rare: {heard: false, sentences: ["commence operation of the {thing}"]}
  ask: {acts: false, sentences: ["which {thing} is it"]}
"""


@pytest.fixture
def skills(tmp_path: Path) -> list[Skill]:
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
        (folder / "skill.yaml").write_text(SKILL.replace("SKILLNAME", folder.name), encoding="utf-8")
    return [read_skill(folder) for folder in folders]


def accepts(acceptor: Acceptor, words: str) -> bool:
    """Whether the words are a sentence; a list is written as its name."""
    states = {acceptor.start}
    arcs = [(s, acceptor.words[w], t) for s, w, t in zip(acceptor.source, acceptor.word, acceptor.target, strict=True)]
    gaps = acceptor.gaps
    assert gaps is not None
    arcs += [(s, gaps.lists[w], t) for s, w, t in zip(gaps.source, gaps.list, gaps.target, strict=True)]
    for word in words.split():
        states = {t for s, name, t in arcs if s in states and name == word}
    return any(acceptor.final[state] < float("inf") for state in states)


def test_requests_are_expected_denied_and_with_a_time(skills: list[Skill]) -> None:
    acceptor = grammar_acceptor(grammar_of_all(skills))
    for name in ("first", "second"):
        assert accepts(acceptor, f"start the {name}.thing")
        assert accepts(acceptor, f"don't start the {name}.thing")
        assert accepts(acceptor, f"start the {name}.thing when.days")
        assert accepts(acceptor, f"which {name}.thing is it")


def test_questions_and_requests_with_a_time_of_their_own_are_expected_as_they_are(skills: list[Skill]) -> None:
    acceptor = grammar_acceptor(grammar_of_all(skills))
    assert not accepts(acceptor, "don't which first.thing is it")
    assert not accepts(acceptor, "which first.thing is it when.days")
    assert not accepts(acceptor, "don't wait for an hour")


def test_sentences_that_are_not_to_be_heard_are_left_out(skills: list[Skill]) -> None:
    assert "commence" not in grammar_of_all(skills).vocabulary()


def test_a_skill_may_have_orders_alone(skills: list[Skill]) -> None:
    first = skills[0]
    alone = replace(first, intents={"start": first.intents["start"]})
    assert accepts(grammar_acceptor(grammar_of_all([alone])), "don't start the first.thing")


def test_plain_answers_stand_apart_from_all_else(tmp_path: Path) -> None:
    (tmp_path / "skill.yaml").write_text(
        "skill: talk\nintents:\n  affirm: {acts: false, sentences: ['yes [please]']}\n"
        "  deny: {sentences: ['no']}\n  say: {acts: false, sentences: [hello]}\n", encoding="utf-8",
    )  # fmt: skip
    grammar = grammar_of_all([read_skill(tmp_path)])
    requests = grammar_acceptor(grammar)
    assert [accepts(requests, words) for words in ("yes", "yes please", "no", "hello")] == [False, False, True, True]
    assert grammar.answers is not None
    answers = grammar_acceptor(replace(grammar, root=grammar.answers))
    assert [accepts(answers, words) for words in ("yes", "yes please", "no", "hello")] == [True, True, False, False]
    assert grammar.vocabulary() >= {"yes", "please", "no", "hello"}


def test_without_answers_there_is_one_tree(skills: list[Skill]) -> None:
    assert grammar_of_all(skills).answers is None


def test_no_skills_can_be_told_nothing() -> None:
    assert not grammar_of_all([]).vocabulary()
    assert load_locale().understanding.negations
