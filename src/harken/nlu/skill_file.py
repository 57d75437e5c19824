"""A skill as its file declares it: sentences, lists, examples. A user's skill is a folder with `skill.yaml`, and with
`skill.py` if it acts; the sentences of shipped skills are kept with each language."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from harken.errors import ConfigError, SkillError, nearest
from harken.languages.loading import load_locale
from harken.languages.locale import Locale
from harken.nlu.expressions import (
    TemplateError,
    TemplateReader,
    check_letters,
    references,
    spoken_words,
)
from harken.nlu.replies import read_replies
from harken.nlu.skill_yaml import Located, read_located
from harken.nlu.slot_lists import IDENTIFIER, SLOT_TYPES, Place, SlotList, check_range, place_of, read_lists, typed_list
from harken.text.grammar import Node

SKILL_FILE = "skill.yaml"
CODE_FILE = "skill.py"
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_INLINE_RANGE = re.compile(r"^(-?\d+)\.\.(-?\d+)(?:,(\d+))?$")


@dataclass(frozen=True, kw_only=True)
class Template:
    """One sentence template with the slots it fixes."""

    text: str
    node: Node
    constants: Mapping[str, Any]
    place: Place
    heard: bool = True
    """Whether the recogniser expects it; other sentences are understood, too, but are heard less surely."""
    remark: bool = False
    """Whether it is a request only when it stands alone: "I'm cold"."""


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """A question to ask before acting, and the fixed slots with which it is asked."""

    question: str
    """`{slot}` is filled in."""
    constants: Mapping[str, Any] = field(default_factory=dict)
    """Asked when the request has these values; always when empty."""


@dataclass(frozen=True, kw_only=True)
class Intent:
    """One thing that a user can ask of a skill."""

    name: str
    templates: tuple[Template, ...]
    required: Mapping[str, str] = field(default_factory=dict)
    """Slot -> the question that asks for it."""
    confirmations: tuple[Confirmation, ...] = ()
    """Questions to ask before acting; without one that fits the request, act at once."""
    learnt: bool = True
    """Whether other sentences than its own may be taken for it."""
    acts: bool = True
    """Whether it changes something: only that can be negated, delayed or undone. False for questions."""
    follows: tuple[str, ...] = ()
    """Intents of this skill after which it is understood; empty: always."""
    each: bool = False
    """Whether it may be said of all that was just done, and then holds for each: 'both off'."""
    responses: tuple[str, ...] = ()
    """Replies for a skill without code; `{slot}` is filled in."""
    slots: Mapping[str, str] = field(default_factory=dict)
    """Slot -> name of the list that fills it, the first when sentences name several; '' for a slot that only templates
    fix."""

    def confirm(self, slots: Mapping[str, Any]) -> str:
        """The question to ask before acting on a request with these values; '' to act at once."""
        for confirmation in self.confirmations:
            if all(slots.get(name) == value for name, value in confirmation.constants.items()):
                return confirmation.question
        return ""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A sentence and what it means: a test of the skill."""

    text: str
    intent: str
    slots: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, kw_only=True)
class Skill:
    """A skill's declaration."""

    name: str
    about: str
    locale: Locale
    """The language of its sentences."""
    file: Path
    code: Path | None
    """Its skill.py, when it has one."""
    intents: Mapping[str, Intent]
    lists: Mapping[str, SlotList]
    examples: tuple[Example, ...]
    replies: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    """Key -> what its code says (`Context.say`); of the forms 'one' and 'many', `count` chooses."""
    digest: str
    """SHA-256 of skill.yaml."""
    serves: bool = True
    """Whether it does what its sentences ask for. Otherwise it only says that it cannot: they count as rejected, and it
    never asks whether one of them was meant."""

    @property
    def folder(self) -> Path:
        """The folder of its file."""
        return self.file.parent


