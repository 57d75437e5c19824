"""Made-up dialects for the `tiny` configuration: a phone is a shape of the spectrum, a dialect a set of names for them.

No recordings, no texts: the whole comparison runs in seconds, and what is planted is known. Two dialects say the same
words with the same sounds; the smaller one has other names for the phones. Every speaker adds a share of one direction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic import STEP_FRAMES
from harken.asr.arrays import Floats
from harken.asr.graph.acceptor import ngram_acceptor
from harken.asr.graph.compiler import Pronounce
from harken.phones.dictionary import Phones
from harken.recipes.asr.acoustic.toy import WORDS
from harken.recipes.asr.dialects.family import (
    DialectLabels,
    DialectSpeech,
    Family,
    silence_first,
    targets_of,
    trigram_space,
)
from harken.train.asr.dialects import DialectExample
from harken.train.asr.ngram.kneser_ney import choose_vocabulary, count_ngrams, train_kneser_ney
from harken.train.asr.store import BINS

NORTH, SOUTH = "north", "south"
AMOUNTS: Mapping[tuple[str, str], int] = {
    (NORTH, "train"): 120, (NORTH, "dev"): 12, (NORTH, "test"): 24,
    (SOUTH, "train"): 30, (SOUTH, "dev"): 12, (SOUTH, "test"): 24,
}  # fmt: skip
"""Utterances by dialect and split; the south is the smaller dialect."""
SPEAKERS = {"train": 6, "dev": 3, "test": 4}
"""Of each dialect; nobody speaks in two splits."""
LOUD, VOICE, NOISE = 0.6, 0.6, 1.6
"""Deviations in the spectrum: of the phones' shapes, of the speakers, and of every single frame."""

COMMON = silence_first({phone for phones in WORDS.values() for phone in phones.split()})
TOY_PHONES = COMMON[1:]
NAMES: Mapping[str, Mapping[str, str]] = {
    NORTH: {phone: phone for phone in TOY_PHONES},
    SOUTH: {phone: f"S{place:02d}" for place, phone in enumerate(reversed(TOY_PHONES))},
}
"""Dialect -> phone -> what the dialect calls it."""


def make_toy_family(seed: int = 0) -> Family:
    """Two dialects of the words in `harken.recipes.asr.acoustic.toy`.

    Args:
        seed: of shapes, speakers and sentences; the same seed gives the same family.
    """
    rng = np.random.default_rng(seed)
    sound = _Sound(rng)
    spoken = {key: _speak(*key, count, sound, rng) for key, count in AMOUNTS.items()}
    said = [utterance.words for (_, split), rows in spoken.items() if split == "train" for utterance in rows]
    acceptor = ngram_acceptor(train_kneser_ney(count_ngrams(said, choose_vocabulary([tuple(WORDS)], len(WORDS)))))
    return Family(
        pivot=NORTH,
        labels={dialect: _labels(dialect) for dialect in NAMES},
        common=COMMON,
        spoken=spoken,
        pronounce={dialect: _pronounce(dialect) for dialect in NAMES},
        space=partial(trigram_space, acceptor),
    )


class _Sound:
    """Shapes of silence and the phones, and the direction in which speakers differ."""

    def __init__(self, rng: np.random.Generator):
        self.shapes: Floats = LOUD * rng.normal(size=(len(COMMON), BINS))
        self.shapes[0] = 0
        self.direction: Floats = np.cos(np.pi * np.arange(BINS) / BINS)
        """A tilt of the spectrum."""

    def frames(self, phones: NDArray[np.int64], voice: float, rng: np.random.Generator) -> NDArray[np.float32]:
        """[3 steps, BINS] of common labels [steps]; silence has no voice."""
        numbers = np.repeat(phones, STEP_FRAMES)
        voiced = voice * (numbers > 0)[:, None] * self.direction
        return np.asarray(self.shapes[numbers] + voiced + NOISE * rng.normal(size=(len(numbers), BINS)), np.float32)


def _speak(dialect: str, split: str, count: int, sound: _Sound, rng: np.random.Generator) -> list[DialectSpeech]:
    """Utterances of a split, its speakers in turns."""
    voices = VOICE * rng.normal(size=SPEAKERS[split])
    turns = np.arange(count) % len(voices)
    return [_utterance(dialect, f"{split}{turn}", float(voices[turn]), sound, rng) for turn in turns]


def _utterance(dialect: str, speaker: str, voice: float, sound: _Sound, rng: np.random.Generator) -> DialectSpeech:
    """Two to four words between silences; every phone lasts two to four steps."""
    labels = _labels(dialect)
    words = tuple(str(word) for word in rng.choice(list(WORDS), int(rng.integers(2, 5))))
    numbers = [0, *(COMMON.index(phone) for word in words for phone in WORDS[word].split()), 0]
    lengths = rng.integers(2, 5, len(numbers))
    ends = np.cumsum(lengths)
    own = np.argsort(labels.common)[numbers]
    segments = list(zip(own.tolist(), (ends - lengths).tolist(), ends.tolist(), strict=True))
    example = DialectExample(
        dialect=dialect,
        features=sound.frames(np.repeat(numbers, lengths), voice, rng),
        targets=targets_of(segments, int(ends[-1]), len(labels.own)),
    )
    return DialectSpeech(example=example, words=words, speaker=speaker)


def _labels(dialect: str) -> DialectLabels:
    phone_of = {name: phone for phone, name in NAMES[dialect].items()}
    own = silence_first(set(phone_of))
    return DialectLabels(own=own, common=np.array([0, *(COMMON.index(phone_of[name]) for name in own[1:])]))


def _pronounce(dialect: str) -> Pronounce:
    names = NAMES[dialect]

    def ways(word: str) -> Sequence[Phones]:
        return [tuple(names[phone] for phone in WORDS[word].split())]

    return ways
