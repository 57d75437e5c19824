"""What can be said to several skills at once, for the recogniser: their sentences, denied or with a time, too."""

from __future__ import annotations

from collections.abc import Sequence

from harken.nlu.expressions import NOTHING, choice, sequence
from harken.nlu.requests import times_of
from harken.nlu.skill_file import Intent, Skill
from harken.nlu.templates import grammar_of
from harken.text.grammar import Choice, Grammar, Node, Words, join_grammars

TIMED_TYPES = frozenset({"time", "date", "duration"})
"""Requests with such a value of their own are not expected with a time behind them."""
DENIED, TIMED = 0.05, 0.1
"""Share of the requests to do something that are expected to be denied, and with a time."""


def grammar_of_all(skills: Sequence[Skill]) -> Grammar:
    """What can be said to any of the skills: all that the recogniser knows of them.

    A request to do something can be denied ("don't ...") and be followed by a time ("in ten minutes").
    """
    framed = join_grammars({skill.name: own for skill in skills if (own := _part(skill, framed=True))})
    plain = join_grammars({skill.name: own for skill in skills if (own := _part(skill, framed=False))})
    locale = skills[0].locale if skills else None
    times = times_of(locale) if locale else None
    lists, fixed = {**framed.lists, **plain.lists}, framed.fixed | plain.fixed
    chains = {**framed.chains, **plain.chains}
    if locale is None or not (framed.lists or framed.chains):
        return Grammar(choice([framed.root, plain.root]), lists, fixed, chains)
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


def _part(skill: Skill, *, framed: bool) -> Grammar | None:
    """The requests that can be denied or put off, or all others; None if there are none."""
    grammar = grammar_of(skill, lambda intent: _can_be_framed(skill, intent) == framed)
    return None if grammar.root in (NOTHING, Choice(())) else grammar


def _can_be_framed(skill: Skill, intent: Intent) -> bool:
    kinds = {skill.lists[name].kind for name in intent.slots.values() if name}
    return intent.acts and not kinds & TIMED_TYPES