def read_skill(folder: Path, *, code: Path | None = None) -> Skill:
    """Read and check a skill folder (or its skill.yaml).

    Args:
        folder: the folder or the file.
        code: its skill.py; beside the file by default.

    Raises:
        SkillError: with file, line and column, what was there, what was expected and what to do.
    """
    path = file_of(folder)
    if not path.parent.is_dir():
        raise SkillError(f"there is no folder {path.parent}; `harken skill new NAME` creates one")
    root = read_located(path)
    keys = ("skill", "about", "language", "lists", "expansion_rules", "intents", "replies", "examples", "serves")
    top = root.entries("a skill file", keys)
    if "skill" not in top:
        raise root.error("the key 'skill' (the skill's name) is missing; add 'skill: NAME' at the top")
    if "intents" not in top:
        raise root.error("the key 'intents' is missing; a skill needs at least one intent with sentences")
    locale = _locale(top["language"][1]) if "language" in top else load_locale()
    lists = read_lists(top["lists"][1], locale) if "lists" in top else {}
    reader = _rules(top["expansion_rules"][1], locale) if "expansion_rules" in top else TemplateReader({}, locale)
    intents, used = _intents(top["intents"][1], lists, reader)
    return Skill(
        name=_name(top["skill"][1]),
        about=top["about"][1].sentence("about") if "about" in top else "",
        locale=locale,
        file=path,
        code=code_of(path, code),
        intents=MappingProxyType(intents),
        lists=MappingProxyType(lists | used),
        examples=_examples(top["examples"][1], intents, locale) if "examples" in top else (),
        replies=read_replies(top["replies"][1]) if "replies" in top else {},
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        serves=top["serves"][1].flag("serves") if "serves" in top else True,
    )


def file_of(folder: Path) -> Path:
    """The skill.yaml of a folder, or the file itself."""
    return folder if folder.suffix in (".yaml", ".yml") else folder / SKILL_FILE


def code_of(file: Path, code: Path | None = None) -> Path | None:
    """The skill.py of a skill file, which is beside it unless `code` names another one; None when there is none."""
    code = code or file.with_name(CODE_FILE)
    return code if code.is_file() else None


def _name(node: Located) -> str:
    name = node.text("skill")
    if not _NAME.match(name):
        raise node.error(f"'{name}' is not a valid skill name; use lower-case letters, digits and _ (a letter first)")
    return name


def _locale(node: Located) -> Locale:
    try:
        return load_locale(node.text("language"))
    except ConfigError as error:
        raise node.error(str(error)) from error


def _rules(node: Located, locale: Locale) -> TemplateReader:
    fields = node.entries("expansion_rules")
    reader = TemplateReader({name: value.sentence(f"rule '{name}'") for name, (_, value) in fields.items()}, locale)
    for name, (_, value) in fields.items():
        _node(value, f"<{name}>", reader)
        _node(value, reader.rules[name], reader)
    return reader


def _node(place: Located, text: str, reader: TemplateReader, *, whole: bool = False) -> Node:
    try:
        return reader.read_sentence(text) if whole else reader.read(text)
    except TemplateError as error:
        raise place.error(str(error), offset=error.offset) from error


def _intents(
    node: Located, lists: dict[str, SlotList], reader: TemplateReader
) -> tuple[dict[str, Intent], dict[str, SlotList]]:
    """The intents and the built-in lists that their sentences use."""
    used: dict[str, SlotList] = {}
    intents = {}
    for name, (key, value) in node.entries("intents").items():
        if not IDENTIFIER.match(name):
            raise key.error(f"'{name}' is not a valid intent name; use letters, digits and _ (a letter first)")
        intents[name] = _intent(name, value, lists, used, reader)
    if not intents:
        raise node.error("'intents' is empty; a skill needs at least one intent with sentences")
    for _, value in node.entries("intents").values():
        _check_follows(value, intents)
    return intents, used


def _intent(
    name: str, node: Located, lists: dict[str, SlotList], used: dict[str, SlotList], reader: TemplateReader
) -> Intent:
    keys = (
        "sentences", "data", "slots", "required", "confirm", "responses", "acts", "follows", "heard", "remark",
        "learnt", "each",
    )  # fmt: skip
    fields = node.entries(f"intent '{name}'", keys)
    blocks = fields["data"][1].items("data") if "data" in fields else []
    blocks += [node] if "sentences" in fields else []
    if not blocks:
        raise node.error(f"intent '{name}' has no sentences; add 'sentences:' with at least one")
    templates: list[Template] = []
    slots: dict[str, str] = {}
    questions: list[tuple[Located, Mapping[str, Any]]] = []
    for block in blocks:
        own_keys = ("sentences", "slots", "confirm", "heard", "remark")
        parts = fields if block is node else block.entries("a data block", own_keys)
        if "sentences" not in parts:
            raise block.error("a data block needs 'sentences'; add some")
        constants = _constants(parts["slots"][1]) if "slots" in parts else {}
        if "confirm" in parts and block is not node:
            questions.append((parts["confirm"][1], constants))
        heard = all(own["heard"][1].flag("heard") for own in (fields, parts) if "heard" in own)
        remark = any(own["remark"][1].flag("remark") for own in (fields, parts) if "remark" in own)
        for item in parts["sentences"][1].items("sentences"):
            template = replace(_template(item, constants, reader), heard=heard, remark=remark)
            slots = _slots(template, lists, used, reader.locale) | slots
            templates.append(template)
    slots |= {slot: "" for template in templates for slot in template.constants if slot not in slots}
    if "confirm" in fields:
        questions.append((fields["confirm"][1], {}))
    return Intent(
        name=name,
        templates=tuple(templates),
        required=_required(fields["required"][1], slots) if "required" in fields else {},
        confirmations=tuple(Confirmation(question=_phrase(text, slots), constants=fixed) for text, fixed in questions),
        learnt=fields["learnt"][1].flag("learnt") if "learnt" in fields else True,
        acts=fields["acts"][1].flag("acts") if "acts" in fields else True,
        follows=tuple(item.text("an intent") for item in fields["follows"][1].items("follows"))
        if "follows" in fields
        else (),
        each="each" in fields and fields["each"][1].flag("each"),
        responses=tuple(_phrase(item, slots) for item in fields["responses"][1].items("responses"))
        if "responses" in fields
        else (),
        slots=slots,
    )


