"""The English dialects of espeak-ng as labelled speech: exact phones, exact times, and each dialect's lexicon.

The library names every phone that it speaks, so the phones of each dialect are known without a listener. It says
nothing about people's accents. Since it keeps global state and can abort the program, it runs in its own process
(`harken.recipes.asr.dialects.espeak_library`).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.audio.files import resample
from harken.errors import DataError
from harken.events import SAMPLE_RATE, Samples
from harken.phones.sets import SILENCE

VOICES = ("en-us", "en-gb", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc")
"""Voices that differ in their phones; the first is the pivot."""
VARIANTS = (
    "", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5",
    "croak", "klatt", "Andy", "Annie", "grandma", "grandpa", "edward", "linda",
)  # fmt: skip
"""Speakers available in every dialect; '' is the dialect's own."""
LIBRARY = "libespeak-ng.so.1"
RATES, PITCHES = (130, 220), (25, 75)
"""Ranges of words per minute (175 by default) and of the library's pitch (50), from which each utterance gets one."""

_MARKS = str.maketrans({**dict.fromkeys("ˈˌ\u0361\u035c\u200dʲ", ""), ":": "ː"})
"""Stress, ties, joiners, and the glide of Scottish 'eʲ', which sentences name by itself. Length stays."""
_QUIET = 3
"""Of 32,768: the pause that the library puts before a stop is digital silence, in some speakers with a faint rest."""
_SHORTEST = 0.01
"""Seconds. Some liquids are spoken as the end of their vowel, without time of their own in the library."""


@dataclass(frozen=True, kw_only=True)
class PhoneSegment:
    """One phone of an utterance, in samples at 16 kHz, half open."""

    phone: str
    """IPA without stress; a diphthong or a vowel with its r is one phone where the library has it so; or 'SIL'."""
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class SpokenPhones:
    """One utterance and when its phones were said."""

    voice: str
    """The dialect, such as 'en-gb-scotland'."""
    variant: str
    """The speaker, such as 'f2'; '' is the dialect's own."""
    rate: int
    """Words per minute."""
    pitch: int
    """0..100."""
    text: str
    samples: Samples
    """float32 [n] mono -1..1, 16 kHz."""
    segments: tuple[PhoneSegment, ...]
    """Contiguous from 0 to n, none empty; a stop begins with its closure."""

    @property
    def phones(self) -> tuple[str, ...]:
        """The phones, without the pauses."""
        return tuple(segment.phone for segment in self.segments if segment.phone != SILENCE)


def find_dialects() -> tuple[str, ...]:
    """Those of `DIALECTS` that are installed.

    Raises:
        DataError: espeak-ng is not installed.
    """
    with _Speaker() as speaker:
        known = speaker.ask(do="voices")[0]["voices"]
    return tuple(voice for voice in VOICES if voice in known)


def speak_dialects(
    voices: Sequence[str], texts: Sequence[str], rng: np.random.Generator, *, variants: Sequence[str] = VARIANTS
) -> Iterator[SpokenPhones]:
    """Every voice speaks every text, voice by voice, each time with a random speaker, rate and pitch.

    The same arguments and seed give the same samples. The sound of an utterance also depends, by fractions of a
    millisecond, on those before it: a changed text changes the samples of those that follow.

    Args:
        voices: dialects, as `find_dialects` names them.
        texts: one sentence or more each.
        rng: draws speaker, rate and pitch, for all utterances before the first is spoken.
        variants: speakers to draw from.

    Raises:
        DataError: at the first utterance, if espeak-ng, a voice or a variant is not installed; later, if a text has
            nothing to speak, or the library failed.
    """
    asked = [
        {"voice": voice, "text": text, "variant": str(rng.choice(list(variants))), "rate": int(rng.integers(*RATES)),
         "pitch": int(rng.integers(*PITCHES))}
        for voice in voices for text in texts
    ]  # fmt: skip
    with _Speaker() as speaker:
        speaker.ask(do="check", voices=list(voices), variants=list(variants))
        for settings in asked:
            reply, sound = speaker.ask(do="speak", **settings)
            yield _spoken(settings, reply, np.frombuffer(sound, np.int16))


