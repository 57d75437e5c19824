"""Templates in Home Assistant's syntax, which hassil parses as letters, as trees of words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from hassil import expression as ha
from hassil.parse_expression import ParseExpressionError, parse_sentence
from hassil.parser import ParseError

from harken.languages.locale import Locale
from harken.nlu.expressions import MAX_SPELLINGS, TemplateError, choice, sequence, spoken_words
from harken.text.grammar import ListRef, Node, Words

MAX_PERMUTED = 4
"""(a;b;...) of n parts becomes n! sequences; 24 is the most that stays small."""

_Token: TypeAlias = "ha.Expression | str | None"
"""An expression, a word, or None for white space."""


class TemplateParser:
    """Parses templates that may refer to rules; what it makes is not checked yet.

    Args:
        rules: rule name -> template; each is parsed once.
        locale: the language.
    """

    def __init__(self, rules: Mapping[str, str], locale: Locale):
        self.rules, self.locale = rules, locale
        self._known: dict[str, Node] = {}

    def tree(self, text: str) -> Node:
        """The tree of a template; rules are expanded.

        Raises:
            TemplateError: it cannot be parsed, or names an unknown or circular rule.
        """
        return self._node(_parsed(text), ())

    def _node(self, item: ha.Expression, within: tuple[str, ...]) -> Node:
        if isinstance(item, ha.Permutation):
            return self._permutation(item, within)
        if isinstance(item, ha.Alternative):
            return choice([self._node(option, within) for option in item.items])
        if isinstance(item, ha.RuleReference):
            return self._rule(item.rule_name, within)
        if isinstance(item, ha.ListReference):
            return ListRef(item.list_name, item.slot_name)
        return self._sequence(item, within)

    def _rule(self, name: str, within: tuple[str, ...]) -> Node:
        if name in within:
            raise TemplateError(f"the rule <{name}> contains itself ({' > '.join((*within, name))}); break the cycle")
        if name in self._known:
            return self._known[name]
        if name not in self.rules:
            known = ", ".join(sorted(self.rules)) or "none"
            raise TemplateError(f"there is no rule <{name}>; rules are: {known}")
        self._known[name] = self._node(_parsed(self.rules[name]), (*within, name))
        return self._known[name]

    def _permutation(self, item: ha.Permutation, within: tuple[str, ...]) -> Node:
        if len(item.items) > MAX_PERMUTED:
            raise TemplateError(f"(a;b;...) takes at most {MAX_PERMUTED} parts, got {len(item.items)}; split it up")
        parts = [self._node(part, within) for part in item.items]
        return choice([sequence(list(order)) for order in itertools.permutations(parts)])

    def _sequence(self, item: ha.Expression, within: tuple[str, ...]) -> Node:
        parts: list[Node] = []
        for run in _runs(list(_tokens(item))):
            if len(run) == 1:
                parts.append(self._words(run[0]) if isinstance(run[0], str) else self._node(run[0], within))
            else:
                parts.append(self._glued(run, within))
        return sequence(parts)

    def _glued(self, run: list[ha.Expression | str], within: tuple[str, ...]) -> Node:
        """Parts without white space between them: 'light[s]'. If one is a list or a rule, all are separate words."""
        if any(_has_reference(part) for part in run):
            return sequence([self._words(part) if isinstance(part, str) else self._node(part, within) for part in run])
        variants = [[part] if isinstance(part, str) else list(_letters(part)) for part in run]
        count = 1
        for options in variants:
            count *= len(options)
        if count > MAX_SPELLINGS:
            raise TemplateError(f"one word has {count} variants; put spaces between its parts")
        return choice([self._words("".join(pick)) for pick in itertools.product(*variants)])

    def _words(self, text: str) -> Words:
        return Words(spoken_words(text, self.locale))


def _parsed(text: str) -> ha.Expression:
    try:
        return parse_sentence(text).expression
    except (ParseError, ParseExpressionError, AssertionError) as error:
        why = str(error).split(" in: ")[0] or type(error).__name__
        raise TemplateError(f"the template '{text}' cannot be read: {why}") from error


def _tokens(item: ha.Expression) -> Iterator[_Token]:
    if isinstance(item, ha.TextChunk):
        text = item.original_text
        if text[:1].isspace():
            yield None
        for place, word in enumerate(text.split()):
            if place:
                yield None
            yield word
        if text.strip() and text[-1:].isspace():
            yield None
    elif isinstance(item, ha.Sequence):
        for part in item.items:
            yield from _tokens(part)
    else:
        yield item


def _runs(tokens: list[_Token]) -> Iterator[list[ha.Expression | str]]:
    """Tokens without white space between them."""
    run: list[ha.Expression | str] = []
    for token in [*tokens, None]:
        if token is None and run:
            yield run
            run = []
        elif token is not None:
            run.append(token)


def _has_reference(item: ha.Expression | str) -> bool:
    if isinstance(item, ha.ListReference | ha.RuleReference):
        return True
    return isinstance(item, ha.Group) and any(_has_reference(part) for part in item.items)


def _letters(item: ha.Expression) -> Iterator[str]:
    """Every spelling of an expression without references; white space is kept."""
    if isinstance(item, ha.TextChunk):
        yield item.original_text
    elif isinstance(item, ha.Alternative):
        for option in item.items:
            yield from _letters(option)
    elif isinstance(item, ha.Group):
        for parts in itertools.product(*(list(_letters(part)) for part in item.items)):
            yield "".join(parts)