def _check_follows(node: Located, intents: Mapping[str, Intent]) -> None:
    fields = node.entries("an intent")
    for item in fields["follows"][1].items("follows") if "follows" in fields else ():
        name = item.text("an intent")
        if name not in intents:
            raise item.error(f"there is no intent '{name}' to follow; {nearest(name, intents)}")


def _constants(node: Located) -> dict[str, Any]:
    return {name: value.plain() for name, (_, value) in node.entries("slots").items()}


def _template(item: Located, constants: Mapping[str, Any], reader: TemplateReader) -> Template:
    text = item.sentence("the sentence")
    node = _node(item, text, reader, whole=True)
    if not spoken_words(re.sub(r"[\[\](){}<>|;]", " ", text), reader.locale) and not list(references(node)):
        raise item.error(f"the sentence '{text}' has no word; write at least one")
    return Template(text=text, node=node, constants=constants, place=place_of(item))


def _slots(template: Template, lists: dict[str, SlotList], used: dict[str, SlotList], locale: Locale) -> dict[str, str]:
    slots = {}
    for reference in references(template.node):
        name = reference.list
        inline = _INLINE_RANGE.match(name)
        if inline:
            bounds = int(inline[1]), int(inline[2]), int(inline[3] or 1)
            check_range(bounds, template.place)
            used[name] = SlotList(name=name, kind="range", bounds=bounds)
        elif name in SLOT_TYPES and name != "text" and name not in lists:
            used[name] = typed_list(name, name, locale, template.place)
        elif name not in lists:
            hint = nearest(name, [*lists, *(kind for kind in SLOT_TYPES if kind != "text")])
            raise template.place.error(f"the sentence '{template.text}' uses an unknown list {{{name}}}; {hint}")
        slots[reference.slot] = name
    return slots


def _required(node: Located, slots: Mapping[str, str]) -> dict[str, str]:
    questions = {}
    for slot, (key, value) in node.entries("required").items():
        if slot not in slots:
            raise key.error(f"no sentence of this intent fills a slot '{slot}'; {nearest(slot, slots)}")
        questions[slot] = value.sentence("the question for a required slot")
    return questions


def _phrase(node: Located, slots: Mapping[str, str]) -> str:
    text = node.sentence("the phrase")
    for match in re.finditer(r"\{(\w*)\}", text):
        if match[1] not in slots:
            raise node.error(
                f"the phrase refers to {{{match[1]}}}, but no sentence of this intent fills it"
                f"; {nearest(match[1], slots)}",
                offset=match.start(),
            )
    return text


def _examples(node: Located, intents: Mapping[str, Intent], locale: Locale) -> tuple[Example, ...]:
    examples = []
    for item in node.items("examples"):
        fields = item.entries("an example", ("text", "intent", "slots"))
        for key in ("text", "intent"):
            if key not in fields:
                raise item.error(f"an example needs '{key}'; add it")
        text, (_, intent) = fields["text"][1].sentence("the text"), fields["intent"]
        if intent.text("intent") not in intents:
            raise intent.error(f"there is no intent '{intent.node.value}'; {nearest(str(intent.node.value), intents)}")
        slots = fields["slots"][1].entries("slots") if "slots" in fields else {}
        known = intents[str(intent.node.value)].slots
        for slot, (key_node, _) in slots.items():
            if slot not in known:
                raise key_node.error(f"intent '{intent.node.value}' has no slot '{slot}'; {nearest(slot, known)}")
        try:
            check_letters(text, locale)
        except TemplateError as error:
            raise fields["text"][1].error(str(error), offset=error.offset) from error
        values = {slot: value.plain() for slot, (_, value) in slots.items()}
        examples.append(Example(text=text, intent=str(intent.node.value), slots=values, place=place_of(item)))
    return tuple(examples)
