"""Lines said with the melody, loudness and timing of a recording of the same words, by anybody.

Method 14, Klimkov et al., Interspeech 2019: the recording is aligned with its text, the seven numbers of each sound are
normalised by its speaker and made the voice's own (`harken.tts.transfer`). The recogniser's acoustic model aligns, so
that any speaker can be followed; the three states of a sound are its thirds here. The alignment also tells how well the
recording agrees with the text (`harken.workshop.agreement`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from harken.asr.acoustic import STEP_FRAMES
from harken.asr.acoustic.agreement import margins
from harken.asr.acoustic.alignment import align_phones
from harken.asr.acoustic.model import AcousticModel
from harken.asr.keyword.search import PRICE
from harken.audio.features import Frames, log_mel
from harken.errors import DataError
from harken.events import Samples
from harken.phones.sets import SILENCE
from harken.tts.frames import frames_covering, speech_frames
from harken.tts.pitch import track_pitch
from harken.tts.prosody import DURATION, Floats, Ints, aggregate, thirds
from harken.tts.symbols import MARKS
from harken.tts.text import Line
from harken.tts.transfer import Normaliser, carry_over

_EARLY = 1
"""Frames (10 ms) by which the acoustic model's borders come before those of an alignment of the voice's own frames."""


class Stretch(NamedTuple):
    """A spoken word, or the pause between two."""

    first: int
    last: int
    """Half-open span of symbols."""
    margin: float
    """Natural log, at most 0: how much worse than any other sounds its own explain the recording there."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Alignment:
    """Where a recording says each symbol, and how well it agrees with them."""

    durations: Ints
    """Frames [N] (10 ms) of the symbols; they sum to the length of the recording."""
    stretches: tuple[Stretch, ...]
    """Its words and pauses, in order."""
    margin: float
    """Of the whole recording, for each phone."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Followed:
    """What follows a recording."""

    lines: tuple[Line, ...]
    """As the recording says them."""
    samples: Samples
    """The recording [n] at 16 kHz."""
    alignment: Alignment
    """Of the recording with all their symbols."""


def follow(lines: Sequence[Line], samples: Samples, usual: Normaliser, model: AcousticModel) -> Followed:
    """The lines, said as a recording says them, whatever it says: whether it agrees with them is for the caller to ask.

    Args:
        lines: of the voice; at least one.
        samples: the recording of the same words [n] at 16 kHz.
        usual: the prosody that is usual for the voice.
        model: aligns the recording.

    Raises:
        DataError: the recording is too short for the words, or nothing in it is voiced.
    """
    symbols = [symbol for line in lines for symbol in line.symbols]
    alignment = align(symbols, samples, model)
    numbers = measure(samples, alignment.durations)
    speaker = Normaliser.fit(numbers, symbols, like=usual)
    wanted = carry_over(numbers, symbols, speaker, usual)
    wanted[[0, -1], DURATION] = np.nan  # how long it is silent before and after is no matter of prosody
    ends = np.cumsum([len(line.symbols) for line in lines])
    said = [replace(line, prosody=wanted[end - len(line.symbols) : end]) for line, end in zip(lines, ends, strict=True)]
    return Followed(lines=tuple(said), samples=samples, alignment=alignment)


def measure(samples: Samples, durations: Ints) -> Floats:
    """The seven numbers [N, 7] of the symbols of a recording [n] that have these durations [N] in frames.

    Raises:
        DataError: nothing in it is voiced.
    """
    frames = speech_frames(samples)
    hertz, voiced = track_pitch(samples)
    if not voiced.any():
        raise DataError("nothing is voiced in the recording; give one of somebody who speaks (not one who whispers)")
    return aggregate(np.log(hertz).astype(np.float64), voiced, frames.mean(1), thirds(durations))


def align(symbols: Sequence[str], samples: Samples, model: AcousticModel) -> Alignment:
    """Where a recording [n] says symbols [N]. Of neighbouring marks the first has all the silence.

    Raises:
        DataError: the recording is too short.
    """
    return align_scored(symbols, model.scores(log_mel(samples)), model, frames=frames_covering(len(samples)))


def align_scored(symbols: Sequence[str], scores: Frames, model: AcousticModel, *, frames: int) -> Alignment:
    """The same, of a recording whose scores are known.

    Args:
        symbols: [N].
        scores: of the model for the recording.
        model: that gave them.
        frames: of the recording (10 ms).

    Raises:
        DataError: the recording is too short.
    """
    marks = [symbol in MARKS for symbol in symbols]
    first = [place for place, mark in enumerate(marks) if not (mark and place and marks[place - 1])]
    pauses = [marks[place] for place in first]
    phones = [SILENCE if pause else symbols[place].rstrip("012") for place, pause in zip(first, pauses, strict=True)]
    steps = align_phones(model, scores, phones, pauses)
    borders = np.clip(np.cumsum(steps)[:-1] * STEP_FRAMES + _EARLY, 0, frames)
    durations = np.zeros(len(symbols), np.int64)
    durations[first] = np.diff(np.concatenate([[0], borders, [frames]]))
    spans = _words_and_pauses(pauses)
    found = margins(model.labels, scores, phones, steps, [*spans, (0, len(phones))], price=PRICE)
    places = [*first, len(symbols)]
    return Alignment(
        durations=durations,
        stretches=tuple(
            Stretch(places[a], places[b], float(margin)) for (a, b), margin in zip(spans, found[:-1], strict=True)
        ),
        margin=float(found[-1]) / max(1, len(phones) - sum(pauses)),
    )


def _words_and_pauses(pauses: Sequence[bool]) -> list[tuple[int, int]]:
    """Half-open spans of phones: each pause, and what is between two."""
    borders = [
        place for place in range(len(pauses) + 1)
        if place in (0, len(pauses)) or pauses[place - 1] or pauses[place]
    ]  # fmt: skip
    return list(pairwise(borders))
