"""Whether a recording says a text, and which of its words it may not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harken.audio.features import FRAMES_PER_SECOND
from harken.tts.symbols import MARKS
from harken.tts.text import Line
from harken.workshop.following import Alignment, Stretch
from harken.workshop.segments import word_segments

LEAST = -3.0
"""Margin for each phone of a recording (`Alignment.margin`) below which it says something else. Set on `dev` of
kathleen, librispeech and common-voice (`benchmarks.quality.said_words`): one of 361 is refused, none accepted."""
LEAST_WORD = -3.0
"""`evidence` below which a word or a pause is doubtful. Set on the same recordings."""
_MORE = 2
"""Phones that a short word counts for in addition: what is known of two sounds alone is little."""


def agrees(alignment: Alignment) -> bool:
    """Whether a recording says the text."""
    return alignment.margin >= LEAST


def evidence(stretch: Stretch) -> float:
    """The margin of a word (natural log, at most 0) by its phones; a pause counts as one."""
    return stretch.margin / (stretch.last - stretch.first + _MORE)


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Something that a recording may not say as the text has it."""

    word: str
    """The written word that it may not say; where it may say more than the text, the word before, "" at the start."""
    more: bool
    """Whether it may say something after the word that the text does not have."""
    at: float
    """Seconds from the beginning of the recording."""

    def __str__(self) -> str:
        if not self.more:
            return f"'{self.word}' may be another word there (at {self.at:.1f} s)"
        place = f"after '{self.word}'" if self.word else "before the first word"
        return f"something may be said there {place} (at {self.at:.1f} s) that the text does not have"


def doubts(lines: Sequence[Line], text: str, alignment: Alignment) -> list[Doubt]:
    """What a recording that agrees with a text may not say as the text has it, in order.

    Args:
        lines: all of the text, at least one.
        text: as written.
        alignment: of the recording with all symbols of the lines.
    """
    words = word_segments(lines, text, alignment.durations)
    symbols = [symbol for line in lines for symbol in line.symbols]
    begun = np.cumsum(alignment.durations) - alignment.durations
    doubtful = [stretch for stretch in alignment.stretches if evidence(stretch) < LEAST_WORD]
    borders = {place for first, last, _ in doubtful if symbols[first] not in MARKS for place in (first, last)}
    found: list[Doubt] = []
    for first, last, _ in doubtful:
        pause = symbols[first] in MARKS
        if pause and borders & {first, last}:
            continue  # a word beside it is doubted, for the same reason
        word = next((word.text for word in reversed(words) if word.first <= first), "")
        found.append(Doubt(word=word, more=pause, at=int(begun[first]) / FRAMES_PER_SECOND))
    return found
