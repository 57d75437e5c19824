"""What can be said to several skills at once, for the recogniser: their sentences, denied or with a time, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harken.nlu.action_times import times_of
from harken.nlu.expressions import NOTHING, choice, sequence
from harken.nlu.skill_file import Intent, Skill
from harken.nlu.templates import grammar_of
from harken.text.grammar import Choice, Grammar, Node, Words, join_grammars

TIMED_TYPES = frozenset({"time", "date", "duration"})
"""Requests with such a value of their own are not expected with a time behind them."""
DENIED, TIMED = 0.05, 0.1
"""Share of the requests to do something that are expected to be denied, and with a time."""
ANSWERS = frozenset({"affirm", "deny"})
"""Intents that answer a question."""


def grammar_of_all(skills: Sequence[Skill]) -> Grammar:
    """What can be said to any of the skills: all that the recogniser knows of them.

    A request to do something can be denied ("don't ...") and be followed by a time ("in ten minutes"). Plain answers
    are the grammar's second tree.
    """
    requests = _requests(skills)
    answers = join_grammars({skill.name: own for skill in skills if (own := _part(skill, _is_answer))})
    if answers.root == Choice(()) or requests.root == Choice(()):
        return answers if requests.root == Choice(()) else requests
    return Grammar(
        requests.root, {**requests.lists, **answers.lists}, requests.fixed | answers.fixed,
        {**requests.chains, **answers.chains}, answers.root,
    )  # fmt: skip


def _requests(skills: Sequence[Skill]) -> Grammar:
    """Everything but plain answers."""
    framed = join_grammars({skill.name: own for skill in skills if (own := _part(skill, _can_be_framed))})
    plain = join_grammars({skill.name: own for skill in skills if (own := _part(skill, _is_plain))})
    locale = skills[0].locale if skills else None
    times = times_of(locale) if locale else None
    lists, fixed = {**framed.lists, **plain.lists}, framed.fixed | plain.fixed
    chains = {**framed.chains, **plain.chains}
    if locale is None or not (framed.lists or framed.chains):
        roots = [root for root in (framed.root, plain.root) if root != Choice(())]
        return Grammar(choice(roots) if roots else Choice(()), lists, fixed, chains)
    parts: list[Node] = [framed.root]
    if locale.understanding.negations:
        denials = choice([Words(phrase) for phrase in locale.understanding.negations])
        parts.insert(0, Choice((NOTHING, denials), (1 - DENIED, DENIED)))
    if times is not None:
        when = join_grammars({times.name: grammar_of(times)})
        parts.append(Choice((NOTHING, when.root), (1 - TIMED, TIMED)))
        lists, fixed = {**lists, **when.lists}, fixed | when.fixed
    roots = [sequence(parts), *([plain.root] if plain.root != Choice(()) else [])]
    return Grammar(choice(roots), lists, fixed, chains)


def _part(skill: Skill, wanted: Callable[[Skill, Intent], bool]) -> Grammar | None:
    """What can be said of these intents of a skill; None if there is nothing."""
    grammar = grammar_of(skill, lambda intent: wanted(skill, intent))
    return None if grammar.root in (NOTHING, Choice(())) else grammar


def _is_answer(skill: Skill, intent: Intent) -> bool:
    return intent.name in ANSWERS and not intent.acts


def _can_be_framed(skill: Skill, intent: Intent) -> bool:
    """Whether it can be denied or put off."""
    kinds = {skill.lists[name].kind for name in intent.slots.values() if name}
    return intent.acts and not kinds & TIMED_TYPES


def _is_plain(skill: Skill, intent: Intent) -> bool:
    return not _is_answer(skill, intent) and not _can_be_framed(skill, intent)
