"""Home Assistant's intent sentences (`sentences/<language>/*.yaml`) as a draft of a skill."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harken.nlu.skill_yaml import read_located
from harken.workshop.skill_draft import Draft

NAMED = ("name", "area", "floor")
"""Lists that a home fills: its devices, rooms and floors."""
_ANSWERS = re.compile(r"Get|Status|Respond|Nevermind")
"""Parts of the names of intents that only answer."""
_REFERENCE = re.compile(r"\{(\w+)(?::(\w+))?\}")
_RULE = re.compile(r"<(\w+)>")
_KNOWN_KEYS = frozenset({
    "sentences", "slots", "response", "requires_context", "excludes_context", "expansion_rules", "lists", "metadata",
    "name_domains", "required_keywords",
})  # fmt: skip
_EXAMPLES = {"name": ["bedroom lamp", "ceiling fan"], "area": ["kitchen", "bedroom"], "floor": ["upstairs"]}


@dataclass(frozen=True)
class Home:
    """Names that a home has; None when they are not known."""

    entities: tuple[Mapping[str, Any], ...] | None = None
    areas: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()


@dataclass
class _Sources:
    """What all files say together."""

    rules: dict[str, str] = field(default_factory=dict)
    lists: dict[str, Any] = field(default_factory=dict)
    blocks: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    """(intent, block of sentences)"""


def read_home(files: Sequence[Path], entities: Path | None = None) -> Draft:
    """A draft of what the files say.

    Raises:
        SkillError: a file cannot be read.
    """
    draft = Draft(about="Imported from Home Assistant.")
    sources = _sources(files, draft)
    home = read_names(entities) if entities is not None else Home()
    if home.entities is None:
        draft.note("no names of devices, rooms and floors were given (--entities FILE): they are free text")
    for name, entry in sources.lists.items():
        draft.lists[name] = _list(name, entry, draft)
    variants = _Variants(draft, sources.rules, home)
    for intent, block in sources.blocks:
        variants.add(intent, block)
    return draft


def read_names(file: Path) -> Home:
    """The names in a file with 'entities' ({name, id: light.lamp, attributes: {device_class}}), 'areas' and 'floors'.

    Raises:
        SkillError: it cannot be read.
    """
    top = read_located(file)
    fields = {name: value.plain() for name, (_, value) in top.entries("a file of names").items()}
    return Home(
        tuple(fields.get("entities") or ()),
        tuple(str(area["name"]) for area in fields.get("areas") or ()),
        tuple(str(floor["name"]) for floor in fields.get("floors") or ()),
    )


def _sources(files: Sequence[Path], draft: Draft) -> _Sources:
    out = _Sources()
    for file in files:
        top = read_located(file).plain()
        if not isinstance(top, Mapping):
            continue
        draft.language = str(top.get("language", draft.language)).split("-")[0]
        out.rules |= top.get("expansion_rules") or {}
        out.lists |= top.get("lists") or {}
        if top.get("skip_words"):
            draft.note("skip words are left out: harken knows polite words itself")
        for intent, body in (top.get("intents") or {}).items():
            out.blocks += [(intent, block) for block in body.get("data") or ()]
        if "data" in top and "intents" not in top:
            out.blocks += [(file.parent.name, block) for block in top["data"]]
    return out


def _list(name: str, entry: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    if "values" in entry:
        return {"values": [_value(value) for value in entry["values"]]}
    if "range" in entry:
        bounds = entry["range"]
        if bounds.get("fractions"):
            draft.note(f"list {name}: with fractions it is any number, not only {bounds['from']} to {bounds['to']}")
            return {"type": "number"}
        return {"range": {key: bounds[key] for key in ("from", "to", "step") if key in bounds}}
    draft.note(f"list {name} takes any text: replace its example by typical ones, so that they are heard well")
    return {"type": "text", "examples": ["something"]}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: value[key] for key in ("in", "out") if key in value}
    return value


class _Variants:
    """Adds blocks of sentences. What holds only for one block (its own rules, which devices it is for) becomes lists
    and rules of its own."""

    def __init__(self, draft: Draft, rules: Mapping[str, str], home: Home):
        self._draft, self._shared, self._home = draft, dict(rules), home
        self._known: dict[tuple[str, str], str] = {}
        """(rule, its text) -> the name that it has in the draft"""

    def add(self, intent: str, block: Mapping[str, Any]) -> None:
        draft = self._draft
        for key in sorted(block.keys() - _KNOWN_KEYS):
            draft.note(f"'{key}' of intent {intent} is left out")
        context = block.get("requires_context") or {}
        for key, value in context.items():
            if isinstance(value, Mapping) and value.get("slot"):
                draft.note(f"intent {intent}: the {key} where it is said is not known, so '{key}' stays empty")
        lists = {
            "name": self._devices(block), "area": self._places("area", self._home.areas),
            "floor": self._places("floor", self._home.floors),
        }  # fmt: skip
        rules = self._shared | (block.get("expansion_rules") or {})
        sentences = [self._rewritten(text, rules, lists) for text in block["sentences"]]
        body = draft.intents.setdefault(
            intent, {"acts": False, "data": []} if _ANSWERS.search(intent) else {"data": []}
        )
        entry = {"sentences": sentences}
        body["data"].append(entry | ({"slots": dict(block["slots"])} if block.get("slots") else {}))

    def _rewritten(self, text: str, rules: Mapping[str, str], lists: Mapping[str, str]) -> str:
        """A template with the lists and rules that hold for its block."""
        text = _REFERENCE.sub(lambda m: f"{{{lists.get(m[1], m[1])}:{m[2] or m[1]}}}" if m[1] in lists else m[0], text)
        return _RULE.sub(lambda m: f"<{self._rule(m[1], rules, lists)}>" if m[1] in rules else m[0], text)

    def _rule(self, name: str, rules: Mapping[str, str], lists: Mapping[str, str]) -> str:
        text = self._rewritten(rules[name], rules, lists)
        if (name, text) not in self._known:
            taken = sum(other == name for other, _ in self._known)
            self._known[name, text] = f"{name}_{taken + 1}" if taken else name
            self._draft.rules[self._known[name, text]] = text
        return self._known[name, text]

    def _devices(self, block: Mapping[str, Any]) -> str:
        wanted, excluded = block.get("requires_context") or {}, block.get("excludes_context") or {}
        wanted = {
            key: _several(value) for key, value in wanted.items() if not isinstance(value, Mapping) or "value" in value
        }
        if block.get("name_domains"):
            wanted["domain"] = set(block["name_domains"])
        entities = self._home.entities
        if entities is None:
            return self._places("name", ())
        chosen = [
            str(entity["name"]) for entity in entities
            if all(_trait(entity, key) in values for key, values in wanted.items())
            and not any(_trait(entity, key) in _several(values) for key, values in excluded.items())
        ]  # fmt: skip
        return self._places("name", tuple(dict.fromkeys(chosen)), always=True)

    def _places(self, kind: str, names: tuple[str, ...], *, always: bool = False) -> str:
        """The list of these names; one of its own for each choice of them."""
        entry: dict[str, Any]
        if names:
            entry = {"values": [_spoken(name) for name in names]}
        elif always:
            return f"{kind}_none"
        else:
            entry = {"type": "text", "examples": _EXAMPLES[kind]}
        lists = self._draft.lists
        number = 1
        while lists.get(listed := kind if number == 1 else f"{kind}_{number}", entry) != entry:
            number += 1
        lists[listed] = entry
        return listed


def _spoken(name: str) -> dict[str, str]:
    """A name, also with 's."""
    plain = re.sub(r"[\[\]()|]", "", name)
    return {"in": f"{name}['s]" if name[-1:].isalpha() else name, "out": plain}


def _several(value: Any) -> set[Any]:
    value = value["value"] if isinstance(value, Mapping) else value
    return set(value) if isinstance(value, list) else {value}


def _trait(entity: Mapping[str, Any], key: str) -> Any:
    if key == "domain":
        return entity.get("domain") or str(entity.get("id", "")).split(".")[0]
    return entity.get(key, (entity.get("attributes") or {}).get(key))
