"""Recordings of the universal vocoder: three sets to learn from, which differ in their number of speakers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harken import paths
from harken.data.utterances import Utterance, read_corpus
from harken.events import Samples
from harken.recipes.tts.material import MOST_SECONDS, pick_recordings
from harken.train.arrays import is_written
from harken.train.tts.coded_speech import CodedSpeech, write_coded_speech
from harken.tts.mel_frames import MelAnalysis

ONE, FEW, MANY = "one speaker", "six speakers", "many speakers"
LADDER = (ONE, FEW, MANY)
_OTHERS = 5
"""Speakers of librispeech beside the shipped voice in `FEW`."""


def choose(speakers: str) -> list[Utterance]:
    """The recordings of a step of the ladder, all of `train`; the shipped voice is in each of them.

    The voices of other languages (`voices`) are in none: they stand for a language that nobody has heard.
    """
    own = read_corpus("kathleen", "train")
    if speakers == ONE:
        return own
    read = read_corpus("librispeech", "train")
    if speakers == FEW:
        chosen = _longest(read)
        return [*own, *(one for one in read if one.speaker in chosen)]
    return [
        *pick_recordings("kathleen", "train", seconds_each=300), *pick_recordings("librispeech", "train", seconds_each=60),
        *read_corpus("librispeech-excerpts", "train"), *pick_recordings("speechocean762", "train", seconds_each=15),
        *pick_recordings("common-voice", "train", seconds_each=15),
    ]  # fmt: skip


def write_recordings(name: str, utterances: Sequence[Utterance], analysis: MelAnalysis) -> CodedSpeech:
    """Analyse recordings under the run folders; what exists is kept."""
    folder = coded_folder(name, analysis)
    if not is_written(folder):
        write_coded_speech(folder, _read(utterances, analysis.rate), analysis)
    return CodedSpeech(folder)


def coded_folder(name: str, analysis: MelAnalysis) -> Path:
    """Where recordings lie that were analysed in one way."""
    shape = f"{analysis.rate}-{analysis.window}-{analysis.hop}"
    return paths.runs() / "tts" / "coded-speech" / shape / name.replace(" ", "-")


def _longest(utterances: Sequence[Utterance]) -> list[str]:
    """The speakers with the most recorded time."""
    heard: dict[str, float] = {}
    for one in utterances:
        heard[one.speaker or ""] = heard.get(one.speaker or "", 0.0) + one.duration
    return sorted(heard, key=lambda speaker: -heard[speaker])[:_OTHERS]


def _read(utterances: Sequence[Utterance], rate: int) -> Iterator[tuple[Samples, Mapping[str, Any]]]:
    for one in utterances:
        about = {"speaker": one.speaker, "corpus": one.corpus, "audio": one.audio.name}
        yield one.read(rate=rate)[: MOST_SECONDS * rate], about


def toy_recordings(
    count: int, analysis: MelAnalysis, rng: np.random.Generator
) -> Iterator[tuple[Samples, Mapping[str, Any]]]:
    """Half-second hums of an artificial voice with a little noise."""
    for _ in range(count):
        time = np.arange(analysis.rate // 2) / analysis.rate
        hertz = float(rng.uniform(100, 250)) * (1 + 0.1 * np.sin(2 * np.pi * 3 * time))
        hum = sum(np.sin(n * 2 * np.pi * np.cumsum(hertz) / analysis.rate) / n for n in range(1, 8))
        yield (0.1 * hum + 0.003 * rng.standard_normal(len(time))).astype(np.float32), {"speaker": "toy"}
