"""A language as a value: the frozen `Locale` that text, pronunciation, understanding, dialogue and voice are handed.

Most of it is data. Where a language needs rules (to read '7:30', to say 'an hour and a half'), the locale carries
functions; `harken.languages.plain` has some that a table is enough for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from harken.errors import ConfigError
from harken.languages.wording import Wording

FILE = "language.toml"
"""What a language's folder must hold."""
Part: TypeAlias = Literal["acoustic", "language_model", "lexicon", "pronouncer", "interpreter", "voice", "vocoder"]
"""What a language may have a bundle for."""
Phones: TypeAlias = tuple[str, ...]
"""A pronunciation."""
Today: TypeAlias = Callable[[], dt.date]
Rule: TypeAlias = Callable[[str, int], tuple[str, int] | None]
"""(text, place) -> what is said from there, words with spaces between, and the end of the piece; None when there is no
such piece."""
ReadValue: TypeAlias = Callable[[str, Sequence[str], Today], Any | None]
"""(type, words, today) -> the value of all the words as a built-in slot type, None when they are not one.

Types and values: 'number' (a number), 'duration' (seconds), 'time' (HH:MM), 'date' (ISO)."""
SpellNumber: TypeAlias = Callable[[int], str]
"""A whole number in words."""
Known: TypeAlias = Callable[[str], tuple[Phones, ...]]
"""Pronunciations of a word, empty when it is unknown."""
Derive: TypeAlias = Callable[[str, Known], tuple[Phones, ...]]
"""Pronunciations of a word that follow from a known word inside; empty when none does."""


class _Frozen:
    """Makes the mappings of a frozen dataclass read-only, too."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, dict):
                object.__setattr__(self, name, _read_only(value))


def _read_only(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType({key: _read_only(one) if isinstance(one, dict) else one for key, one in value.items()})


@dataclass(frozen=True, kw_only=True)
class Bundles:
    """Names of the bundles that a language has; empty for one that it has not."""

    acoustic: str = ""
    language_model: str = ""
    lexicon: str = ""
    pronouncer: str = ""
    interpreter: str = ""
    voice: str = ""
    vocoder: str = ""


def no_reading(text: str, place: int) -> tuple[str, int] | None:
    """The rule of a language that reads nothing of the kind."""
    return None


def no_value(kind: str, words: Sequence[str], today: Today) -> Any | None:
    """The reader of a language that knows no values."""
    return None


def no_derivation(word: str, known: Known) -> tuple[Phones, ...]:
    """The derivation of a language without one."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Writing(_Frozen):
    """How written text is read. Keys are in lower case."""

    titles: Mapping[str, str] = field(default_factory=dict)
    """Short forms that are said in full with or without a full stop."""
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    """Said in full only with a full stop."""
    ambiguous: frozenset[str] = frozenset()
    """Abbreviations that are also words: said in full only with a capital, or before a small letter."""
    before_numbers: Mapping[str, str] = field(default_factory=dict)
    """Said in full with a full stop and a number behind."""
    before_names: Mapping[str, str] = field(default_factory=dict)
    """Said in full with a full stop and a capital behind."""
    may_end: frozenset[str] = frozenset()
    """Short forms whose full stop may also end a sentence."""
    dotted: Mapping[str, str] = field(default_factory=dict)
    """Forms with several full stops: 'e.g.'."""
    signs: Mapping[str, str] = field(default_factory=dict)
    """Signs that are always said."""
    between_numbers: Mapping[str, str] = field(default_factory=dict)
    """Signs (and the letter x) that are said where a number stands on either side."""
    before_digits: Mapping[str, str] = field(default_factory=dict)
    """Signs that are said right before a digit."""
    behind_words: Mapping[str, str] = field(default_factory=dict)
    """Signs that are said right behind a letter or digit."""
    minus: str = ""
    """The dash before a number."""
    until: str = ""
    """The dash between a number and a time of day."""
    address: Rule = no_reading
    """Web and mail addresses."""
    date: Rule = no_reading
    """Dates that begin with a letter."""
    number: Rule = no_reading
    """Numbers, amounts, times, measures: whatever begins with a digit or a sign."""


@dataclass(frozen=True, kw_only=True)
class Letters(_Frozen):
    """The letters by name, and which words are said letter by letter."""

    names: Mapping[str, Phones] = field(default_factory=dict)
    """Letter -> its name in phones, with stress."""
    words: frozenset[str] = frozenset()
    """Letters that are words of their own and said as such."""
    vowels: str = ""
    """A word without any of them cannot be read: it is spelled."""
    capitals: int = 0
    """Unknown words in capitals of up to so many letters are spelled; longer ones are read."""
    ending: str = ""
    """An ending that stays an ending when the word before it is spelled."""
    ending_phones: Phones = ()


@dataclass(frozen=True, kw_only=True)
class SpokenType(_Frozen):
    """The usual ways to say a value, for the recogniser and for sampling."""

    templates: Mapping[str, float]
    """Template -> relative weight > 0; `{name}` stands for a list or a part."""
    lists: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """List -> entries, each a tuple of words. Names begin with the type and '_'."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Part -> its template."""


