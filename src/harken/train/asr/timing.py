"""When each phone of a known sentence was said: forced alignment of a recording by the run-time acoustic model."""

from __future__ import annotations

from dataclasses import dataclass

from harken.asr.acoustic.model import AcousticModel
from harken.audio.features import log_mel
from harken.events import Samples
from harken.train.asr.align import align
from harken.train.asr.data import words_of
from harken.train.asr.lexicon import TrainingLexicon, phone_ids
from harken.train.asr.mmi import sentence_graph

STEP_SECONDS = 0.03


@dataclass(frozen=True, kw_only=True)
class TimedPhone:
    """A phone and its place in the recording."""

    phone: str
    """ARPAbet without stress, or SIL."""
    word: str
    """The word it belongs to; empty for silence."""
    start: float
    """Seconds."""
    end: float


def time_phones(model: AcousticModel, samples: Samples, text: str, lexicon: TrainingLexicon) -> list[TimedPhone] | None:
    """Phones of a recording with their times, in steps of 30 ms; None when it is too short for its words.

    Args:
        model: gives the scores.
        samples: [n] at 16 kHz.
        text: what is said, word for word.
        lexicon: pronunciations; of several, the one that fits best is taken.
    """
    words = words_of(text)
    graph = sentence_graph([phone_ids(lexicon.pronounce(word)) for word in words])
    scores = model.scores(log_mel(samples))
    found = align(scores, graph) if len(scores) and words else None
    if found is None:
        return None
    return [
        TimedPhone(
            phone=model.labels[s.phone], word=words[s.word] if s.word >= 0 else "",
            start=s.start * STEP_SECONDS, end=min(s.end * STEP_SECONDS, len(samples) / 16000),
        )
        for s in found.segments
    ]  # fmt: skip
