"""What a caller gives the assistant: typed text, recordings and samples, made into what its stages take."""

from __future__ import annotations

import numpy as np

from harken.errors import AudioError
from harken.events import NOBODY_SPOKE, Event, Hypothesis, Samples, Transcript, TurnAudio, TurnEnded, TurnStarted, Word
from harken.languages.locale import Locale
from harken.text.words import normalize_words


def typed(text: str, *, locale: Locale, turn: int, position: int = 0) -> Transcript:
    """A text as the recogniser would return it, certain of every word."""
    said = normalize_words(text, locale)
    words = tuple(Word(text=word, start=position, end=position, confidence=1.0) for word in said)
    certain = Hypothesis(words=words, log_prob=0.0, confidence=1.0)
    return Transcript(turn=turn, hypotheses=(certain,), final=True, written=text)


def recorded(samples: Samples, *, turn: int, position: int, spoken: bool) -> tuple[Event, ...]:
    """A whole turn in one recording [n] that begins at `position`; `spoken`: whether somebody may speak in it."""
    end = position + len(samples)
    return (
        TurnStarted(turn=turn, start=position, reason="open"),
        TurnAudio(turn=turn, start=position, samples=samples),
        TurnEnded(turn=turn, end=end, reason="flush" if spoken else NOBODY_SPOKE),
    )


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
