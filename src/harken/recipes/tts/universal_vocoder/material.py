"""Recordings of the universal vocoder: three sets to learn from, which differ in their number of speakers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harken import paths
from harken.data.utterances import Utterance
from harken.events import Samples
from harken.recipes.tts.material import MOST_SECONDS, pick_recordings
from harken.train.arrays import is_written
from harken.train.tts.coded_speech import CodedSpeech, write_coded_speech
from harken.tts.mel_frames import MelAnalysis

ONE, FEW, MANY = "one speaker", "six speakers", "many speakers"
LADDER = (ONE, FEW, MANY)
MINUTES = 30
"""Of each set, so that nothing but the number of speakers differs."""
_OTHERS = 5
"""Speakers of librispeech beside the shipped voice in `FEW`."""
_TASTE = 4
"""Seconds of each speaker in `MANY`."""


def choose(speakers: str) -> tuple[list[Utterance], float]:
    """The recordings of a set, all of `train`, and how many seconds of each count at most.

    The shipped voice is in each of them. The voices of other languages (`voices`) are in none: they stand for languages
    that no network has heard.
    """
    if speakers == ONE:
        return pick_recordings("kathleen", "train", seconds_each=60 * MINUTES), MOST_SECONDS
    if speakers == FEW:
        share = 60 * MINUTES / (1 + _OTHERS)
        read = pick_recordings("librispeech", "train", seconds_each=share)
        others = sorted({one.speaker or "" for one in read})[:_OTHERS]
        own = pick_recordings("kathleen", "train", seconds_each=share)
        return [*own, *(one for one in read if one.speaker in others)], MOST_SECONDS
    tastes = [pick_recordings(name, "train", seconds_each=_TASTE) for name in _WIDE]
    return [*pick_recordings("kathleen", "train", seconds_each=60), *(one for part in tastes for one in part)], _TASTE


_WIDE = ("librispeech-excerpts", "speechocean762", "common-voice")


def write_recordings(
    name: str, utterances: Sequence[Utterance], analysis: MelAnalysis, *, seconds: float = MOST_SECONDS
) -> CodedSpeech:
    """Analyse the first seconds of recordings, under the run folders; what exists is kept."""
    folder = coded_folder(name, analysis)
    if not is_written(folder):
        write_coded_speech(folder, _read(utterances, analysis.rate, seconds), analysis)
    return CodedSpeech(folder)


def coded_folder(name: str, analysis: MelAnalysis) -> Path:
    """Where recordings lie that were analysed in one way."""
    shape = f"{analysis.rate}-{analysis.window}-{analysis.hop}"
    return paths.runs() / "tts" / "coded-speech" / shape / name.replace(" ", "-")


def _read(
    utterances: Sequence[Utterance], rate: int, seconds: float
) -> Iterator[tuple[Samples, Mapping[str, Any]]]:  # fmt: skip
    for one in utterances:
        about = {"speaker": one.speaker, "corpus": one.corpus, "audio": one.audio.name}
        yield one.read(rate=rate)[: int(seconds * rate)], about


def toy_recordings(
    count: int, analysis: MelAnalysis, rng: np.random.Generator
) -> Iterator[tuple[Samples, Mapping[str, Any]]]:
    """Half-second hums of an artificial voice with a little noise."""
    for _ in range(count):
        time = np.arange(analysis.rate // 2) / analysis.rate
        hertz = float(rng.uniform(100, 250)) * (1 + 0.1 * np.sin(2 * np.pi * 3 * time))
        hum = sum(np.sin(n * 2 * np.pi * np.cumsum(hertz) / analysis.rate) / n for n in range(1, 8))
        yield (0.1 * hum + 0.003 * rng.standard_normal(len(time))).astype(np.float32), {"speaker": "toy"}
