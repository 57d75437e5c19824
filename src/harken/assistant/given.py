"""What a caller gives the assistant: typed text and samples, made into what its stages take."""

from __future__ import annotations

import numpy as np

from harken.errors import AudioError
from harken.events import Hypothesis, Samples, Transcript, Word
from harken.languages.locale import Locale
from harken.text.words import normalize_words


def typed(text: str, *, locale: Locale, turn: int, position: int = 0) -> Transcript:
    """A text as the recogniser would return it, certain of every word."""
    said = normalize_words(text, locale)
    words = tuple(Word(text=word, start=position, end=position, confidence=1.0) for word in said)
    certain = Hypothesis(words=words, log_prob=0.0, confidence=1.0)
    return Transcript(turn=turn, hypotheses=(certain,), final=True, written=text)


def checked(samples: Samples) -> Samples:
    """Samples [n] as float32 in -1..1; those that are not finite become 0, louder ones are clipped.

    Raises:
        AudioError: they are not a row of floats.
    """
    given = np.asarray(samples)
    if given.ndim != 1 or given.dtype.kind != "f":
        raise AudioError(
            f"samples are {given.dtype} of shape {given.shape}; expected one row of floats in -1..1 at 16 kHz "
            "(int16: divide by 32768; several channels: average them)"
        )
    finite = np.nan_to_num(given, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(finite, -1, 1).astype(np.float32, copy=False)
