"""A language as a value: the frozen `Locale` that text, pronunciation, understanding, dialogue and voice receive.

Most of it is data. Where a language needs rules (to read '7:30', to say 'an hour and a half'), the locale holds
functions; `harken.languages.plain` has those for which a table is enough.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

from harken.errors import ConfigError
from harken.languages.chains import Chain
from harken.languages.wording import Wording

LANGUAGE_FILE = "language.toml"
"""The file that a language's folder must contain."""
Part: TypeAlias = Literal[
    "acoustic", "language_model", "rescoring", "confidence", "lexicon", "pronouncer", "interpreter", "voice", "vocoder"
]  # fmt: skip
"""What a language can have a bundle for."""
Phones: TypeAlias = tuple[str, ...]
"""A pronunciation."""
Today: TypeAlias = Callable[[], dt.date]
Rule: TypeAlias = "Callable[[str, int], Reading | None]"
"""(text, place) -> how the piece that begins there is said; None when the rule does not apply."""
SayAs: TypeAlias = Callable[[str, str], str | None]
"""(text, format) -> how it is said as something in particular: words and punctuation with spaces between, letters in
capitals; None when it cannot be said so."""
ReadValue: TypeAlias = Callable[[str, Sequence[str], Today], Any | None]
"""(type, words, today) -> the value of the words, all of them, as a built-in slot type; None when they have none.

Types and values: see `harken.nlu.slot_lists.SLOT_TYPES`. A value is read whole or not at all."""
CutsValue: TypeAlias = Callable[[Sequence[str], int], bool]
"""(words, place) -> whether a value that ends or begins before the word at `place` would be cut: 'twenty | five'."""
SpellNumber: TypeAlias = Callable[[int], str]
"""A whole number in words."""
Known: TypeAlias = Callable[[str], tuple[Phones, ...]]
"""Pronunciations of a word, empty when it is unknown."""
Derive: TypeAlias = Callable[[str, Known], tuple[Phones, ...]]
"""Pronunciations of a word that follow from a known word in it; empty when none do."""
Infinitives: TypeAlias = Callable[[str], tuple[str, ...]]
"""The forms that a verb could have in a request: 'turning' -> 'turn', 'turne'."""
PartOfSpeech: TypeAlias = Callable[[Sequence[str], int], str]
"""(words of a sentence in lower case, place of one) -> its part of speech as the lexicon marks it; '' if unknown."""


class Reading(NamedTuple):
    """How a piece of text is said."""

    words: str
    """Words and punctuation marks with spaces between them; empty when nothing is said."""
    end: int
    """Where the piece ends in the text."""


class _ReadOnly:
    """Makes the mappings of a frozen dataclass read-only, too."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, dict):
                object.__setattr__(self, name, _read_only(value))


def _read_only(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType({key: _read_only(item) if isinstance(item, dict) else item for key, item in value.items()})


@dataclass(frozen=True, kw_only=True)
class Bundles:
    """Names of a language's bundles; empty for those that it lacks."""

    acoustic: str = ""
    language_model: str = ""
    rescoring: str = ""
    confidence: str = ""
    lexicon: str = ""
    pronouncer: str = ""
    interpreter: str = ""
    voice: str = ""
    vocoder: str = ""


def no_reading(text: str, place: int) -> Reading | None:
    """The rule of a language without one."""
    return None


def no_value(kind: str, words: Sequence[str], today: Today) -> Any | None:
    """The reader of a language that cannot read values."""
    return None


def no_cut(words: Sequence[str], place: int) -> bool:
    """The judgement of a language that does not know where values can be cut."""
    return False


def no_derivation(word: str, known: Known) -> tuple[Phones, ...]:
    """The derivation of a language without one."""
    return ()


def no_infinitives(word: str) -> tuple[str, ...]:
    """The forms in a language that does not change verbs."""
    return ()


def no_part_of_speech(words: Sequence[str], place: int) -> str:
    """The judgement of a language in which no word is said in two ways."""
    return ""


@dataclass(frozen=True, kw_only=True)
class Writing(_ReadOnly):
    """How written text is read. Keys are lower case."""

    titles: Mapping[str, str] = field(default_factory=dict)
    """Short forms, with or without a full stop."""
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    """Short forms that need a full stop."""
    ambiguous: frozenset[str] = frozenset()
    """Abbreviations that are also words: said in full only when they are capitalised or a small letter follows."""
    before_numbers: Mapping[str, str] = field(default_factory=dict)
    """Short forms that need a full stop and a number after it."""
    before_names: Mapping[str, str] = field(default_factory=dict)
    """Short forms that need a full stop and a capital after it."""
    may_end: frozenset[str] = frozenset()
    """Short forms whose full stop may also end a sentence."""
    dotted: Mapping[str, str] = field(default_factory=dict)
    """Forms with several full stops: 'e.g.'."""
    signs: Mapping[str, str] = field(default_factory=dict)
    """Signs that are always said."""
    between_numbers: Mapping[str, str] = field(default_factory=dict)
    """Signs (and the letter x) that are said between numbers."""
    before_digits: Mapping[str, str] = field(default_factory=dict)
    """Signs that are said immediately before a digit."""
    after_words: Mapping[str, str] = field(default_factory=dict)
    """Signs that are said immediately after a letter or digit."""
    minus: str = ""
    """How the dash before a number is said."""
    until: str = ""
    """How the dash between a number and a time of day is said."""
    address: Rule = no_reading
    """Web and mail addresses."""
    date: Rule = no_reading
    """Dates that begin with a letter."""
    number: Rule = no_reading
    """Numbers, amounts, times, measures: whatever begins with a digit or a sign."""
    aloud: Rule = no_reading
    """What only the voice reads so, because of its neighbours; comes before all other rules."""
    say_as: Mapping[str, SayAs] = field(default_factory=dict)
    """What the text of SSML's say-as can be: 'date' -> how text is said as one."""
    aloud_keeps: str = ""
    """Characters that `aloud` wants to see as they were written."""
    aloud_keeps_alone: str = ""
    """Letters that it wants to see where no letter beyond a-z is beside them."""


