"""What the always-on networks learn from: recordings of the data root, also in rooms, and synthesised phrases."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import soxr

from harken.data.mixing import limit
from harken.data.rooms import convolve, draw_room, simulate_room
from harken.data.utterances import Utterance, corpus_folder, read_corpus
from harken.data.voices import DebianVoice, refuse_reserved, speak
from harken.errors import AudioError, DataError
from harken.events import SAMPLE_RATE, Samples
from harken.train.activation.store import Clip

log = logging.getLogger(__name__)

SPEECH = (
    "librispeech", "librispeech-excerpts", "speechocean762", "an4", "kathleen", "speech-commands", "wake-words",
    "coffee-commands", "community-keywords", "custom-keywords", "meeting-talk", "voices",
)  # fmt: skip
"""Corpora of speech, all of them negatives for a wake word that is not said in them."""
NOISE = "noise"
SYNTHESISED = "synthesised"


def recordings(
    *, room_share: float, rng: np.random.Generator, limit_per_corpus: int = 0
) -> Iterator[tuple[Clip, Samples]]:
    """The `train` and `dev` recordings of all corpora of the data root, and copies of some of them in rooms.

    Args:
        room_share: share 0..1 of the speech recordings that get a second copy in a room.
        rng: source of randomness.
        limit_per_corpus: at most this many recordings of each corpus and split (0: all), drawn at random.
    """
    for corpus in (*SPEECH, NOISE):
        for split in ("train", "dev"):
            utterances = [u for u in _read_if_there(corpus) if u.split == split]
            if limit_per_corpus and len(utterances) > limit_per_corpus:
                drawn = rng.choice(len(utterances), limit_per_corpus, replace=False)
                utterances = [utterances[i] for i in drawn]
            for utterance in utterances:
                yield from _with_room(utterance, room_share if corpus != NOISE else 0.0, rng)


def varied(
    positives: Iterable[tuple[Clip, Samples]], *, copies: int, rng: np.random.Generator
) -> Iterator[tuple[Clip, Samples]]:
    """Recordings of a wake word and `copies` variants of those in `train`: other speed, other rooms."""
    for clip, samples in positives:
        yield clip, samples
        for number in range(copies if clip.split == "train" else 0):
            changed = change_speed(samples, float(rng.uniform(0.88, 1.14)))
            in_room = number % 2 == 1
            kind = replace(clip, variant="room" if in_room else "speed")
            yield kind, put_in_room(changed, rng) if in_room else changed


def spoken(
    phrases: Sequence[tuple[str, str]], voices: Sequence[DebianVoice], *, each: int, rng: np.random.Generator
) -> Iterator[tuple[Clip, Samples]]:
    """Synthesised phrases, each by `each` voices drawn at random, with drawn speed and pitch, some in a room.

    Args:
        phrases: (text, label).
        voices: who may speak; reserved ones are refused.
        each: renderings of each phrase.
        rng: source of randomness.

    Raises:
        DataError: a voice is reserved for demo and tests.
    """
    refuse_reserved(voices)
    for text, label in phrases:
        for _ in range(each):
            voice = voices[int(rng.integers(len(voices)))]
            speed, pitch = float(rng.uniform(0.75, 1.35)), float(rng.uniform(0.4, 1.6))
            samples = speak(text, voice, speed=speed, pitch=pitch if voice.program == "espeak-ng" else 1.0)
            kind = "room" if rng.random() < 0.4 else ""
            clip = Clip(corpus=SYNTHESISED, split="train", speaker=voice.id, label=label, variant=kind)
            yield clip, put_in_room(samples, rng) if kind else samples


def read_positives(word: str) -> list[tuple[Clip, Samples]]:
    """The `train` and `dev` recordings of `word` in the data root ('hey computer' counts, too).

    Raises:
        DataError: there are none.
    """
    positives = []
    for corpus in ("wake-words", "community-keywords", "custom-keywords"):
        for utterance in _read_if_there(corpus):
            if is_word(utterance, word) and utterance.split in ("train", "dev"):
                positives.append((_clip(utterance), utterance.read()))
    if not positives:
        raise DataError(f"the data root has no recordings of '{word}'; give your own with --positives")
    return positives


def is_word(utterance: Utterance, word: str) -> bool:
    """Whether a recording is one of the wake word, alone or after 'hey'."""
    label, wanted = plain(utterance.label or ""), plain(word)
    return label in (wanted, "hey" + wanted)


def change_speed(samples: Samples, factor: float) -> Samples:
    """Samples played `factor` times as fast; pitch and formants rise with it."""
    return np.asarray(soxr.resample(samples, SAMPLE_RATE * factor, SAMPLE_RATE), np.float32)


def put_in_room(samples: Samples, rng: np.random.Generator) -> Samples:
    """Samples as heard in a random room: two in three are simulated, one in three measured (`train` part)."""
    measured = [u for u in _read_if_there("rooms") if u.split == "train"]
    if measured and rng.random() < 1 / 3:
        return limit(convolve(samples, measured[int(rng.integers(len(measured)))].read()))
    return limit(convolve(samples, simulate_room(draw_room(rng))))


def _with_room(utterance: Utterance, share: float, rng: np.random.Generator) -> Iterator[tuple[Clip, Samples]]:
    try:
        samples = utterance.read()
    except AudioError as error:
        log.warning("left out: %s", error)
        return
    yield _clip(utterance), samples
    if rng.random() < share:
        yield _clip(utterance, "room"), put_in_room(samples, rng)


def _read_if_there(corpus: str) -> list[Utterance]:
    try:
        corpus_folder(corpus)
    except DataError:
        return []  # a smaller data root
    return read_corpus(corpus)


def _clip(utterance: Utterance, variant: str = "") -> Clip:
    return Clip(
        corpus=utterance.corpus, split=utterance.split, speaker=utterance.speaker or "",
        label=utterance.label or utterance.text or "", variant=variant,
    )  # fmt: skip


def plain(text: str) -> str:
    """Only the letters, lower case: "Hey, computer!" and "heycomputer" are the same word."""
    return re.sub(r"[^a-z]", "", text.lower())
