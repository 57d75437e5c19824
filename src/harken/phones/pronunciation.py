"""How a word is pronounced: for training, recogniser, understanding, voice and `harken pronounce` alike.

    pronunciation = Pronunciation.load()
    pronunciation.of("kettle")      [('K', 'EH1', 'T', 'AH0', 'L')]
    pronunciation.of("MQTT")        letter by letter
    pronunciation.of("ristretto")   the pronouncer's guess

The first of these that knows the word decides: words that the caller lists; the lexicon, with the user's words first
(it also derives plurals and other endings); letter by letter, if the word cannot be read because it has no vowel, or is
short and written in capitals; the pronouncer's guesses.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from harken.bundle import load_bundle
from harken.errors import BundleError, ConfigError
from harken.languages.loading import load_locale
from harken.languages.locale import Letters, Locale, Phones
from harken.phones.dictionary import parse_listed
from harken.phones.lexicon import Lexicon, dictionaries
from harken.phones.pronouncer import Pronouncer
from harken.phones.sets import PHONE_SETS, strip_stress
from harken.text.words import normalize_words

GUESSES = 2
"""Pronunciations that recogniser and training use of a guessed word."""
LISTED = "pronunciations.txt"
"""File in the bundle of a language model: words outside the lexicon, as they were guessed when it was made."""
RULES_VERSION = 3
"""Raised when the rules here change an answer although no bundle has changed."""
_JOINED = re.compile(r"^[a-z](?=[A-Z][a-z])|[A-Z][a-z]{2,}|(?<=[a-z])[A-Z]+(?![a-z])|^[a-z]{2,}(?=[A-Z])")
"""Parts of words with capitals inside: 'iKettle' is said as 'i kettle', 'OpenMower' as two words."""
_REMEMBERED = 10_000
"""Number of words whose pronunciations are cached, so that recompiling a slightly changed long list is cheap."""


class Way(NamedTuple):
    """A pronunciation."""

    phones: Phones
    """With stress, except those of listed words."""
    probability: float
    """1 for what is known or follows by rule; for a guess its share 0..1."""


class Pronunciation:
    """Pronunciations of any word of one language.

    Args:
        locale: the language.
        lexicon: known words; the user's own are added to it.
        pronouncer: guesses the others; without one they are spelled letter by letter.
        listed: returns words that come before the lexicon, without stress; the voice, which needs stress, ignores them.
    """

    def __init__(
        self,
        locale: Locale,
        lexicon: Lexicon,
        pronouncer: Pronouncer | None = None,
        *,
        listed: Callable[[], Mapping[str, tuple[Phones, ...]]] = dict,
    ):
        self.locale, self.lexicon, self.pronouncer, self._list = locale, lexicon, pronouncer, listed

    @classmethod
    def load(
        cls, locale: Locale | None = None, *, listed: Mapping[str, tuple[Phones, ...]] | None = None
    ) -> Pronunciation:
        """Open the bundles of a language, and the dictionary in its folder.

        Args:
            locale: English when None.
            listed: words that come before the lexicon; those of the language's own language model when None.

        Raises:
            BundleError: one is missing, damaged or of a different kind.
            ConfigError: the language's pronunciations are in phones that harken does not have.
        """
        locale = locale or load_locale()
        if locale.phone_set not in PHONE_SETS:
            raise ConfigError(
                f"language '{locale.code}' has the phone set '{locale.phone_set}'; expected {' or '.join(PHONE_SETS)}"
            )
        name = locale.bundles.pronouncer
        return cls(
            locale, Lexicon.load(locale), Pronouncer.load(name, language=locale.code, common=True) if name else None,
            listed=lambda: _listed(locale) if listed is None else listed,
        )  # fmt: skip

    def of(self, text: str, *, nbest: int = 1, part: str = "") -> list[Phones]:
        """Pronunciations with stress, the usual one first; none if the text has no letter of the language and no digit.

        Args:
            text: as written: 'Kettle', 'USB', '5G', "who's"; case distinguishes abbreviations from words.
            nbest: how many guesses for a word that neither lexicon nor rule knows.
            part: part of speech, for words that the lexicon marks: 'record' as a noun or a verb.
        """
        return [way.phones for way in self._written(text, nbest, {}, part)]

    def usual(self, text: str, *, part: str = "") -> Phones:
        """The first pronunciation, with stress; empty for a text without one.

        Args:
            text: as in `of`.
            part: part of speech, for words that the lexicon marks.
        """
        return next(iter(self.of(text, part=part)), ())

    def ways(self, text: str, *, nbest: int = 1, part: str = "") -> list[Way]:
        """As `of`, with listed words and probabilities."""
        return self._written(text, nbest, self.listed, part)

    def plain(self, word: str, *, nbest: int = GUESSES) -> list[Phones]:
        """As `ways`, for a word already in normal form (lower case, no digits), without stress or duplicates."""
        ways = self._word(word, False, nbest, self.listed)
        return list(dict.fromkeys(strip_stress(way.phones) for way in ways))

    def prepare(self, words: Iterable[str]) -> None:
        """Guess the unknown ones of many words in normal form at once, so that `plain` finds them quickly."""
        unknown = [word for word in words if self._is_guessed(word)]
        if self.pronouncer is not None and unknown:
            self.pronouncer.pronounce_all(unknown, nbest=GUESSES)

    def is_known(self, text: str) -> bool:
        """Whether the lexicon has or derives every word of the text."""
        return all(self.lexicon.lookup(part) for part in normalize_words(text, self.locale))

    @cached_property
    def listed(self) -> Mapping[str, tuple[Phones, ...]]:
        """Words that come before the lexicon, without stress."""
        return self._list()

    def _written(self, text: str, nbest: int, listed: Mapping[str, tuple[Phones, ...]], part: str = "") -> list[Way]:
        parts = normalize_words(text, self.locale)
        if len(parts) == 1:
            marked = self.lexicon.lookup(parts[0], part=part) if part else ()
            if marked:
                return [Way(way, 1.0) for way in marked]
            pieces = _JOINED.findall(text)
            known = parts[0] in listed or self.lexicon.lookup(parts[0])
            if len(pieces) > 1 and "".join(pieces) == text and not known:
                return self._together([piece.lower() for piece in pieces], listed)
            return self._word(parts[0], text.isupper(), nbest, listed)
        return self._together(parts, listed)

    def _together(self, parts: Sequence[str], listed: Mapping[str, tuple[Phones, ...]]) -> list[Way]:
        ways = [(*self._word(part, False, 1, listed), Way((), 1.0))[0] for part in parts]
        phones = tuple(phone for way in ways for phone in way.phones)
        return [Way(phones, math.prod(way.probability for way in ways))] if phones else []

    def _is_guessed(self, word: str) -> bool:
        letters = self.locale.spelling
        is_letter = word in letters.names and word not in letters.words
        known = is_letter or word in self.listed or self.lexicon.lookup(word)
        return not known and not is_spelled(word, letters)

    def _word(self, word: str, capitals: bool, nbest: int, listed: Mapping[str, tuple[Phones, ...]]) -> list[Way]:
        letters = self.locale.spelling
        if word in letters.names and word not in letters.words:
            return [Way(name, 1.0) for name in (letters.names[word], *letters.other_names.get(word, ()))]
        known = listed.get(word) or self.lexicon.lookup(word)
        if known:
            return [Way(phones, 1.0) for phones in known]
        if self.pronouncer is None or is_spelled(word, letters, capitals=capitals):
            spelled = spell_letters(word, letters)
            return [Way(spelled, 1.0)] if spelled else []
        guesses = self.pronouncer.pronounce(word, nbest=nbest)
        return [Way(guess.phones, math.exp(guess.log_prob)) for guess in guesses]


class Unstressed:
    """What the recogniser's graph is built from: a word in normal form -> its pronunciations without stress.

    Bundles are opened when a word first needs them; answers are remembered.

    Args:
        locale: the language; English when None.
        listed: words that come before the lexicon; those of the language's own language model when None.
    """

    def __init__(self, locale: Locale | None = None, *, listed: Mapping[str, tuple[Phones, ...]] | None = None):
        self._locale, self._listed = locale or load_locale(), listed
        self._ways = lru_cache(_REMEMBERED)(self._look_up)

    def __call__(self, word: str) -> tuple[Phones, ...]:
        """Pronunciations, the usual one first; empty when the word cannot be said."""
        return self._ways(word)

    def prepare(self, words: Iterable[str]) -> None:
        """Look many words up at once: unknown ones are guessed together, which is several times faster."""
        self._pronunciation.prepare(words)

    def letter(self, word: str) -> tuple[Phones, ...]:
        """As a call, where letters are spelled: a letter that is also a word ('a') is said by its name alone."""
        letters = self._locale.spelling
        is_both = word in letters.words and word in letters.names
        return (strip_stress(letters.names[word]),) if is_both else self(word)

    @property
    def version(self) -> str:
        """Changes whenever an answer might, except for listed words."""
        names = (self._locale.bundles.lexicon, self._locale.bundles.pronouncer)
        dictionary = [hashlib.sha256(own.read_bytes()).hexdigest() for own in dictionaries(self._locale)]
        return " ".join([str(RULES_VERSION), self._locale.code, *(_hash(name) for name in names), *dictionary])

    @cached_property
    def _pronunciation(self) -> Pronunciation:
        return Pronunciation.load(self._locale, listed=self._listed)

    def _look_up(self, word: str) -> tuple[Phones, ...]:
        return tuple(self._pronunciation.plain(word))


def is_spelled(word: str, letters: Letters, *, capitals: bool = False) -> bool:
    """Whether an unknown word is spelled out: it has no vowel ('mqtt'), or is short and written in capitals."""
    core = _without_ending(word, letters)
    return not set(core) & set(letters.vowels) or (capitals and len(core) <= letters.capitals)


def spell_letters(word: str, letters: Letters) -> Phones:
    """Letter by letter; an ending is kept as such: "dj's" -> D IY1 JH EY1 Z. Other characters are left out."""
    core = _without_ending(word, letters)
    phones = tuple(phone for letter in core for phone in letters.names.get(letter, ()))
    return (*phones, *letters.ending_phones) if core != word and phones else phones


def _without_ending(word: str, letters: Letters) -> str:
    return word.removesuffix(letters.ending) if letters.ending else word


def _listed(locale: Locale) -> dict[str, tuple[Phones, ...]]:
    name = locale.bundles.language_model
    return parse_listed(load_bundle(name).text(LISTED)) if name else {}


def _hash(name: str) -> str:
    try:
        return load_bundle(name).hash if name else "none"
    except BundleError:
        return "missing"  # allowed as long as no word needs it
