"""Pronunciations of words that no lexicon holds, guessed from their letters by a small network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harken.bundle import Bundle, load_bundle
from harken.phones.sets import STRESSED
from harken.text.letters import fold

LETTERS = "abcdefghijklmnopqrstuvwxyz'"
SYMBOLS = ("", *STRESSED)
"""Outputs of the network: nothing (CTC's blank), then the phones with stress."""
SLOTS = 3
"""Places for phones per letter."""
LONGEST = 40
"""Letters; more are not looked at, so that a run of thousands of letters costs no time."""


class Guess(NamedTuple):
    """A pronunciation and how probable the network finds it."""

    phones: tuple[str, ...]
    """ARPAbet with stress."""
    log_prob: float
    """Natural log."""


class Pronouncer:
    """Spelling -> pronunciations, best first. Answers are remembered."""

    def __init__(self, bundle: Bundle):
        self.bundle = bundle.expect("pronouncer")
        self._session = bundle.session()
        self.guess = lru_cache(maxsize=4096)(self._guess)

    @classmethod
    def load(cls, name: str | Path = "pronouncer-en") -> Pronouncer:
        """Open an installed bundle.

        Raises:
            BundleError: missing, damaged or of another kind.
        """
        return cls(load_bundle(name))

    def pronounce(self, word: str, *, nbest: int = 1, beam: int = 8) -> list[Guess]:
        """Up to `nbest` pronunciations of a word; none when it has no letter a-z.

        Args:
            word: any spelling; accents fall, other signs are left out.
            nbest: how many, >= 1.
            beam: prefixes that are followed at each place, >= nbest.
        """
        return list(self.guess("".join(LETTERS[i - 1] for i in letter_ids(word)), nbest, max(beam, nbest)))

    def _guess(self, letters: str, nbest: int, beam: int) -> tuple[Guess, ...]:
        if not letters.strip("'"):
            return ()
        x = np.array([letter_ids(letters)], np.int64)
        log_probs = self._session.run(x=x)["y"][0]
        found = best_labellings(log_probs, beam=beam)
        guesses = (Guess(tuple(SYMBOLS[s] for s in labels), score) for labels, score in found if labels)
        return tuple(guesses)[:nbest]


def letter_ids(word: str) -> list[int]:
    """Letters as the network knows them: a-z and the apostrophe from 1; everything else is left out."""
    plain = fold(word)[0].lower()
    return [LETTERS.index(letter) + 1 for letter in plain if letter in LETTERS][:LONGEST]


def best_labellings(log_probs: NDArray[Any], *, beam: int = 8, width: int = 6) -> list[tuple[tuple[int, ...], float]]:
    """Most probable label sequences of a CTC output, best first, by prefix search.

    A. Graves, "Supervised sequence labelling with recurrent neural networks", 2012, section 7.5.3.

    Args:
        log_probs: [T, symbols] natural logs; symbol 0 is the blank.
        beam: prefixes kept.
        width: symbols looked at per place.
    """
    # prefix -> (log p ending in blank, log p ending in its last symbol)
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -math.inf)}
    for row in log_probs:
        top: Sequence[int] = np.argsort(row)[-width:].tolist()
        fresh: dict[tuple[int, ...], tuple[float, float]] = {}
        for prefix, (blank, label) in beams.items():
            both = np.logaddexp(blank, label)
            last = prefix[-1] if prefix else 0
            _add(fresh, prefix, both + row[0], label + row[last] if last else -math.inf)
            for symbol in top:
                if symbol:
                    _add(fresh, (*prefix, symbol), -math.inf, (blank if symbol == last else both) + row[symbol])
        ranked = sorted(fresh.items(), key=lambda item: -np.logaddexp(*item[1]))
        beams = dict(ranked[:beam])
    return [(prefix, float(np.logaddexp(*scores))) for prefix, scores in beams.items()]


def _add(
    beams: dict[tuple[int, ...], tuple[float, float]], prefix: tuple[int, ...], blank: float, label: float
) -> None:
    old = beams.get(prefix)
    beams[prefix] = (blank, label) if old is None else (
        float(np.logaddexp(old[0], blank)), float(np.logaddexp(old[1], label)))  # fmt: skip
