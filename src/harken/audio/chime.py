"""The sounds that are not speech: "I am here", "I am listening", and the bell of a timer."""

from __future__ import annotations

import numpy as np

from harken.events import SAMPLE_RATE, Samples

RATE = SAMPLE_RATE
_QUIET, _LOUD = 0.1, 0.25  # -20 dB, clearly softer than speech; -12 dB, as loud as speech
_FIFTH = ((784.0, 0.00), (1175.0, 0.06))  # Hz, and the second at which each note begins: a fifth, upwards
_STROKES = 3  # of the bell
_RUSH = (0.8, 0.05, 0.5)  # seconds in all, of its rise, and of its fall
_DEEPEST = 80.0  # Hz below which the rush is no louder


def make_chime() -> Samples:
    """The tone for "I am listening": samples [n] at 16 kHz, over before the first word of a request is."""
    return _notes(_FIFTH, length=0.18, decay=0.03, level=_QUIET)


def make_bell() -> Samples:
    """A timer rings: samples [n] at 16 kHz, three strokes, a little more than a second."""
    strokes = [(frequency, 0.35 * stroke + at) for stroke in range(_STROKES) for frequency, at in _FIFTH]
    return _notes(tuple(strokes), length=0.35 * _STROKES + 0.15, decay=0.09, level=_LOUD)


def make_greeting() -> Samples:
    """Begins a conversation: samples [n] at 16 kHz, 0.8 s, a soft rush like a wave with the tone for "I am listening".

    The rush has all frequencies at once, so that an echo filter knows the room before the first reply. A sweep or chord
    teaches it little: at each moment they have few.
    """
    length, rise, fall = (round(part * RATE) for part in _RUSH)
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(length))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(length, 1 / RATE), _DEEPEST))
    rush = np.fft.irfft(spectrum, length)
    rush[:rise] *= np.linspace(0, 1, rise)
    rush[-fall:] *= np.linspace(1, 0, fall) ** 2
    rush *= _QUIET / np.sqrt(np.mean(np.square(rush)))
    tone = make_chime()
    rush[rise : rise + len(tone)] += tone / 2
    return rush.astype(np.float32)


def _notes(notes: tuple[tuple[float, float], ...], *, length: float, decay: float, level: float) -> Samples:
    time = np.arange(round(length * RATE)) / RATE
    tone = np.zeros(len(time))
    for frequency, begin in notes:
        since = np.maximum(time - begin, 0)
        tone += np.sin(2 * np.pi * frequency * since) * np.minimum(since / 0.005, 1) * np.exp(-since / decay)
    return (level * tone).astype(np.float32)
