"""Spoken requests for the demo and the benchmarks: recorded people, reserved Debian voices, or our own voice."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from harken.audio.files import resample
from harken.data.mixing import active_level, match_level, mix_at_snr
from harken.data.rooms import convolve, draw_room, simulate_room
from harken.data.utterances import MANIFEST, Utterance, read_manifest
from harken.data.voices import MissingProgram, parse_voice, speak
from harken.errors import DataError
from harken.events import SAMPLE_RATE, Event, Interpretation, Samples

WAKE_WORD = "computer"
RECORDED = "coffee orders (recorded people)"
DEBIAN = "other skills (Debian voices)"
OWN_VOICE = "all skills (own voice, simulated room and noise)"
DEBIAN_VOICES = ("flite:slt", "flite:rms", "flite:awb", "festival:kal_diphone")
"""Reserved: they were not used in training."""

_QUIET, _PAUSE, _AFTER = 8000, 3200, 24_000
"""Samples before the wake word (0.5 s), between it and the request (0.2 to 0.4 s), and after the request (1.5 s)."""
_FRAME, _MARGIN_DB = 320, 25.0
"""Frames of 20 ms count as speech if they are less than this many dB below the active level."""
_FLOOR_DB = -72.0
_SNR_DB = 20.0
_LEVEL_DB = -26.0
"""Active level of a voice in the simulated room: somebody who speaks a metre or two away."""

Speak = Callable[[str], tuple[Samples, int]]
"""Text -> samples and their rate in Hz."""


@dataclass(frozen=True, kw_only=True)
class SpokenRequest:
    """A spoken request and how it should be understood."""

    group: str
    title: str
    """Who says what, for tables."""
    samples: Samples
    """[n] at 16 kHz: the wake word, the request, quiet."""
    skill: str
    intent: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    exact: bool = True
    """Whether further slots count as wrong."""

    def understood(self, events: Sequence[Event]) -> bool:
        """Whether skill, intent and slots of the first interpretation are the expected ones."""
        first = next((event for event in events if isinstance(event, Interpretation)), None)
        if first is None or first.rejected or (first.skill, first.intent) != (self.skill, self.intent):
            return False
        values = {name: _plain(value) for name, value in first.values.items()}
        wanted = {name: _plain(value) for name, value in self.slots.items()}
        return values == wanted if self.exact else wanted.items() <= values.items()


@dataclass(frozen=True, kw_only=True)
class DemoSentence:
    """A request to be spoken by a synthesiser."""

    text: str
    skill: str
    intent: str
    slots: Mapping[str, Any]


def read_sentences(path: Path | None = None) -> list[DemoSentence]:
    """The demo's sentences (`requests.toml` next to this file)."""
    rows = tomllib.loads((path or Path(__file__).with_suffix(".toml")).read_text(encoding="utf-8"))["request"]
    return [DemoSentence(**{"slots": {}, **row}) for row in rows]


def recorded_orders(root: Path, *, limit: int | None = None) -> Iterator[SpokenRequest]:
    """Coffee orders of `dev`, each after a recorded "computer", by the same voice where there is one.

    Args:
        root: folder that contains `coffee-commands` and `wake-words` (or `audio/` with them).
        limit: at most this many.

    Raises:
        DataError: a corpus is missing.
    """
    orders = _read(root, "coffee-commands", "dev")
    wakes = [utterance for utterance in _read(root, "wake-words", "dev", "test") if utterance.label == WAKE_WORD]
    if not orders or not wakes:
        raise DataError(f"{root} has {len(orders)} coffee orders and {len(wakes)} wake words; both are needed")
    for place, order in enumerate(orders[:limit]):
        same = [wake for wake in wakes if wake.speaker == order.speaker]
        wake = (same or wakes)[place % len(same or wakes)]
        who = "the same voice" if same else f"{wake.speaker}"
        yield SpokenRequest(
            group=RECORDED, title=f"{order.audio.stem[:8]} by {order.speaker}, “{WAKE_WORD}” by {who}",
            samples=_joined(_cut(wake.read(), after=_PAUSE), _cut(order.read(), before=_PAUSE)),
            skill="coffee", intent=str(order.intent), slots=order.slots,
        )  # fmt: skip


