"""Words a request as a plain command, by the sentences of its skill: 'turn off the light in the kitchen'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from harken.languages.locale import Locale
from harken.nlu.skill_file import Skill, Template
from harken.text.grammar import Choice, ListRef, Node, Sequence, Words


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


def _said(template: Template, skill: Skill, slots: Mapping[str, Any]) -> tuple[int, int, tuple[str, ...]] | None:
    """(number of values named, number of words, the words) of a template; None if it says something else."""
    if any(slots.get(name) != value for name, value in template.constants.items()):
        return None
    best = _realised(template.node, skill, slots)
    return None if best is None else (best[0] + len(template.constants), len(best[1]), best[1])


def _realised(node: Node, skill: Skill, slots: Mapping[str, Any]) -> tuple[int, tuple[str, ...]] | None:
    """(values named, words) of the way through a tree that names most values; None if it needs others."""
    if isinstance(node, Words):
        return 0, node.words
    if isinstance(node, ListRef):
        if node.slot not in slots:
            return None
        return 1, _worded(skill, node.list, slots[node.slot])
    if isinstance(node, Sequence):
        parts = [_realised(part, skill, slots) for part in node.parts]
        if any(part is None for part in parts):
            return None
        whole = [part for part in parts if part is not None]
        return sum(named for named, _ in whole), tuple(word for _, words in whole for word in words)
    assert isinstance(node, Choice)
    best: tuple[int, tuple[str, ...]] | None = None
    for option in node.options:
        way = _realised(option, skill, slots)
        if way is not None and (best is None or way[0] > best[0] or (not way[1] and way[0] == best[0])):
            best = way
    return best


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
