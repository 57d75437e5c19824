"""Rasa's training data (`nlu:` of version 3) as a draft of a skill: each example becomes a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harken.errors import SkillError
from harken.nlu.skill_yaml import read_located
from harken.workshop.skill_draft import Draft

_ENTITY = re.compile(r"\[([^\]]+)\](?:\(([^)]+)\)|(\{[^}]*\}))")
_SIGNS = re.compile(r"[\[\](){}<>|;\\]")
"""What templates use for themselves."""
_STEERING = frozenset(
    {"greet", "goodbye", "affirm", "deny", "stop", "thankyou", "chitchat", "out_of_scope", "nlu_fallback"}
)
"""Usual names of intents for what every assistant needs."""


def read_rasa(files: Sequence[Path]) -> Draft:
    """A draft of what the files say.

    Raises:
        SkillError: a file cannot be read.
    """
    draft = Draft(about="Imported from Rasa.")
    entries: list[Mapping[str, Any]] = []
    replies: dict[str, list[str]] = {}
    for file in files:
        top = read_located(file).plain()
        if not isinstance(top, Mapping):
            continue
        entries += top.get("nlu") or ()
        for key, texts in (top.get("responses") or {}).items():
            replies[key] = [text["text"] for text in texts if isinstance(text, Mapping) and text.get("text")]
        for key in ("stories", "rules", "forms", "actions"):
            if top.get(key):
                draft.note(f"{key} are not taken over: what the skill does belongs into skill.py")
    reader = _Examples(draft)
    for entry in entries:
        reader.add_names(entry)
    for entry in entries:
        if "intent" in entry:
            reader.add_intent(entry, replies)
    reader.finish()
    return draft


class _Examples:
    """Collects sentences, and the values of entities."""

    def __init__(self, draft: Draft):
        self._draft = draft
        self._values: dict[str, dict[str, str]] = {}
        """Entity -> what is said -> its value"""
        self._synonyms: dict[str, str] = {}

    def add_names(self, entry: Mapping[str, Any]) -> None:
        if "synonym" in entry:
            value = str(entry["synonym"])
            self._synonyms |= {line.lower(): value for line in (value, *_lines(entry))}
        elif "lookup" in entry:
            for line in _lines(entry):
                self._value(_identifier(entry["lookup"]), line, "")
        elif "regex" in entry:
            self._draft.note(f"the regular expression {entry['regex']} is left out; see the slot types of harken")

    def add_intent(self, entry: Mapping[str, Any], replies: Mapping[str, Sequence[str]]) -> None:
        name = _identifier(entry["intent"])
        if name != entry["intent"]:
            self._draft.note(f"intent {entry['intent']} is called {name}")
        sentences = [self._sentence(line, name) for line in _lines(entry)]
        if name in _STEERING:
            self._draft.note(f"intent {name}: harken steers conversations itself; remove it unless the skill needs it")
        body = self._draft.intents.setdefault(name, {"data": [{"sentences": []}]})
        body["data"][0]["sentences"] += [text for text in sentences if text]
        texts = [text for text in replies.get(f"utter_{entry['intent']}", ()) if "{" not in text]
        if texts:
            body["responses"] = texts

    def finish(self) -> None:
        for text, value in self._synonyms.items():
            for entity, said in self._values.items():
                if value in said.values():
                    self._value(entity, text, value)
        for entity, said in self._values.items():
            meanings: dict[str, list[str]] = {}
            for text, value in said.items():
                meanings.setdefault(value, []).append(text)
            self._draft.lists[entity] = {"values": [
                {"in": texts[0] if len(texts) == 1 else f"({'|'.join(texts)})", "out": value}
                for value, texts in meanings.items()
            ]}  # fmt: skip
            self._draft.note(
                f"list {entity} has the {len(said)} values of the examples; if it takes others, too, give it a type "
                "(type: person, place, number, ...; type: text with examples for free text)"
            )

    def _sentence(self, line: str, intent: str) -> str:
        parts: list[str] = []
        place = 0
        slots: set[str] = set()
        for found in _ENTITY.finditer(line):
            entity, slot, value = self._marked(found, intent)
            while slot in slots:
                slot += "_2"
            slots.add(slot)
            parts += [
                _plain(line[place : found.start()]),
                f"{{{entity}:{slot}}}" if slot != entity else f"{{{entity}}}",
            ]
            self._value(entity, found[1], value)
            place = found.end()
        return " ".join(" ".join([*parts, _plain(line[place:])]).split())

    def _marked(self, found: re.Match[str], intent: str) -> tuple[str, str, str]:
        """Entity, slot and value of a marked piece of an example."""
        if found[2] is not None:
            entity, _, value = found[2].partition(":")
            return _identifier(entity), _identifier(entity), value
        try:
            told = json.loads(found[3])
        except json.JSONDecodeError:
            raise SkillError(
                f"intent {intent}: '{found[0]}' is not JSON after the brackets; mend or remove it"
            ) from None
        if told.get("group"):
            self._draft.note(f"intent {intent}: groups of entities are left out")
        entity = _identifier(told.get("entity", "thing"))
        return entity, _identifier(told["role"]) if told.get("role") else entity, str(told.get("value", ""))

    def _value(self, entity: str, text: str, value: str) -> None:
        said = _plain(text)
        value = value or self._synonyms.get(text.lower(), text)
        known = {other.lower(): meaning for other, meaning in self._values.get(entity, {}).items()}
        if known.setdefault(said.lower(), value) != value:
            self._draft.note(f"'{text}' of {entity} means {known[said.lower()]!r} and {value!r}; the first is kept")
        elif said and said.lower() not in {other.lower() for other in self._values.get(entity, {})}:
            self._values.setdefault(entity, {})[said] = value


def _lines(entry: Mapping[str, Any]) -> Iterator[str]:
    """The examples of an entry: a block of lines that begin with '-', or a list."""
    examples = entry.get("examples") or ""
    lines = examples.splitlines() if isinstance(examples, str) else examples
    for line in lines:
        text = line.get("text", "") if isinstance(line, Mapping) else str(line)
        text = re.sub(r"^\s*-\s*", "", text).strip()
        if text:
            yield text


def _plain(text: str) -> str:
    return " ".join(_SIGNS.sub(" ", text).split())


def _identifier(name: object) -> str:
    text = re.sub(r"\W+", "_", str(name), flags=re.ASCII).strip("_")
    return text if text[:1].isalpha() else f"x_{text}"
