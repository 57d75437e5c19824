"""`harken skill check`: whether a skill does what its author says, before anything is trained."""

from __future__ import annotations

from pathlib import Path

from harken.dialogue.runner import Runner, SkillFailed
from harken.errors import BundleError
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import CODE_FILE, SKILL_FILE, Skill, read_skill
from harken.nlu.templates import grammar_of
from harken.phones.pronunciation import Pronunciation
from harken.workshop.skill_tests import TESTS_FILE, examples_of, read_tests
from harken.workshop.skill_trial import OF_TESTS, Finding, try_sentences


def check_skill(folder: Path) -> list[Finding]:
    """Whether the skill's examples are understood as stated, its code loads, and its words can be pronounced.

    Raises:
        SkillError: the skill's file is wrong; with line and column.
    """
    skill = read_skill(folder)
    sentences = sum(len(intent.templates) for intent in skill.intents.values())
    counted = Finding(ok=True, text=f"{skill.name}: {len(skill.intents)} intents, {sentences} sentences")
    return [counted, *_check_examples(skill), _check_code(skill), _check_words(skill)]


def _check_examples(skill: Skill) -> list[Finding]:
    """Examples, and the sentences of tests.yaml, read by the skill's sentences alone: this shows whether they cover
    them."""
    reader = Interpreter({skill.name: skill}, {}, None, locale=skill.locale)
    findings = try_sentences(reader, skill, examples_of(skill), what="examples")
    tests = read_tests(skill)
    listed = [test for test in tests.sentences if test.exact]
    return findings + (try_sentences(reader, skill, listed, what=OF_TESTS, where=f"{TESTS_FILE} ") if listed else [])


def _check_code(skill: Skill) -> Finding:
    if skill.code is None:
        silent = [name for name, intent in skill.intents.items() if not intent.responses]
        if silent:
            hint = f"no {CODE_FILE}; intents without 'responses' answer 'Okay.': {', '.join(silent)}"
            return Finding(ok=True, text=hint)
        return Finding(ok=True, text=f"no {CODE_FILE}: {SKILL_FILE} contains the responses")
    try:
        Runner().check(skill.name, skill.code)
    except SkillFailed as error:
        return Finding(ok=False, text=f"{CODE_FILE} cannot be loaded: {error}")
    return Finding(ok=True, text=f"{CODE_FILE} loads")


def _check_words(skill: Skill) -> Finding:
    """Names the words that are not in the dictionary, whose pronunciation is guessed."""
    words = grammar_of(skill).vocabulary()
    try:
        known = Pronunciation.load(skill.locale).is_known
    except BundleError as error:
        return Finding(ok=True, text=f"{len(words)} words; pronunciations not checked: {error}")
    unknown = sorted(word for word in words if not known(word))
    if unknown:
        return Finding(ok=True, text=f"{len(words)} words; pronunciation guessed for: {', '.join(unknown[:20])}")
    return Finding(ok=True, text=f"{len(words)} words, all in the dictionary")
