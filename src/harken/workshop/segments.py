"""Where the phones and the written words of lines are in their sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.tts.symbols import MARKS
from harken.tts.text import Line

_AROUND = ' \t\n\r.,;:!?"“”()[]…-–—'
"""What stands around a written word and is not said."""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A phone or a word in a sound."""

    text: str
    """ARPAbet with stress, or the word as it is written."""
    start: int
    end: int
    """Half-open span in the sound."""
    first: int
    last: int
    """Half-open span of symbols."""


def phone_segments(lines: Sequence[Line], lengths: NDArray[np.int64]) -> list[Segment]:
    """The phones of lines, without pauses.

    Args:
        lines: of one text.
        lengths: [N] of all their symbols, in samples or in frames.
    """
    symbols = [symbol for line in lines for symbol in line.symbols]
    ends = np.cumsum(lengths)
    return [
        Segment(text=symbol, start=int(ends[n] - lengths[n]), end=int(ends[n]), first=n, last=n + 1)
        for n, symbol in enumerate(symbols)
        if symbol not in MARKS
    ]


def word_segments(lines: Sequence[Line], text: str, lengths: NDArray[np.int64]) -> list[Segment]:
    """The written words of lines; what is written in one and said in several ("7:30") is one.

    Args:
        lines: all of the text.
        text: that the lines were read from.
        lengths: [N] of all their symbols, in samples or in frames.
    """
    words: list[Segment] = []
    begun = 0
    for phone, reached in zip(phone_segments(lines, lengths), _reached(lines), strict=True):
        if words and reached <= begun:
            last = words[-1]
            words[-1] = Segment(text=last.text, start=last.start, end=phone.end, first=last.first, last=phone.last)
            continue
        written = text[begun:reached].strip(_AROUND)
        words.append(Segment(text=written, start=phone.start, end=phone.end, first=phone.first, last=phone.last))
        begun = reached
    return words


def _reached(lines: Sequence[Line]) -> list[int]:
    """For each phone the character of the text that is reached when its word has been said."""
    return [end for line in lines for symbol, end in zip(line.symbols, line.ends, strict=True) if symbol not in MARKS]
