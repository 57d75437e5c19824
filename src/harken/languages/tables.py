"""Reads `language.toml`. Every key is checked; an unknown one is refused, and the nearest name is suggested."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harken.errors import ConfigError, nearest
from harken.languages.locale import (
    Bundles,
    CutsValue,
    Derive,
    Disturbances,
    Infinitives,
    Letters,
    Locale,
    PartOfSpeech,
    ReadValue,
    Remarks,
    Speech,
    SpellNumber,
    SpokenType,
    Understanding,
    WeakForm,
    Writing,
    no_cut,
    no_derivation,
    no_infinitives,
    no_part_of_speech,
    no_value,
)
from harken.languages.wording import Wording


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The part of a language that is more than data: its functions, and the tables that belong to them."""

    writing: Writing
    spell_number: SpellNumber
    wording: Wording
    derive: Derive = no_derivation
    read_value: ReadValue = no_value
    cuts_value: CutsValue = no_cut
    infinitives: Infinitives = no_infinitives
    part_of_speech: PartOfSpeech = no_part_of_speech
    longest: Mapping[str, int] = field(default_factory=dict)
    spoken: Mapping[str, SpokenType] = field(default_factory=dict)


class Table:
    """A table of the file. It remembers which keys were asked for, so that all others can be refused.

    Args:
        values: the table.
        file: for messages.
        where: its name and a dot; empty for the whole file.
    """

    def __init__(self, values: Mapping[str, Any], file: Path, where: str = ""):
        self._values, self._file, self._where = values, file, where
        self._asked: dict[str, Table | None] = {}

    @classmethod
    def read(cls, file: Path) -> Table:
        """The whole file.

        Raises:
            ConfigError: it cannot be read or is not TOML.
        """
        try:
            return cls(tomllib.loads(file.read_text(encoding="utf-8")), file)
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{file} is not a readable language: {error}; write TOML in UTF-8") from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def is_table(self, key: str) -> bool:
        """Whether there is a table of that name."""
        return isinstance(self._values.get(key), dict)

    def text(self, key: str, default: str | None = None) -> str:
        """Text; required when there is no default."""
        text = self._get(key, str, "text in quotes", default)
        if text is None:
            raise self._error(key, "is missing; add it")
        return str(text)

    def number(self, key: str, default: int = 0) -> int:
        """A whole number."""
        return int(self._get(key, int, "a whole number", default))

    def flag(self, key: str) -> bool:
        """True or false."""
        return bool(self._get(key, bool, "true or false", False))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        texts = self._get(key, list, "a list of texts", [])
        if not all(isinstance(text, str) for text in texts):
            raise self._error(key, f"is {texts!r}; expected a list of texts")
        return tuple(texts)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """A list of pairs of texts."""
        pairs = self._get(key, list, "a list of pairs of texts", [])
        if not all(isinstance(pair, list) and [type(text) for text in pair] == [str, str] for pair in pairs):
            raise self._error(key, f"is {pairs!r}; expected a list of pairs of texts")
        return tuple((first, second) for first, second in pairs)

    def phrases(self, key: str) -> tuple[tuple[str, ...], ...]:
        """A list of texts, each as its words."""
        return tuple(tuple(text.split()) for text in self.texts(key))

    def table(self, key: str) -> Table:
        """A table within this one; empty when it is missing."""
        inner = self._asked.get(key) or Table(self._get(key, dict, "a table", {}), self._file, f"{self._where}{key}.")
        self._asked[key] = inner
        return inner

    def mapping(self, key: str) -> dict[str, str]:
        """A table of texts."""
        inner = self.table(key)
        return {name: inner.text(name) for name in inner}

    def check(self) -> None:
        """Refuse keys that nobody asked for.

        Raises:
            ConfigError: with the first unknown key and the nearest known one.
        """
        for key in self._values:
            if key not in self._asked:
                raise self._error(key, f"is unknown; {nearest(key, self._asked)}")
        for inner in self._asked.values():
            if inner is not None:
                inner.check()

    def _get(self, key: str, kind: type, expected: str, default: Any) -> Any:
        self._asked.setdefault(key, None)
        value = self._values.get(key, default)
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise self._error(key, f"is {value!r}; expected {expected}")
        return value

    def _error(self, key: str, message: str) -> ConfigError:
        return ConfigError(f"{self._file}: '{self._where}{key}' {message}")


