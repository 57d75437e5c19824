"""Words a request as a plain command, by the sentences of its skill: 'turn off the light in the kitchen'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeAlias

from harken.languages.locale import Locale
from harken.nlu.skill_file import Skill, Template
from harken.text.grammar import ListRef, Node, Sequence, Words


def phrase(skill: Skill, intent: str, slots: Mapping[str, Any]) -> str:
    """A request as one of the skill's sentences says it: the one that names all its values, with few other words.

    Args:
        skill: the skill.
        intent: one of its intents.
        slots: the values; those that no sentence names are left out.
    """
    ways = [said for template in skill.intents[intent].templates if (said := _said(template, skill, slots))]
    if not ways:
        return intent
    named, _, words = max(ways, key=lambda way: (way[0], -way[1]))
    return " ".join(words) if named or words else intent


_Way: TypeAlias = "tuple[frozenset[str], tuple[str, ...]]"
"""(slots that are named, words)"""


def _said(template: Template, skill: Skill, slots: Mapping[str, Any]) -> tuple[int, int, tuple[str, ...]] | None:
    """(number of values named, number of words, the words) of a template; None if it says something else."""
    if any(slots.get(name) != value for name, value in template.constants.items()):
        return None
    way = _way(template.node, skill, slots, frozenset())
    return None if way is None else (len(way[0]) + len(template.constants), len(way[1]), way[1])


def _way(node: Node, skill: Skill, slots: Mapping[str, Any], named: frozenset[str]) -> _Way | None:
    """The way through a tree that names most of the slots not named yet; None if it needs others."""
    if isinstance(node, Words):
        return named, node.words
    if isinstance(node, ListRef):
        if node.slot not in slots or node.slot in named:
            return None
        return named | {node.slot}, _worded(skill, node.list, slots[node.slot])
    if isinstance(node, Sequence):
        words: tuple[str, ...] = ()
        for part in node.parts:
            way = _way(part, skill, slots, named)
            if way is None:
                return None
            named, words = way[0], words + way[1]
        return named, words
    ways = [way for option in node.options if (way := _way(option, skill, slots, named)) is not None]
    if any(not words for _, words in ways):  # optional: only for the sake of a slot
        ways = [way for way in ways if not way[1] or len(way[0]) > len(named)]
    return max(ways, key=lambda way: len(way[0]), default=None)


def _worded(skill: Skill, name: str, value: Any) -> tuple[str, ...]:
    """A value as it is said."""
    wanted, locale = skill.lists[name], skill.locale
    if wanted.kind == "values":
        entry = next((words for words, meaning in wanted.entries if meaning == value), None)
        return (str(value),) if entry is None else entry
    return (_typed(wanted.kind, value, locale),)


def _typed(kind: str, value: Any, locale: Locale) -> str:
    words = locale.wording
    if kind == "items" and isinstance(value, list):
        return words.joined([str(item) for item in value])
    if kind == "duration" and isinstance(value, int | float):
        return words.duration(value)
    if isinstance(value, int | float):
        return words.number(value)
    if kind == "date":
        return words.date(dt.date.fromisoformat(str(value)))
    return str(value)
