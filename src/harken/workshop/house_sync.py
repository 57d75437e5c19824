"""Connects the home skill with a Home Assistant: its rooms and devices get the names by which the skill calls them, and
those that the skill lacks become values of its lists."""

from __future__ import annotations

import logging
import os
import stat
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harken.dialogue.home_assistant import Entity, HomeAssistant, HouseRecord, read_house, write_house
from harken.dialogue.skills.home.house import AREAS
from harken.errors import ConfigError
from harken.languages.locale import Locale
from harken.nlu.shipped import read_shipped_skill
from harken.nlu.skill_file import Skill
from harken.text.words import normalize_words

log = logging.getLogger(__name__)

SKILL = "home"
_COVERS = {
    "blind": "blinds", "shade": "blinds", "shutter": "shutters", "curtain": "curtains", "window": "windows",
    "garage": "garage door", "gate": "gate",
}  # fmt: skip
_SENSORS = {"window": "windows", "garage_door": "garage door"}
"""Kinds of Home Assistant's covers and sensors -> what they are to the home skill."""
_LIGHTS = frozenset({"light", "lights", "lamp", "lamps", "lighting"})
"""Names of lights that say nothing more."""
_NOUNS = ("light", "lights", "lamp", "lamps")
"""What lights with a name of their own are called besides."""
_LISTS = {"lock": "lock", "scene": "scene"}
"""Kind of entity -> the list of its names; 'switch' for all others."""
_SAME_NAMES = {"scene": ("scene", "litScene")}
"""List -> all the lists of the home skill that hold its names."""
_LONGEST = 5
"""Words of a name; nobody says longer ones."""


def connect(url: str, token_file: str, *, locale: Locale, timeout: float = 10.0) -> HouseRecord:
    """Read a house from its Home Assistant, and keep what is known of it; the home skill acts on it from now on.

    Args:
        url: its address.
        token_file: file with the token, which nobody else may read; '' takes the environment's.
        locale: the language of the skill.
        timeout: seconds that a request may take.

    Raises:
        ConfigError: the address or the file is not as it should be.
        HomeAssistantError: it cannot be reached, or refuses.
        OSError: the user's folder cannot be written.
    """
    kept = str(Path(token_file).expanduser().resolve()) if token_file else ""
    if kept:
        _check_private(Path(kept))
    link = HomeAssistant(url, kept, timeout=timeout)
    link.check()
    house = name_house(link.describe(), read_shipped_skill(locale, SKILL))
    house = replace(house, url=link.url, token_file=kept, at=time.time())
    write_house(house)
    return house


def name_house(found: Mapping[str, Any], skill: Skill) -> HouseRecord:
    """What Home Assistant tells of a house, in the words of the home skill.

    Args:
        found: 'areas', 'floors' and 'entities', as `HomeAssistant.describe` gives them.
        skill: the home skill.
    """
    names = _Names(skill)
    areas = _rooms(found["areas"], names)
    floors = {}
    for floor in found["floors"]:
        called = names.of("area", floor["name"])
        if called:
            floors[called] = tuple(areas[area] for area in floor["areas"] if areas.get(area))
    entities = [_entity(_with_room(row, names), areas, names) for row in found["entities"]]
    used = _without_doubtful_locks(entity for entity in entities if entity is not None)
    _vary_lights(used, names)
    return HouseRecord(
        url="", token_file="", areas=tuple(sorted({entity.area for entity in used} - {""})), floors=floors,
        entities=used, names={name: tuple(pairs.items()) for name, pairs in names.new.items()},
    )  # fmt: skip


def with_house(skill: Skill) -> Skill:
    """The home skill with the names of the connected house in its lists; of a name in both, the house's meaning counts.

    Raises:
        HomeAssistantError: what is known of the house cannot be read.
    """
    house = read_house()
    if house is None or not house.names:
        return skill
    lists = dict(skill.lists)
    for listed, pairs in house.names.items():
        more = {tuple(words.split()): value for words, value in pairs}
        for name in lists.keys() & set(_SAME_NAMES.get(listed, (listed,))):
            own = (entry for entry in lists[name].entries if entry[0] not in more)
            lists[name] = replace(lists[name], entries=(*own, *more.items()))
    return replace(skill, lists=lists)


