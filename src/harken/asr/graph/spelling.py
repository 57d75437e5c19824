"""How the recogniser spells words in phones: the lexicon first, then a bundle's own list, then the pronouncer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache

from harken.bundle import load_bundle
from harken.errors import BundleError
from harken.phones.lexicon import Lexicon
from harken.phones.pronouncer import Pronouncer
from harken.phones.sets import strip_stress

Phones = tuple[str, ...]

GUESSES = 2
"""Pronunciations that the pronouncer gives for a word that no list holds."""
REMEMBERED = 10_000
"""Words whose pronunciations are kept: a long list that changed a little is compiled again without asking for all."""


class Spelling:
    """Word -> pronunciations without stress; empty when a word has no letter. Models are opened when first needed.

    Args:
        lexicon: name of the lexicon's bundle.
        pronouncer: name of the pronouncer's bundle.
        listed: further words; they come between the two.
    """

    def __init__(
        self, lexicon: str = "lexicon-en", pronouncer: str = "pronouncer-en",
        listed: Mapping[str, tuple[Phones, ...]] | None = None,
    ):  # fmt: skip
        self._names = (lexicon, pronouncer)
        self._listed = dict(listed or {})
        self._spell = lru_cache(REMEMBERED)(self._look_up)

    def __call__(self, word: str) -> tuple[Phones, ...]:
        """Pronunciations, the usual one first."""
        return self._spell(word)

    def _look_up(self, word: str) -> tuple[Phones, ...]:
        return self._lexicon.pronunciations(word) or self._listed.get(word) or self.guess(word)

    def guess(self, word: str) -> tuple[Phones, ...]:
        """What the pronouncer makes of the letters."""
        found = self._pronouncer.pronounce(word, nbest=GUESSES)
        return tuple(dict.fromkeys(strip_stress(one.phones) for one in found))

    @property
    def version(self) -> str:
        """Changes whenever an answer might."""
        return " ".join(_hash(name) for name in self._names)

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon.load(self._names[0])

    @cached_property
    def _pronouncer(self) -> Pronouncer:
        return Pronouncer.load(self._names[1])


def _hash(name: str) -> str:
    try:
        return load_bundle(name).hash
    except BundleError:
        return "missing"  # as long as no word needs it, it may be


def parse_listed(text: str) -> dict[str, tuple[Phones, ...]]:
    """Lines 'word PHONE PHONE ...' as a mapping."""
    found: dict[str, list[Phones]] = {}
    for line in text.splitlines():
        word, *phones = line.split()
        found.setdefault(word, []).append(tuple(phones))
    return {word: tuple(ways) for word, ways in found.items()}
