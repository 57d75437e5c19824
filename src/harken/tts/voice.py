"""A voice turns any text into speech, sentence by sentence, so that the first sound comes early."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.bundle import load_bundle
from harken.errors import VocabularyError
from harken.events import SAMPLE_RATE, Samples
from harken.languages.loading import load_locale
from harken.languages.locale import Locale
from harken.phones.pronunciation import Pronunciation
from harken.tts.acoustic import Plan, VoiceModel
from harken.tts.frames import HOP
from harken.tts.manner import PLAIN, Manner
from harken.tts.markup import Marked, parse_markup
from harken.tts.text import Line, Pronounce, read_lines
from harken.tts.transfer import Normaliser
from harken.tts.vocoder import Vocoder

CHUNK = 40
"""Frames in a piece of sound: 0.4 s, which a slow machine produces in well under 0.1 s."""
_GLIDE = 160
"""Samples from one volume to the next: 10 ms."""
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

    @property
    def usual(self) -> Normaliser | None:
        """The prosody that is usual for the voice; None if its bundle does not say."""
        return self._acoustic.usual

    def say(self, text: str | Marked, *, rate: float = 1.0, manner: Manner = PLAIN) -> Samples:
        """The speech of a text [n], float32 -1..1 at 16 kHz; the same text gives the same samples.

        Args:
            text: anything, also with marks (see `parse`).
            rate: speed, 0.25..4; 2.0 takes half the time.
            manner: how all of it is said, in addition to the marks.

        Raises:
            VocabularyError: the text contains nothing that can be spoken.
            ConfigError: the rate is out of range.
        """
        return np.concatenate([piece.samples for piece in self.stream(text, rate=rate, manner=manner)])

    def stream(self, text: str | Marked, *, rate: float = 1.0, manner: Manner = PLAIN) -> Iterator[Piece]:
        """The same speech in pieces of about 0.4 s; joined, they equal `say`.

        Raises:
            VocabularyError: the text contains nothing that can be spoken.
            ConfigError: the rate is out of range.
        """
        lines = self.read(text)
        if not lines:
            words = text.text if isinstance(text, Marked) else text
            raise VocabularyError(f"there is nothing to say in {words[:60]!r}; give words, numbers or letters")
        yield from self.speak(lines, rate=rate, manner=manner)

    def parse(self, markup: str) -> Marked:
        """Text with marks from an SSML document, in the voice's language.

        Raises:
            MarkupError: it is not understood.
        """
        return parse_markup(markup, self._locale)

    def read(self, text: str | Marked) -> list[Line]:
        """The sentences of a text that can be spoken; empty when there is nothing to say."""
        return read_lines(text, self._pronounce, self._locale)

    def speak(self, lines: Sequence[Line], *, rate: float = 1.0, manner: Manner = PLAIN) -> Iterator[Piece]:
        """The speech of sentences in pieces of about 0.4 s.

        Args:
            lines: from `read`; all of them from one text.
            rate: speed, 0.25..4.
            manner: how all of them are said, in addition to their own manners.

        Raises:
            ConfigError: the rate is out of range.
        """
        Manner(rate=rate)  # refuses what is out of range
        for number, line in enumerate(lines):
            yield from self._say_line(line.within(manner), rate, number)

    def timing(self, lines: Sequence[Line], *, rate: float = 1.0, manner: Manner = PLAIN) -> NDArray[np.int64]:
        """Samples [N] of each symbol of all the lines in the speech that `speak` makes of the same arguments.

        Raises:
            ConfigError: the rate is out of range.
        """
        Manner(rate=rate)
        lengths: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
        for line in (line.within(manner) for line in lines):
            plan, silences = self._plan(line, rate)
            lengths.append(plan.durations * HOP)
            for (symbol, _), (_, length) in zip(line.breaks, silences, strict=True):
                lengths[-1][symbol] += length
        return np.concatenate(lengths)

    def _plan(self, line: Line, rate: float) -> tuple[Plan, list[tuple[int, int]]]:
        """How a line is said, and the silences to insert (see `with_breaks`)."""
        plan = self._acoustic.plan(
            line.symbols, rate=rate, question=line.question, manners=line.manners, prosody=line.prosody
        )
        return with_breaks(plan, line)

    def _say_line(self, line: Line, rate: float, seed: int) -> Iterator[Piece]:
        plan, silences = self._plan(line, rate)
        spoken = self._acoustic.decode(plan)
        sounds = self._vocoder.stream(spoken.frames, spoken.hertz, spoken.voiced, chunk=CHUNK, seed=seed)
        place, done, total = line.start, 0, plan.frames * HOP
        for sound in sounds:
            faded = _fade(sound * loudness(line, plan, done, len(sound)), done, total)
            for part, played in _interrupted(faded, done, silences, last=done + len(sound) >= total):
                end = line.end if played >= total else max(place, _reached(line, plan, played))
                yield Piece(samples=part, start=place, end=end)
                place = end
            done += len(sound)


def _reached(line: Line, plan: Plan, samples: int) -> int:
    """Character that the speech of a line has reached after this many samples."""
    ends: NDArray[np.int64] = np.cumsum(plan.durations) * HOP
    return line.ends[min(int(np.searchsorted(ends, samples)), len(line.ends) - 1)]


def _interrupted(
    sound: Samples, start: int, silences: Sequence[tuple[int, int]], *, last: bool
) -> Iterator[tuple[Samples, int]]:
    """Sound that begins `start` samples into a line, with its silences (place, length in samples) in between.

    Yields:
        Samples [n], and the place in the line up to which its sound has been played.
    """
    end, done = start + len(sound), start
    for place, length in silences:
        if not (start <= place < end or (last and place == end)):
            continue
        if place > done:
            yield sound[done - start : place - start], place
            done = place
        for left in range(length, 0, -CHUNK * HOP):
            yield np.zeros(min(left, CHUNK * HOP), np.float32), done
    if done < end or start == end:
        yield sound[done - start :], end


def with_breaks(plan: Plan, line: Line) -> tuple[Plan, list[tuple[int, int]]]:
    """The plan with the pauses that the line asks for.

    Returns:
        The plan, whose pauses are shortened where they were longer, and silences to insert: (place, length) in samples.
    """
    if not line.breaks:
        return plan, []
    durations, silences = plan.durations.copy(), []
    for symbol, seconds in line.breaks:
        inner = 0 < symbol < len(durations) - 1
        kept = min(int(durations[symbol]), round(seconds * SAMPLE_RATE / HOP)) if inner else int(durations[symbol])
        durations[symbol] = kept
        begun = int(durations[:symbol].sum()) * HOP
        place = begun + (kept * HOP // 2 if inner else kept * HOP if symbol else 0)
        silences.append((place, max(0, round(seconds * SAMPLE_RATE) - (kept * HOP if inner else 0))))
    durations[-1] += durations.sum() % 2
    return replace(plan, durations=durations), silences


def loudness(line: Line, plan: Plan, start: int, count: int) -> Samples | float:
    """Gain [count] of the samples from `start` on, by the volumes of the line's manners; 10 ms from one to the next."""
    volumes = np.array([manner.volume for manner in line.manners])
    if not volumes.any():
        return 1.0
    ends = np.cumsum(plan.durations) * HOP
    places = np.arange(start, start + count)
    symbol, later = (
        np.minimum(np.searchsorted(ends, places + ahead, side="right"), len(ends) - 1) for ahead in (0, _GLIDE)
    )
    share = np.clip((ends[symbol] - places) / _GLIDE, 0, 1)
    return np.asarray(10 ** ((volumes[symbol] * share + volumes[later] * (1 - share)) / 20), np.float32)


def _fade(sound: Samples, start: int, total: int) -> Samples:
    """Sound [n] that begins `start` samples into a line of `total`, with the line's ends faded and peaks limited."""
    places = np.arange(start, start + len(sound))
    gain = np.clip(np.minimum(places + 1, total - places) / _FADE, 0, 1)
    loud = sound * gain.astype(np.float32)
    # Beyond 0.9 the sound is bent softly instead of clipped: a peak above 1 would crackle.
    over = np.abs(loud) > 0.9
    bent = np.sign(loud) * (0.9 + 0.1 * np.tanh((np.abs(loud) - 0.9) / 0.1))
    return np.where(over, bent, loud).astype(np.float32)
