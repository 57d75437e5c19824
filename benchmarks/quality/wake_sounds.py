"""The sounds on which wake words are measured: recordings of a word, and everything in which it is not said.

Protocol: each recording of a word has 1.0 s of quiet (or noise) before it and 0.8 s after it. In noise, each is mixed
with five pieces of the `test` noises; in rooms, it is heard in five. Sound without the word: all speech and noise of
the chosen splits, clean, with noise at 10 and 5 dB, and in simulated rooms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from harken.data.mixing import active_level, cut_noise, level, limit, mix_at_snr
from harken.data.rooms import convolve, draw_room, simulate_room
from harken.data.utterances import MANIFEST, Utterance, read_corpus, read_manifest
from harken.errors import AudioError
from harken.events import SAMPLE_RATE, Samples

POSITIVES = ("wake-words", "community-keywords", "custom-keywords", "speech-commands")
NEGATIVES = (
    "librispeech", "librispeech-excerpts", "speechocean762", "an4", "kathleen", "speech-commands", "coffee-commands",
    "wake-words", "community-keywords", "custom-keywords", "digits", "meeting-talk", "common-voice", "spelled", "noise",
)  # fmt: skip
CONDITIONS = ("clean", "noise 10 dB", "noise 5 dB", "rooms")
PIECES = 5


@dataclass(frozen=True, kw_only=True)
class Sounds:
    """What is listened to in one condition."""

    splits: tuple[str, ...]
    condition: str
    pool: Path | None = None
    """Folder with a manifest of further speech."""
    texts: Path | None = None
    """JSON lines {"name": file, "text": ...} of what is said there, where it is known."""
    every: int = 1
    """Only each n-th recording without the word."""
    pieces: int = PIECES

    def positives(self, word: str) -> Iterator[tuple[str, Samples]]:
        """(voice, sound) of each trial of a word."""
        rng, noises = np.random.default_rng(20), _noises()
        for utterance in recordings_of(word, self.splits):
            for samples in self._padded(utterance.read(), noises, rng):
                yield voice(utterance), samples

    def negatives(self) -> Iterator[tuple[str, Samples]]:
        """(letters of what is said or of the label, sound)."""
        rng, noises = np.random.default_rng(21), _noises()
        rows = [u for corpus in NEGATIVES for u in read_corpus(corpus, *self.splits)]
        for utterance in [*rows, *(read_pool(self.pool, self.texts) if self.pool else ())][:: self.every]:
            yield letters(utterance.label) + letters(utterance.text), self._changed(utterance, noises, rng)

    def _padded(self, speech: Samples, noises: Sequence[Samples], rng: np.random.Generator) -> Iterator[Samples]:
        before, after = np.zeros(SAMPLE_RATE, np.float32), np.zeros(round(0.8 * SAMPLE_RATE), np.float32)
        whole = np.concatenate([before, speech, after])
        if self.condition == "clean":
            yield whole
        elif self.condition == "rooms":
            for _ in range(self.pieces):
                yield limit(convolve(whole, simulate_room(draw_room(rng))))
        else:
            for _ in range(self.pieces):
                yield mix_at_snr(whole, _usable(noises, len(whole), rng), float(self.condition.split()[1]))

    def _changed(self, utterance: Utterance, noises: Sequence[Samples], rng: np.random.Generator) -> Samples:
        """Noise recordings and silent ones stay as they are in noise."""
        samples = utterance.read()
        if self.condition == "rooms" and utterance.corpus != "noise":
            return limit(convolve(samples, simulate_room(draw_room(rng))))
        if self.condition.startswith("noise") and utterance.corpus != "noise" and active_level(samples) > -100:
            return mix_at_snr(samples, _usable(noises, len(samples), rng), float(self.condition.split()[1]))
        return samples


def recordings_of(word: str, splits: Sequence[str]) -> list[Utterance]:
    """Recordings of the word alone."""
    return [u for corpus in POSITIVES for u in read_corpus(corpus, *splits) if letters(u.label) == letters(word)]


def read_pool(folder: Path, texts: Path | None) -> list[Utterance]:
    """The recordings of a folder with a manifest, whatever their split, with what is said in them."""
    lines = texts.read_text(encoding="utf-8").splitlines() if texts else []
    said = {Path(row["name"]).name: row["text"] for row in map(json.loads, lines)}
    rows = read_manifest(folder / MANIFEST, corpus="pool")
    return [replace(utterance, text=said.get(utterance.audio.name, utterance.text)) for utterance in rows]


def voice(utterance: Utterance) -> str:
    """The speaker of a recording; if unknown, each recording counts as a voice of its own."""
    return utterance.speaker or utterance.audio.stem


def letters(text: str | None) -> str:
    """Only the letters, lower case."""
    return re.sub(r"[^a-z]", "", (text or "").lower())


def _noises() -> list[Samples]:
    return [utterance.read() for utterance in read_corpus("noise", "test")]


def _usable(noises: Sequence[Samples], length: int, rng: np.random.Generator) -> Samples:
    """A piece of a random noise; silent pieces are drawn again."""
    for _ in range(100):
        piece = cut_noise(noises[int(rng.integers(len(noises)))], length, rng=rng)
        if level(piece) > -90:
            return piece
    raise AudioError("a hundred pieces of the noises were silent; are the noise recordings right?")
