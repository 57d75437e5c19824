"""A skill's sentences as a grammar for the recogniser, and as sampled sentences for training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from harken.languages.chains import START, Chain
from harken.languages.locale import Locale
from harken.nlu.expressions import NOTHING, choice, references, sequence, spoken_words
from harken.nlu.skill_file import Intent, Skill
from harken.nlu.slot_lists import SlotList
from harken.nlu.spoken import spoken_number, spoken_type
from harken.text.grammar import Choice, Grammar, ListRef, Node, Sequence, Words

LONGEST_WALK = 16
"""Phrases after which a walk along a chain ends where it may."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A sentence drawn from a skill."""

    words: tuple[str, ...]
    intent: str
    spans: tuple[tuple[str, int, int], ...]
    """(slot, first word, one past the last), in order."""
    constants: Mapping[str, Any] = field(default_factory=dict)
    template: int = field(default=0, compare=False)
    """Which of the intent's templates it is from."""

    @property
    def text(self) -> str:
        """The words joined by spaces."""
        return " ".join(self.words)


def grammar_of(skill: Skill, chosen: Callable[[Intent], bool] = lambda intent: True) -> Grammar:
    """What can be said to a skill, in spoken form (numbers as words): all that the recogniser knows of it.

    Value lists and ranges stay lists, free text becomes the list of its examples, built-in types become trees whose
    lists are fixed, or chains. Bare answers to the skill's questions ('ten minutes') are included.

    Args:
        skill: the skill.
        chosen: which of its intents; all by default.
    """
    needed = _Needed()
    intents = [intent for intent in skill.intents.values() if chosen(intent)]
    trees = (intent_tree(intent, heard=True) for intent in intents)
    options = [_spoken(tree, skill, needed) for tree in trees if tree != NOTHING]
    for intent in intents:
        for slot in intent.required:
            if intent.slots[slot]:
                options.append(_spoken(ListRef(intent.slots[slot], slot), skill, needed))
    fixed = frozenset(needed.lists.keys() - skill.lists.keys())
    return Grammar(choice(options) if options else NOTHING, needed.lists, fixed, needed.chains)


def intent_tree(intent: Intent, *, heard: bool = False) -> Node:
    """A choice of all sentences of an intent, or of those that the recogniser expects."""
    nodes = [template.node for template in intent.templates if template.heard or not heard]
    return choice(nodes) if nodes else NOTHING


def list_words(wanted: SlotList, locale: Locale) -> tuple[tuple[str, ...], ...]:
    """The entries of a value list, range or free-text list as words."""
    if wanted.entries:
        return tuple(words for words, _ in wanted.entries)
    if wanted.kind == "range":
        first, last, step = wanted.bounds
        return tuple(spoken_number(number, locale) for number in range(first, last + 1, step))
    return wanted.examples


def sample_sentences(skill: Skill, count: int, rng: np.random.Generator) -> list[Sample]:
    """Draw sentences, the same number for each intent, without duplicates within an intent.

    Args:
        skill: the skill.
        count: sentences of each intent at most; fewer when it has fewer.
        rng: source of randomness.
    """
    samples: list[Sample] = []
    for intent in skill.intents.values():
        seen: dict[Sample, None] = {}
        weights = np.array([_breadth(template.node) for template in intent.templates])
        weights = np.sqrt(weights) / np.sqrt(weights).sum()
        for pick in rng.choice(len(weights), size=2 * count, p=weights):
            template = intent.templates[int(pick)]
            drawn = _Draw(skill.lists, skill.locale, rng)
            drawn.walk(template.node)
            sample = Sample(
                words=tuple(drawn.words), intent=intent.name, spans=tuple(drawn.spans),
                constants=_Hashable(template.constants), template=int(pick),
            )  # fmt: skip
            if sample.words:
                seen.setdefault(sample)
            if len(seen) >= count:
                break
        samples += seen
    return samples


