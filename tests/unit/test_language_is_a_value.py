"""No English outside its folder: no word lists, no replies, and nobody forgets to hand the language on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import harken

SOURCE = Path(harken.__file__).parent
ROOMS = ("text", "phones", "activation", "asr", "nlu", "dialogue", "tts", "assistant")
TREES = {
    path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for room in ROOMS
    for path in sorted((SOURCE / room).rglob("*.py"))
}
ENGLISH = frozenset(
    """a an and are at be but by for from had have he her his i if is it its me my not of on or our she so that the
    their they this to was we what when where which who why how will with would you your please thanks thank okay ok
    sorry hey um yes no well now can could half past quarter o'clock am pm today tomorrow tonight morning evening
    zero one two three four five ten eleven twelve twenty hundred thousand first second third minute minutes hour hours
    second seconds week weeks monday tuesday friday sunday january may june december point minus mister doctor street
    bee double-u what's i'd i'm""".split()
)
"""Words that English lists are made of."""
NAMED = {"dialogue/skills/calculator/units.py"}
"""Modules that may name things in English, because `Locale.named` says how they are said."""
READERS = {"normalize_words": 1, "expand_text": 1, "split_sentences": 1, "make_cues": 1}
"""Function -> place of the argument `locale`, which only programs that use it alone may leave out."""


def lists(tree: ast.AST) -> Iterator[tuple[int, set[str]]]:
    """Line and words of every collection of texts, and of every text that is split into words."""
    for node in ast.walk(tree):
        parts: list[ast.expr | None] = []
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            parts = [*node.elts]
        elif isinstance(node, ast.Dict):
            parts = [*node.keys, *node.values]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
            parts = [node.func.value]
        texts = [one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if texts:
            yield node.lineno, {word for text in texts for word in re.findall(r"[a-z']+", text.lower())}


def sentences(tree: ast.AST) -> Iterator[ast.Constant]:
    """Texts that can be said: neither documentation nor messages of errors."""
    if isinstance(tree, ast.Raise) or (isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant)):
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        if re.match(r"[A-Z][a-z]+\b.* .*[.?!]$", tree.value, re.DOTALL):
            yield tree
        return
    for child in ast.iter_child_nodes(tree):
        yield from sentences(child)


@pytest.mark.parametrize("name", sorted(set(TREES) - NAMED))
def test_no_list_of_english_words_remains(name: str) -> None:
    found = [(line, sorted(words & ENGLISH)) for line, words in lists(TREES[name]) if len(words & ENGLISH) >= 3]
    assert found == []


@pytest.mark.parametrize("name", TREES)
def test_no_sentence_to_be_said_remains(name: str) -> None:
    assert [(one.lineno, one.value) for one in sentences(TREES[name])] == []


@pytest.mark.parametrize("name", [name for name in TREES if name.startswith("dialogue/")])
def test_every_reply_comes_from_the_language(name: str) -> None:
    written = [
        f"{name}:{node.lineno}"
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Answer", "Say", "Reply")
        for keyword in node.keywords
        if keyword.arg == "text" and isinstance(keyword.value, ast.Constant | ast.JoinedStr)
    ]
    assert written == []


@pytest.mark.parametrize("name", TREES)
def test_the_language_is_handed_on(name: str) -> None:
    forgotten = [
        f"{name}:{node.lineno}"
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in READERS
        if len(node.args) <= READERS[node.func.id] and "locale" not in {keyword.arg for keyword in node.keywords}
    ]
    assert forgotten == []
