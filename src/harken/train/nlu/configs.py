"""Settings of the sentence encoder's training; no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Sizes of the encoder."""

    vocabulary: int = 8_000
    """Words that have a vector of their own."""
    width: int = 128
    inner: int = 384
    layers: int = 2
    size: int = 192
    """Of a sentence's vector."""


@dataclass(frozen=True, kw_only=True)
class Schooling:
    """How the encoder learns."""

    steps: int = 5_000
    batch: int = 256
    labelled: float = 0.55
    """Share of a batch that has labels."""
    rate: float = 2e-3
    dropout: float = 0.1
    word_dropout: float = 0.08
    """Share of the words that are left out of each sentence."""
    tasks: float = 1.0
    """Weight of the labels beside the teacher."""
    seed: int = 1
