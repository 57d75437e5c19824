"""Artificial speech for the `tiny` configuration: every phone is a different chord.

A phone model can be learned from it in seconds, so that the whole recipe runs without any recordings.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.audio.files import write_wav
from harken.data.utterances import MANIFEST, Utterance, read_manifest
from harken.events import SAMPLE_RATE, Samples

WORDS = {
    "bee": "B IY", "do": "D UW", "fee": "F IY", "go": "G OW", "key": "K IY", "moo": "M UW", "no": "N OW", "see": "S IY",
    "sew": "S OW", "two": "T UW", "bow": "B OW", "boo": "B UW",
}  # fmt: skip
"""Words of the toy language."""


def write_toy(folder: Path, *, train: int, dev: int, rng: np.random.Generator) -> list[Utterance]:
    """Recordings of random word strings; written once, then read.

    Args:
        folder: gets wav files and a manifest.
        train: recordings to learn from.
        dev: recordings to measure on.
        rng: words, durations, pitches.
    """
    rows = []
    for number in range(train + dev):
        words = [str(word) for word in rng.choice(list(WORDS), int(rng.integers(2, 5)))]
        samples = _say(words, rng)
        name = f"toy{number:04d}.wav"
        write_wav(folder / name, samples)
        rows.append({
            "audio": name, "duration": len(samples) / SAMPLE_RATE, "text": " ".join(words),
            "split": "train" if number < train else "dev", "speaker": f"toy{number % 5}",
        })  # fmt: skip
    (folder / MANIFEST).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return list(read_manifest(folder / MANIFEST, corpus="toy"))


def toy_dictionary() -> str:
    """The toy words in the form of a dictionary file."""
    return "".join(f"{word} {phones}\n" for word, phones in WORDS.items())


def _say(words: list[str], rng: np.random.Generator) -> Samples:
    parts: list[NDArray[np.float64]] = [np.zeros(int(rng.integers(1600, 4000)))]
    for word in words:
        parts += [_chord(phone, rng) for phone in WORDS[word].split()]
        if rng.random() < 0.3:
            parts.append(np.zeros(int(rng.integers(800, 3000))))
    parts.append(np.zeros(int(rng.integers(1600, 4000))))
    sound = np.concatenate(parts)
    return np.asarray(sound + rng.normal(0, 0.003, len(sound)), np.float32)


def _chord(phone: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """Two tones whose frequencies follow from the phone's name."""
    code = sum(ord(letter) * 31**place for place, letter in enumerate(phone))
    low, high = 250 + 37 * (code % 17), 1200 + 113 * (code % 29)
    time = np.arange(int(rng.integers(1600, 3200))) / SAMPLE_RATE
    detune = float(rng.uniform(0.97, 1.03))
    shape = np.sin(np.pi * np.arange(len(time)) / len(time)) ** 0.3
    tones = np.sin(2 * np.pi * low * detune * time) + np.sin(2 * np.pi * high * detune * time)
    return np.asarray(0.2 * shape * tones)
