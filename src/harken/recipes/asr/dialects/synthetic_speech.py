"""The speech of the synthetic family: sentences, speakers, features, and phones in steps of 30 ms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic import STEP_FRAMES
from harken.audio.features import FRAME_LENGTH, FRAME_SHIFT, log_mel
from harken.errors import DataError
from harken.phones.sets import SILENCE
from harken.recipes.asr.dialects.espeak import VARIANTS, PhoneSegment, speak_dialects
from harken.recipes.asr.ngram.texts import Sentence, read_texts
from harken.train.asr.acoustic import steps_of

TEXTS_USED = ("slurp", "clinc150")
"""Requests from which the sentences are drawn."""
SENTENCE_WORDS = (4, 12)
"""Fewest and most words of a sentence."""
_LISTENED = {
    "dev": ("m4", "f3", "grandpa"),
    "test": ("m2", "m5", "m8", "f2", "f4", "Andy", "linda"),
}  # fmt: skip
SPEAKERS: Mapping[str, tuple[str, ...]] = {
    "train": tuple(one for one in VARIANTS if not any(one in taken for taken in _LISTENED.values())),
    **_LISTENED,
}
"""Split -> the variants that speak in it, in every dialect; nobody speaks in two."""

PhoneSteps = tuple[str, int, int]
"""Phone, first step, step after the last."""


@dataclass(frozen=True, kw_only=True)
class SentenceCounts:
    """Number of sentences of each dialect."""

    pivot: int = 600
    """Of the pivot, for training."""
    other: int = 150
    """Of each other dialect, for training."""
    dev: int = 20
    test: int = 60


@dataclass(frozen=True, kw_only=True)
class SynthesizedSpeech:
    """A kept utterance."""

    words: tuple[str, ...]
    speaker: str
    """Variant; 'own' is the dialect's own voice."""
    features: NDArray[np.float16]
    """Log-mel energies [T, 80]."""
    segments: tuple[PhoneSteps, ...]
    """Contiguous from 0 to the steps of the features, none empty."""


def draw_sentences(voices: Sequence[str], pivot: str, amounts: SentenceCounts) -> dict[tuple[str, str], list[Sentence]]:
    """Sentences by dialect and split, always the same ones.

    All dialects share the sentences of dev and test; each has train sentences of its own. No sentence is in two splits.

    Raises:
        DataError: the texts contain too few sentences, or are missing.
    """
    least, most = SENTENCE_WORDS
    pool = sorted({sentence for sentence in read_texts(TEXTS_USED) if least <= len(sentence) <= most})
    counts = [amounts.pivot if voice == pivot else amounts.other for voice in voices]
    wanted = amounts.test + amounts.dev + sum(counts)
    if wanted > len(pool):
        raise DataError(
            f"got {len(pool)} sentences from {' and '.join(TEXTS_USED)}, but {wanted} are needed; ask for fewer"
        )
    order = np.random.default_rng(0).permutation(len(pool))[:wanted]
    drawn = iter([pool[n] for n in order])
    shared = {
        split: [next(drawn) for _ in range(count)] for split, count in (("test", amounts.test), ("dev", amounts.dev))
    }
    sentences = {(voice, split): rows for voice in voices for split, rows in shared.items()}
    for voice, count in zip(voices, counts, strict=True):
        sentences[voice, "train"] = [next(drawn) for _ in range(count)]
    return sentences


def read_or_speak(folder: Path, voice: str, split: str, sentences: Sequence[Sentence]) -> list[SynthesizedSpeech]:
    """The sentences spoken by random speakers of the split; kept in `folder`, spoken again if the sentences change.

    Raises:
        DataError: espeak-ng or the voice is not installed.
    """
    path = folder / f"{voice}.{split}.npz"
    if path.is_file():
        kept = _read(path)
        if [recording.words for recording in kept] == list(sentences):
            return kept
    spoken = list(_speak(voice, split, sentences))
    _write(path, spoken)
    return spoken