@dataclass(frozen=True, kw_only=True)
class Letters(_ReadOnly):
    """The letters by name, and which words are said letter by letter."""

    names: Mapping[str, Phones] = field(default_factory=dict)
    """Letter -> its name in phones, with stress."""
    other_names: Mapping[str, tuple[Phones, ...]] = field(default_factory=dict)
    """Letter -> further names that people give it, which the voice does not use."""
    words: frozenset[str] = frozenset()
    """Letters that are also words and are said as words."""
    vowels: str = ""
    """A word without any of them is spelled."""
    capitals: int = 0
    """Unknown words in capitals are spelled up to this many letters; longer ones are read."""
    ending: str = ""
    """An ending that is not spelled when the word before it is."""
    ending_phones: Phones = ()


@dataclass(frozen=True, kw_only=True)
class SpokenType(_ReadOnly):
    """The usual ways to say a value, for the recogniser and for sampling."""

    templates: Mapping[str, float]
    """Template -> relative weight > 0; `{name}` refers to a list, a chain or a part."""
    lists: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """List -> entries, each a tuple of words. Names begin with the type and '_'."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Part -> its template."""
    chains: Mapping[str, Chain] = field(default_factory=dict)
    """Chain -> what it can say. Names begin with the type and '_'."""


@dataclass(frozen=True, kw_only=True)
class Disturbances(_ReadOnly):
    """How people and recognisers distort sentences, for the training of heads and taggers."""

    before: tuple[str, ...] = ()
    """Polite beginnings and hesitations."""
    behind: tuple[str, ...] = ()
    """Polite endings."""
    droppable: frozenset[str] = frozenset()
    """Short words that people leave out and recognisers miss."""
    swaps: Mapping[str, str] = field(default_factory=dict)
    """Word -> what it is misheard as."""


@dataclass(frozen=True, kw_only=True)
class Remarks:
    """What statements beside a request are made of."""

    statements: frozenset[str] = frozenset()
    """First words that hold subject and verb: "it's"."""
    subjects: frozenset[str] = frozenset()
    """First words of other subjects: 'the', 'my', 'nobody'."""
    verbs: frozenset[str] = frozenset()
    """Their verbs."""
    contracted: frozenset[str] = frozenset()
    """Endings of a noun that hold its verb, each with what follows then: "'s asleep" ("the baby's asleep")."""
    reasons: frozenset[str] = frozenset()
    """Words that may stand before the statement: 'because', 'so'."""
    changing: frozenset[str] = frozenset()
    """Words with which it would change the request: 'if', 'not'."""
    leading_on: frozenset[str] = frozenset()
    """Words after which a sentence goes on: a remark does not end with them."""
    going_on: frozenset[str] = frozenset()
    """Words with which a statement goes on, and no request begins: 'i was going | to set an alarm'."""
    copulas: frozenset[str] = frozenset()
    """Verbs that make a statement of any first word but one that asks: "light is a wave"."""
    asking: frozenset[str] = frozenset()
    """Words with which a sentence that begins as a statement asks: "the heater, what is it set to"."""
    exclamations: frozenset[str] = frozenset()
    """First two words of sentences that only exclaim: 'what a'."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Understanding(_ReadOnly):
    """What understanding needs to know of a language; compared by identity."""

    leading: tuple[tuple[str, ...], ...] = ()
    """Polite words before a request."""
    trailing: tuple[tuple[str, ...], ...] = ()
    """Polite words after it."""
    follow_ups: tuple[tuple[str, ...], ...] = ()
    """Beginnings of fragments that change or continue the last request."""
    negations: tuple[tuple[str, ...], ...] = ()
    """Beginnings of requests not to do something."""
    joints: tuple[tuple[str, ...], ...] = ()
    """What stands between two requests of one sentence."""
    reservations: frozenset[str] = frozenset()
    """Words that begin a condition, an exception or a reason: what follows changes the request."""
    turning: frozenset[str] = frozenset()
    """Words that change what a sentence means wherever they stand; only a template that contains one explains it."""
    wishes: tuple[tuple[str, ...], ...] = ()
    """Beginnings of requests that have the form of a statement: 'I need'."""
    questions: frozenset[str] = frozenset()
    """Words that begin a question about a request instead of making it: 'should I ...', 'why did you ...'."""
    remarks: Remarks = field(default_factory=Remarks)
    hesitations: frozenset[str] = frozenset()
    """Sounds between words, which are left out."""
    ing_frames: tuple[tuple[str, ...], ...] = ()
    """Beginnings after which the verb of a request has another form: 'would you mind'."""
    infinitives: Infinitives = no_infinitives
    typed: Mapping[str, str] = field(default_factory=dict)
    """Word as people type it in a hurry -> the word: 'dont' -> "don't"."""
    small: frozenset[str] = frozenset()
    """Words that mean nothing by themselves, such as articles and prepositions."""
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Name that a skill's code uses -> words that it looks for in what was heard."""
    read_value: ReadValue = no_value
    cuts_value: CutsValue = no_cut
    longest: Mapping[str, int] = field(default_factory=dict)
    """Type -> most words of a value; without an entry for a type that the language cannot read."""
    spoken: Mapping[str, SpokenType] = field(default_factory=dict)
    """Type -> how its values are said."""
    digraphs: tuple[tuple[str, str], ...] = ()
    """(letters, what replaces them because it sounds alike), applied in this order."""
    sounds: Mapping[str, str] = field(default_factory=dict)
    """Letter -> its rough sound class."""
    disturbances: Disturbances = field(default_factory=Disturbances)


