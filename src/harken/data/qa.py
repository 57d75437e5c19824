"""What is wrong with a manifest; every complaint names its record."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import soundfile

from harken.audio.files import read_audio
from harken.data.utterances import Utterance
from harken.errors import AudioError
from harken.events import seconds

TOLERANCE = 0.1
"""Seconds by which a stated duration may miss the real one; codecs pad the last frame."""


def check_utterances(
    utterances: Iterable[Utterance], *, splits: tuple[str, ...] = (), speakers_apart: bool = False
) -> Iterator[tuple[Utterance, str]]:
    """Every wrong record, with what is wrong about it.

    Args:
        utterances: of one corpus.
        splits: the allowed splits; empty allows any.
        speakers_apart: complain about a speaker in two splits.
    """
    seen: set[Path] = set()
    home: dict[str, str] = {}
    for utterance in utterances:
        for problem in _check(utterance, splits):
            yield utterance, problem
        if utterance.audio in seen:
            yield utterance, "is listed twice"
        seen.add(utterance.audio)
        if speakers_apart and utterance.speaker:
            first = home.setdefault(utterance.speaker, utterance.split)
            if first != utterance.split:
                yield utterance, f"speaker {utterance.speaker} is in '{utterance.split}' and in '{first}'"


def audio_duration(path: Path) -> float:
    """Seconds of a recording, from its header if possible.

    Raises:
        AudioError: missing or unreadable.
    """
    if not path.is_file():
        raise AudioError(f"{path} is missing")
    try:
        info = soundfile.info(str(path))
    except soundfile.LibsndfileError:
        return seconds(len(read_audio(path)))
    return float(info.frames / info.samplerate)


def _check(utterance: Utterance, splits: tuple[str, ...]) -> Iterator[str]:
    if splits and utterance.split not in splits:
        yield f"split '{utterance.split}' is not one of {', '.join(splits)}"
    if utterance.text is not None and not utterance.text.strip():
        yield "the text is empty"
    if not (math.isfinite(utterance.duration) and utterance.duration > 0):
        yield f"duration {utterance.duration} s is not a valid length"
        return
    try:
        real = audio_duration(utterance.audio)
    except AudioError as error:
        yield str(error)
        return
    if abs(real - utterance.duration) > TOLERANCE:
        yield f"says {utterance.duration:.3f} s, the recording has {real:.3f} s"
