"""Recordings that the voice's recipes share: analysed once and kept under the run folders, or artificial for `tiny`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken import paths
from harken.data.utterances import Utterance, read_corpus
from harken.data.voice_folder import read_voice_folder
from harken.events import SAMPLE_RATE, Samples
from harken.train.arrays import is_written
from harken.train.tts.corpus import ALIGNMENT, SpeechCorpus, write_speech
from harken.tts.source_filter import FFT_BINS, FilterBank, noise, pulse_train

MOST_SECONDS = 20
"""Longer recordings are cut to this length."""


def speech_folder(name: str) -> Path:
    """Folder of the analysed recordings of one part, for all recipes of the voice."""
    return paths.runs() / "tts" / "speech" / name


def write_part(name: str, utterances: Sequence[Utterance]) -> SpeechCorpus:
    """Analyse recordings; what exists is kept."""
    folder = speech_folder(name)
    if not is_written(folder):
        write_speech(folder, _read(utterances))
    return SpeechCorpus(folder)


def write_folder(source: Path, *, train: Path, dev: Path) -> None:
    """Analyse the recordings of a plain folder into one folder for each split; again if the recordings have changed.

    Raises:
        DataError: see `read_voice_folder`.
    """
    utterances = read_voice_folder(source)
    listing = "".join(f"{one.audio} {one.duration} {one.split} {one.text}\n" for one in utterances)
    digest, marker = hashlib.sha256(listing.encode()).hexdigest(), dev / "recordings.sha256"
    if is_written(train) and is_written(dev) and marker.is_file() and marker.read_text(encoding="utf-8") == digest:
        return
    for split, folder in (("train", train), ("dev", dev)):
        (folder / ALIGNMENT).unlink(missing_ok=True)
        write_speech(folder, _read([one for one in utterances if one.split == split]))
    marker.write_text(digest, encoding="utf-8")


def pick_recordings(corpus: str, split: str, *, seconds_each: float = 0.0, at_most: int = 0) -> list[Utterance]:
    """Recordings of a split: the first ones of each speaker up to `seconds_each`, and `at_most` in all (0: all)."""
    heard: dict[str, float] = {}
    chosen = []
    for utterance in read_corpus(corpus, split):
        speaker = utterance.speaker or ""
        if seconds_each and heard.get(speaker, 0.0) >= seconds_each:
            continue
        heard[speaker] = heard.get(speaker, 0.0) + utterance.duration
        chosen.append(utterance)
    return chosen[:at_most] if at_most else chosen


TOY_WORDS = {
    "me": "M IY1", "see": "S IY1", "sea": "S IY1", "moo": "M UW1", "so": "S OW1", "no": "N OW1", "knee": "N IY1",
    "noon": "N UW1 N", "moon": "M UW1 N", "seem": "S IY1 M", "mean": "M IY1 N", "own": "OW1 N", "soon": "S UW1 N",
}  # fmt: skip
"""Words of the artificial voice."""


def toy_phones(word: str, *, part: str = "") -> Sequence[str]:
    """Phones of a word of the artificial voice, whatever its part of speech; empty for others."""
    return TOY_WORDS.get(word.lower(), "").split()


def write_toy_speech(folder: Path, count: int, rng: np.random.Generator) -> SpeechCorpus:
    """Write sentences of an artificial voice in which every phone has its own resonances or hiss.

    Every second one is a question, whose pitch rises instead of falling.
    """
    recordings = []
    for number in range(count):
        words = [str(word) for word in rng.choice(list(TOY_WORDS), int(rng.integers(2, 5)))]
        asks = number % 2 == 1
        text = f"{' '.join(words)}{'?' if asks else '.'}"
        recordings.append((_toy_speech(words, asks=asks, rng=rng), {"text": text, "speaker": "toy"}))
    write_speech(folder, recordings)
    return SpeechCorpus(folder)


_RESONANCES = {"M": (250, 1100), "N": (250, 1500), "IY": (300, 2300), "UW": (320, 900), "OW": (480, 950)}


def _toy_speech(words: Sequence[str], *, asks: bool, rng: np.random.Generator) -> Samples:
    plan: list[tuple[str, int]] = [("", 8)]
    for word in words:
        plan += [(phone.rstrip("012"), int(rng.integers(6, 14))) for phone in toy_phones(word)]
    plan.append(("", 10))
    filters = np.concatenate([np.repeat(_toy_filter(phone)[None], 2 * length, 0) for phone, length in plan])
    count = len(filters) // 2
    pulses = pulse_train(np.linspace(*((170, 230) if asks else (230, 170)), count).astype(np.float32))
    bank = FilterBank(pulses, noise(len(pulses), rng))
    return 0.5 * bank.push(filters)


def _toy_filter(phone: str) -> NDArray[np.float32]:
    """Log amplitudes [2, 257] of pulses and noise."""
    hertz = np.arange(FFT_BINS) * SAMPLE_RATE / 2 / (FFT_BINS - 1)
    out = np.full((2, FFT_BINS), -9.0, np.float32)
    if phone == "S":
        out[1] = -4.0 - np.abs(hertz - 5500) / 1500
    elif phone:
        out[0] = np.logaddexp.reduce([-2.5 - np.abs(hertz - peak) / 250 for peak in _RESONANCES[phone]], axis=0)
    return np.maximum(out, -9.0)


def _read(utterances: Sequence[Utterance]) -> Iterator[tuple[Samples, Mapping[str, Any]]]:
    for spoken in utterances:
        about = {"text": spoken.text, "speaker": spoken.speaker, "corpus": spoken.corpus, "audio": spoken.audio.name}
        yield spoken.read()[: MOST_SECONDS * SAMPLE_RATE], about
