"""How values of the built-in types are said: trees for the recogniser and for sampling."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from harken.languages.locale import Locale
from harken.nlu.expressions import NOTHING, choice, parse_template, sequence, spoken_words
from harken.text.grammar import Choice, Grammar, ListRef, Node, Sequence


def spoken_number(number: int, locale: Locale) -> tuple[str, ...]:
    """A whole number in words."""
    return spoken_words(locale.spell_number(number), locale)


@lru_cache(maxsize=128)
def spoken_type(kind: str, locale: Locale) -> Grammar:
    """The usual ways to say a value. Names of lists and chains begin with the type and '_'.

    A type that the language does not know has none.
    """
    spoken = locale.understanding.spoken.get(kind)
    if spoken is None:
        return Grammar(NOTHING)
    parts = {name: parse_template(text, locale) for name, text in spoken.parts.items()}
    return Grammar(_filled(spoken.templates, parts, locale), spoken.lists, chains=spoken.chains)


def _filled(templates: Mapping[str, float], parts: Mapping[str, Node], locale: Locale) -> Node:
    """A weighted choice of templates; each {part} is replaced by its tree."""
    options = tuple(_replace(parse_template(text, locale), parts) for text in templates)
    return Choice(options, tuple(templates.values()))


def _replace(node: Node, parts: Mapping[str, Node]) -> Node:
    if isinstance(node, ListRef):
        return parts.get(node.list, node)
    if isinstance(node, Sequence):
        return sequence([_replace(part, parts) for part in node.parts])
    if isinstance(node, Choice):
        return choice([_replace(option, parts) for option in node.options])
    return node