def lexicon_of(voice: str, words: Sequence[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """How a dialect pronounces each word spoken alone, in the symbols of `SpokenPhones`: word -> one pronunciation.

    Raises:
        DataError: espeak-ng or the voice is not installed, or a word contains nothing to speak.
    """
    with _Speaker() as speaker:
        named = speaker.ask(do="pronounce", voice=voice, words=list(words))[0]["phones"]
    spoken = {word: tuple(filter(None, map(_symbol, phones))) for word, phones in zip(words, named, strict=True)}
    silent = [word for word, phones in spoken.items() if not phones]
    if silent:
        raise DataError(f"{voice} has no pronunciation of {', '.join(map(repr, silent[:5]))}; leave such words out")
    return {word: (phones,) for word, phones in spoken.items()}


def _spoken(settings: dict[str, Any], reply: dict[str, Any], sound: NDArray[np.int16]) -> SpokenPhones:
    rate = int(reply["hz"])
    onsets = _with_closures([(int(at), str(name)) for at, name in reply["events"]], sound)
    if all(phone == SILENCE for _, phone in onsets):
        raise DataError(f"{settings['voice']} finds nothing to speak in {settings['text']!r}; give at least one word")
    samples = resample((sound / 32768).astype(np.float32), rate, SAMPLE_RATE)
    starts = [round(start * SAMPLE_RATE / rate) for start, _ in onsets]
    segments = _segments(starts, [phone for _, phone in onsets], len(samples))
    return SpokenPhones(samples=np.clip(samples, -1, 1), segments=segments, **settings)


def _with_closures(events: list[tuple[int, str]], sound: NDArray[np.int16]) -> list[tuple[int, str]]:
    """(start, phone) in samples of the library, from 0 on; pauses are one 'SIL' each.

    The library names a phone after the pause that precedes it, which for a stop is its closure: the phone begins there.
    """
    loud = np.abs(sound.astype(np.int32)) > _QUIET
    onsets = [(0, SILENCE)]
    for start, name in events:
        begin, last = onsets[-1]
        phone = _symbol(name) if name else SILENCE
        if not phone or phone == last == SILENCE:
            continue
        if last != SILENCE and loud[begin:start].any():
            start = begin + int(np.flatnonzero(loud[begin:start])[-1]) + 1
        onsets.append((start, phone))
    return onsets


def _segments(starts: list[int], phones: list[str], length: int) -> tuple[PhoneSegment, ...]:
    """Segments up to `length`; empty pauses are dropped, too short phones get time from the phone before them."""
    shortest, end, segments = round(_SHORTEST * SAMPLE_RATE), length, list[PhoneSegment]()
    for number in reversed(range(len(phones))):
        start, phone = min(starts[number], end), phones[number]
        if phone != SILENCE and number and end - start < shortest:
            start = max((starts[number - 1] + end) // 2, end - shortest)
        if start < end:
            segments.append(PhoneSegment(phone=phone, start=start, end=end))
            end = start
    return tuple(reversed(segments))


def _symbol(name: str) -> str:
    """The library's name of a phone without its marks; '' if nothing else remains."""
    return name.translate(_MARKS)


class _Speaker:
    """The process that holds the library; requests and replies are JSON lines, sound follows its reply."""

    def __enter__(self) -> _Speaker:
        command = [sys.executable, "-P", "-m", "harken.recipes.asr.dialects.espeak_library", LIBRARY]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, **request: object) -> tuple[dict[str, Any], bytes]:
        """A reply and the sound (int16) that follows it."""
        source, target = self._process.stdin, self._process.stdout
        assert source is not None
        assert target is not None
        try:
            source.write(json.dumps(request).encode() + b"\n")
            source.flush()
            reply = json.loads(target.readline())
        except (OSError, ValueError):
            what = f"{request.get('voice', 'espeak-ng')}: {str(request.get('text', request['do']))[:80]!r}"
            raise DataError(f"espeak-ng stopped at {what}; try `espeak-ng -v VOICE TEXT` to see why") from None
        if "error" in reply:
            raise DataError(reply["error"])
        return reply, target.read(reply.get("bytes", 0))
