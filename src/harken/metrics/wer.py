"""Word error rate: substitutions, deletions and insertions of the cheapest alignment, per reference word.

All systems are compared after the same normalisation: `harken.text.words.normalize_words` of reference and answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from harken.errors import DataError
from harken.metrics.edits import align
from harken.metrics.intervals import Interval, bootstrap_ratio


@dataclass(frozen=True)
class WordErrors:
    """Counts of an alignment, or sums of them."""

    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0
    words: int = 0
    """Reference words."""

    @property
    def errors(self) -> int:
        """All errors."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Errors per reference word; may exceed 1.

        Raises:
            DataError: there is no reference word.
        """
        if not self.words:
            raise DataError("a word error rate needs at least one reference word; check the transcripts")
        return self.errors / self.words

    def __add__(self, other: WordErrors) -> WordErrors:
        return WordErrors(
            self.substitutions + other.substitutions, self.deletions + other.deletions,
            self.insertions + other.insertions, self.words + other.words,
        )  # fmt: skip


@dataclass(frozen=True)
class WordErrorRate:
    """A word error rate with its interval."""

    errors: WordErrors
    interval: Interval | None
    """95 % bootstrap over speakers; None with fewer than two."""
    sentences: int
    speakers: int


def word_errors(reference: Sequence[str], answer: Sequence[str]) -> WordErrors:
    """Errors of one answer."""
    pairs = align(reference, answer)
    return WordErrors(
        sum(r is not None and a is not None and r != a for r, a in pairs), sum(a is None for _, a in pairs),
        sum(r is None for r, _ in pairs), len(reference),
    )  # fmt: skip


def nearest_errors(references: Sequence[Sequence[str]], answer: Sequence[str]) -> tuple[int, int]:
    """Errors of one answer and length of the reference, out of several, with the fewest errors; then the shortest."""
    if answer in references:
        return 0, len(answer)
    return min((word_errors(reference, answer).errors, len(reference)) for reference in references)


def word_error_rate(
    results: Iterable[tuple[str, WordErrors]], *, rng: np.random.Generator, rounds: int = 1000
) -> WordErrorRate:
    """Sum up and put an interval on it.

    Args:
        results: (speaker, errors) of each sentence.
        rng: for the bootstrap over speakers.
        rounds: resamples.

    Raises:
        DataError: no reference word at all.
    """
    by_speaker: dict[str, WordErrors] = {}
    sentences = 0
    for speaker, errors in results:
        by_speaker[speaker] = by_speaker.get(speaker, WordErrors()) + errors
        sentences += 1
    total = sum(by_speaker.values(), WordErrors())
    if not total.words:
        raise DataError("a word error rate needs at least one reference word; check the transcripts")
    parts = [(float(own.errors), float(own.words)) for own in by_speaker.values() if own.words]
    interval = bootstrap_ratio(parts, rng=rng, rounds=rounds) if len(parts) > 1 else None
    return WordErrorRate(total, interval, sentences, len(by_speaker))
