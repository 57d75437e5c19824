"""Words a request as a plain command, by the sentences of its skill: 'turn off the light in the kitchen'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harken.languages.locale import Locale
from harken.nlu.skill_file import Skill, Template
from harken.text.grammar import Choice, ListRef, Node, Sequence, Words

ARTICLES = "articles"
"""Name of the language's list of articles."""


SIGNS = {"add": "+", "subtract": "-", "multiply": "×", "divide": "/", "power": "^", "fraction": "/"}
"""Operations that are written between their operands."""


def phrase(skill: Skill, intent: str, slots: Mapping[str, Any]) -> str:
    """A request as one of the skill's sentences says it: the first of those that name most of its values.

    Of alternatives in a sentence, the first one is said; of what may be left out, only articles and values.

    Args:
        skill: the skill.
        intent: one of its intents.
        slots: the values; those that no sentence names are left out.

    Returns:
        the words; '' if no sentence says it.
    """
    ways = [said for template in skill.intents[intent].templates if (said := _said(template, skill, slots))]
    return " ".join(max(ways, key=lambda way: way[0])[1]) if ways else ""  # the first of equals


def _said(template: Template, skill: Skill, slots: Mapping[str, Any]) -> tuple[int, tuple[str, ...]] | None:
    """(number of values named, the words) of a template; None if it says something else."""
    if any(slots.get(name) != value for name, value in template.constants.items()):
        return None
    way = _realised(template.node, _Values(skill, slots), frozenset())
    return None if way is None else (len(way.named) + len(template.constants), way.words)


@dataclass(frozen=True)
class _Values:
    """What is to be said."""

    skill: Skill
    slots: Mapping[str, Any]

    @property
    def articles(self) -> frozenset[str]:
        """Words that are said although they may be left out."""
        return self.skill.locale.understanding.words.get(ARTICLES, frozenset())


@dataclass(frozen=True)
class _Way:
    """Words, and the slots that they name."""

    words: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()


def _realised(node: Node, values: _Values, named: frozenset[str]) -> _Way | None:
    """The way through a tree that names most values; None if it needs others, or one that is already named."""
    if isinstance(node, Words):
        return _Way(node.words)
    if isinstance(node, ListRef):
        if node.slot not in values.slots or node.slot in named:
            return None
        return _Way(_worded(values.skill, node.list, values.slots[node.slot]), frozenset([node.slot]))
    if isinstance(node, Sequence):
        way = _Way()
        for part in node.parts:
            found = _realised(part, values, named | way.named)
            if found is None:
                return None
            way = _Way(way.words + found.words, way.named | found.named)
        return way
    assert isinstance(node, Choice)
    ways = [found for option in node.options if (found := _realised(option, values, named)) is not None]
    if not ways:
        return None
    best = max(ways, key=lambda way: len(way.named))  # the first of equals
    dispensable = any(not way.words for way in ways) and not set(best.words) <= values.articles
    return _Way() if dispensable and not best.named else best


def _worded(skill: Skill, name: str, value: Any) -> tuple[str, ...]:
    """A value as it is said."""
    wanted, locale = skill.lists[name], skill.locale
    if wanted.kind == "values":
        entry = next((words for words, meaning in wanted.entries if meaning == value), None)
        return (str(value),) if entry is None else entry
    return (_typed(wanted.kind, value, locale),)


def _formula(tree: Any, locale: Locale) -> str:
    """A sum as it is written: '2 + 3 × 4', 'root(16, 2)'."""
    if not isinstance(tree, list):
        return locale.wording.number(tree) if isinstance(tree, int | float) else str(tree)
    name, *parts = tree
    if name == "quantity":
        return f"{locale.wording.number(parts[0])} {locale.wording.amount(parts[0], locale.named(parts[1]))}"
    said = [_formula(part, locale) for part in parts]
    if name in SIGNS:
        return f" {SIGNS[name]} ".join(f"({text})" if " " in text else text for text in said)
    return f"{name}({', '.join(said)})" if said else "…"


def _typed(kind: str, value: Any, locale: Locale) -> str:
    words = locale.wording
    if kind == "items" and isinstance(value, list):
        return words.joined([str(item) for item in value])
    if kind in ("expression", "continuation"):
        return _formula(value, locale)
    if kind in ("quantity", "money") and isinstance(value, Mapping):
        parts = value.get("parts", [value])
        return " ".join(
            f"{words.number(p['amount'])} {words.amount(p['amount'], locale.named(p['unit']))}" for p in parts
        )
    if kind == "duration" and isinstance(value, int | float):
        return words.duration(value)
    if isinstance(value, int | float):
        return words.number(value)
    if kind == "time" and value != "24:00":
        return words.time(dt.datetime.combine(dt.date.min, dt.time.fromisoformat(str(value))))
    if kind == "date":
        return words.date(dt.date.fromisoformat(str(value)))
    return str(value)