class _Hashable(dict[str, Any]):
    """A mapping that can be a field of a hashable record."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(repr(sorted(self.items())))


class _Draw:
    """One random walk through a template."""

    def __init__(
        self, lists: Mapping[str, SlotList], locale: Locale, rng: np.random.Generator,
        chains: Mapping[str, Chain] = MappingProxyType({}),
    ):  # fmt: skip
        self._lists, self._locale, self._rng, self._chains = lists, locale, rng, chains
        self.words: list[str] = []
        self.spans: list[tuple[str, int, int]] = []

    def walk(self, node: Node) -> None:
        if isinstance(node, Words):
            self.words += node.words
        elif isinstance(node, Sequence):
            for part in node.parts:
                self.walk(part)
        elif isinstance(node, Choice):
            weights = np.array(node.weights) if node.weights else np.ones(len(node.options))
            self.walk(node.options[int(self._rng.choice(len(weights), p=weights / weights.sum()))])
        elif node.list in self._chains:
            self._follow(self._chains[node.list])
        else:
            first = len(self.words)
            self._fill(self._lists[node.list])
            if node.slot and len(self.words) > first:
                self.spans.append((node.slot, first, len(self.words)))

    def _fill(self, wanted: SlotList) -> None:
        entries = list_words(wanted, self._locale)
        if entries:
            self.words += self._drawn(entries, several=wanted.kind == "items")
        else:
            self._fill_type(spoken_type(wanted.kind, self._locale))

    def _drawn(self, entries: tuple[tuple[str, ...], ...], *, several: bool) -> tuple[str, ...]:
        """An entry; of items one to three, mostly one."""
        count = int(self._rng.choice((1, 2, 3), p=(0.7, 0.2, 0.1))) if several else 1
        picked = [entries[int(self._rng.integers(len(entries)))] for _ in range(count)]
        return picked[0] if count == 1 else _said_together(picked, self._locale)

    def _fill_type(self, grammar: Grammar) -> None:
        lists = {name: SlotList(name=name, kind="text", examples=entries) for name, entries in grammar.lists.items()}
        inner = _Draw(lists, self._locale, self._rng, grammar.chains)
        inner.walk(grammar.root)
        self.words += inner.words

    def _follow(self, chain: Chain) -> None:
        """Walk along a chain, for `LONGEST_WALK` phrases at most (more, where it cannot end)."""
        state, length = START, 0
        while True:
            links, end = chain.leaving.get(state, ()), chain.ends.get(state, 0.0)
            if end and (not links or length >= LONGEST_WALK or self._rng.random() * chain.total(state) < end):
                return
            weights = np.array([link.weight for link in links])
            link = links[int(self._rng.choice(len(links), p=weights / weights.sum()))]
            self.words += link.phrases[int(self._rng.integers(len(link.phrases)))]
            state, length = link.after, length + 1


def _said_together(entries: list[tuple[str, ...]], locale: Locale) -> tuple[str, ...]:
    """'milk', 'eggs', 'bread' -> 'milk eggs and bread'."""
    return spoken_words(locale.wording.joined([" ".join(entry) for entry in entries]), locale)


def _breadth(node: Node) -> float:
    """Number of variants, lists counted as one; saturates."""
    if isinstance(node, Sequence):
        return min(float(np.prod([_breadth(part) for part in node.parts])), 1e6)
    return min(sum(_breadth(option) for option in node.options), 1e6) if isinstance(node, Choice) else 1.0


@dataclass
class _Needed:
    """The lists and chains that a tree refers to."""

    lists: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)


def _spoken(node: Node, skill: Skill, needed: _Needed) -> Node:
    """The tree with built-in types expanded; what it refers to is added to `needed`."""
    if isinstance(node, Sequence):
        return sequence([_spoken(part, skill, needed) for part in node.parts])
    if isinstance(node, Choice):
        options = tuple(_spoken(option, skill, needed) for option in node.options)
        return Choice(options, node.weights) if node.weights else choice(list(options))
    if not isinstance(node, ListRef):
        return node
    wanted = skill.lists[node.list]
    entries = list_words(wanted, skill.locale)
    if entries:
        needed.lists[node.list] = entries
        return _one_to_three(node, skill.locale) if wanted.kind == "items" else node
    if wanted.kind == "text":
        return NOTHING
    grammar = spoken_type(wanted.kind, skill.locale)
    names = {reference.list for reference in references(grammar.root)}
    needed.chains |= {name: grammar.chains[name] for name in names & grammar.chains.keys()}
    needed.lists |= {name: grammar.lists[name] for name in names - grammar.chains.keys()}
    return grammar.root


def _one_to_three(node: ListRef, locale: Locale) -> Node:
    """'milk', 'milk and bread', 'milk eggs and bread'."""
    last = sequence([Words(_said_together([("",), ("",)], locale)), node])
    return sequence([node, choice([NOTHING, last, sequence([node, last])])])
