"""Pronunciations in every language that a pronouncer speaks: the user's dictionary first, the model for the rest.

    readings = Readings.load("fr")
    readings.of("bonjour")      [Way(('b', 'ɔ̃', 'ʒ', 'u', 'ʁ'), 0.98)]

A language that harken also understands has rules and a lexicon besides (`harken.phones.pronunciation`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from harken.bundle import installed_bundles
from harken.errors import ConfigError, DataError, nearest
from harken.languages.locale import Phones
from harken.phones.inventory import find_language, normal_word
from harken.phones.lexicon import own_dictionary
from harken.phones.pronouncer import Pronouncer
from harken.phones.pronunciation import Way

MULTILINGUAL = "pronouncer-multilingual"
"""The shipped bundle for many languages."""


class Readings:
    """Pronunciations of words of one language.

    Args:
        pronouncer: guesses.
        own: words of the user, in normal form, which come first.
    """

    def __init__(self, pronouncer: Pronouncer, own: Mapping[str, tuple[Phones, ...]] | None = None):
        self.pronouncer, self._own = pronouncer, dict(own or {})

    @classmethod
    def load(cls, language: str) -> Readings:
        """Open the bundle of a language: one trained for it alone (`pronouncer-LANGUAGE`), or the one for many.

        Args:
            language: as the model names it ('fr', 'pt-BR'), or in more or fewer words ('fr-FR', 'pt').

        Raises:
            ConfigError: no installed bundle speaks it.
            BundleError: the bundle is damaged.
            DataError: the user's dictionary cannot be read.
        """
        own = f"pronouncer-{language}"
        if own in installed_bundles():
            return cls(Pronouncer.load(own, language=language), read_own(language))
        pronouncer = Pronouncer.load(MULTILINGUAL)
        known = find_language(language, pronouncer.languages)
        if not known:
            raise ConfigError(
                f"no pronouncer speaks '{language}' (`harken train phones/pronouncer own` teaches another language); "
                f"{nearest(language, pronouncer.languages)}"
            )
        return cls(Pronouncer(pronouncer.bundle, language=known), read_own(known))

    def of(self, word: str, *, nbest: int = 1) -> list[Way]:
        """Up to `nbest` pronunciations of a word, best first; none if it has no letter of the language."""
        return self.all([word], nbest=nbest)[0]

    def all(self, words: Sequence[str], *, nbest: int = 1) -> list[list[Way]]:
        """As `of` for each word, in batches."""
        known = [self._own.get(normal_word(word)) for word in words]
        guessed = iter(
            self.pronouncer.pronounce_all(
                [w for w, ways in zip(words, known, strict=True) if ways is None], nbest=nbest
            )
        )
        return [
            [Way(way, 1.0) for way in ways][:nbest] if ways is not None
            else [Way(guess.phones, math.exp(guess.log_prob)) for guess in next(guessed)]
            for ways in known
        ]  # fmt: skip


def read_own(language: str) -> dict[str, tuple[Phones, ...]]:
    """The user's dictionary of a language: a word, a tab or spaces, and its phones on each line; `#` begins a comment.

    Raises:
        DataError: naming a line without phones.
    """
    path = own_dictionary(language)
    words: dict[str, tuple[Phones, ...]] = {}
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        text = line.split("#")[0].strip()
        if not text:
            continue
        word, _, phones = text.partition("\t") if "\t" in text else text.partition(" ")
        if not phones.split():
            raise DataError(f"{path}:{number}: '{word}' has no phones; expected a word, a tab and phones with spaces")
        key = normal_word(word.strip())
        words[key] = (*words.get(key, ()), tuple(phones.split()))
    return words
