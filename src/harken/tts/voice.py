"""A voice turns any text into speech, sentence by sentence, so that the first sound comes early."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.bundle import load_bundle
from harken.errors import ConfigError, VocabularyError
from harken.events import SAMPLE_RATE, Samples
from harken.languages.loading import load_locale
from harken.languages.locale import Locale
from harken.phones.pronunciation import Pronunciation
from harken.tts.acoustic import Plan, VoiceModel
from harken.tts.frames import HOP
from harken.tts.text import Line, Pronounce, read_lines
from harken.tts.vocoder import Vocoder

SLOWEST, FASTEST = 0.25, 4.0
"""Limits of the speaking rate."""
CHUNK = 40
"""Frames in a piece of sound: 0.4 s, which a slow machine produces in well under 0.1 s."""
_FADE = 80
"""Samples at both ends of a sentence that fade: 5 ms, against clicks."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of speech."""

    samples: Samples
    """[n] float32 -1..1 at `Voice.rate`."""
    start: int
    end: int
    """Half-open span of the text's characters; the pieces of a text follow each other without gaps."""


class Voice:
    """A voice that reads text aloud.

    Args:
        acoustic: symbols to frames.
        vocoder: frames to sound.
        pronounce: a word's phones.
        locale: the language that the voice reads.
        name: for people.
    """

    rate = SAMPLE_RATE
    """Hz of all samples."""

    def __init__(
        self,
        acoustic: VoiceModel,
        vocoder: Vocoder,
        pronounce: Pronounce,
        *,
        locale: Locale,
        name: str = "voice",
    ):
        self.name, self._locale = name, locale
        self._acoustic, self._vocoder, self._pronounce = acoustic, vocoder, pronounce

    @classmethod
    def load(cls, name: str | Path = "", *, vocoder: str | Path = "", locale: Locale | None = None) -> Voice:
        """Open a voice and a vocoder.

        Args:
            name: bundle name or folder; the language's own voice when empty.
            vocoder: bundle name or folder; the language's own when empty.
            locale: the language; English when None.

        Raises:
            BundleError: one is missing, damaged or of a different kind.
            ConfigError: no voice is named and the language has none.
        """
        locale = locale or load_locale()
        bundle = load_bundle(name or locale.bundle("voice"))
        pronounce = Pronunciation.load(locale).usual
        sound = Vocoder.load(vocoder or locale.bundle("vocoder"))
        return cls(VoiceModel(bundle), sound, pronounce, locale=locale, name=bundle.name)

    def say(self, text: str, *, rate: float = 1.0) -> Samples:
        """The speech of a text [n], float32 -1..1 at 16 kHz; the same text gives the same samples.

        Args:
            text: anything.
            rate: speed, 0.25..4; 2.0 takes half the time.

        Raises:
            VocabularyError: the text contains nothing that can be spoken.
            ConfigError: the rate is out of range.
        """
        return np.concatenate([piece.samples for piece in self.stream(text, rate=rate)])

    def stream(self, text: str, *, rate: float = 1.0) -> Iterator[Piece]:
        """The same speech in pieces of about 0.4 s; joined, they equal `say`.

        Raises:
            VocabularyError: the text contains nothing that can be spoken.
            ConfigError: the rate is out of range.
        """
        lines = self.read(text)
        if not lines:
            raise VocabularyError(f"there is nothing to say in {text[:60]!r}; give words, numbers or letters")
        yield from self.speak(lines, rate=rate)

    def read(self, text: str) -> list[Line]:
        """The sentences of a text that can be spoken; empty when there is nothing to say."""
        return read_lines(text, self._pronounce, self._locale)

    def speak(self, lines: Sequence[Line], *, rate: float = 1.0) -> Iterator[Piece]:
        """The speech of sentences in pieces of about 0.4 s.

        Args:
            lines: from `read`; all of them from one text.
            rate: speed, 0.25..4.

        Raises:
            ConfigError: the rate is out of range.
        """
        if not SLOWEST <= rate <= FASTEST:
            raise ConfigError(f"speaking rate {rate} is out of range; give one between {SLOWEST} and {FASTEST}")
        for number, line in enumerate(lines):
            yield from self._say_line(line, rate, number)

    def _say_line(self, line: Line, rate: float, seed: int) -> Iterator[Piece]:
        plan = self._acoustic.plan(line.symbols, rate=rate, question=line.question)
        spoken = next(iter(self._acoustic.decode(plan)))
        sounds = self._vocoder.stream(spoken.frames, spoken.hertz, spoken.voiced, chunk=CHUNK, seed=seed)
        place, done, total = line.start, 0, plan.frames * HOP
        for sound in sounds:
            faded = _fade(sound, done, total)
            done += len(sound)
            end = line.end if done >= total else max(place, _reached(line, plan, done))
            yield Piece(samples=faded, start=place, end=end)
            place = end


def _reached(line: Line, plan: Plan, samples: int) -> int:
    """Character that the speech of a line has reached after this many samples."""
    ends: NDArray[np.int64] = np.cumsum(plan.durations) * HOP
    return line.ends[min(int(np.searchsorted(ends, samples)), len(line.ends) - 1)]


def _fade(sound: Samples, start: int, total: int) -> Samples:
    """Sound [n] that begins `start` samples into a line of `total`, with the line's ends faded and peaks limited."""
    places = np.arange(start, start + len(sound))
    gain = np.clip(np.minimum(places + 1, total - places) / _FADE, 0, 1)
    loud = sound * gain.astype(np.float32)
    # Beyond 0.9 the sound is bent softly instead of clipped: a peak above 1 would crackle.
    over = np.abs(loud) > 0.9
    bent = np.sign(loud) * (0.9 + 0.1 * np.tanh((np.abs(loud) - 0.9) / 0.1))
    return np.where(over, bent, loud).astype(np.float32)
