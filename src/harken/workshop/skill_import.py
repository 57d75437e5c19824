"""`harken skill import`: skills from the files of other assistants.

Home Assistant's sentences (`import_home`) and Rasa's training examples (`import_rasa`) become a skill folder to change:
`skill.yaml`, and `NOTES.md` with what could not be taken over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from harken.errors import ConfigError, SkillError, nearest
from harken.folders import in_the_making
from harken.languages.loading import load_locale
from harken.languages.locale import Locale
from harken.nlu.expressions import TemplateError, TemplateReader, references, spellings
from harken.nlu.skill_file import SKILL_FILE, read_skill
from harken.workshop.import_home import read_home
from harken.workshop.import_rasa import read_rasa
from harken.workshop.skill_draft import Draft

NOTES_FILE = "NOTES.md"
SOURCES = ("ha", "rasa")


def import_skill(
    sources: Sequence[Path], kind: str, *, name: str = "", to: Path = Path(), entities: Path | None = None
) -> tuple[Path, list[str]]:
    """Write a skill folder from the files of another assistant.

    Args:
        sources: YAML files, or folders of them.
        kind: one of `SOURCES`.
        name: of the skill; that of the first source when empty.
        to: where the folder is created.
        entities: for 'ha', a YAML file with the names of 'entities', 'areas' and 'floors'.

    Returns:
        The folder and the notes.

    Raises:
        ConfigError: the kind is unknown.
        SkillError: a file cannot be read, nothing was found in them, or the folder exists.
    """
    if kind not in SOURCES:
        raise ConfigError(f"skills cannot be imported from '{kind}'; {nearest(kind, SOURCES)}")
    files = _files(sources)
    draft = read_home(files, entities) if kind == "ha" else read_rasa(files)
    _keep_usable(draft)
    if not draft.intents:
        why = next((note for note in draft.notes if note.startswith("intent ")), "")
        told = f"no sentence could be taken over ({why})" if why else "no sentences were found"
        raise SkillError(f"{told}; --from {kind} expects its YAML files, with rules and lists", file=sources[0])
    name = name or re.sub(r"\W+", "_", sources[0].resolve().stem.lower()).strip("_") or kind
    folder = to / name
    if folder.exists():
        raise SkillError("this already exists; choose another --name or remove it", file=folder)
    with in_the_making(folder) as fresh:
        (fresh / SKILL_FILE).write_text(_text(name, draft), encoding="utf-8")
        (fresh / NOTES_FILE).write_text(_notes(name, draft), encoding="utf-8")
        read_skill(fresh)
        fresh.rename(folder)
    return folder, list(draft.notes)


def _files(sources: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for source in sources:
        if source.is_dir():
            files += sorted(path for ending in ("*.yaml", "*.yml") for path in source.rglob(ending))
        elif source.is_file():
            files.append(source)
        else:
            raise SkillError("there is no such file or folder", file=source)
    if not files:
        raise SkillError("there are no YAML files in it", file=sources[0])
    return files


def _keep_usable(draft: Draft) -> None:
    """Drop sentences that harken does not accept, then intents without any, and lists and rules that none uses."""
    locale = load_locale(draft.language)
    for name, entry in draft.lists.items():
        if "values" in entry:
            entry["values"] = [value for value in entry["values"] if _can_be_said(draft, name, value, locale)]
    draft.lists = {name: entry for name, entry in draft.lists.items() if entry.get("values", True)}
    reader = TemplateReader(draft.rules, locale)
    used: set[str] = set()
    for intent, body in list(draft.intents.items()):
        for block in body["data"]:
            block["sentences"] = [
                text for text in dict.fromkeys(block["sentences"]) if _is_usable(draft, intent, text, reader, used)
            ]
        body["data"] = [block for block in body["data"] if block["sentences"]]
        if not body["data"]:
            draft.note(f"intent {intent}: none of its sentences could be taken over")
            del draft.intents[intent]
    draft.lists = {name: entry for name, entry in draft.lists.items() if name in used}
    blocks = (block for body in draft.intents.values() for block in body["data"])
    needed = _rules_in((text for block in blocks for text in block["sentences"]), draft.rules)
    draft.rules = {name: text for name, text in draft.rules.items() if name in needed}


def _can_be_said(draft: Draft, name: str, value: Any, locale: Locale) -> bool:
    text = str(value["in"] if isinstance(value, dict) else value)
    try:
        ways = spellings(text, locale)
    except TemplateError as error:
        draft.note(f"list {name}: {error}")
        return False
    if not ways:
        draft.note(f"list {name}: '{text}' has no word that can be spoken")
    return bool(ways)


def _is_usable(draft: Draft, intent: str, text: str, reader: TemplateReader, used: set[str]) -> bool:
    try:
        named = {reference.list for reference in references(reader.read_sentence(text))}
    except TemplateError as error:
        draft.note(f"intent {intent}: {error}")
        return False
    unknown = sorted(named - draft.lists.keys())
    if unknown:
        draft.note(f"intent {intent}: '{text}' uses a list that is not there: {', '.join(unknown)}")
        return False
    used |= named
    return True


def _rules_in(texts: Iterable[str], rules: dict[str, str]) -> set[str]:
    needed: set[str] = set()
    waiting = list(texts)
    while waiting:
        for name in re.findall(r"<(\w+)>", waiting.pop()):
            if name in rules and name not in needed:
                needed.add(name)
                waiting.append(rules[name])
    return needed


def _text(name: str, draft: Draft) -> str:
    top: dict[str, Any] = {"skill": name, "about": draft.about, "language": draft.language}
    top |= {"lists": draft.lists} if draft.lists else {}
    top |= {"expansion_rules": draft.rules} if draft.rules else {}
    return yaml.safe_dump(top | {"intents": draft.intents}, sort_keys=False, allow_unicode=True, width=116)


def _notes(name: str, draft: Draft) -> str:
    lines = [f"- {note}" for note in draft.notes] or ["- All sentences were taken over."]
    return "\n".join([f"# {name}: what to look at after the import", "", *lines, ""])
