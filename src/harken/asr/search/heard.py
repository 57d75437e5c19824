"""Words, sentences and bins as the recogniser hears them: in decoder frames (30 ms) since the stretch began.

The search and its lattice make them, passes change them, and events are made from them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class HeardWord:
    """A word over frames [first, last)."""

    text: str
    first: int
    last: int
    confidence: float = 0.0
    """Posterior probability 0..1; 0 until it is known."""


@dataclass(frozen=True, kw_only=True)
class HeardSentence:
    """A sentence with its scores: natural logs, summed over all ways to align it."""

    words: tuple[HeardWord, ...]
    log_prob: float
    """Acoustic and language score together, scaled as in the search; for a sentence that is not in the lattice, the
    estimate of the pass that added it."""
    language: float | None
    """The graph's part of `log_prob` (language model, grammar, pronunciation) for the likeliest alignment; None for a
    sentence that is not in the lattice."""
    confidence: float = 0.0
    """Share 0..1 among everything in the lattice; 0 until it is known."""
    answer: bool = False
    """Whether it answers the yes-or-no question that is open."""

    @property
    def acoustic(self) -> float | None:
        """The acoustic part of `log_prob`, including the sum over alignments."""
        return None if self.language is None else self.log_prob - self.language

    @property
    def texts(self) -> tuple[str, ...]:
        """The words without their times."""
        return tuple(word.text for word in self.words)


NOTHING_SAID = HeardSentence(words=(), log_prob=0.0, language=0.0, confidence=1.0)
"""Nothing was said."""


@dataclass(frozen=True, kw_only=True)
class HeardBin:
    """Competing words over frames [first, last); '' is no word."""

    first: int
    last: int
    words: tuple[tuple[str, float], ...]
    """(word, posterior), best first, summing to 1."""
    pivot: int | None
    """Index of the word of the likeliest sentence that this bin belongs to; None for a gap."""