@dataclass
class _Names:
    """How the skill calls things; names that it lacks are collected in `new`."""

    skill: Skill

    def __post_init__(self) -> None:
        self.new: dict[str, dict[str, str]] = {}
        self._known: dict[str, dict[str, str]] = {}

    def of(self, list_name: str, name: str) -> str:
        """The value for a name as people wrote it; '' for one that nobody can say."""
        words = self.words(name)
        if not words or len(words) > _LONGEST:
            return ""
        text = " ".join(words)
        known = self.known(list_name, text)
        if known:
            return known
        self.new.setdefault(list_name, {})[text] = text
        return text

    def known(self, list_name: str, text: str) -> str:
        """The value that the skill's list has for words; '' for none."""
        if list_name not in self._known:
            entries = self.skill.lists[list_name].entries
            self._known[list_name] = {" ".join(words): str(value) for words, value in entries}
        return self._known[list_name].get(text, "")

    def keep(self, list_name: str, text: str) -> None:
        """Let words mean themselves, whatever the skill's list has for them."""
        self.known(list_name, text)
        self._known[list_name][text] = self.new.setdefault(list_name, {})[text] = text

    def words(self, name: str) -> list[str]:
        """A name in spoken form."""
        return normalize_words(name, self.skill.locale)


def _rooms(found: Iterable[str], names: _Names) -> dict[str, str]:
    """Room -> what the skill calls it. Rooms that would share a name ('Bedroom', 'Master bedroom') keep their own."""
    found = list(found)
    values = {room: names.of("area", room) for room in found}
    count = Counter(values.values())
    for room, value in values.items():
        text = " ".join(names.words(room))
        if count[value] > 1 and text != value and value:
            names.keep("area", text)
            values[room] = text
    return values


def _with_room(row: Mapping[str, Any], names: _Names) -> Mapping[str, Any]:
    """A device that nobody gave a room is in the one that its name begins with: 'Kitchen Lights'. A lock keeps its
    whole name."""
    if row["area"] or str(row["id"]).startswith(("lock.", "scene.")):
        return row
    words = names.words(str(row["name"]))
    heads = [" ".join(words[:count]) for count in range(len(words) - 1, 0, -1)]
    return {**row, "area": next((head for head in heads if _is_room(head, names)), "")}


def _is_room(text: str, names: _Names) -> bool:
    value = names.known("area", text)
    return value in AREAS or (value == text and text in names.new.get("area", ()))


def _entity(row: Mapping[str, Any], areas: Mapping[str, str], names: _Names) -> Entity | None:
    """A device as the skill sees it; None for one that it cannot use."""
    domain, room = str(row["id"]).partition(".")[0], str(row["area"])
    area = areas.get(room, "") or (names.known("area", room) if _is_room(room, names) else "")
    if domain in ("cover", "binary_sensor"):
        what = (_COVERS if domain == "cover" else _SENSORS).get(str(row["kind"]), "")
    elif domain == "climate":
        what = "heating"
    else:
        what = _called(str(row["name"]), domain, str(row["area"]), names)
    return Entity(id=str(row["id"]), area=area, what=what) if what else None


def _vary_lights(entities: Iterable[Entity], names: _Names) -> None:
    """Let 'the desk light' and 'the desk lights' mean the lamp 'Desk Lamp', unless something else is called so."""
    for called in (entity.what for entity in entities if entity.domain == "light" and entity.what != "light"):
        stem = called.split()
        stem = stem[:-1] if stem[-1] in _NOUNS else stem
        for noun in _NOUNS:
            text = " ".join((*stem, noun))
            if len(stem) < _LONGEST and not names.known("switch", text):
                names.new.setdefault("switch", {}).setdefault(text, called)


def _without_doubtful_locks(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """The devices without locks that share a name: nobody could say which of them to unlock."""
    entities = tuple(entities)
    count = Counter(entity.what for entity in entities if entity.domain == "lock")
    for name in (name for name, number in count.items() if number > 1):
        log.warning("%d locks are called '%s' and are left out; give each its own name in Home Assistant", count[name],
                    name)  # fmt: skip
    return tuple(entity for entity in entities if entity.domain != "lock" or count[entity.what] == 1)


def _called(name: str, domain: str, area: str, names: _Names) -> str:
    """The name of a device: without its room, if the skill knows it so; else its whole name."""
    listed, words, room = _LISTS.get(domain, "switch"), names.words(name), names.words(area)
    short = " ".join(_without(words, room))
    if domain == "light" and short in _LIGHTS:
        return "light"
    if domain == "light" and short:
        return names.of(listed, short)
    return (names.known(listed, short) if short else "") or names.of(listed, name)


def _without(words: list[str], room: list[str]) -> list[str]:
    """Words without those of a room at either end."""
    if room and words[: len(room)] == room:
        return words[len(room) :]
    if room and words[-len(room) :] == room:
        return words[: -len(room)]
    return words


def _check_private(file: Path) -> None:
    try:
        mode = file.stat().st_mode
    except OSError as error:
        raise ConfigError(f"the token file {file} cannot be read: {error.strerror}") from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"others can read the token file {file}; run: chmod 600 {file}")


def summary(house: HouseRecord) -> Iterable[tuple[str, str]]:
    """Rooms, floors and devices, for people: (room, what is in it)."""
    for area in (*house.areas, ""):
        things = sorted({entity.what for entity in house.entities if entity.area == area})
        if things:
            yield area or "(no room)", ", ".join(things)
