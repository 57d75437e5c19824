"""Pronunciations of words outside the lexicon, guessed from their letters (bundle of kind 'pronouncer')."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from harken.bundle import Bundle, load_bundle
from harken.languages.loading import load_locale
from harken.phones.pairs import PairModel
from harken.text.letters import fold

KIND, FILE = "pronouncer", "pairs.npz"
LETTERS = "abcdefghijklmnopqrstuvwxyz'"
MOST_LETTERS = 40
"""Letters of a word that count, at most: a run of thousands of letters must not cost time."""


class Guess(NamedTuple):
    """A pronunciation and its probability relative to the others."""

    phones: tuple[str, ...]
    """ARPAbet with stress."""
    log_prob: float
    """Natural log."""


class Pronouncer:
    """Spelling -> pronunciations, best first. The model is read when first asked; answers are remembered."""

    def __init__(self, bundle: Bundle):
        self.bundle = bundle.expect(KIND)
        self._remembered = lru_cache(maxsize=4096)(self._guess)

    @classmethod
    def load(cls, name: str | Path | None = None) -> Pronouncer:
        """Open an installed bundle; English when None.

        Raises:
            BundleError: missing, damaged or of a different kind.
        """
        return cls(load_bundle(name or load_locale().bundle("pronouncer")))

    def pronounce(self, word: str, *, nbest: int = 1, beam: int = 24) -> list[Guess]:
        """Up to `nbest` pronunciations of a word; none when it has no letter a-z.

        Args:
            word: any spelling; accents are dropped, other characters are left out.
            nbest: how many, >= 1.
            beam: readings that are followed from letter to letter, >= nbest.
        """
        return list(self._remembered(tuple(letter_ids(word)), nbest, max(beam, nbest)))

    @cached_property
    def _model(self) -> PairModel:
        return PairModel.of(self.bundle.arrays(FILE))

    def _guess(self, letters: tuple[int, ...], nbest: int, beam: int) -> tuple[Guess, ...]:
        if not letters:
            return ()
        return tuple(Guess(*answer) for answer in self._model.pronounce(letters, nbest=nbest, beam=beam))


def letter_ids(word: str) -> list[int]:
    """Letters as the model knows them: a-z and inner apostrophes from 1; everything else is left out."""
    plain = fold(word)[0].lower().strip("'")
    return [LETTERS.index(letter) + 1 for letter in plain if letter in LETTERS][:MOST_LETTERS]
