"""What can fill a slot: the lists that a skill declares, and the built-in types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from harken.errors import SkillError, nearest
from harken.languages.locale import Locale
from harken.languages.place_tables import PLACE_KINDS
from harken.languages.places import places_of
from harken.nlu.expressions import TemplateError, spellings
from harken.nlu.skill_yaml import Located

SLOT_TYPES = (
    "number", "duration", "time", "date", "percentage", "ordinal", "money", "quantity", "unit", "expression",
    "continuation", "digits", "spelled", "person", "place", "text", "items",
)  # fmt: skip
"""Built-in slot types; `{duration}` or `{duration:length}` in a sentence, or `type: duration` in a list. A
skill's own list goes before the type of the same name.

Their values are JSON: 'number' a number; 'duration' seconds; 'time' HH:MM, the hour as it was said unless a half of the
day was named; 'date' ISO; 'percentage' a number ('half': 50), of any size and sign; 'ordinal' a whole number, negative
from the end ('last': -1); 'money' {"amount": 3.5, "unit": "USD"} with the ISO code; 'quantity' {"amount": 70, "unit":
"inches"}, units named in the plural, with "parts" when several were named ('five foot ten'); 'unit' such a name;
'expression' a sum as a tree (["add", 2, ["multiply", 3, 4]]); 'continuation' a sum that goes on from the last result,
["last"] ('plus five', 'divide that by three'); 'digits' a string of digits, perhaps after a '+' ('four seven double
one': "4711"); 'spelled' a string of spelled letters, digits and signs ('b r a u n': "Braun"). 'person' is a name of one
to three words as typed; 'place' the English name of a city, country, region or time zone that the tables know; 'text'
any words as typed, 'items' a list of such.
"""
FREE = frozenset({"text", "items", "person"})
FIRST_NAMES = "first_names"
"""List under `[understanding.words]` of a language: names that the recogniser expects of a person."""
"""Types that any words fill."""
MAX_RANGE = 10_000
"""Most members of a range; use `type: number` for more."""
IDENTIFIER = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
"""A name of an intent or a list."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A position in a file; line and column from 1."""

    file: Path
    line: int
    column: int

    def error(self, message: str) -> SkillError:
        """An error at this place."""
        return SkillError(message, file=self.file, line=self.line, column=self.column)


@dataclass(frozen=True, kw_only=True)
class SlotList:
    """What can fill a slot.

    `kind` is 'values' (named entries), 'range' (whole numbers) or one of `SLOT_TYPES`. 'items' takes several things in
    one breath ('milk, eggs and bread'): any with `examples`, only known ones with `entries`.
    """

    name: str
    kind: str
    entries: tuple[tuple[tuple[str, ...], Any], ...] = ()
    """(words, value) for 'values'; several entries may share a value."""
    bounds: tuple[int, int, int] = (0, 0, 1)
    """First, last (included) and step of a range."""
    places: tuple[str, ...] = ()
    """Kinds of places (`harken.languages.place_tables.PLACE_KINDS`) whose names are values, also those that `entries`
    lacks."""
    examples: tuple[tuple[str, ...], ...] = ()
    """Typical free text: what the recogniser expects and training samples from."""
    closed: bool = False
    """Whether the entries are all there can be: other words in their place are not an unknown name."""

    @property
    def is_free(self) -> bool:
        """Whether any words fill it."""
        return self.kind in FREE and not self.entries

    @cached_property
    def takes_names(self) -> bool:
        """Whether an unknown name can stand where an entry stands: not in a closed list, nor among fixed choices (on,
        off), whose values are not text."""
        return not self.is_free and not self.closed and all(isinstance(value, str) for _, value in self.entries)


def place_of(node: Located) -> Place:
    """The position of a node."""
    return Place(file=node.file, line=node.line, column=node.column)


def read_lists(node: Located, locale: Locale) -> dict[str, SlotList]:
    """The lists that a skill declares.

    Raises:
        SkillError: with the place.
    """
    lists = {}
    for name, (key, value) in node.entries("lists").items():
        if not IDENTIFIER.match(name):
            raise key.error(f"'{name}' is not a valid list name; choose another (letters, digits, _)")
        lists[name] = _list(name, value, locale)
    return lists


def _list(name: str, node: Located, locale: Locale) -> SlotList:
    fields = node.entries(f"list '{name}'", ("values", "places", "range", "wildcard", "type", "examples", "closed"))
    closed = "closed" in fields and fields["closed"][1].flag("closed")
    kinds = [key for key in ("values", "places", "range", "wildcard", "type") if key in fields]
    if kinds == ["values", "type"] and fields["type"][1].text("type") == "items":
        return SlotList(name=name, kind="items", entries=_values(name, fields["values"][1], locale), closed=closed)
    if len(kinds) != 1:
        came = " and ".join(kinds) or "none"
        raise node.error(f"list '{name}' needs exactly one of values, places, range, wildcard, type; got {came}")
    value = fields[kinds[0]][1]
    if kinds[0] == "values":
        return SlotList(name=name, kind="values", entries=_values(name, value, locale), closed=closed)
    if closed:
        raise fields["closed"][0].error(f"only a list of values can be closed; list '{name}' has {kinds[0]}")
    if kinds[0] == "places":
        return _places(name, value, locale)
    if kinds[0] == "range":
        return SlotList(name=name, kind="range", bounds=_range(name, value))
    kind = "text" if kinds[0] == "wildcard" else value.text("type")
    if kind not in SLOT_TYPES:
        raise value.error(f"there is no slot type '{kind}'; {nearest(kind, SLOT_TYPES)}")
    samples = fields["examples"][1].items("examples") if "examples" in fields else []
    if not samples and kind in ("place", "person"):
        return typed_list(name, kind, locale, place_of(node))
    if kind in FREE and not samples:
        raise node.error(f"list '{name}' takes any text and needs 'examples' (a few typical ones) to be recognised")
    return SlotList(name=name, kind=kind, examples=tuple(w for item in samples for w in _spellings(item, item, locale)))


def typed_list(name: str, kind: str, locale: Locale, place: Place) -> SlotList:
    """What fills a slot of a built-in type.

    Raises:
        SkillError: the language has no names of persons or places.
    """
    if kind == "place":
        return _named_places(name, PLACE_KINDS, locale, place)
    names = sorted(locale.understanding.words.get(FIRST_NAMES, ())) if kind == "person" else ()
    if kind == "person" and not names:
        raise place.error(f"{locale.name} has no first names; declare list '{name}' with 'type: person' and 'examples'")
    return SlotList(name=name, kind=kind, examples=tuple((first,) for first in names))


def _values(name: str, node: Located, locale: Locale) -> tuple[tuple[tuple[str, ...], Any], ...]:
    entries: dict[tuple[str, ...], Any] = {}
    for item in node.items(f"values of list '{name}'"):
        spoken, value = item, None
        if item.is_mapping:
            fields = item.entries("a list value", ("in", "out"))
            if "in" not in fields:
                raise item.error("a list value needs 'in' (what people say); add it")
            spoken = fields["in"][1]
            value = fields["out"][1].plain() if "out" in fields else None
        ways = _spellings(spoken, item, locale)
        for words in ways:
            meaning = _as_written(spoken, ways[0]) if value is None else value
            if words in entries and entries[words] != meaning:
                raise item.error(f"'{' '.join(words)}' means both {entries[words]!r} and {meaning!r}; keep one")
            entries[words] = meaning
    return tuple(entries.items())


def _places(name: str, node: Located, locale: Locale) -> SlotList:
    wanted = []
    for item in node.items(f"places of list '{name}'"):
        kind = item.text("a kind of places")
        if kind not in PLACE_KINDS:
            raise item.error(f"there are no places of the kind '{kind}'; {nearest(kind, PLACE_KINDS)}")
        wanted.append(kind)
    return _named_places(name, wanted, locale, place_of(node))


def _named_places(name: str, wanted: Sequence[str], locale: Locale, place: Place) -> SlotList:
    entries = places_of(locale).entries(wanted)
    if not entries:
        raise place.error(f"{locale.name} has no tables of places; write the list as 'values'")
    return SlotList(name=name, kind="values", entries=tuple(entries), places=tuple(wanted))


def _as_written(spoken: Located, words: tuple[str, ...]) -> str:
    """The value of an entry without 'out': as it is written, or its first spelling when it is a template."""
    text = spoken.sentence("a list value")
    is_template = any(sign in text for sign in "[]{}<>|") or ("(" in text and ";" in text)
    return " ".join(words) if is_template else text


def _spellings(node: Located, item: Located, locale: Locale) -> tuple[tuple[str, ...], ...]:
    text = node.sentence("a list value")
    try:
        ways = spellings(text, locale)
    except TemplateError as error:
        raise node.error(str(error), offset=error.offset) from error
    if not ways:
        raise item.error(f"'{text}' has no word that can be spoken; write it as it is said")
    return ways


def _range(name: str, node: Located) -> tuple[int, int, int]:
    fields = node.entries(f"range of list '{name}'", ("from", "to", "step"))
    numbers = {"step": 1}
    for key, (_, value) in fields.items():
        plain = value.plain()
        if not isinstance(plain, int) or isinstance(plain, bool):
            raise value.error(f"'{key}' of a range must be a whole number, got {plain!r}")
        numbers[key] = plain
    for key in ("from", "to"):
        if key not in numbers:
            raise node.error(f"the range of list '{name}' has no '{key}'; add it")
    bounds = numbers["from"], numbers["to"], numbers["step"]
    check_range(bounds, place_of(node))
    return bounds


def check_range(bounds: tuple[int, int, int], place: Place) -> None:
    """Refuse ranges that cannot be spoken or are too long.

    Raises:
        SkillError: at `place`.
    """
    first, last, step = bounds
    if step < 1 or last < first or (last - first) // step >= MAX_RANGE:
        raise place.error(
            f"the range {first}..{last} in steps of {step} cannot be used; it must count upward and "
            f"have at most {MAX_RANGE} members (any number: type: number)"
        )
