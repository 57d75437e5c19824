"""The recordings of each task as windows of log-mel frames, and which of them teach, choose and measure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.activation.front_end import BINS, clean
from harken.activation.terms import cut, window_start
from harken.audio.features import Frames, log_mel
from harken.data.utterances import Utterance, read_corpus
from harken.errors import ConfigError, DataError
from harken.events import SAMPLE_RATE
from harken.train.activation.configs import MARGIN, TermConfig
from harken.train.activation.sources import NOISE

LEARN, CHOOSE, MEASURE = "learn", "choose", "measure"
FRAMES = TermConfig.frames
TOY = "toy"
_NOISE_SECONDS = 10
"""Of each noise that is learned from."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A set of words to tell apart."""

    corpus: str
    measured_on: str
    """The recordings that are measured on, for people."""
    part: Callable[[Utterance], str]
    """Whether a recording is learned from, chosen by or measured on; empty: not used."""
    warp: float = 1.0
    """2 where the recordings hold nothing above 4 kHz: all bands lie below."""
    by_speaker: bool = True
    """Whether recordings of a speaker are drawn together for intervals."""

    def unit(self, utterance: Utterance) -> str:
        """What is drawn together with a recording: its speaker, or the recording alone."""
        return (utterance.speaker if self.by_speaker else None) or utterance.audio.stem


def _commands(utterance: Utterance) -> str:
    """`dev` and `test` measure: `test` alone has five of the fourteen words. A tenth of the other speakers chooses."""
    if utterance.split != "train":
        return MEASURE
    digest = hashlib.sha256((utterance.speaker or utterance.audio.stem).encode()).digest()
    return CHOOSE if digest[0] % 10 == 0 else LEARN


def _digits(utterance: Utterance) -> str:
    """The official rule: takes 0 to 4 of each speaker measure; 5 to 9 choose."""
    if utterance.split == "test":
        return MEASURE
    return CHOOSE if int(utterance.audio.stem.rpartition("_")[2]) < 10 else LEARN


def _wake_words(utterance: Utterance) -> str:
    return {"train": LEARN, "dev": CHOOSE, "test": MEASURE}.get(utterance.split, "")


TASKS = {
    "commands": Task(corpus="speech-commands", measured_on="speech-commands dev and test", part=_commands),
    "digits": Task(corpus="digits", measured_on="digits test", part=_digits, warp=2.0, by_speaker=False),
    "wake-words": Task(corpus="wake-words", measured_on="wake-words test", part=_wake_words),
}


@dataclass(frozen=True, kw_only=True)
class Windows:
    """All recordings of a task, and noise."""

    windows: NDArray[np.float32]
    """[n, FRAMES + 2 * MARGIN, BINS], raw log-mel."""
    labels: NDArray[np.int64]
    words: tuple[str, ...]
    parts: NDArray[np.str_]
    """[n]: LEARN, CHOOSE or MEASURE."""
    units: NDArray[np.str_]
    """[n]: what is drawn together for intervals."""
    noises: Frames
    """[T, BINS]"""


def measured_on(task: str) -> str:
    """The set that a task is measured on."""
    return TASKS[task].measured_on if task in TASKS else f"{task} test"


def recordings(task: str) -> list[tuple[Utterance, str]]:
    """The recordings of a task with their parts.

    Raises:
        ConfigError: there is no such task.
        DataError: the corpus is missing.
    """
    if task not in TASKS:
        raise ConfigError(f"there is no task '{task}'; expected {', '.join(TASKS)}")
    found = [(utterance, TASKS[task].part(utterance)) for utterance in read_corpus(TASKS[task].corpus)]
    return [(utterance, part) for utterance, part in found if part and utterance.label]


def write_windows(task: str, run: Path) -> None:
    """Compute the windows of a task and the noises; what exists in the run folder is kept."""
    found = recordings(task)
    settings = TASKS[task]
    noise, file = _noise_file(run, settings.warp), run / f"{task}.npz"
    if not noise.is_file():
        part = noise.with_suffix(".part.npy")
        np.save(part, np.concatenate(list(_noises(settings.warp))))
        part.replace(noise)
    if file.is_file():
        return
    words = sorted({utterance.label or "" for utterance, _ in found})
    fresh = file.with_suffix(".part.npz")
    np.savez(
        fresh,
        windows=np.stack([_window(utterance, settings.warp) for utterance, _ in found]),
        labels=np.array([words.index(utterance.label or "") for utterance, _ in found]),
        words=np.array(words),
        parts=np.array([part for _, part in found]),
        units=np.array([settings.unit(utterance) for utterance, _ in found]),
    )
    fresh.replace(file)


def read_windows(task: str, run: Path) -> Windows:
    """What `write_windows` wrote.

    Raises:
        DataError: it is not there.
    """
    file, noise = run / f"{task}.npz", _noise_file(run, TASKS[task].warp)
    for wanted in (file, noise):
        if not wanted.is_file():
            raise DataError(f"{wanted} is missing; run the recipe's `prepare` step first")
    with np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return Windows(**{**arrays, "words": tuple(arrays["words"].tolist())}, noises=np.load(noise, allow_pickle=False))


def _noise_file(run: Path, warp: float) -> Path:
    return run / f"noise-{warp:g}.npy"


def toy_windows(*, words: int = 4, each: int = 24) -> Windows:
    """Made-up words: two frequencies that follow each other, in noise."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(words), each)
    windows = rng.normal(8, 1, (len(labels), FRAMES + 2 * MARGIN, BINS)).astype(np.float32)
    for window, label in zip(windows, labels, strict=True):
        for half in range(2):
            low = (7 * int(label) + 13 * half) % (BINS - 6)
            window[30 + 20 * half : 50 + 20 * half, low : low + 6] += 5
    number = np.tile(np.arange(each), words)
    return Windows(
        windows=windows, labels=labels, words=tuple(f"word {n}" for n in range(words)), noises=windows[0] - 4,
        parts=np.array([MEASURE, CHOOSE, LEARN, LEARN])[number % 4],
        units=np.array([f"person {n // 2}" for n in number]),
    )  # fmt: skip


def _window(utterance: Utterance, warp: float) -> Frames:
    frames = log_mel(clean(utterance.read()), bins=BINS, warp=warp)
    return cut(frames, window_start(frames, FRAMES) - MARGIN, FRAMES + 2 * MARGIN)


def _noises(warp: float) -> Iterator[Frames]:
    for utterance in read_corpus(NOISE, "train"):
        yield log_mel(clean(utterance.read())[: _NOISE_SECONDS * SAMPLE_RATE], bins=BINS, warp=warp)