@dataclass(frozen=True, kw_only=True)
class WeakForm:
    """How a short word is said within a sentence."""

    elsewhere: Phones
    before_vowel: Phones = ()
    """Before a vowel; the same as `elsewhere` when empty."""
    last: bool = False
    """Whether it is also used for the last word, which otherwise keeps its full form."""


@dataclass(frozen=True, kw_only=True)
class Speech(_ReadOnly):
    """What the voice and subtitles need to know of a language."""

    asking: frozenset[str] = frozenset()
    """Words that begin questions whose tune falls at the end, as in statements."""
    weak: Mapping[str, WeakForm] = field(default_factory=dict)
    part_of_speech: PartOfSpeech = no_part_of_speech
    openers: frozenset[str] = frozenset()
    """Words that often begin a clause: a line of subtitles may well begin with them."""
    leaning: frozenset[str] = frozenset()
    """Words that belong to the next one: a line of subtitles should not end with them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Locale(_ReadOnly):
    """All that belongs to one language; compared by identity."""

    code: str
    """As in 'en-US'."""
    name: str
    """For people: 'English'."""
    folder: Path
    """Holds its skills' sentences (`skills/NAME.yaml`) and tables."""
    phone_set: str = "arpabet"
    """Phone set of its pronunciations, one of `harken.phones.sets.PHONE_SETS`."""
    letters: str = ""
    """Letters beyond a-z that its words keep, in lower case; all others lose their accents."""
    bundles: Bundles = field(default_factory=Bundles)
    writing: Writing = field(default_factory=Writing)
    spell_number: SpellNumber = str
    spelling: Letters = field(default_factory=Letters)
    derive: Derive = no_derivation
    understanding: Understanding = field(default_factory=Understanding)
    speech: Speech = field(default_factory=Speech)
    wording: Wording
    replies: Mapping[str, Mapping[str, str | Mapping[str, str]]] = field(default_factory=dict)
    """Skill (or 'dialogue') -> reply -> template; a template can have the forms 'one' and 'many'."""
    names: Mapping[str, str] = field(default_factory=dict)
    """English name in the code of skills -> what is said; the name itself by default."""

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
            values: for the template's braces; `count` chooses between 'one' and 'many'.

        Raises:
            ConfigError: the language has no such reply, or the reply needs a value that is not given.
        """
        template = self.replies.get(group, {}).get(key)
        if template is None:
            raise ConfigError(
                f"language '{self.code}' has no reply '{key}' for {group}; "
                f"add it under [replies.{group}] in {self._file}"
            )
        return filled(template, values or {}, f"the reply '{key}' of {group} in language '{self.code}'")

    @property
    def _file(self) -> Path:
        return self.folder / LANGUAGE_FILE

    def named(self, name: str) -> str:
        """What is said for something that the code of skills names in English."""
        return self.names.get(name, name)


def filled(template: str | Mapping[str, str], values: Mapping[str, object], what: str) -> str:
    """A reply with its values.

    Args:
        template: the text, or its forms 'one' and 'many'.
        values: for the braces; `count` chooses the form.
        what: names the reply in errors.

    Raises:
        ConfigError: the reply needs a value that is not given.
    """
    text = template if isinstance(template, str) else template["one" if values.get("count") == 1 else "many"]
    try:
        return text.format_map(values)
    except KeyError as error:
        given = ", ".join(values) or "nothing"
        raise ConfigError(f"{what} wants {{{error.args[0]}}}; there is: {given}") from error
