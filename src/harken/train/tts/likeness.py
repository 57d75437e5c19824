"""How close synthesised speech is to recordings, in figures that need no listeners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from harken.audio.features import FRAMES_PER_SECOND
from harken.events import Samples
from harken.metrics.intervals import bootstrap
from harken.train.tts.corpus import SpeechCorpus
from harken.tts.acoustic import VoiceModel
from harken.tts.symbols import MARKS
from harken.tts.vocoder import Vocoder

_WINDOW, _HOP = 512, 128
_RANGE_DB = 60.0
"""Parts of the spectrum further below a recording's loudest do not count."""


class Likeness(NamedTuple):
    """A mean over recordings with its 95 % interval."""

    mean: float
    low: float
    high: float
    n: int


def copy_distances(vocoder: Vocoder, corpus: SpeechCorpus) -> Likeness:
    """Log-spectral distance (dB) between recordings and what the vocoder makes of their frames and pitch."""
    distances = []
    for number in range(len(corpus)):
        recording = corpus[number]
        frames, hertz = recording.frames.astype(np.float32), np.asarray(recording.hertz)
        copy = vocoder.synthesize(frames, hertz, np.asarray(recording.voiced))
        distances.append(log_spectral_distance(copy, recording.sound))
    return _mean_of(distances)


def log_spectral_distance(copy: Samples, original: Samples) -> float:
    """Root mean square difference (dB) of the two spectrograms, where the original is within 60 dB of its peak."""
    a, b = _decibels(copy), _decibels(original)
    floor = b.max() - _RANGE_DB
    counted = b > floor
    return float(np.sqrt(np.mean((np.maximum(a, floor) - b)[counted] ** 2)))


def _decibels(samples: Samples) -> Samples:
    pieces = np.lib.stride_tricks.sliding_window_view(np.pad(samples, _WINDOW), _WINDOW)[::_HOP]
    spectrum = np.abs(np.fft.rfft(pieces * np.hanning(_WINDOW)))
    return np.asarray(20 * np.log10(spectrum + 1e-5), np.float32)


def duration_errors(model: VoiceModel, sentences: Sequence[Mapping[str, Any]]) -> Likeness:
    """Mean absolute error (ms) of a voice's phone durations, over aligned sentences ('symbols', 'states')."""
    errors = []
    for sentence in sentences:
        planned = model.plan(sentence["symbols"]).durations
        phones = np.array([symbol not in MARKS for symbol in sentence["symbols"]])
        errors.append(float(np.abs(planned - np.sum(sentence["states"], 1))[phones].mean()) * 1000 / FRAMES_PER_SECOND)
    return _mean_of(errors)


def _mean_of(values: Sequence[float]) -> Likeness:
    interval = bootstrap(lambda drawn: float(np.mean(drawn)), values, rng=np.random.default_rng(0))
    return Likeness(float(np.mean(values)), interval.low, interval.high, len(values))