def _speak(voice: str, split: str, sentences: Sequence[Sentence]) -> Iterator[SynthesizedSpeech]:
    rng = np.random.default_rng([list(SPEAKERS).index(split), *voice.encode()])
    texts = [" ".join(sentence) for sentence in sentences]
    said = speak_dialects([voice], texts, rng, variants=SPEAKERS[split])
    for sentence, utterance in zip(sentences, said, strict=True):
        features = log_mel(utterance.samples).astype(np.float16)
        segments = step_segments(utterance.segments, len(features))
        speaker = utterance.variant or "own"
        yield SynthesizedSpeech(words=sentence, speaker=speaker, features=features, segments=segments)


def step_segments(segments: Sequence[PhoneSegment], frames: int) -> tuple[PhoneSteps, ...]:
    """Phones in steps of 30 ms: a step has the phone that is heard in its middle.

    Every phone gets at least one step, as the decoder requires, at the cost of its neighbours; a pause that is in the
    middle of no step is dropped.

    Args:
        segments: in samples, contiguous from 0.
        frames: of the features (10 ms).

    Raises:
        DataError: there are more phones than steps.
    """
    steps = steps_of(frames)
    kept = [segment for segment in segments if segment.phone != SILENCE or _has_middle(segment, steps)]
    if len(kept) > steps:
        raise DataError(f"got {len(kept)} phones in {steps} steps of 30 ms; speak them more slowly")
    places = np.arange(len(kept))
    firsts = np.array([_first_step(segment.start) for segment in kept])
    firsts[:1] = 0
    firsts = np.maximum.accumulate(firsts - places) + places
    firsts = np.minimum(firsts, steps - len(kept) + places)
    ends = [*firsts[1:].tolist(), steps]
    return tuple((segment.phone, int(first), int(end)) for segment, first, end in zip(kept, firsts, ends, strict=True))


def _has_middle(segment: PhoneSegment, steps: int) -> bool:
    """Whether the middle of some step is in a segment."""
    return _first_step(segment.start) < min(_first_step(segment.end), steps)


def _first_step(sample: int) -> int:
    """The first step whose middle is not before a sample."""
    shift = STEP_FRAMES * FRAME_SHIFT
    middle = (STEP_FRAMES // 2) * FRAME_SHIFT + FRAME_LENGTH // 2
    return max(0, -((middle - sample) // shift))


def _write(path: Path, recordings: Sequence[SynthesizedSpeech]) -> None:
    """Atomically: the whole file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".fresh.npz")
    np.savez(
        fresh, allow_pickle=False,
        texts=np.array([" ".join(recording.words) for recording in recordings]),
        speakers=np.array([recording.speaker for recording in recordings]),
        phones=np.array([" ".join(phone for phone, _, _ in recording.segments) for recording in recordings]),
        firsts=np.array([first for recording in recordings for _, first, _ in recording.segments], np.int32),
        frames=np.array([len(recording.features) for recording in recordings]),
        features=np.concatenate([recording.features for recording in recordings]),
    )  # fmt: skip
    fresh.replace(path)


def _read(path: Path) -> list[SynthesizedSpeech]:
    with np.load(path, allow_pickle=False) as archive:
        tables = {name: archive[name] for name in archive.files}
    phones = [str(row).split() for row in tables["phones"]]
    firsts = np.split(tables["firsts"], np.cumsum([len(row) for row in phones])[:-1])
    features = np.split(tables["features"], np.cumsum(tables["frames"])[:-1])
    recordings = []
    for text, speaker, names, starts, frames in zip(
        tables["texts"], tables["speakers"], phones, firsts, features, strict=True
    ):
        ends = [*starts[1:].tolist(), steps_of(len(frames))]
        segments = tuple(zip(names, starts.tolist(), ends, strict=True))
        recordings.append(
            SynthesizedSpeech(words=tuple(str(text).split()), speaker=str(speaker), features=frames, segments=segments)
        )
    return recordings
