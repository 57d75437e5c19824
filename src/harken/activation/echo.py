"""Takes out of what is heard what the loudspeaker plays, so that the assistant does not hear itself.

The canceller is AEC3 of WebRTC's audio processing (package `pywebrtc-audio`): it finds level, delay and room by itself,
from 0 to about 500 ms between handing a sound to the loudspeaker and hearing it. What it leaves, mostly reverberation,
is turned down (`harken.activation.residual_echo`). `benchmarks.quality.live` measures what remains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from harken.activation.played import BothSounds
from harken.activation.residual_echo import ResidualEcho
from harken.errors import MissingExtra
from harken.events import SAMPLE_RATE, AudioChunk, Event, PlayedAudio, Samples

if TYPE_CHECKING:
    from pywebrtc_audio import EchoCanceller

_BLOCK = 320
"""Samples (20 ms, two frames of the canceller) that are worked on at once."""
_LAG = 126
"""Samples by which the canceller's output is behind its input."""
_ECHO = 1.5
"""Seconds after the last sound from the loudspeaker in which its echo may still be heard: the delay of slow (wireless)
loudspeakers, and the room's own."""


class EchoStage:
    """Stage: sound in, the same sound without the echo of the loudspeaker out.

    While nothing was played for a while, the sound passes unchanged and costs nothing. Positions stay true.

    Raises:
        MissingExtra: `pywebrtc-audio` is not installed.
    """

    name = "echo"
    consumes: tuple[type[Event], ...] = (AudioChunk, PlayedAudio)
    emits: tuple[type[Event], ...] = (AudioChunk,)
    replaces: tuple[type[Event], ...] = (AudioChunk, PlayedAudio)
    latency = _BLOCK + _LAG

    def __init__(self) -> None:
        self._canceller = _load()
        self.reset()

    def reset(self) -> None:
        """Forget the stream and the room."""
        self._canceller.reset()
        self._residual = ResidualEcho()
        self._sounds = BothSounds(_BLOCK, self.name)
        self._raw: Samples = np.zeros(_LAG, np.float32)
        """The last samples that were heard."""
        self._skip = _LAG
        """Samples of the output that belong to the time before the stream."""
        self._share, self._gain = 0.0, 1.0
        """Share 0..1 of the canceller in the last sample of the output, and the gain of what it left."""

    def process(self, event: Event) -> list[Event]:
        """The sound that this event completes, in chunks of 20 ms."""
        return [self._chunk(start, block) for start, block in self._sounds.take(event)]

    def flush(self) -> list[Event]:
        """The rest of the sound."""
        heard = self._sounds.rest()
        if heard is None:
            return []
        start, rest = heard
        left = len(rest) + _LAG - self._skip
        tail = np.concatenate([rest, np.zeros(2 * _BLOCK - len(rest), np.float32)])
        out = [self._chunk(start, tail[:_BLOCK]), self._chunk(start + _BLOCK, tail[_BLOCK:])]
        samples = np.concatenate([chunk.samples for chunk in out])[:left]
        return [AudioChunk(start=out[0].start, samples=samples)] if left else []

    def _chunk(self, start: int, block: Samples) -> AudioChunk:
        out = self._without_echo(start, block)[self._skip :]
        begin = start - _LAG + self._skip
        self._skip = 0
        return AudioChunk(start=begin, samples=out)

    def _without_echo(self, start: int, block: Samples) -> Samples:
        """The block, `_LAG` samples late."""
        joined = np.concatenate([self._raw, block])
        raw, self._raw = joined[: len(block)], joined[len(block) :]
        needed = start < self._sounds.played.end + _ECHO * SAMPLE_RATE
        if not needed and not self._share:
            self._residual.listen(_power(block))
            return raw
        played = self._sounds.played.cut(start, start + len(block))
        cancelled = self._canceller.process(block, played)
        gain = self._residual.gain(played=_power(played), heard=_power(block), left=_power(cancelled))
        shares, gains = _ramp(self._share, float(needed), len(block)), _ramp(self._gain, gain, len(block))
        self._share, self._gain = float(needed), gain if needed else 1.0
        return np.asarray(raw + shares * (gains * cancelled - raw), np.float32)


def _power(samples: Samples) -> float:
    return float(np.dot(samples, samples)) / len(samples)


def _ramp(before: float, after: float, length: int) -> Samples:
    """From one factor to the next without a click."""
    return np.linspace(before, after, length, dtype=np.float32)


def _load() -> EchoCanceller:
    try:
        from pywebrtc_audio import EchoCanceller
    except ImportError:
        raise MissingExtra("taking the loudspeaker's echo out of the microphone's sound", "mic") from None
    return EchoCanceller(SAMPLE_RATE)
