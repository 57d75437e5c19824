"""Pronunciations of words outside the lexicon, guessed from their letters (bundle of kind 'pronouncer').

A bundle holds an n-gram over pairs of a letter and its phones, for one language; or the network that speaks many
languages (`harken.phones.multilingual`); or the network with an n-gram for one of them. There the two answer together:
they err on different words, so the mean of their probabilities is right more often than either. Callers see no
difference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from harken.bundle import Bundle, load_bundle
from harken.languages.loading import load_locale
from harken.phones.foreign import SPOKEN_IN, in_common, with_foreign
from harken.phones.inventory import find_language
from harken.phones.multilingual import ENCODER, MultilingualModel
from harken.phones.pairs import PairModel
from harken.phones.transducer import Answer
from harken.text.letters import fold

KIND, FILE = "pronouncer", "pairs.npz"
LETTERS = "abcdefghijklmnopqrstuvwxyz'"
MOST_LETTERS = 40
"""Letters of a word that count, at most: a run of thousands of letters must not cost time."""
_REMEMBERED = 8192
"""Answers that are kept."""
_BEAM, _PAIRS_BEAM = 4, 24
_CANDIDATES = 8
"""Answers of network and n-gram that are compared."""


class Guess(NamedTuple):
    """A pronunciation and its probability relative to the others."""

    phones: tuple[str, ...]
    """In the language's phone set: ARPAbet with stress for American English, else IPA."""
    log_prob: float
    """Natural log."""


class Pronouncer:
    """Spelling -> pronunciations, best first. The model is read when first asked; answers are remembered.

    Args:
        bundle: of kind 'pronouncer'.
        language: the language to speak; a bundle for a single one ignores it.
        common: give every language in the common set, ARPAbet with stress, which recogniser and voice need.
    """

    def __init__(self, bundle: Bundle, *, language: str = "en-US", common: bool = False):
        self.bundle, self.language, self._common = bundle.expect(KIND), language, common
        self._known: dict[tuple[str, int, int], tuple[Guess, ...]] = {}

    @classmethod
    def load(
        cls, name: str | Path | None = None, *, language: str = "en-US", common: bool = False
    ) -> Pronouncer:  # fmt: skip
        """Open an installed bundle; English when None.

        Raises:
            BundleError: missing, damaged or of a different kind.
        """
        return cls(load_bundle(name or load_locale().bundle("pronouncer")), language=language, common=common)

    def pronounce(self, word: str, *, nbest: int = 1, beam: int = 0) -> list[Guess]:
        """Up to `nbest` pronunciations of a word; none when it has no letter of the language.

        Beside English guesses, more than one may hold readings of a name as the language that it comes from says it.

        Args:
            word: any spelling; letters that the language lacks lose their accents or are left out.
            nbest: how many, >= 1.
            beam: readings that are followed from letter to letter, >= nbest; 0: as many as the model needs.

        Raises:
            VocabularyError: the bundle does not speak the language.
        """
        return self._answers([word], nbest, beam)[0]

    def pronounce_all(self, words: Sequence[str], *, nbest: int = 1) -> list[list[Guess]]:
        """As `pronounce` for each word; a network takes many at once, which is several times faster.

        Raises:
            VocabularyError: the bundle does not speak the language.
        """
        return self._answers(words, nbest, 0)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that the bundle speaks; empty for a bundle of a single one that does not say which."""
        return self.network.languages if self.network is not None else ()

    @cached_property
    def network(self) -> MultilingualModel | None:
        """The network of a bundle for many languages; None for one with n-grams."""
        return MultilingualModel(self.bundle) if ENCODER in self.bundle.info["files"] else None

    @property
    def _mixes(self) -> bool:
        """Whether network and n-gram answer together."""
        return self.bundle.features.get("pairs") == self.language

    @cached_property
    def _pairs(self) -> PairModel:
        return PairModel.of(self.bundle.arrays(FILE))

    def _of_network(self, network: MultilingualModel, words: Sequence[str], nbest: int, beam: int) -> list[list[Guess]]:
        if self._mixes:
            many = max(nbest, _CANDIDATES)
            answers = network.pronounce(words, SPOKEN_IN, nbest=many, beam=max(beam, many))
            beside = [self._of_pairs(word, many, beam) for word in words]
            answers = [_mean(*ways, nbest=nbest) for ways in zip(answers, beside, strict=True)]
        else:
            spoken = find_language(self.language, network.languages) or self.language
            answers = network.pronounce(words, spoken, nbest=nbest, beam=max(beam or _BEAM, nbest))
            if self._common and spoken != SPOKEN_IN:
                answers = [in_common(ways, spoken) for ways in answers]
        if nbest > 1 and self.language == SPOKEN_IN:
            answers = with_foreign(network, words, answers, nbest=nbest)
        return [[Guess(*answer) for answer in ways] for ways in answers]

    def _answers(self, words: Sequence[str], nbest: int, beam: int) -> list[list[Guess]]:
        fresh = [word for word in dict.fromkeys(words) if (word, nbest, beam) not in self._known]
        if len(self._known) + len(fresh) > _REMEMBERED:
            self._known.clear()
            fresh = list(dict.fromkeys(words))
        if self.network is not None:
            answers = self._of_network(self.network, fresh, nbest, beam) if fresh else []
        else:
            answers = [self._of_pairs(word, nbest, beam) for word in fresh]
        self._known |= {(word, nbest, beam): tuple(ways) for word, ways in zip(fresh, answers, strict=True)}
        return [list(self._known[word, nbest, beam]) for word in words]

    def _of_pairs(self, word: str, nbest: int, beam: int) -> list[Guess]:
        letters = tuple(letter_ids(word))
        if not letters:
            return []
        found = self._pairs.pronounce(letters, nbest=nbest, beam=max(beam or _PAIRS_BEAM, nbest))
        return [Guess(*answer) for answer in found]


def _mean(network: Sequence[Answer], pairs: Sequence[Guess], *, nbest: int) -> list[Answer]:
    """The answers of both with the mean of their probabilities, best first; those of one if the other has none."""
    shares: dict[tuple[str, ...], float] = {}
    sides = [side for side in (network, pairs) if side]
    for side in sides:
        for phones, log_prob in side:
            shares[phones] = shares.get(phones, 0.0) + math.exp(log_prob) / len(sides)
    best = sorted(shares.items(), key=lambda pair: -pair[1])[:nbest]
    return [Answer(phones, math.log(share)) for phones, share in best]


def letter_ids(word: str) -> list[int]:
    """Letters as the n-gram knows them: a-z and inner apostrophes from 1; everything else is left out."""
    plain = fold(word)[0].lower().strip("'")
    return [LETTERS.index(letter) + 1 for letter in plain if letter in LETTERS][:MOST_LETTERS]
