"""`harken skill check`: whether a skill does what its author says, before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harken.dialogue.runner import Runner, SkillFailed
from harken.errors import BundleError
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import CODE_FILE, SKILL_FILE, Skill, read_skill
from harken.nlu.templates import grammar_of
from harken.phones.pronunciation import Pronunciation


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of `check_skill`."""

    ok: bool
    text: str


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
    """Examples matched exactly, without trained models: this shows whether the sentences cover them."""
    reader = Interpreter({skill.name: skill}, {}, None, locale=skill.locale)
    wrong = []
    for example in skill.examples:
        meant = reader.understand(example.text)
        if (meant.intent, meant.values) != (example.intent, dict(example.slots)):
            came = f"{meant.intent} {meant.values}" if not meant.rejected else "no sentence covers it"
            wrong.append(
                Finding(
                    ok=False,
                    text=f"line {example.place.line}: '{example.text}' should be {example.intent} "
                    f"{dict(example.slots)}, but is understood as: {came}",
                )
            )
    right = len(skill.examples) - len(wrong)
    summary = f"{right} of {len(skill.examples)} examples are understood correctly" if skill.examples else "no examples"
    return [*wrong, Finding(ok=not wrong, text=summary)]


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