def debian_requests(sentences: Sequence[DemoSentence]) -> Iterator[SpokenRequest]:
    """The sentences spoken in turn by Debian voices that were not used in training.

    Raises:
        MissingProgram: a synthesiser is not installed.
    """
    for place, sentence in enumerate(sentences):
        voice = parse_voice(DEBIAN_VOICES[place % len(DEBIAN_VOICES)])
        word, request = (_cut(speak(text, voice), before=0, after=0) for text in (WAKE_WORD, sentence.text))
        samples = match_level(_joined(word, request, pause=_PAUSE), _LEVEL_DB)
        yield _request(sentence, DEBIAN, f"“{sentence.text}” by {voice.id}", samples)


def own_requests(sentences: Sequence[DemoSentence], say: Speak, *, seed: int = 0) -> Iterator[SpokenRequest]:
    """The sentences spoken by our own voice in a simulated room with noise; needs nothing else."""
    rng = np.random.default_rng(seed)
    for sentence in sentences:
        word, request = (_own(say, text) for text in (WAKE_WORD, sentence.text))
        room = draw_room(rng, rt60=(0.15, 0.4))
        joined = _joined(word, request, pause=_PAUSE)
        heard = match_level(convolve(joined, simulate_room(room)), _LEVEL_DB)
        samples = mix_at_snr(heard, room_noise(len(heard), rng), _SNR_DB)
        yield _request(sentence, OWN_VOICE, f"“{sentence.text}” (RT60 {room.rt60:.1f} s, {_SNR_DB:.0f} dB)", samples)


def debian_voices_present() -> str | None:
    """None if the Debian voices can speak, else why they cannot."""
    try:
        for name in ("flite:slt", "festival:kal_diphone"):
            speak("a", parse_voice(name))
    except MissingProgram as error:
        return str(error)
    return None


def room_noise(length: int, rng: np.random.Generator) -> Samples:
    """Noise [length] like that of a fan: white, falling by 6 dB per octave above 100 Hz."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    shape = 1 / np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 100.0)
    noise = np.fft.irfft(spectrum * shape, length)
    return (noise / max(float(np.abs(noise).max()), 1e-9) * 0.5).astype(np.float32)


def _request(sentence: DemoSentence, group: str, title: str, samples: Samples) -> SpokenRequest:
    return SpokenRequest(
        group=group, title=title, samples=samples, skill=sentence.skill, intent=sentence.intent, slots=sentence.slots,
        exact=False,
    )  # fmt: skip


def _read(root: Path, corpus: str, *splits: str) -> list[Utterance]:
    for folder in (root / corpus, root / "audio" / corpus, root / "data" / "audio" / corpus):
        if (folder / MANIFEST).is_file():
            utterances = read_manifest(folder / MANIFEST, corpus=corpus)
            return sorted((each for each in utterances if each.split in splits), key=lambda each: each.audio.name)
    raise DataError(f"{root} has no folder '{corpus}' with a {MANIFEST}; give the folder that holds the corpora")


def _own(say: Speak, text: str) -> Samples:
    samples, rate = say(text)
    return _cut(resample(samples, rate, SAMPLE_RATE), before=0, after=0)


def _joined(word: Samples, request: Samples, *, pause: int = 0) -> Samples:
    """Wake word, pause, request and enough quiet to end the turn. The quiet is faint noise, as no room is silent."""
    rng = np.random.default_rng(0)

    def quiet(length: int) -> Samples:
        return (rng.standard_normal(length) * 10 ** (_FLOOR_DB / 20)).astype(np.float32)

    return np.concatenate([quiet(_QUIET), word, quiet(pause), request, quiet(_AFTER)])


def _cut(samples: Samples, *, before: int | None = None, after: int | None = None) -> Samples:
    """A recording with at most `before` and `after` samples of quiet around the speech; None leaves that side alone."""
    power = np.square(samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME), dtype=np.float64).mean(axis=1)
    active = np.flatnonzero(power > 10 ** ((active_level(samples) - _MARGIN_DB) / 10))
    if not len(active):
        return samples
    first, last = int(active[0]) * _FRAME, int(active[-1] + 1) * _FRAME
    return samples[0 if before is None else max(0, first - before) : len(samples) if after is None else last + after]


def _plain(value: Any) -> str:
    """Slot values as text, so that 12, 12.0 and '12' agree."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{float(value):g}" if isinstance(value, int | float) else str(value).strip().lower()
