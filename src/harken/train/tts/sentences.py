"""Recordings with text to aligned symbols: the voice's front end, then the alignment."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from harken.errors import DataError
from harken.languages.loading import load_locale
from harken.train.tts.align import PAUSE, Aligner, AlignmentInput, learn
from harken.train.tts.corpus import ALIGNMENT, SpeechCorpus
from harken.tts.symbols import COMMA, GAP, MARKS
from harken.tts.text import Pronounce, read_lines

_TEACHERS = 400
"""Recordings from which the alignment is learned: more make it slower, not better."""


def symbols_of(text: str, pronounce: Pronounce) -> tuple[str, ...]:
    """All symbols of a recording's text, with a comma between its sentences.

    Raises:
        DataError: the text contains nothing that can be spoken.
    """
    lines = read_lines(text, pronounce, load_locale())
    if not lines:
        raise DataError(f"the text {text[:60]!r} contains nothing that can be spoken; leave its recording out")
    joined = list(lines[0].symbols)
    for line in lines[1:]:
        joined[-1] = COMMA
        joined += line.symbols[1:]
    return tuple(joined)


def write_alignments(
    train: Path, others: Sequence[Path], pronounce: Pronounce, *, rounds: int = 9, note: Callable[[str], None] = print
) -> None:
    """Learn to align the corpus `train`, and write its alignments and those of the others next to the recordings."""
    taught = [line for line, _ in _lines(SpeechCorpus(train), pronounce)]
    aligner = learn(taught[:: max(1, len(taught) // _TEACHERS)], rounds=rounds, note=note)
    for folder in (train, *others):
        _write(folder, aligner, _lines(SpeechCorpus(folder), pronounce))


def _lines(corpus: SpeechCorpus, pronounce: Pronounce) -> list[tuple[AlignmentInput, tuple[str, ...]]]:
    lines = []
    for number in range(len(corpus)):
        symbols = symbols_of(str(corpus.notes[number]["text"]), pronounce)
        line = AlignmentInput(
            frames=corpus[number].frames,
            models=tuple(PAUSE if symbol in MARKS else symbol.rstrip("012") for symbol in symbols),
            optional=tuple(symbol in (GAP, COMMA) for symbol in symbols),
            name=str(corpus.notes[number].get("audio", "a recording")),
        )
        lines.append((line, symbols))
    return lines


def _write(folder: Path, aligner: Aligner, lines: Sequence[tuple[AlignmentInput, tuple[str, ...]]]) -> None:
    rows = [{"symbols": symbols, "states": aligner.align(line).tolist()} for line, symbols in lines]
    (folder / ALIGNMENT).write_text(json.dumps(rows), encoding="utf-8")
