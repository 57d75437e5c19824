"""Lines said with the melody, loudness and timing of a recording of the same words, by anybody.

Method 14, Klimkov et al., Interspeech 2019: the recording is aligned with its text, the seven numbers of each sound are
normalised by its speaker and made the voice's own (`harken.tts.transfer`). The recogniser's acoustic model aligns, so
that any speaker can be followed; the three states of a sound are its thirds here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harken.asr.acoustic import STEP_FRAMES
from harken.asr.acoustic.alignment import align_phones
from harken.asr.acoustic.model import AcousticModel
from harken.audio.features import log_mel
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


def follow(lines: Sequence[Line], samples: Samples, usual: Normaliser, model: AcousticModel) -> list[Line]:
    """The lines, said as a recording says them.

    Args:
        lines: of the voice; at least one.
        samples: the recording of the same words [n] at 16 kHz.
        usual: the prosody that is usual for the voice.
        model: aligns the recording.

    Raises:
        DataError: the recording is too short for the words, or nothing in it is voiced.
    """
    symbols = [symbol for line in lines for symbol in line.symbols]
    numbers = measure(symbols, samples, model)
    speaker = Normaliser.fit(numbers, symbols, like=usual)
    wanted = carry_over(numbers, symbols, speaker, usual)
    wanted[[0, -1], DURATION] = np.nan  # how long it is silent before and after is no matter of prosody
    ends = np.cumsum([len(line.symbols) for line in lines])
    return [replace(line, prosody=wanted[end - len(line.symbols) : end]) for line, end in zip(lines, ends, strict=True)]


def measure(symbols: Sequence[str], samples: Samples, model: AcousticModel) -> Floats:
    """The seven numbers [N, 7] of the symbols [N] that a recording [n] says.

    Raises:
        DataError: the recording is too short for them, or nothing in it is voiced.
    """
    frames = speech_frames(samples)
    hertz, voiced = track_pitch(samples)
    if not voiced.any():
        raise DataError("nothing is voiced in the recording; give one of somebody who speaks (not one who whispers)")
    durations = align(symbols, samples, model)
    return aggregate(np.log(hertz).astype(np.float64), voiced, frames.mean(1), thirds(durations))


def align(symbols: Sequence[str], samples: Samples, model: AcousticModel) -> Ints:
    """Frames [N] (10 ms) of the symbols of a recording; they sum to its length.

    Of neighbouring marks the first has all the silence.

    Raises:
        DataError: the recording is too short.
    """
    marks = [symbol in MARKS for symbol in symbols]
    first = [place for place, mark in enumerate(marks) if not (mark and place and marks[place - 1])]
    pauses = [marks[place] for place in first]
    phones = [SILENCE if pause else symbols[place].rstrip("012") for place, pause in zip(first, pauses, strict=True)]
    count = frames_covering(len(samples))
    steps = align_phones(model, model.scores(log_mel(samples)), phones, pauses)
    borders = np.clip(np.cumsum(steps)[:-1] * STEP_FRAMES + _EARLY, 0, count)
    durations = np.zeros(len(symbols), np.int64)
    durations[first] = np.diff(np.concatenate([[0], borders, [count]]))
    return durations
