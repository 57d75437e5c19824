"""Grammars as plain trees: the interpreter builds them from a skill's sentences, and the recogniser compiles them into
a graph.

A tree refers to its lists by name, so that the words of a list can be replaced alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from harken.errors import ConfigError, nearest
from harken.languages.chains import Chain

Node: TypeAlias = "Words | Sequence | Choice | ListRef"


@dataclass(frozen=True)
class Words:
    """Literal words, lower case, in spoken form; possibly none."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One of several; `Words(())` among them makes it optional."""

    options: tuple[Node, ...]
    weights: tuple[float, ...] = ()
    """Relative weights > 0 of the options; equal when empty."""


@dataclass(frozen=True)
class ListRef:
    """Any entry of a named list, or a walk along a named chain; `slot` is the slot it fills ('' for none)."""

    list: str
    slot: str = ""


@dataclass(frozen=True)
class Grammar:
    """A tree, and the lists and chains it refers to.

    Raises:
        ConfigError: a tree refers to a list that does not exist.
    """

    root: Node
    lists: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """List name -> entries, each a tuple of words in spoken form."""
    fixed: frozenset[str] = frozenset()
    """Lists that never change (digits, months): recognition compiles them together with the sentences."""
    chains: Mapping[str, Chain] = field(default_factory=dict)
    """Chain name -> what it can say; no list has the same name."""
    answers: Node | None = None
    """A second tree: sentences that answer a yes-or-no question, and are likelier while one is open."""

    def __post_init__(self) -> None:
        for name in sorted(_references(self.whole)):
            if name not in self.lists and name not in self.chains:
                raise ConfigError(
                    f"the grammar refers to a list '{name}' that it does not have; its lists are {sorted(self.lists)}"
                )

    @property
    def whole(self) -> Node:
        """Both trees as one."""
        return self.root if self.answers is None else Choice((self.root, self.answers))

    def with_list(self, name: str, entries: tuple[tuple[str, ...], ...]) -> Grammar:
        """The same sentences with other entries in one list.

        Raises:
            ConfigError: there is no such list.
        """
        if name not in self.lists:
            raise ConfigError(f"the grammar has no list '{name}'; {nearest(name, sorted(self.lists))}")
        return replace(self, lists={**self.lists, name: entries})

    def vocabulary(self) -> set[str]:
        """Every word that can occur."""
        used, chains = _references(self.whole), self.chains
        listed = {word for name in used - chains.keys() for entry in self.lists[name] for word in entry}
        return _literals(self.whole).union(listed, *(chains[name].vocabulary for name in used & chains.keys()))


def join_grammars(grammars: Mapping[str, Grammar]) -> Grammar:
    """A choice between grammars; names of lists and chains get their grammar's name and '.' as a prefix."""
    lists = {f"{name}.{key}": entries for name, grammar in grammars.items() for key, entries in grammar.lists.items()}
    fixed = frozenset(f"{name}.{key}" for name, grammar in grammars.items() for key in grammar.fixed)
    chains = {f"{name}.{key}": chain for name, grammar in grammars.items() for key, chain in grammar.chains.items()}
    root = Choice(tuple(_renamed(grammar.root, f"{name}.") for name, grammar in grammars.items()))
    return Grammar(root, lists, fixed, chains)


def _nodes(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Sequence):
            waiting.extend(node.parts)
        elif isinstance(node, Choice):
            waiting.extend(node.options)


def _references(root: Node) -> set[str]:
    return {node.list for node in _nodes(root) if isinstance(node, ListRef)}


def _literals(root: Node) -> set[str]:
    return {word for node in _nodes(root) if isinstance(node, Words) for word in node.words}


def _renamed(node: Node, prefix: str) -> Node:
    if isinstance(node, ListRef):
        return ListRef(prefix + node.list, node.slot)
    if isinstance(node, Sequence):
        return Sequence(tuple(_renamed(part, prefix) for part in node.parts))
    if isinstance(node, Choice):
        return Choice(tuple(_renamed(option, prefix) for option in node.options), node.weights)
    return node
