"""The words that templates are made of."""

from __future__ import annotations

from harken.text.grammar import Choice, Node, Words
from harken.text.grammar import Sequence as Row


def openings(node: Node) -> set[str]:
    """The words with which a tree can begin."""
    if isinstance(node, Words):
        return set(node.words[:1])
    if isinstance(node, Choice):
        return {word for option in node.options for word in openings(option)}
    if isinstance(node, Row):
        words: set[str] = set()
        for part in node.parts:
            words |= openings(part)
            if not _can_be_empty(part):
                break
        return words
    return set()


def _can_be_empty(node: Node) -> bool:
    if isinstance(node, Words):
        return not node.words
    if isinstance(node, Choice):
        return any(map(_can_be_empty, node.options))
    return isinstance(node, Row) and all(map(_can_be_empty, node.parts))


def literals(node: Node, *, needed: bool = False) -> set[str]:
    """The words of a tree; with `needed`, only those outside its optional parts."""
    if isinstance(node, Words):
        return set(node.words)
    if needed and isinstance(node, Choice) and _can_be_empty(node):
        return set()
    inner = node.parts if isinstance(node, Row) else node.options if isinstance(node, Choice) else ()
    return {word for part in inner for word in literals(part, needed=needed)}
