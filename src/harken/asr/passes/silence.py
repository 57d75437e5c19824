"""Whether anything was said at all: the likeliest sentence must beat silence from beginning to end.

A grammar has no sentence without words, and so takes any noise for its shortest one. Silence is scored as the search
would score it: the silence phone is entered once and held, at the same scales. Where a sentence is not better by
`SearchOptions.nothing`, nothing was said. A longer stretch offers more places in which noise may resemble a word: what
is asked for grows with the logarithm of its length.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harken.asr.passes.record import HeardStretch
from harken.asr.search.heard import NOTHING_SAID
from harken.asr.search.space import SearchOptions
from harken.audio.features import Frames

SECOND = 33
"""Decoder frames for which `SearchOptions.nothing` holds."""


@dataclass(frozen=True)
class Silence:
    """Leaves one sentence without words where nothing was said."""

    name: str = "silence"

    def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
        """The record, or one in which nothing was said."""
        if heard.lattice is None or margin(heard) >= heard.options.nothing:
            return heard
        return replace(heard, sentences=(NOTHING_SAID,), bins=(), lattice=None)


def margin(heard: HeardStretch) -> float:
    """By how much the likeliest sentence beats silence, natural log units, corrected for the length of the stretch."""
    assert heard.lattice is not None
    said = max(sentence.log_prob for sentence in heard.sentences)
    return margin_of(
        said, silence_score(heard.outputs.scores, heard.lattice.silence, heard.options), len(heard.outputs)
    )


def margin_of(said: float, silent: float, frames: int) -> float:
    """By how much a sentence's score beats that of silence in so many decoder frames."""
    return said - silent - math.log(frames / SECOND)


def silence_score(scores: Frames, silence: int, options: SearchOptions) -> float:
    """The score of silence, natural log.

    Args:
        scores: of the acoustic model [T, 2P], T >= 1.
        silence: index of the silence phone.
        options: of the search.
    """
    held = scores[1:, scores.shape[1] // 2 + silence]
    return options.acoustic_scale * float(scores[0, silence] + held.sum()) - options.silence_cost
