"""Subtitles: words with their times become readable cues, and cues become SubRip or WebVTT.

A cue ends at a pause. If there is none in time, it ends at the best place so far: at a short pause, before a word that
begins a clause, not after an article if possible. Cues come out while words go in, in bounded memory.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harken.events import SAMPLE_RATE, Word
from harken.languages.loading import load_locale
from harken.languages.locale import Locale, Speech

LINE = 42
"""Characters of a line, at most."""
LONGEST_CUE = 6 * SAMPLE_RATE
"""Samples for which a cue is shown at most."""
SHORTEST_CUE = SAMPLE_RATE
"""Samples for which a cue stays unless the next one begins: less cannot be read."""
VTT_HEAD = "WEBVTT\n\n"
"""What a WebVTT file begins with."""

_STOP = SAMPLE_RATE
"""A pause of this many samples always ends a cue."""
_PAUSE = SAMPLE_RATE * 4 // 10
"""A pause of this many samples, as at the end of most sentences, ends a cue that has _ENOUGH characters."""
_ENOUGH = 24
_INSTANT = SAMPLE_RATE // 1000
"""One millisecond, the unit of both formats."""


@dataclass(frozen=True, kw_only=True)
class Cue:
    """What is on the screen from `start` to `end`, in samples."""

    start: int
    end: int
    lines: tuple[str, ...]
    """One or two, each of at most LINE characters."""


def make_cues(words: Iterable[Word], locale: Locale | None = None) -> Iterator[Cue]:
    """Cues that hold all words in order, never overlap, and last at most LONGEST_CUE and at least a millisecond.

    Args:
        words: in temporal order. One that is longer than a line continues on the next.
        locale: their language; English when None.
    """
    speech = (locale or load_locale()).speech
    before: Cue | None = None
    for group in _groups((piece for word in words for piece in _pieces(word)), speech):
        # A word without length may start where the previous cue does; that one keeps its millisecond.
        start = group[0].start if before is None else max(group[0].start, before.start + _INSTANT)
        if before is not None:
            yield _timed(before, start)
        lines = _wrap([word.text for word in group], speech)
        assert lines is not None
        before = Cue(start=start, end=group[-1].end, lines=lines)
    if before is not None:
        yield _timed(before, before.start + LONGEST_CUE)


def format_srt(cue: Cue, number: int) -> str:
    """A cue as SubRip has it, counted from 1, with the empty line after it. SubRip has no escapes."""
    times = f"{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}"
    return "\n".join([str(number), times, *cue.lines]) + "\n\n"


def format_vtt(cue: Cue) -> str:
    """A cue as WebVTT has it, with the empty line after it; &, < and > are escaped."""
    times = f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}"
    return "\n".join([times, *(html.escape(line, quote=False) for line in cue.lines)]) + "\n\n"


def _clock(position: int, point: str) -> str:
    """'01:02:03.004' of a position in samples, rounded down so that order is kept."""
    whole, milliseconds = divmod(position * 1000 // SAMPLE_RATE, 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{milliseconds:03}"


def _timed(cue: Cue, following: int) -> Cue:
    """The cue with the end of its display; the next one begins at `following`."""
    wanted = min(max(cue.end, cue.start + SHORTEST_CUE), cue.start + LONGEST_CUE, following)
    return Cue(start=cue.start, end=max(wanted, cue.start + _INSTANT), lines=cue.lines)


def _pieces(word: Word) -> list[Word]:
    """The word, or parts of it if it does not fit on a line, with equal shares of its time."""
    texts = [part[n : n + LINE] for part in word.text.split() for n in range(0, len(part), LINE)]
    edges = [word.start + (word.end - word.start) * n // len(texts) for n in range(len(texts) + 1)] if texts else []
    return [
        Word(text=text, start=edges[n], end=edges[n + 1], confidence=word.confidence) for n, text in enumerate(texts)
    ]


def _groups(words: Iterable[Word], speech: Speech) -> Iterator[list[Word]]:
    """The words of each cue."""
    group: list[Word] = []
    for word in words:
        if group and _ends_before(group, word):
            yield group
            group = []
        while group and not _fit([*group, word], speech):
            cut = _best_cut([*group, word], speech)
            yield group[:cut]
            group = group[cut:]
        group.append(word)
    if group:
        yield group


def _ends_before(group: Sequence[Word], word: Word) -> bool:
    pause = word.start - group[-1].end
    return pause >= _STOP or (pause >= _PAUSE and len(" ".join(earlier.text for earlier in group)) >= _ENOUGH)


def _fit(words: Sequence[Word], speech: Speech) -> bool:
    return words[-1].end - words[0].start <= LONGEST_CUE and _wrap([word.text for word in words], speech) is not None


def _best_cut(words: Sequence[Word], speech: Speech) -> int:
    """Before which word (not the first) to cut: late, at a pause, where a clause begins."""

    def worth(place: int) -> float:
        full = len(" ".join(word.text for word in words[:place])) / (2 * LINE)
        pause = min(words[place].start - words[place - 1].end, SAMPLE_RATE) / SAMPLE_RATE
        return full + 2 * pause + 0.3 * _seam(words[place - 1].text, words[place].text, speech)

    return max(range(1, len(words)), key=worth)


def _wrap(words: Sequence[str], speech: Speech) -> tuple[str, ...] | None:
    """The words on one line, else on two lines of similar length; None when they do not fit."""
    text = " ".join(words)
    if len(text) <= LINE:
        return (text,)
    ways = [(n, " ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    ways = [way for way in ways if max(len(way[1]), len(way[2])) <= LINE]
    if not ways:
        return None
    _, upper, lower = min(
        ways, key=lambda way: abs(len(way[1]) - len(way[2])) - 8 * _seam(words[way[0] - 1], words[way[0]], speech)
    )
    return upper, lower


def _seam(left: str, right: str, speech: Speech) -> int:
    """How good it is to cut between two words: -1, 0 or 1."""
    return (right.lower() in speech.openers) - (left.lower() in speech.leaning)
