"""A skill as plain data (JSON) and back: what `read_skill` found, without its file.

Templates share parts, above all rules. The record has each tree once, and what it makes shares every tree: one that
occurs a thousand times is one object, which the automaton builds once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from harken.languages.loading import load_locale
from harken.nlu.skill_file import Confirmation, Example, Intent, Skill, Template
from harken.nlu.slot_lists import Place, SlotList
from harken.text.grammar import Choice, ListRef, Node, Sequence, Words

Record: TypeAlias = dict[str, Any]
"""What JSON can hold."""

_SEQUENCE, _CHOICE = "sequence", "choice"


def skill_record(skill: Skill) -> Record:
    """Everything about a skill except where its files are."""
    trees, fixed = _Trees(), _Fixed()
    intents = [_intent_record(intent, trees, fixed) for intent in skill.intents.values()]
    return {
        "name": skill.name, "about": skill.about, "language": skill.locale.code, "digest": skill.digest,
        "serves": skill.serves,
        "replies": skill.replies, "intents": intents, "trees": trees.rows, "fixed": fixed.rows,
        "lists": [_list_record(entry) for entry in skill.lists.values()],
        "examples": [
            [entry.text, entry.intent, entry.slots, entry.place.line, entry.place.column] for entry in skill.examples
        ],
    }  # fmt: skip


def skill_of(record: Record, *, file: Path, code: Path | None) -> Skill:
    """The inverse of `skill_record`.

    Args:
        record: what it gave, also by way of JSON.
        file, code: `Skill.file` and `Skill.code`.

    Raises:
        ValueError, TypeError, LookupError: it is not such a record.
        ConfigError: there is no such language.
    """
    trees = _trees(record["trees"])
    intents = [_intent(entry, trees, record["fixed"], file) for entry in record["intents"]]
    lists = [_list(entry) for entry in record["lists"]]
    return Skill(
        name=record["name"],
        about=record["about"],
        locale=load_locale(record["language"]),
        file=file,
        code=code,
        intents=MappingProxyType({intent.name: intent for intent in intents}),
        lists=MappingProxyType({entry.name: entry for entry in lists}),
        examples=tuple(
            Example(text=text, intent=intent, slots=slots, place=Place(file=file, line=line, column=column))
            for text, intent, slots, line, column in record["examples"]
        ),
        replies=record["replies"],
        digest=record["digest"],
        serves=record["serves"],
    )


class _Trees:
    """Numbers trees, equal ones alike; the parts of a tree come before it."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        """Words as text; a reference as [list, slot]; others as [kind, numbers of the parts]."""
        self._equal: dict[Any, int] = {}
        self._known: dict[int, int] = {}
        """id of a tree -> its number."""

    def number(self, node: Node) -> int:
        if id(node) not in self._known:
            row = self._row(node)
            number = self._known[id(node)] = self._equal.setdefault(row, len(self.rows))
            if number == len(self.rows):
                self.rows.append(row)
        return self._known[id(node)]

    def _row(self, node: Node) -> Any:
        if isinstance(node, Words):
            return _joined(node.words)
        if isinstance(node, ListRef):
            return node.list, node.slot
        if isinstance(node, Sequence):
            return _SEQUENCE, tuple(map(self.number, node.parts))
        assert not node.weights  # options of a template are equally likely
        return _CHOICE, tuple(map(self.number, node.options))


def _trees(rows: Iterable[Any]) -> list[Node]:
    trees: list[Node] = []
    for row in rows:
        if isinstance(row, str):
            trees.append(Words(_split(row)))
            continue
        kind, parts = row
        if isinstance(parts, str):
            trees.append(ListRef(kind, parts))
        else:
            whole = Sequence if kind == _SEQUENCE else Choice
            trees.append(whole(tuple([trees[part] for part in parts])))
    return trees


class _Fixed:
    """Numbers the values that templates fix; those of one block are one object."""

    def __init__(self) -> None:
        self.rows: list[Mapping[str, Any]] = []
        self._known: dict[int, int] = {}

    def number(self, constants: Mapping[str, Any]) -> int:
        if id(constants) not in self._known:
            self._known[id(constants)] = len(self.rows)
            self.rows.append(constants)
        return self._known[id(constants)]


def _intent_record(intent: Intent, trees: _Trees, fixed: _Fixed) -> Record:
    templates = [
        (each.text, trees.number(each.node), fixed.number(each.constants), each.place.line, each.place.column,
         each.heard, each.remark)
        for each in intent.templates
    ]  # fmt: skip
    confirmations = [_plain(each) for each in intent.confirmations]
    return {**_plain(intent), "templates": templates, "confirmations": confirmations}


def _intent(record: Record, trees: list[Node], fixed: list[Mapping[str, Any]], file: Path) -> Intent:
    templates = tuple(
        Template(text=text, node=trees[tree], constants=fixed[constants], heard=heard, remark=remark,
                 place=Place(file=file, line=line, column=column))
        for text, tree, constants, line, column, heard, remark in record["templates"]
    )  # fmt: skip
    confirmations = tuple(Confirmation(**each) for each in record["confirmations"])
    follows, responses = tuple(record["follows"]), tuple(record["responses"])
    changed = {"templates": templates, "confirmations": confirmations, "follows": follows, "responses": responses}
    return Intent(**{**record, **changed})


def _list_record(entry: SlotList) -> Record:
    entries = [(_joined(words), value) for words, value in entry.entries]
    return {**_plain(entry), "entries": entries, "examples": [_joined(words) for words in entry.examples]}


def _list(record: Record) -> SlotList:
    first, last, step = record["bounds"]
    changed = {
        "entries": tuple([(_split(words), value) for words, value in record["entries"]]),
        "examples": tuple([_split(words) for words in record["examples"]]),
        "bounds": (first, last, step), "places": tuple(record["places"]),
    }  # fmt: skip
    return SlotList(**{**record, **changed})


def _plain(item: Intent | Confirmation | SlotList) -> Record:
    return {field.name: getattr(item, field.name) for field in fields(item)}


def _joined(words: tuple[str, ...]) -> str:
    return " ".join(words)


def _split(text: str) -> tuple[str, ...]:
    """Words have no white space."""
    return tuple(text.split())