@dataclass(frozen=True, kw_only=True)
class Disturbances(_Frozen):
    """How people and recognisers disturb sentences: what heads and taggers learn to bear."""

    before: tuple[str, ...] = ()
    """Polite beginnings and hesitations."""
    behind: tuple[str, ...] = ()
    droppable: frozenset[str] = frozenset()
    """Little words that people leave out and recognisers miss."""
    swaps: Mapping[str, str] = field(default_factory=dict)
    """Word -> what it is misheard as."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Understanding(_Frozen):
    """What understanding needs to know of a language; compared by identity."""

    leading: tuple[tuple[str, ...], ...] = ()
    """Polite words before a request."""
    trailing: tuple[tuple[str, ...], ...] = ()
    """Polite words behind it."""
    follow_ups: tuple[str, ...] = ()
    """How a sentence begins that repeats the last request with another value; longer phrases first."""
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Words that the code of a skill looks for in what was heard, by a name that the code knows."""
    read_value: ReadValue = no_value
    longest: Mapping[str, int] = field(default_factory=dict)
    """Type -> most words of a value; none for a type that the language cannot read."""
    spoken: Mapping[str, SpokenType] = field(default_factory=dict)
    """Type -> how its values are said."""
    digraphs: tuple[tuple[str, str], ...] = ()
    """Groups of letters -> one that sounds alike; in this order."""
    sounds: Mapping[str, str] = field(default_factory=dict)
    """Letter -> its rough class of sound."""
    disturbances: Disturbances = field(default_factory=Disturbances)


@dataclass(frozen=True, kw_only=True)
class WeakForm:
    """How a little word is said inside a sentence."""

    elsewhere: Phones
    before_vowel: Phones = ()
    """Before a vowel; as elsewhere when empty."""
    last: bool = False
    """Also as the last word; else that one keeps its full form."""


@dataclass(frozen=True, kw_only=True)
class Speech(_Frozen):
    """What the voice and subtitles need to know of a language."""

    asking: frozenset[str] = frozenset()
    """Questions that begin with one of these fall at the end, like statements."""
    weak: Mapping[str, WeakForm] = field(default_factory=dict)
    openers: frozenset[str] = frozenset()
    """Words that often open a clause: good to begin a line with."""
    leaning: frozenset[str] = frozenset()
    """Words that lean on the next one: bad to end a line with."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Locale(_Frozen):
    """All that belongs to one language; every language is one of these, compared by identity."""

    code: str
    """As in 'en-US'."""
    name: str
    """For people: 'English'."""
    folder: Path
    """Holds its skills' sentences (`skills/NAME.yaml`) and tables."""
    phone_set: str = "arpabet"
    """Alphabet of its pronunciations, one of `harken.phones.sets.PHONE_SETS`."""
    letters: str = ""
    """Letters beyond a-z that its words keep, lower case; others lose their accents."""
    bundles: Bundles = field(default_factory=Bundles)
    writing: Writing = field(default_factory=Writing)
    spell_number: SpellNumber = str
    spelling: Letters = field(default_factory=Letters)
    derive: Derive = no_derivation
    understanding: Understanding = field(default_factory=Understanding)
    speech: Speech = field(default_factory=Speech)
    wording: Wording
    replies: Mapping[str, Mapping[str, str | Mapping[str, str]]] = field(default_factory=dict)
    """Skill (or 'dialogue') -> reply -> template; a template may be split in 'one' and 'many'."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the code of skills names in English -> how it is said; what is missing is said as it is named."""

    def __repr__(self) -> str:
        return f"Locale({self.code})"

    def bundle(self, part: Part) -> str:
        """Name of the language's bundle for a part.

        Raises:
            ConfigError: it has none.
        """
        name: str = getattr(self.bundles, part)
        if not name:
            raise ConfigError(
                f"language '{self.code}' has no bundle of its own for '{part}'; name one in your profile, or under "
                f"[bundles] in {self._file}"
            )
        return name

    def reply(self, group: str, key: str, values: Mapping[str, object] | None = None) -> str:
        """A reply in this language.

        Args:
            group: skill, or 'dialogue'.
            key: which of its replies.
            values: what stands in the template's braces; `count` chooses between 'one' and 'many'.

        Raises:
            ConfigError: the language has no such reply, or it wants a value that is not there.
        """
        template = self.replies.get(group, {}).get(key)
        if isinstance(template, Mapping):
            template = template.get("one" if (values or {}).get("count") == 1 else "many")
        if template is None:
            raise ConfigError(
                f"language '{self.code}' has no reply '{key}' for {group}; "
                f"add it under [replies.{group}] in {self._file}"
            )
        try:
            return template.format_map(values or {})
        except KeyError as error:
            raise ConfigError(
                f"the reply '{key}' of {group} in language '{self.code}' wants {{{error.args[0]}}}; "
                f"there is: {', '.join(values or {}) or 'nothing'}"
            ) from error

    @property
    def _file(self) -> Path:
        return self.folder / FILE

    def named(self, name: str) -> str:
        """How something is said that the code of skills names in English."""
        return self.names.get(name, name)