def read_locale(table: Table, rules: Rules, folder: Path) -> Locale:
    """The language that a file describes.

    Args:
        table: the whole file.
        rules: the functions of the language.
        folder: the folder of the file.

    Raises:
        ConfigError: an unknown key, or a value of the wrong type.
    """
    table.texts("aliases")
    locale = Locale(
        code=table.text("code"), name=table.text("name"), folder=folder,
        phone_set=table.text("phone_set", "arpabet"), letters=table.text("letters", ""),
        bundles=_bundles(table.table("bundles")), writing=rules.writing, spell_number=rules.spell_number,
        spelling=_letters(table.table("spelling")), derive=rules.derive,
        understanding=_understanding(table.table("understanding"), rules), speech=_speech(table.table("speech"), rules),
        wording=rules.wording, replies=_replies(table.table("replies")), names=table.mapping("names"),
    )  # fmt: skip
    table.check()
    return locale


def _bundles(table: Table) -> Bundles:
    return Bundles(
        acoustic=table.text("acoustic", ""), language_model=table.text("language_model", ""),
        rescoring=table.text("rescoring", ""), confidence=table.text("confidence", ""),
        lexicon=table.text("lexicon", ""), pronouncer=table.text("pronouncer", ""),
        interpreter=table.text("interpreter", ""), voice=table.text("voice", ""), vocoder=table.text("vocoder", ""),
    )  # fmt: skip


def _letters(table: Table) -> Letters:
    return Letters(
        names={letter: tuple(phones.split()) for letter, phones in table.mapping("names").items()},
        other_names={
            letter: tuple(tuple(name.split()) for name in names.split("|"))
            for letter, names in table.mapping("other_names").items()
        },
        words=frozenset(table.texts("words")), vowels=table.text("vowels", ""), capitals=table.number("capitals"),
        ending=table.text("ending", ""), ending_phones=tuple(table.text("ending_phones", "").split()),
    )  # fmt: skip


def _understanding(table: Table, rules: Rules) -> Understanding:
    words, disturbances = table.table("words"), table.table("disturbances")
    return Understanding(
        leading=_longest_first(table, "leading"), trailing=_longest_first(table, "trailing"),
        follow_ups=table.phrases("follow_ups"), negations=table.phrases("negations"), joints=table.phrases("joints"),
        reservations=frozenset(table.texts("reservations")), turning=frozenset(table.texts("turning")),
        wishes=table.phrases("wishes"), remarks=_remarks(table.table("remarks")),
        hesitations=frozenset(table.texts("hesitations")), questions=frozenset(table.texts("questions")),
        ing_frames=table.phrases("ing_frames"), infinitives=rules.infinitives, typed=table.mapping("typed"),
        small=frozenset(table.texts("small")),
        words={name: frozenset(words.texts(name)) for name in words}, read_value=rules.read_value,
        cuts_value=rules.cuts_value,
        longest=rules.longest, spoken=rules.spoken, digraphs=table.pairs("digraphs"), sounds=_sounds(table),
        disturbances=Disturbances(
            before=disturbances.texts("before"), behind=disturbances.texts("behind"),
            droppable=frozenset(disturbances.texts("droppable")), swaps=disturbances.mapping("swaps"),
        ),
    )  # fmt: skip


def _longest_first(table: Table, key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(table.phrases(key), key=len, reverse=True))


def _remarks(table: Table) -> Remarks:
    return Remarks(**{field.name: frozenset(table.texts(field.name)) for field in dataclasses.fields(Remarks)})


def _sounds(table: Table) -> dict[str, str]:
    """Letter -> sound class; the file lists the letters of each class."""
    return {letter: sound for sound, letters in table.mapping("sounds").items() for letter in letters}


def _speech(table: Table, rules: Rules) -> Speech:
    weak = table.table("weak")
    return Speech(
        asking=frozenset(table.texts("asking")), weak={word: _weak(weak.table(word)) for word in weak},
        part_of_speech=rules.part_of_speech, openers=frozenset(table.texts("openers")),
        leaning=frozenset(table.texts("leaning")),
    )  # fmt: skip


def _weak(table: Table) -> WeakForm:
    return WeakForm(
        elsewhere=tuple(table.text("elsewhere").split()), before_vowel=tuple(table.text("before_vowel", "").split()),
        last=table.flag("last"),
    )  # fmt: skip


def _replies(table: Table) -> dict[str, dict[str, str | dict[str, str]]]:
    return {group: _templates(table.table(group)) for group in table}


def _templates(table: Table) -> dict[str, str | dict[str, str]]:
    return {key: _forms(table.table(key)) if table.is_table(key) else table.text(key) for key in table}


def _forms(table: Table) -> dict[str, str]:
    return {"one": table.text("one"), "many": table.text("many")}
